// SPDX-License-Identifier: Apache-2.0
// Compiled programs in memory, ready to be called.
#pragma once

#include <memory>
#include <string>
#include <variant>
#include <vector>

#include "metaschedule/codegen/abi.h"
#include "metaschedule/codegen/artifact.h"
#include "metaschedule/runtime/tensor.h"

namespace metaschedule::runtime {

/// A tensor, or the value of a scalar parameter.
using Argument = std::variant<Tensor, int64_t, double>;

class Module {
 public:
  /// Loads the object into this process. Raises RunError when it is not one for this machine or
  /// needs a symbol that it does not define.
  static Module from_object(std::string object);
  /// Opens an object file (`.o`) or a shared library (`.so`) that carries a description.
  static Module load(const std::string& path);
  /// Whether an object is for processors of the kind at hand; raises RunError when it is none.
  static bool is_for_this_machine(const std::string& object);

  const codegen::Artifact& artifact() const;
  /// The address of a function; raises ValueError naming those that exist.
  metaschedule_entry entry(const std::string& name) const;

  /// Calls a function. Raises TypeError or ValueError for arguments that do not fit, overlap or are
  /// not aligned, RunError when the function fails.
  void call(const std::string& name, const std::vector<Argument>& args) const;

 private:
  struct Impl;
  std::shared_ptr<const Impl> impl_;
};

/// The pointers that a metaschedule_entry takes for these arguments, checked against its
/// description. They are good as long as the arguments are.
class PackedArguments {
 public:
  PackedArguments(const codegen::ArtifactFunction& function, const std::vector<Argument>& args);
  void* const* data() const { return pointers_.data(); }

 private:
  void pack_strides(const codegen::ArtifactParam& param, const Tensor& tensor,
                    const std::string& where);

  std::vector<void*> pointers_;
  std::vector<int64_t> sizes_;
  std::vector<uint64_t> scalars_;
};

/// The services of this library for compiled programs: its thread pool, its memory, its errors.
class CallContext {
 public:
  CallContext();
  const metaschedule_runtime* table() const { return &table_; }
  /// What the last failed call reported, or what its code means.
  std::string explain(int32_t code) const;

 private:
  struct State;
  metaschedule_runtime table_;
  std::shared_ptr<State> state_;
};

}  // namespace metaschedule::runtime
