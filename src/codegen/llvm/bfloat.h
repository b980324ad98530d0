// SPDX-License-Identifier: Apache-2.0
// bfloat16 on processors without instructions for it.
#pragma once

#include <llvm/IR/Module.h>

namespace metaschedule::codegen {

/// Values of bfloat16 become 16 bit integers, arithmetic on them arithmetic on float32 and a
/// rounding to nearest even made of integer operations: LLVM alone would call a library that
/// kernels do not have. Runs before the optimiser, which then meets no bfloat16.
void expand_bfloat(llvm::Module& module);

}  // namespace metaschedule::codegen
