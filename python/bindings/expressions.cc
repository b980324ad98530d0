// SPDX-License-Identifier: Apache-2.0
// Building expressions, buffers and ranges.
#include "bindings.h"
#include "metaschedule/arith/analyzer.h"
#include "metaschedule/ir/access.h"
#include "metaschedule/ir/intrinsics.h"

namespace metaschedule::bindings {

namespace {

Kind binary_kind(const std::string& name) {
  const KindInfo* info = find_kind(name);
  check<KeyError>(info && is_binary_kind(info->kind), "{} is not a binary expression", name);
  return info->kind;
}

/// `range` as in the original: (begin, end), or an extent alone.
Ref<Range> make_range(const Expr& begin, const Expr& end) {
  if (!end) return make<Range>(int_imm(begin->dtype, 0), begin);
  Expr b = begin, e = end;
  match_types(b, e);
  return make<Range>(b, is_zero(b) ? e : e - b);
}

BufferRef make_buffer(Exprs shape, DType dtype, const std::string& name, const OrNone<Var>& data,
                      Exprs strides, const OrNone<ExprNode>& elem_offset, const std::string& scope,
                      int data_alignment, int offset_factor, const std::string& buffer_type,
                      Exprs axis_separators) {
  auto buffer = mutate(*decl_buffer(shape, dtype, name, scope.empty() ? "global" : scope));
  if (data) buffer->data = data;
  buffer->strides = std::move(strides);
  buffer->axis_separators = std::move(axis_separators);
  DType index = shape.empty() ? kInt32 : shape[0]->dtype;
  if (elem_offset)
    buffer->elem_offset = elem_offset;
  else if (offset_factor != 0)
    buffer->elem_offset = make<Var>(name + "_elem_offset", index);
  if (data_alignment > 0) buffer->data_alignment = data_alignment;
  if (offset_factor > 0) buffer->offset_factor = offset_factor;
  check<ValueError>(buffer_type.empty() || buffer_type == "default" || buffer_type == "auto" ||
                        buffer_type == "auto_broadcast",
                    "buffer_type: expected \"default\" or \"auto_broadcast\", found \"{}\"",
                    buffer_type);
  if (buffer_type.starts_with("auto")) buffer->buffer_type = BufferType::AutoBroadcast;
  return buffer;
}

Ref<CommReducer> reducer(Vars lhs, Vars rhs, Exprs result, Exprs identity) {
  return make<CommReducer>(std::move(lhs), std::move(rhs), std::move(result), std::move(identity));
}

}  // namespace

void bind_expressions(py::module_& m) {
  using namespace py::literals;
  // Operators, with matching of types and folding.
  m.def("binary", [](const std::string& kind, const Expr& a, const Expr& b) {
    return binary(binary_kind(kind), a, b);
  });
  m.def("to_expression", [](const Expr& e) { return e; });
  m.def("match_types", [](Expr a, Expr b) {
    match_types(a, b);
    return py::make_tuple(a, b);
  });
  m.def("logical_not", &logical_not);
  m.def("neg", [](const Expr& a) { return a * -1; });
  m.def("cast", [](DType t, const Expr& e) { return cast(t, e); });
  m.def(
      "const",
      [](py::handle value, py::object dtype) {
        if (dtype.is_none()) {
          if (PyFloat_Check(value.ptr()) &&
              std::abs(py::cast<double>(value)) > 3.4028234663852886e38 &&
              std::isfinite(py::cast<double>(value)))
            return Expr(make<FloatImm>(DType::float_(64), py::cast<double>(value)));
          return to_expr(value);
        }
        DType t = to_dtype(dtype);
        Expr e = to_expr(value);
        return as<FloatImm>(e) && !t.is_integral() ? make_const(t, py::cast<double>(value))
                                                   : cast(t, e);
      },
      "value"_a, "dtype"_a = py::none());
  m.def("if_then_else", &if_then_else);
  m.def("select", &select);
  m.def("likely", &likely);
  m.def("abs", [](const Expr& e) { return abs(e); });
  m.def("ceildiv", &ceildiv);
  m.def("min_value", &min_value);
  m.def("max_value", &max_value);
  m.def("infinity", &infinity);
  m.def("call_math", [](const std::string& op, const Expr& e) { return call_math(op, e); });
  m.def("bitwise", [](const std::string& op, Expr a, Expr b) {
    if (op == "and") return bitwise_and(a, b);
    if (op == "or") return bitwise_or(a, b);
    if (op == "xor") return bitwise_xor(a, b);
    if (op == "shl") return shift_left(a, b);
    return shift_right(a, b);
  });
  m.def("bitwise_not", &bitwise_not);

  // Nodes, without folding.
  m.def("make_var", [](const std::string& name, py::object type, bool size_var) -> VarRef {
    if (const TypeNode* t = as<TypeNode>(node_of(type))) return make<Var>(name, Type(t));
    DType dtype = to_dtype(type);
    if (size_var) return make<SizeVar>(name, dtype);
    return make<Var>(name, dtype);
  });
  m.def("make_prim_type", [](DType t) { return make<PrimType>(t); });
  m.def("make_pointer_type",
        [](Type element, const std::string& scope) { return make<PointerType>(element, scope); });
  m.def("make_int_imm", [](DType t, int64_t v) { return make<IntImm>(t, v); });
  m.def("make_float_imm", [](DType t, double v) { return make<FloatImm>(t, v); });
  m.def("make_string_imm", [](const std::string& v) { return make<StringImm>(v); });
  m.def("make_binary", [](const std::string& kind, const Expr& a, const Expr& b) {
    return make_binary(binary_kind(kind), a, b);
  });
  m.def("make_not", [](const Expr& a) { return make<Not>(a); });
  m.def("make_cast", [](DType t, const Expr& v) { return make<Cast>(t, v); });
  m.def("make_select", [](Expr c, Expr t, Expr f) { return make<Select>(c, t, f); });
  m.def("make_ramp", [](Expr b, Expr s, Expr n) { return make<Ramp>(b, s, n); });
  m.def("make_broadcast", [](Expr v, Expr n) { return make<Broadcast>(v, n); });
  m.def("make_shuffle", [](Exprs v, Exprs i) { return make<Shuffle>(v, i); });
  m.def("make_let", [](VarRef v, Expr x, Expr body) { return make<Let>(v, x, body); });
  m.def("make_call", [](DType t, py::object op, Exprs args) -> Expr {
    if (PyUnicode_Check(op.ptr())) return call(t, py::cast<std::string>(op), args);
    return make<Call>(t, Ref<Node>(node_of(op)), args);
  });
  m.def(
      "make_buffer_load",
      [](BufferRef b, Exprs i, OrNone<ExprNode> predicate) {
        return make<BufferLoad>(b, i, predicate);
      },
      "buffer"_a, "indices"_a, "predicate"_a = py::none());
  m.def("make_shuffle",
        [](Exprs vectors, Exprs indices) { return make<Shuffle>(vectors, indices); });
  m.def("buffer_vload", [](const BufferRef& b, const Exprs& begin, py::object dtype,
                           const OrNone<ExprNode>& predicate) {
    return vload(b, begin, dtype.is_none() ? std::nullopt : std::optional(to_dtype(dtype)),
                 predicate);
  });
  m.def("buffer_vstore",
        [](const BufferRef& b, const Exprs& begin, const Expr& value,
           const OrNone<ExprNode>& predicate) { return vstore(b, begin, value, predicate); });
  m.def("buffer_access_ptr", [](const BufferRef& b, py::object mode, const OrNone<ExprNode>& offset,
                                const OrNone<ExprNode>& extent) {
    const int64_t mask = PyUnicode_Check(mode.ptr()) ? access_mask(py::cast<std::string>(mode))
                                                     : py::cast<int64_t>(mode);
    return access_ptr(*b, mask, offset, extent);
  });
  m.def("buffer_offset_of", [](const BufferRef& b, const Exprs& indices) {
    std::vector<Expr> out;
    for (const Expr& e : offset_of(*b, indices)) out.push_back(arith::Analyzer().simplify(e));
    return Exprs(out);
  });
  m.def("make_producer_load", [](TensorRef t, Exprs i) {
    check<ValueError>(i.size() == t->shape.size(),
                      "tensor has {} dimensions, but is indexed with {} indices", t->shape.size(),
                      i.size());
    return make<ProducerLoad>(Ref<Node>(t.get()), t->dtype, i);
  });
  m.def(
      "make_range",
      [](const Expr& begin, const OrNone<ExprNode>& end) { return make_range(begin, end); },
      "begin"_a, "end"_a = py::none());
  m.def("make_range_min_extent", [](Expr lo, Expr n) { return make<Range>(lo, n); });
  m.def("make_iter_var", [](OrNone<Range> dom, VarRef v, int type, const std::string& tag) {
    check<ValueError>(type >= 0 && type <= 8, "iter_type: expected 0 to 8, found {}", type);
    return make<IterVar>(dom, v, static_cast<IterType>(type), tag);
  });
  m.def("make_buffer", &make_buffer);
  m.def("make_buffer_region", [](BufferRef b, Ranges r) { return make<BufferRegion>(b, r); });
  m.def("make_comm_reducer", &reducer);
  m.def("make_reduce", [](Ref<CommReducer> c, Exprs s, List<IterVar> axis, Expr cond, int index,
                          Exprs init) { return make<Reduce>(c, s, axis, cond, index, init); });
  m.def(
      "make_index_map",
      [](Vars initial, Exprs final_indices, OrNone<IndexMap> inverse) {
        return make<IndexMap>(initial, final_indices, inverse);
      },
      "initial_indices"_a, "final_indices"_a, "inverse_index_map"_a = py::none());
  m.def("op_names", [] {
    std::vector<std::string> names;
    for (const Op* op : Op::all()) names.push_back(op->name);
    return names;
  });
  // (name, operands or -1, where the dtype stands: 0 nowhere, 1 first, 2 last) of each intrinsic.
  m.def("op_rows", [] {
    std::vector<std::tuple<std::string, int, int>> rows;
    for (const Op* op : Op::all())
      rows.emplace_back(op->name, op->num_inputs, static_cast<int>(op->dtype_arg));
    return rows;
  });
  m.def("call_intrinsic", [](const std::string& name, const py::args& given) {
    const Op& op = Op::get(name);
    std::vector<Expr> args;
    for (py::handle item : given) {
      const Buffer* buffer = as<Buffer>(node_of(item));
      args.push_back(buffer ? packed_array(*buffer) : to_expr(item));
    }
    check<TypeError>(op.num_inputs < 0 || args.size() == static_cast<size_t>(op.num_inputs),
                     "{} takes {} operands, found {}", op.name, op.num_inputs, args.size());
    const DType dtype = intrinsic_dtype(std::string_view(op.name).substr(4), args);
    return make<Call>(dtype, Ref<Node>(&op), args);
  });
  m.def("op_get", [](const std::string& name) { return Ref<Op>(&Op::get(name)); });
}

}  // namespace metaschedule::bindings
