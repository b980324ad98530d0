// SPDX-License-Identifier: Apache-2.0
// From a module to a relocatable object, through LLVM, in this process. A tuner compiles in worker
// processes instead: see runtime/worker_client.h.
#pragma once

#include "metaschedule/codegen/artifact.h"
#include "metaschedule/ir/function.h"

namespace metaschedule::codegen {

struct CompileOptions {
  /// 0: no optimisation; 1: what a search uses; 2: adds the passes that a winner deserves.
  /// -1 takes `opt-level` of the target (where 3, the default, is 1 here).
  int opt_level = -1;
  /// Bytes that callers align the data of tensors to, at most: a buffer may ask for less, and no
  /// tensor is ever asked for less than its elements need.
  int alignment = 64;
  /// Machine code of more instructions in IR than this is refused: it would take seconds.
  int max_instructions = 200000;
  /// Runs LLVM's verifier before the optimiser.
  bool verify = false;
  /// Where to put the text of the optimised LLVM IR and of the assembly, when not null.
  std::string* llvm_ir = nullptr;
  std::string* assembly = nullptr;
};

/// Whether code for the target runs on processors of the kind that this process runs on. Raises
/// BuildError as compile does for a target that LLVM does not know.
bool is_native(const Target& target);

/// Lowers what is still scheduled (`lower::lower`) and compiles every function of the module.
/// Raises BuildError when the module says something that has no machine code; safe to call from
/// several threads at once.
Artifact compile(const IRModule& module, const Target& target, const CompileOptions& options = {});

}  // namespace metaschedule::codegen
