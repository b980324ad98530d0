// SPDX-License-Identifier: Apache-2.0
// Builtins that make expressions and other values.
#pragma once

#include <cmath>

#include "metaschedule/ir/intrinsics.h"
#include "metaschedule/ir/target.h"
#include "metaschedule/script/detail/convert-inl.h"

namespace metaschedule::script::detail {

template <Kind kind>
Value binary_node(Parser& p, const Builtin&, Args& args) {
  // Two plain numbers are int32; one takes the type of the other side.
  const Value &a = args.need(0, "a"), &b = args.need(1, "b");
  Expr x = a.is_number() && !b.is_number() ? p.to_expr_as(a, p.to_expr(b)->dtype) : p.to_expr(a);
  Expr y = b.is_number() && !a.is_number() ? p.to_expr_as(b, x->dtype) : p.to_expr(b);
  return make_binary(kind, x, y);
}
template <Kind kind>
Value binary_fold(Parser& p, const Builtin&, Args& args) {
  return metaschedule::binary(kind, p.to_expr(args.need(0, "a")), p.to_expr(args.need(1, "b")));
}
template <Kind kind>
Value fold_all(Parser& p, const Builtin&, Args& args) {
  Expr out = p.to_expr(args.need(0, "conditions"));
  for (size_t i = 1; i < args.size(); ++i)
    out = metaschedule::binary(kind, out, p.to_expr(args.positional[i]));
  return out;
}
inline Value not_node(Parser& p, const Builtin&, Args& args) {
  return make<Not>(p.to_expr(args.need(0, "a")));
}
inline Value select_node(Parser& p, const Builtin&, Args& args) {
  return make<Select>(p.to_expr(args.need(0, "condition")), p.to_expr(args.need(1, "true_value")),
                      p.to_expr(args.need(2, "false_value")));
}
inline Value ramp(Parser& p, const Builtin&, Args& args) {
  return make<Ramp>(p.to_expr(args.need(0, "base")), p.to_expr(args.need(1, "stride")),
                    p.to_expr(args.need(2, "lanes")));
}
inline Value broadcast(Parser& p, const Builtin&, Args& args) {
  return make<Broadcast>(p.to_expr(args.need(0, "value")), p.to_expr(args.need(1, "lanes")));
}
inline Value shuffle(Parser& p, const Builtin&, Args& args) {
  return make<Shuffle>(p.to_exprs(args.need(0, "vectors")), p.to_exprs(args.need(1, "indices")));
}
inline Value cast_node(Parser& p, const Builtin&, Args& args) {
  return make<Cast>(p.to_dtype(args.need(0, "dtype")), p.to_expr(args.need(1, "value")));
}
inline Value cast_value(Parser& p, const Builtin&, Args& args) {
  return cast(p.to_dtype(args.need(1, "dtype")), p.to_expr(args.need(0, "value")));
}
inline Value let_expr(Parser& p, const Builtin&, Args& args) {
  const Value& where = args.need(1, "where");
  check<ValueError>(where.is(ValueType::Dict) && where.items().size() == 2,
                    "T.Let only allows `where` to have exactly one element");
  VarRef var = as_ref<Var>(where.items()[0].node);
  check<TypeError>(var != nullptr, "T.Let: the key of `where` must be a variable");
  return make<Let>(var, p.to_expr_as(where.items()[1], var->dtype),
                   p.to_expr(args.need(0, "expr")));
}
inline Value buffer_load(Parser& p, const Builtin&, Args& args) {
  const Value* predicate = args.get(2, "predicate");
  return make<BufferLoad>(p.to_buffer(args.need(0, "buffer")), p.to_exprs(args.need(1, "indices")),
                          predicate ? p.to_expr(*predicate) : Expr());
}
inline Value int_node(Parser& p, const Builtin&, Args& args) {
  return make<IntImm>(p.to_dtype(args.need(0, "dtype")), p.to_int(args.need(1, "value")));
}
inline Value float_node(Parser& p, const Builtin&, Args& args) {
  DType dtype = p.to_dtype(args.need(0, "dtype"));
  check<TypeError>(dtype.is_floating(), "FloatImm supports only float, but {} was supplied",
                   to_string(dtype));
  return p.to_expr_as(args.need(1, "value"), dtype);
}
inline Value string_node(Parser& p, const Builtin&, Args& args) {
  return make<StringImm>(p.to_string(args.need(0, "value")));
}

// ---- functions that fold

inline Value if_then_else_value(Parser& p, const Builtin&, Args& args) {
  return if_then_else(p.to_expr(args.need(0, "cond")), p.to_expr(args.need(1, "t")),
                      p.to_expr(args.need(2, "f")));
}
inline Value likely_value(Parser& p, const Builtin&, Args& args) {
  return likely(p.to_expr(args.need(0, "cond")));
}
inline Value ceildiv_value(Parser& p, const Builtin&, Args& args) {
  return ceildiv(p.to_expr(args.need(0, "lhs")), p.to_expr(args.need(1, "rhs")));
}
inline Value abs_value(Parser& p, const Builtin&, Args& args) {
  return metaschedule::abs(p.to_expr(args.need(0, "x")));
}
inline Value rounding(Parser& p, const Builtin& self, Args& args) {
  Expr x = p.to_expr(args.need(0, "x"));
  if (x->dtype.is_integral()) return x;
  if (const FloatImm* imm = as<FloatImm>(x)) {
    double v = imm->value;
    if (self.name == "floor")
      v = std::floor(v);
    else if (self.name == "ceil")
      v = std::ceil(v);
    else if (self.name == "trunc")
      v = std::trunc(v);
    else
      v = std::nearbyint(v);
    return make<FloatImm>(x->dtype, v);
  }
  return call_math(self.name, x);
}
inline Value isnan_of(const Expr& x) {
  if (x->dtype.is_integral()) return int_imm(kBool.with_lanes(x->dtype.lanes), 0);
  Expr arg =
      x->dtype.is_float() && x->dtype.bits == 16 ? cast(kFloat32.with_lanes(x->dtype.lanes), x) : x;
  return call(kBool.with_lanes(x->dtype.lanes), "isnan", {arg});
}
inline Value isnan_value(Parser& p, const Builtin&, Args& args) {
  return isnan_of(p.to_expr(args.need(0, "x")));
}
inline Value isinf_value(Parser& p, const Builtin&, Args& args) {
  Expr x = p.to_expr(args.need(0, "x"));
  if (x->dtype.is_integral()) return false_();
  Expr infinite = eq(metaschedule::abs(x), infinity(x->dtype));
  return logical_and(infinite, logical_not(p.to_expr(isnan_of(x))));
}
inline Value isfinite_value(Parser& p, const Builtin& self, Args& args) {
  Expr infinite = p.to_expr(isinf_value(p, self, args));
  Expr not_a_number = p.to_expr(isnan_value(p, self, args));
  return logical_and(logical_not(infinite), logical_not(not_a_number));
}
template <Expr (*f)(const Expr&, const Expr&)>
Value two(Parser& p, const Builtin&, Args& args) {
  return f(p.to_expr(args.need(0, "x")), p.to_expr(args.need(1, "y")));
}
template <Expr (*f)(DType)>
Value limit(Parser& p, const Builtin&, Args& args) {
  return f(p.to_dtype(args.need(0, "dtype")));
}
inline Value bitwise_not_value(Parser& p, const Builtin&, Args& args) {
  return bitwise_not(p.to_expr(args.need(0, "x")));
}
inline Value math2(Parser& p, const Builtin& self, Args& args) {
  Expr x = p.to_expr(args.need(0, "x")), y = p.to_expr(args.need(1, "y"));
  match_types(x, y);
  return call(x->dtype, self.name, {x, y});
}

// ---- calls

inline Value intrinsic(Parser& p, const Builtin& self, Args& args) {
  const Op& op = *self.op;
  size_t first = 0, count = args.size();
  std::optional<DType> dtype;
  if (op.dtype_arg == Op::DTypeArg::First) {
    if (const Value* given = args.keyword("dtype")) {
      dtype = p.to_dtype(*given);
    } else {
      dtype = p.to_dtype(args.need(0, "dtype"));
      first = 1;
    }
  } else if (op.dtype_arg == Op::DTypeArg::Last) {
    check<TypeError>(count > 0, "argument 'dtype' is missing");
    dtype = p.to_dtype(args.positional[--count]);
  }
  std::string_view name = std::string_view(op.name).substr(4);
  std::vector<Expr> operands;
  for (size_t i = first; i < count; ++i) {
    const Buffer* buffer = as<Buffer>(args.positional[i].node);
    operands.push_back(buffer && name.starts_with("tvm_call_") ? packed_array(*buffer)
                                                               : p.to_expr(args.positional[i]));
  }
  check<TypeError>(op.num_inputs < 0 || operands.size() == static_cast<size_t>(op.num_inputs),
                   "T.{} takes {} operands, found {}", self.name, op.num_inputs, operands.size());
  if (!dtype) dtype = intrinsic_dtype(name, operands);
  return make<Call>(*dtype, Ref<Node>(&op), operands);
}

inline void check_operands(const Op& op, size_t count) {
  check<TypeError>(op.num_inputs < 0 || count == static_cast<size_t>(op.num_inputs),
                   "{} takes {} operands, found {}", op.name, op.num_inputs, count);
}
inline Value call_intrin(Parser& p, const Builtin&, Args& args) {
  DType dtype = p.to_dtype(args.need(0, "dtype"));
  const Op& op = Op::get(p.to_string(args.need(1, "func_name")));
  std::vector<Expr> operands;
  for (size_t i = 2; i < args.size(); ++i) operands.push_back(p.to_expr(args.positional[i]));
  check_operands(op, operands.size());
  return make<Call>(dtype, Ref<Node>(&op), operands);
}
inline Value call_node(Parser& p, const Builtin&, Args& args) {
  DType dtype = p.to_dtype(args.need(0, "dtype"));
  const Value& callee = args.need(1, "op");
  Ref<Node> op = callee.str() ? Ref<Node>(&Op::get(callee.str()->value)) : callee.node;
  check<TypeError>(as<Op>(op) || as<GlobalVar>(op), "T.Call: expected an operator");
  Exprs operands = p.to_exprs(args.need(2, "args"));
  if (const Op* intrinsic = as<Op>(op)) check_operands(*intrinsic, operands.size());
  return make<Call>(dtype, op, operands);
}

// ---- variables, ranges, maps

inline Value handle(Parser& p, const Builtin&, Args& args) {
  const Value* dtype = args.get(0, "dtype");
  const Value* scope = args.get(1, "storage_scope");
  if (!dtype) return make<Var>("", DType::handle());
  DType element = p.to_dtype(*dtype);
  return make<Var>("", Type(make<PointerType>(element.is_void() ? Type(make<TupleType>())
                                                                : Type(make<PrimType>(element)),
                                              scope ? p.to_string(*scope) : "global")));
}
inline Value var_node(Parser& p, const Builtin& self, Args& args) {
  const Value* dtype = args.get(1, "dtype");
  std::string name = p.to_string(args.need(0, "name"));
  DType type = dtype ? p.to_dtype(*dtype) : kInt32;
  if (self.name == "SizeVar") return make<SizeVar>(name, type);
  return make<Var>(name, type);
}
inline Value var_of(Parser& p, const Builtin&, Args& args) {
  return make<Var>("", p.to_dtype(args.need(0, "dtype")));
}
inline Value meta_var(Parser&, const Builtin&, Args& args) {
  Value out = Value::sequence({args.need(0, "value")});
  out.type = ValueType::Meta;
  return out;
}
inline Value range_node(Parser& p, const Builtin&, Args& args) {
  if (args.size() == 1) return p.to_range(args.positional[0]);
  return p.to_range(Value::sequence({args.need(0, "begin"), args.need(1, "end")}));
}
inline Value iter_var(Parser& p, const Builtin&, Args& args) {
  const Value& var = args.need(0, "var");
  const Value* dom = args.get(1, "dom");
  Ref<Range> range = dom ? p.to_range(*dom) : Ref<Range>();
  VarRef v = var.str() ? make<Var>(var.str()->value, range ? range->extent->dtype : kInt32)
                       : as_ref<Var>(p.to_expr(var));
  check<TypeError>(v != nullptr, "T.iter_var: expected a variable");
  std::string name = p.to_string(args.need(2, "iter_type"));
  const Value* tag = args.get(3, "thread_tag");
  for (int k = 0; k <= static_cast<int>(IterType::Tensorized); ++k) {
    auto type = static_cast<IterType>(k);
    if (to_string(type) == name) return make<IterVar>(range, v, type, tag ? p.to_string(*tag) : "");
  }
  fail<ValueError>("T.iter_var: unknown kind '{}'", name);
}

inline Exprs lambda_result(Parser& p, const Value& value) { return p.to_exprs(value); }

inline Value comm_reducer(Parser& p, const Builtin&, Args& args) {
  const Value& combiner = args.need(0, "combiner");
  Exprs identity = p.to_exprs(args.need(1, "identity"));
  const auto& names = p.lambda_params(combiner);
  check<ValueError>(names.size() == 2 * identity.size(),
                    "T.comm_reducer: the lambda takes {} arguments for {} identities", names.size(),
                    identity.size());
  std::vector<VarRef> sides[2];
  std::vector<Value> operands;
  for (size_t i = 0; i < names.size(); ++i) {
    VarRef var = make<Var>(std::string(names[i]), identity[i % identity.size()]->dtype);
    sides[i / identity.size()].push_back(var);
    operands.emplace_back(var);
  }
  Exprs result = lambda_result(p, p.call_lambda(combiner, operands));
  return make<CommReducer>(Vars(sides[0]), Vars(sides[1]), result, identity);
}

inline Ref<IndexMap> index_map_of(Parser& p, const Value& mapping, Ref<IndexMap> inverse) {
  std::vector<VarRef> vars;
  std::vector<Value> operands;
  for (std::string_view name : p.lambda_params(mapping)) {
    vars.push_back(make<Var>(std::string(name), kInt64));
    operands.emplace_back(vars.back());
  }
  Exprs result = lambda_result(p, p.call_lambda(mapping, operands));
  return make<IndexMap>(Vars(vars), result, std::move(inverse));
}
inline Value index_map(Parser& p, const Builtin&, Args& args) {
  const Value& mapping = args.need(0, "mapping");
  Ref<IndexMap> inverse;
  if (const Value* given = args.get(1, "inverse_index_map")) {
    inverse = as_ref<IndexMap>(given->node);
    if (!inverse) inverse = index_map_of(p, *given, nullptr);
  }
  return index_map_of(p, mapping, inverse);
}

inline Value target(Parser& p, const Builtin&, Args& args) {
  const Value* host = args.get(1, "host");
  return p.to_target(args.need(0, "target_config"), host ? p.to_target(*host) : TargetRef());
}

}  // namespace metaschedule::script::detail
