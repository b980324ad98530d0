// SPDX-License-Identifier: Apache-2.0
// The C type behind all node classes, and the conversions between nodes and Python values.
#include "node_object.h"

#include "casters.h"

#include <array>
#include <new>

namespace metaschedule::bindings {

namespace {

struct NodeObject {
  PyObject_HEAD;
  Ref<Node> ref;
};

PyTypeObject* base_type = nullptr;
/// Python classes by kind; the base type until the package registers one. Never released: the
/// interpreter's end is the process's.
std::array<PyTypeObject*, static_cast<size_t>(Kind::Count_)> classes{};
PyObject* array_class = nullptr;
PyObject* map_class = nullptr;

py::object wrap(const Ref<Node>& node) {
  PyTypeObject* type = classes[static_cast<size_t>(node->kind)];
  if (!type) type = base_type;
  PyObject* self = type->tp_alloc(type, 0);
  if (!self) throw py::error_already_set();
  new (&reinterpret_cast<NodeObject*>(self)->ref) Ref<Node>(node);
  return py::reinterpret_steal<py::object>(self);
}

PyObject* node_new(PyTypeObject* type, PyObject*, PyObject*) {
  PyObject* self = type->tp_alloc(type, 0);
  if (self) new (&reinterpret_cast<NodeObject*>(self)->ref) Ref<Node>();
  return self;
}

void node_dealloc(PyObject* self) {
  PyTypeObject* type = Py_TYPE(self);
  reinterpret_cast<NodeObject*>(self)->ref.~Ref<Node>();
  type->tp_free(self);
  Py_DECREF(type);
}

py::object field_to_python(const FieldInfo& field, const Node& node) {
  switch (field.type) {
    case FieldType::Node: {
      const RefBase& ref = field.read<RefBase>(node);
      if (ref) return to_python(Ref<Node>(ref.node()));
      const Var* var = as<Var>(&node);
      if (var) return to_python(Ref<Node>(make<PrimType>(var->dtype)));
      return py::none();
    }
    case FieldType::List:
      return to_python(field.read<ListBase>(node));
    case FieldType::Dict:
      return to_python(field.read<Dict>(node));
    case FieldType::Pairs:
      return to_python(field.read<NodePairs>(node));
    case FieldType::String:
      return py::str(field.read<std::string>(node));
    case FieldType::Int:
      return py::int_(field.read<int64_t>(node));
    case FieldType::Int32:
      return py::int_(field.read<int32_t>(node));
    case FieldType::Float:
      return py::float_(field.read<double>(node));
    case FieldType::Bool:
      return py::bool_(field.read<bool>(node));
    case FieldType::DataType:
      return py::str(to_string(field.read<DType>(node)));
    case FieldType::Bytes: {
      const auto& bytes = field.read<std::vector<uint8_t>>(node);
      return py::bytes(reinterpret_cast<const char*>(bytes.data()), bytes.size());
    }
    case FieldType::Shape: {
      py::list out;
      for (int64_t n : field.read<std::vector<int64_t>>(node)) out.append(n);
      return py::tuple(out);
    }
  }
  return py::none();
}

/// Attributes of the Python class first, then the fields of the node.
PyObject* node_getattr(PyObject* self, PyObject* name) {
  PyObject* found = PyObject_GenericGetAttr(self, name);
  if (found || !PyErr_ExceptionMatches(PyExc_AttributeError)) return found;
  const Node* node = reinterpret_cast<NodeObject*>(self)->ref.get();
  const char* text = node ? PyUnicode_AsUTF8(name) : nullptr;
  if (!text) return nullptr;
  for (const FieldInfo& field : kind_info(node->kind).fields) {
    if (std::string_view(field.name) != text) continue;
    PyErr_Clear();
    try {
      return field_to_python(field, *node).release().ptr();
    } catch (py::error_already_set& error) {
      error.restore();
      return nullptr;
    }
  }
  return nullptr;
}

Py_hash_t node_hash(PyObject* self) {
  return static_cast<Py_hash_t>(
      reinterpret_cast<uintptr_t>(reinterpret_cast<NodeObject*>(self)->ref.get()) >> 4);
}

PyObject* node_compare(PyObject* a, PyObject* b, int op) {
  const Node *x = node_of(a), *y = node_of(b);
  if (!x || !y || (op != Py_EQ && op != Py_NE)) Py_RETURN_NOTIMPLEMENTED;
  return PyBool_FromLong((x == y) == (op == Py_EQ));
}

PyType_Slot node_slots[] = {
    {Py_tp_new, reinterpret_cast<void*>(node_new)},
    {Py_tp_dealloc, reinterpret_cast<void*>(node_dealloc)},
    {Py_tp_getattro, reinterpret_cast<void*>(node_getattr)},
    {Py_tp_hash, reinterpret_cast<void*>(node_hash)},
    {Py_tp_richcompare, reinterpret_cast<void*>(node_compare)},
    {Py_tp_doc, const_cast<char*>("An immutable node of a program.")},
    {0, nullptr},
};
PyType_Spec node_spec = {"metaschedule._core.Object", sizeof(NodeObject), 0,
                         Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE, node_slots};

py::tuple field_names(const std::string& kind) {
  const KindInfo* info = find_kind(kind);
  check<KeyError>(info, "unknown node kind {}", kind);
  py::list names;
  for (const FieldInfo& field : info->fields) names.append(field.name);
  return py::tuple(names);
}

/// Makes a Python object stand for another node of its kind.
void rebind(py::handle object, const Ref<Node>& node) {
  const Node* old = node_of(object);
  check<TypeError>(old && node && old->kind == node->kind, "rebind: expected nodes of one kind");
  reinterpret_cast<NodeObject*>(object.ptr())->ref = node;
}

}  // namespace

void bind_nodes(py::module_& m) {
  base_type = reinterpret_cast<PyTypeObject*>(PyType_FromSpec(&node_spec));
  if (!base_type) throw py::error_already_set();
  m.attr("Object") = py::handle(reinterpret_cast<PyObject*>(base_type));
  m.def("rebind", &rebind);
  m.def("register_class", [](const std::string& kind, py::type cls) {
    const KindInfo* info = find_kind(kind);
    check<KeyError>(info, "unknown node kind {}", kind);
    classes[static_cast<size_t>(info->kind)] = reinterpret_cast<PyTypeObject*>(cls.release().ptr());
  });
  m.def("register_containers", [](py::object array, py::object map) {
    array_class = array.release().ptr();
    map_class = map.release().ptr();
  });
  m.def("field_names", &field_names, "The names of the fields of a node kind, in order.");
  m.def("kind_of", [](py::handle value) {
    const Node* node = node_of(value);
    check<TypeError>(node, "expected a program node");
    return std::string(kind_name(node->kind));
  });
  m.def("type_key_of", [](py::handle value) {
    const Node* node = node_of(value);
    check<TypeError>(node, "expected a program node");
    return std::string(type_key(node->kind));
  });
}

const Node* node_of(py::handle value) {
  if (!value || !PyObject_TypeCheck(value.ptr(), base_type)) return nullptr;
  return reinterpret_cast<NodeObject*>(value.ptr())->ref.get();
}

py::object to_python(const Ref<Node>& node) {
  if (!node) return py::none();
  switch (node->kind) {
    case Kind::String:
      return py::str(cast_to<String>(*node).value);
    case Kind::BoxInt:
      return py::int_(cast_to<BoxInt>(*node).value);
    case Kind::BoxFloat:
      return py::float_(cast_to<BoxFloat>(*node).value);
    case Kind::BoxBool:
      return py::bool_(cast_to<BoxBool>(*node).value);
    case Kind::Array:
      return to_python(static_cast<const ListBase&>(cast_to<Array>(*node).items));
    case Kind::Map:
      return to_python(cast_to<Map>(*node).items);
    default:
      return wrap(node);
  }
}
py::object to_python(const ListBase& list) {
  py::tuple items(list.size());
  for (size_t i = 0; i < list.size(); ++i) items[i] = to_python(Ref<Node>(list.at_raw(i).node()));
  return to_array(items);
}
py::object to_array(const py::tuple& items) {
  return array_class ? py::handle(array_class)(items) : py::object(items);
}
py::object to_python(const Dict& dict) {
  py::dict out;
  for (const auto& [key, value] : dict) out[py::str(key)] = to_python(value);
  return map_class ? py::handle(map_class)(out) : py::object(std::move(out));
}
py::object to_python(const NodePairs& pairs) {
  py::dict out;
  for (const auto& [key, value] : pairs) out[to_python(key)] = to_python(value);
  return map_class ? py::handle(map_class)(out) : py::object(std::move(out));
}

namespace {
std::string type_name(py::handle value) {
  return py::str(py::type::handle_of(value).attr("__qualname__"));
}
bool is_instance_of_abc(py::handle value, const char* name) {
  return py::isinstance(value, py::module_::import("numbers").attr(name));
}
int64_t to_int64(py::handle value) {
  py::object index = py::reinterpret_steal<py::object>(PyNumber_Index(value.ptr()));
  if (!index) throw py::error_already_set();
  int overflow = 0;
  int64_t out = PyLong_AsLongLongAndOverflow(index.ptr(), &overflow);
  check<ValueError>(overflow == 0, "integer {} does not fit 64 bits", std::string(py::str(value)));
  return out;
}
Expr region_as_load(const BufferRegion& region) {
  std::vector<Expr> indices;
  for (const Ref<Range>& range : region.region) {
    auto extent = as_const_int(range->extent);
    check<TypeError>(extent.has_value(), "expected a constant extent to read region of buffer {}",
                     region.buffer->name);
    indices.push_back(
        *extent == 1 ? range->min
                     : Expr(make<Ramp>(range->min, int_imm(range->min->dtype, 1), i32(*extent))));
  }
  return load(region.buffer, indices);
}
}  // namespace

Expr to_expr(py::handle value) {
  if (const Node* node = node_of(value)) {
    if (const ExprNode* expr = as<ExprNode>(node)) return Expr(expr);
    if (const IterVar* axis = as<IterVar>(node)) return axis->var;
    if (const BufferRegion* region = as<BufferRegion>(node)) return region_as_load(*region);
    if (const Tensor* tensor = as<Tensor>(node); tensor && tensor->shape.empty())
      return make<ProducerLoad>(Ref<Node>(node), tensor->dtype, Exprs());
  } else if (PyBool_Check(value.ptr())) {
    return value.is(py::handle(Py_True)) ? true_() : false_();
  } else if (PyLong_Check(value.ptr()) || is_instance_of_abc(value, "Integral")) {
    int64_t v = to_int64(value);
    return int_imm(v >= INT32_MIN && v <= INT32_MAX ? kInt32 : kInt64, v);
  } else if (PyFloat_Check(value.ptr()) || is_instance_of_abc(value, "Real")) {
    return make<FloatImm>(kFloat32, py::cast<double>(value));
  } else if (PyUnicode_Check(value.ptr())) {
    return make<StringImm>(py::cast<std::string>(value));
  } else if (py::hasattr(value, "asobject")) {
    return to_expr(py::object(value.attr("asobject")()));
  }
  fail<TypeError>("expected an expression, a number or a string, found {}", type_name(value));
}

Ref<Node> to_node(py::handle value) {
  if (value.is_none()) return nullptr;
  if (const Node* node = node_of(value)) return Ref<Node>(node);
  if (PyBool_Check(value.ptr())) return make<BoxBool>(value.is(py::handle(Py_True)));
  if (PyLong_Check(value.ptr())) return make<BoxInt>(to_int64(value));
  if (PyFloat_Check(value.ptr())) return make<BoxFloat>(py::cast<double>(value));
  if (PyUnicode_Check(value.ptr())) return make<String>(py::cast<std::string>(value));
  if (py::isinstance<py::dict>(value)) return make<Map>(to_dict(value));
  if (py::isinstance<py::sequence>(value)) {
    std::vector<Ref<Node>> items;
    for (py::handle item : py::reinterpret_borrow<py::sequence>(value))
      items.push_back(to_node(item));
    return make<Array>(List<Node>(items));
  }
  if (py::hasattr(value, "asobject")) return to_node(py::object(value.attr("asobject")()));
  if (is_instance_of_abc(value, "Integral")) return make<BoxInt>(to_int64(value));
  if (is_instance_of_abc(value, "Real")) return make<BoxFloat>(py::cast<double>(value));
  fail<TypeError>("expected a node, number, string, list or dict, found {}", type_name(value));
}

Dict to_dict(py::handle value) {
  if (value.is_none()) return {};
  std::vector<Dict::Item> items;
  for (auto [key, item] : py::reinterpret_borrow<py::dict>(value)) {
    check<TypeError>(PyUnicode_Check(key.ptr()), "expected string keys, found {}", type_name(key));
    items.emplace_back(py::cast<std::string>(key), to_node(item));
  }
  return Dict(std::move(items));
}

DType to_dtype(py::handle value) {
  if (PyUnicode_Check(value.ptr())) return DType::parse(py::cast<std::string>(value));
  // numpy scalar classes carry their name, numpy dtypes and DataType print it.
  if (PyType_Check(value.ptr())) return DType::parse(py::cast<std::string>(value.attr("__name__")));
  return DType::parse(py::cast<std::string>(py::str(value)));
}

}  // namespace metaschedule::bindings
