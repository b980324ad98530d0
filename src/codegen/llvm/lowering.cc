// SPDX-License-Identifier: Apache-2.0
// Where the code generator meets the lowering passes.
#include "emitter.h"
#include "metaschedule/lower/lower.h"

namespace metaschedule::codegen {

/// The options of lowering that fit the registers of the target.
ModuleRef lower_if_scheduled(const IRModule& module, const Target& target) {
  const Machine& machine = machine_for(target);
  lower::LowerOptions options;
  options.vector_bytes = machine.vector_bytes;
  const bool wide = machine.vector_bytes >= 64;  // the encoding with 512 bits brought 16 more
  options.vector_registers =
      wide || machine.target_machine->getTargetTriple().isAArch64() ? 32 : 16;
  return lower::lower(module, options);
}

}  // namespace metaschedule::codegen
