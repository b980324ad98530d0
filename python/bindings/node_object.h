// SPDX-License-Identifier: Apache-2.0
// Program nodes as Python objects. One C type holds the reference; each kind has a Python class,
// registered by the package; attributes are read from the table of fields.
#pragma once

#include <pybind11/pybind11.h>

#include "metaschedule/ir/ir.h"

namespace metaschedule::bindings {

namespace py = pybind11;

/// Creates the base type `_core.Object` and the functions around it.
void bind_nodes(py::module_& m);

/// A node as Python sees it: boxed values become str, int, float and bool, arrays and maps become
/// `Array` (a tuple) and `Map` (a dict), everything else an instance of its kind's class.
py::object to_python(const Ref<Node>& node);
py::object to_python(const ListBase& list);
py::object to_python(const Dict& dict);
py::object to_python(const NodePairs& pairs);
/// A tuple as an `Array`.
py::object to_array(const py::tuple& items);

/// The node that `value` holds; null when it is no node of ours.
const Node* node_of(py::handle value);
/// Any value as it stands in attributes: numbers and strings are boxed, sequences become arrays.
Ref<Node> to_node(py::handle value);
/// A value where an expression is expected: bool, int (int32, or int64 if it does not fit), float
/// (float32), str, IterVar, a rank-0 tensor or a BufferRegion. Raises TypeError for all else.
Expr to_expr(py::handle value);
Dict to_dict(py::handle value);
/// A dtype from its name, a DataType, a numpy dtype or a numpy scalar class.
DType to_dtype(py::handle value);

}  // namespace metaschedule::bindings
