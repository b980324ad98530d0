// SPDX-License-Identifier: Apache-2.0
// The tables of primitives and of fields with their types, from which the stubs are made.
#include <pybind11/stl.h>

#include <array>

#include "bindings.h"
#include "metaschedule/ir/fields.h"
#include "metaschedule/schedule/instruction.h"

namespace metaschedule::bindings {

using namespace py::literals;

namespace {

constexpr std::array kArgTypes{
    "Block", "Loop",  "BlockOrLoop", "BlocksOrLoop", "Loops",  "Blocks",   "Factors",
    "Int",   "Bool",  "String",      "Ints",         "Floats", "IndexMap", "OptionalIndexMap",
    "Value", "Buffer"};
constexpr std::array kOutputTypes{"None", "Block", "Blocks", "Loop", "Loops", "Number", "Numbers"};
constexpr std::array kFieldTypes{"Node",  "List",  "Dict", "Pairs",    "String", "Int",
                                 "Int32", "Float", "Bool", "DataType", "Bytes",  "Shape"};

template <class Names, class T>
const char* name_of(const Names& names, T value) {
  return names.at(static_cast<size_t>(value));
}

/// (method, type of the outputs, [(argument, type)])
py::list primitive_types() {
  py::list out;
  for (const PrimitiveInfo& info : primitives()) {
    py::list args;
    for (const PrimitiveArg& arg : info.args) {
      const char* type = arg.is(kHandleOnly) ? "Handle" : name_of(kArgTypes, arg.type);
      args.append(py::make_tuple(arg.name, type));
    }
    out.append(py::make_tuple(info.method, name_of(kOutputTypes, info.outputs), args));
  }
  return out;
}

/// [(field, type)]
py::list field_types(const std::string& kind) {
  const KindInfo* info = find_kind(kind);
  check<KeyError>(info, "unknown node kind {}", kind);
  py::list out;
  for (const FieldInfo& field : info->fields)
    out.append(py::make_tuple(field.name, name_of(kFieldTypes, field.type)));
  return out;
}

}  // namespace

void bind_descriptors(py::module_& m) {
  m.def("primitive_types", &primitive_types, "The primitives with the types of their arguments.");
  m.def("field_types", &field_types, "kind"_a, "The fields of a node kind with their types.");
}

}  // namespace metaschedule::bindings
