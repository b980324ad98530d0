// SPDX-License-Identifier: Apache-2.0
// The families of the extension module, in the order in which module.cc binds them.
#pragma once

#include "casters.h"

namespace metaschedule::bindings {

void bind_errors(py::module_& m);
void bind_arith(py::module_& m);
void bind_expressions(py::module_& m);
void bind_programs(py::module_& m);
void bind_statements(py::module_& m);
void bind_index_maps(py::module_& m);
void bind_passes(py::module_& m);
void bind_tensor_expressions(py::module_& m);
void bind_script(py::module_& m);
void bind_handles(py::module_& m);
void bind_traces(py::module_& m);
void bind_schedule(py::module_& m);
void bind_schedule_state(py::module_& m);
void bind_schedule_analysis(py::module_& m);
void bind_runtime(py::module_& m);
void bind_tune_interfaces(py::module_& m);
void bind_tune_parts(py::module_& m);
void bind_tune_records(py::module_& m);
void bind_session(py::module_& m);
void bind_descriptors(py::module_& m);

/// Attribute values as node constructors store them: boxed numbers become constants.
Ref<Node> as_attribute(const Ref<Node>& value);

}  // namespace metaschedule::bindings
