// SPDX-License-Identifier: Apache-2.0
// Where the code generator meets the lowering passes.
#include "emitter.h"
#include "metaschedule/lower/loop_passes.h"
#include "metaschedule/lower/lower.h"

namespace metaschedule::codegen {

/// A module as the emitter takes it: plain loops that fit the registers of the target, and no types
/// that it does not compute with.
ModuleRef prepare(const IRModule& module, const Target& target, bool is_scheduled) {
  const Machine& machine = machine_for(target);
  lower::LowerOptions options;
  options.vector_bytes = machine.vector_bytes;
  const bool wide = machine.vector_bytes >= 64;  // the encoding with 512 bits brought 16 more
  options.vector_registers =
      wide || machine.target_machine->getTargetTriple().isAArch64() ? 32 : 16;
  options.native_half = machine.has_half;
  if (is_scheduled) return lower::lower(module, options);
  return lower::map_functions(module, [&](const PrimFuncRef& f) {
    return lower::legalize_small_floats(f, machine.has_half);
  });
}

}  // namespace metaschedule::codegen
