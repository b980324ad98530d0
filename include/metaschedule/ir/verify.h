// SPDX-License-Identifier: Apache-2.0
// Well-formedness of functions and modules: the rules below, nothing else.
//
//   defined     every use of a variable lies in the scope of its definition
//   once        no variable is defined twice; thread variables may be launched again
//   closed      a block with axes does not use loop variables from outside it
#pragma once

#include <optional>
#include <string>

#include "metaschedule/ir/function.h"

namespace metaschedule {

/// Raises VerifyError naming the variable or block that breaks a rule.
void check_well_formed(const PrimFunc& func);
/// The same for all functions; a variable may not be defined in two of them either.
void check_well_formed(const IRModule& module);
bool is_well_formed(const PrimFunc& func);
bool is_well_formed(const IRModule& module);
/// The message of the first broken rule, or nothing.
std::optional<std::string> find_ill_formed(const Node& func_or_module);

}  // namespace metaschedule
