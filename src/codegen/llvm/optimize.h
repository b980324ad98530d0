// SPDX-License-Identifier: Apache-2.0
// From a module of LLVM IR to the bytes of an object.
#pragma once

#include <llvm/IR/Module.h>

#include <string>

#include "machine.h"

namespace metaschedule::codegen {

/// Level 0: nothing. 1: promotes memory to registers, hoists, folds; `scalar_loops` adds the loop
/// vectoriser. 2: the same twice, with the passes that pay only sometimes.
void optimize(llvm::Module& module, const Machine& machine, int level, bool scalar_loops);

/// An object file, or assembly text.
std::string emit_code(llvm::Module& module, const Machine& machine, bool assembly);

/// Raises BuildError when the object needs a symbol that it does not define.
void check_self_contained(const std::string& object);

}  // namespace metaschedule::codegen
