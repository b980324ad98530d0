// SPDX-License-Identifier: Apache-2.0
// The text of a request as the module and the target it stands for.
#pragma once

#include <string>

#include "metaschedule/ir/function.h"

namespace metaschedule::worker {

/// JSON as `save_json` writes it, or TVMScript; raises ParseError.
ModuleRef read_module(const std::string& text);
/// JSON, or a command line such as `llvm -mcpu=native`; raises ValueError.
TargetRef read_target(const std::string& text);

}  // namespace metaschedule::worker
