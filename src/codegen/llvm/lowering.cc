// SPDX-License-Identifier: Apache-2.0
// Where the code generator meets the lowering passes.
#include "emitter.h"

namespace metaschedule::codegen {

ModuleRef lower_if_scheduled(const IRModule& module, const Target& target) {
  (void)target;
  fail<BuildError>("the module of {} functions is still scheduled: lower it first",
                   module.functions.size());
}

}  // namespace metaschedule::codegen
