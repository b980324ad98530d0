// SPDX-License-Identifier: Apache-2.0
// A compiled program: a relocatable object and what a caller must know about the functions in it.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "metaschedule/ir/dtype.h"

namespace metaschedule::codegen {

/// One parameter of a function.
struct ArtifactParam {
  std::string name;
  DType dtype;
  bool is_tensor = true;
  /// True when the function may write to the tensor.
  bool is_written = false;
  /// Bytes that the data of the tensor must be aligned to.
  int alignment = 64;
  /// Sizes; -1 - i stands for symbolic size i of the function.
  std::vector<int64_t> shape;
  /// Elements from one index to the next, numbered like the sizes; empty: compact, row-major.
  std::vector<int64_t> strides = {};
};

/// A symbolic size or stride and the first place that gives its value.
struct ArtifactSize {
  std::string name;
  int param = 0;
  int axis = 0;
  /// The stride of the axis, not its size.
  bool is_stride = false;
};

struct ArtifactFunction {
  std::string name;    // as in the module
  std::string symbol;  // as in the object: a metaschedule_entry (abi.h)
  std::vector<ArtifactParam> params;
  std::vector<ArtifactSize> sizes;
};

/// The object carries its own description, in a constant named `kDescriptionSymbol`, so that an
/// object file alone can be loaded.
struct Artifact {
  static constexpr const char* kDescriptionSymbol = "metaschedule_description";

  std::string object;  // bytes of an ELF file
  std::string target;  // the processor, as LLVM names it
  std::string triple;  // the machine and system that it is for: x86_64-pc-linux-gnu
  std::vector<ArtifactFunction> functions;

  /// The function named `main`, or else the first one; raises ValueError when there is none.
  const ArtifactFunction& entry() const;
  /// Raises ValueError naming the functions that exist.
  const ArtifactFunction& lookup(std::string_view name) const;
};

/// The description as JSON, without the object.
std::string describe(const Artifact& artifact);
/// Fills in everything but the object; raises RunError when the text is no description.
Artifact parse_description(std::string_view json);

}  // namespace metaschedule::codegen
