// SPDX-License-Identifier: Apache-2.0
// The machine that a target names, as LLVM knows it; made once a thread.
#pragma once

#include <llvm/Target/TargetMachine.h>

#include <memory>
#include <string>

#include "metaschedule/ir/function.h"

namespace metaschedule::codegen {

struct Machine {
  std::unique_ptr<llvm::TargetMachine> target_machine;
  std::string cpu, features;
  /// The calling convention where the triple leaves it open (RISC-V); else empty.
  std::string abi;
  /// Of the kind of processor that this process runs on.
  bool is_native = true;
  /// `opt-level` of the target as an index into the pipelines of optimize.h.
  int opt_level = 1;
  bool has_fma = false;
  /// Products of vectors and powers of two, whatever the exponent, without a call.
  bool has_scale = false;
  /// 16 floats picked from a register of 16 by one instruction.
  bool has_lookup = false;
  /// Rounding to integers without a call.
  bool has_rounding = false;
  /// Conversions of half precision without a call.
  bool has_half = false;
  /// Conversions to bfloat16 without a call.
  bool has_bfloat = false;
  /// Widest vector register, in bytes.
  int vector_bytes = 16;
};

/// The machine of an `llvm` target: `mcpu`, `mattr`, `mtriple`, `opt-level`. No `mcpu`, or
/// `native`, is the processor this runs on; for a `mtriple` of another kind of processor, no `mcpu`
/// is the plainest that runs Linux distributions. Raises BuildError for a kind or a name that LLVM
/// does not know, and for `native` with another kind of processor. The result belongs to the
/// calling thread and lives as long as it does.
const Machine& machine_for(const Target& target);

}  // namespace metaschedule::codegen
