// SPDX-License-Identifier: Apache-2.0
// The extension module `metaschedule._core`: the ordered list of what it binds.
#include "bindings.h"

PYBIND11_MODULE(_core, m) {
  using namespace metaschedule::bindings;
  m.doc() = "metaschedule in C++; use the package `metaschedule`, not this module.";
  m.attr("__version__") = METASCHEDULE_VERSION;
  bind_errors(m);
  bind_nodes(m);
  bind_expressions(m);
  bind_programs(m);
  bind_arith(m);
  bind_statements(m);
  bind_index_maps(m);
  bind_passes(m);
  bind_tensor_expressions(m);
  bind_script(m);
  bind_handles(m);
  bind_traces(m);
  bind_schedule(m);
  bind_schedule_state(m);
  bind_schedule_analysis(m);
  bind_runtime(m);
  bind_tune_interfaces(m);
  bind_tune_parts(m);
  bind_tune_records(m);
  bind_session(m);
  bind_descriptors(m);
}
