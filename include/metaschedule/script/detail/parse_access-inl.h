// SPDX-License-Identifier: Apache-2.0
// Names, attributes, calls and subscripts: what a primary expression stands for.
#pragma once

#include "metaschedule/ir/access.h"
#include "metaschedule/script/detail/parse_expr-inl.h"

namespace metaschedule::script {

METASCHEDULE_INLINE Value Parser::parse_name() {
  size_t first = pos_;
  const Token& token = take();
  switch (token.symbol) {
    case kSym_None:
      return {};
    case kSym_True:
      return Value::of_bool(true);
    case kSym_False:
      return Value::of_bool(false);
    default:
      if (token.symbol < kFirstSymbol) {
        error(token, fmt::format("'{}' is not supported here", spelling(token)));
      }
  }
  if (const Value* value = find(token.symbol)) return shared(*value);
  auto is_module = [&](const std::vector<int32_t>& symbols) {
    return std::find(symbols.begin(), symbols.end(), token.symbol) != symbols.end();
  };
  bool tir = is_module(tir_symbols_), ir = is_module(ir_symbols_);
  if ((tir || ir) && at(Tok::Dot)) {
    take();
    const Token& member = expect_name("the name of a builtin");
    std::string_view name = spelling(member);
    // T.axis.spatial is one builtin.
    if (name == "axis" && at(Tok::Dot) && peek(1).kind == Tok::Name) {
      take();
      const Token& kind = take();
      name = ts_.text.substr(member.begin, kind.end - member.begin);
    }
    if (const Builtin* builtin = tir ? find_tir_builtin(name) : find_ir_builtin(name)) {
      if (!builtin->refused.empty()) error(token, std::string(builtin->refused));
      return Value::of_builtin(builtin);
    }
    if (std::optional<DType> dtype = tir ? find_dtype_function(name) : std::nullopt) {
      Value out = Value::sequence({});
      out.type = ValueType::DType;
      out.aux->dtype = *dtype;
      return out;
    }
    if (!options_.host) {
      error(member, fmt::format("module '{}' has no builtin '{}'", spelling(token), name));
    }
  }
  if (spelling(token) == "range") return Value::of_builtin(find_tir_builtin("serial"));
  if (!options_.host) error(token, fmt::format("Undefined variable: {}", spelling(token)));
  size_t last = primary_end(first);
  pos_ = last + 1;
  return host_value(first, last);
}

METASCHEDULE_INLINE size_t Parser::primary_end(size_t first) const {
  size_t last = first;
  for (;;) {
    const Token& next = ts_.tokens[last + 1];
    if (next.kind == Tok::Dot && ts_.tokens[last + 2].kind == Tok::Name) {
      last += 2;
    } else if (next.kind == Tok::LParen || next.kind == Tok::LBracket) {
      last = next.match;
    } else {
      return last;
    }
  }
}

METASCHEDULE_INLINE Value Parser::host_value(size_t first, size_t last) {
  const Token& begin = ts_.tokens[first];
  std::string_view text = ts_.text.substr(begin.begin, ts_.tokens[last].end - begin.begin);
  if (!options_.host) {
    error(begin,
          fmt::format("only the host language can evaluate {}, and there is none here", text));
  }
  ScriptNames names;
  for (size_t i = first; i <= last; ++i) {
    const Token& token = ts_.tokens[i];
    if (token.kind != Tok::Name || (i > first && ts_.tokens[i - 1].kind == Tok::Dot)) continue;
    const Value* value = find(token.symbol);
    if (!value) continue;
    auto known = [&](const auto& entry) { return entry.first == spelling(token); };
    if (std::any_of(names.begin(), names.end(), known)) continue;
    names.emplace_back(std::string(spelling(token)), to_host(*value));
  }
  if (begin.kind == Tok::FString) {
    for (size_t k = 0; k < bindings_.size(); ++k) {
      std::string_view name = ts_.symbols[static_cast<size_t>(bindings_[k].symbol)];
      if (text.find(name) == std::string_view::npos) continue;
      if (bound_[static_cast<size_t>(bindings_[k].symbol)] != static_cast<int32_t>(k)) continue;
      names.emplace_back(std::string(name), to_host(bindings_[k].value));
    }
  }
  std::optional<Ref<Node>> value = options_.host->evaluate(text, names);
  if (!value) {
    for (const std::vector<int32_t>* modules : {&tir_symbols_, &ir_symbols_})
      if (std::find(modules->begin(), modules->end(), begin.symbol) != modules->end())
        error(begin, fmt::format("unknown name: {}", text.substr(0, text.find_first_of("(["))));
    error(begin, fmt::format("Undefined variable: {}", spelling(begin)));
  }
  return from_host(*value);
}

METASCHEDULE_INLINE Value Parser::attribute(const Value& base, const Token& name) {
  std::string_view text = spelling(name);
  where_ = &name;
  if (base.is(ValueType::ModuleProxy)) {
    Value out = Value::sequence({base});
    out.type = ValueType::Method;
    out.name = text;
    return out;
  }
  if (base.is(ValueType::Frame) && base.aux->frame.vars.size() == 1) {
    return attribute(base.aux->frame.vars[0], name);
  }
  if (base.is(ValueType::Meta)) return attribute(base.items()[0], name);
  if (base.is(ValueType::Node)) return shared(node_attribute(base, text));
  error(name, fmt::format("{} has no attribute '{}'", detail::describe(base), text));
}

namespace detail {
inline Value exprs_value(const Exprs& exprs) {
  std::vector<Value> items;
  for (const Expr& e : exprs) items.emplace_back(e);
  return Value::sequence(std::move(items));
}
inline bool is_method(std::string_view name) {
  constexpr std::string_view names[] = {"astype", "vload",     "vstore", "access_ptr",
                                        "scope",  "offset_of", "equal",  "replace"};
  return std::find(std::begin(names), std::end(names), name) != std::end(names);
}
}  // namespace detail

METASCHEDULE_INLINE Value Parser::node_attribute(const Value& base, std::string_view name) {
  if (detail::is_method(name)) {
    Value out = Value::sequence({base});
    out.type = ValueType::Method;
    out.name = name;
    return out;
  }
  if (const Buffer* buffer = as<Buffer>(base.node)) return buffer_attribute(base, *buffer, name);
  if (const Range* range = as<Range>(base.node)) {
    if (name == "min") return range->min;
    if (name == "extent") return range->extent;
  }
  if (const IterVar* iter = as<IterVar>(base.node)) {
    if (name == "var") return iter->var;
    if (name == "dom" && iter->dom) return iter->dom;
  }
  if (const BufferRegion* region = as<BufferRegion>(base.node); region && name == "buffer") {
    return region->buffer;
  }
  if (const ExprNode* expr = as<ExprNode>(base.node)) {
    if (name == "dtype") return Value::of_string(metaschedule::to_string(expr->dtype));
    if (const Var* var = as<Var>(expr); var && name == "name") return Value::of_string(var->name);
    if (const IntImm* imm = as<IntImm>(expr); imm && name == "value") {
      return Value::of_int(imm->value);
    }
  }
  fail<TypeError>("{} has no attribute '{}'", detail::describe(base), name);
}

METASCHEDULE_INLINE Value Parser::buffer_attribute(const Value& base, const Buffer& buffer,
                                                   std::string_view name) {
  if (name == "data") return buffer.data;
  if (name == "shape") return detail::exprs_value(buffer.shape);
  if (name == "strides") return detail::exprs_value(buffer.strides);
  if (name == "elem_offset") return buffer.elem_offset;
  if (name == "dtype") return Value::of_string(metaschedule::to_string(buffer.dtype));
  if (name == "name") return Value::of_string(buffer.name);
  if (name == "data_alignment") return Value::of_int(buffer.data_alignment);
  if (name == "offset_factor") return Value::of_int(buffer.offset_factor);
  fail<TypeError>("{} has no attribute '{}'", detail::describe(base), name);
}

METASCHEDULE_INLINE Value Parser::call(const Value& callee, Args& args) {
  switch (callee.type) {
    case ValueType::Builtin:
      return callee.builtin->call(*this, *callee.builtin, args);
    case ValueType::DType: {
      DType dtype = callee.aux->dtype;
      const Value* value = args.get(0, "expr");
      if (!value) {
        const Value* size = args.keyword("is_size_var");
        if (size && to_bool(*size)) return make<SizeVar>("", dtype);
        return make<Var>("", dtype);
      }
      if (const String* text = value->str()) {
        check<ValueError>(dtype.is_floating(), "{} takes no string",
                          metaschedule::to_string(dtype));
        double infinity = std::numeric_limits<double>::infinity();
        double number = text->value == "inf" ? infinity : -infinity;
        if (text->value == "nan") number = std::numeric_limits<double>::quiet_NaN();
        check<ValueError>(text->value == "inf" || text->value == "-inf" || text->value == "nan",
                          "expected \"inf\", \"-inf\" or \"nan\", found \"{}\"", text->value);
        return make_const(dtype, number);
      }
      if (value->is(ValueType::Int) && dtype == DType::uint(64) && value->i < 0) {
        fail<ValueError>("cannot make uint from negative value {}", value->i);
      }
      if (value->is_number() && dtype.is_integral() && value->type == ValueType::Float) {
        return cast(dtype, make<FloatImm>(DType::float_(64), value->f));
      }
      return value->is_number() ? to_expr_as(*value, dtype) : cast(dtype, to_expr(*value));
    }
    case ValueType::Method:
      if (callee.items()[0].is(ValueType::ModuleProxy)) {
        return call_module_function(callee.name, args);
      }
      return call_method(callee.items()[0], callee.name, args);
    case ValueType::Lambda:
      return call_lambda(callee, args.positional);
    default:
      fail<TypeError>("{} cannot be called", detail::describe(callee));
  }
}

METASCHEDULE_INLINE Value Parser::call_module_function(std::string_view name, const Args& args) {
  for (const auto& [known, declared] : functions_) {
    if (known != name) continue;
    std::vector<Expr> operands;
    for (const Value& value : args.positional) {
      const Buffer* buffer = as<Buffer>(value.node);
      operands.push_back(buffer ? Expr(buffer->data) : to_expr(value));
    }
    return make<Call>(declared.ret_dtype, declared.var, operands);
  }
  fail<ValueError>("Cannot find the function `{}` in the current IRModule", name);
}

METASCHEDULE_INLINE Value Parser::call_method(const Value& self, std::string_view name,
                                              Args& args) {
  if (name == "astype") return cast(to_dtype(args.need(0, "dtype")), to_expr(self));
  if (name == "equal") return eq(to_expr(self), to_expr(args.need(0, "other")));
  const Buffer* buffer = as<Buffer>(self.node);
  if (!buffer) fail<TypeError>("{} has no method '{}'", detail::describe(self), name);
  BufferRef ref(buffer);
  const Value* predicate = args.get(2, "predicate");
  Expr mask = predicate ? to_expr(*predicate) : Expr();
  if (name == "scope") return Value::of_string(buffer->scope());
  if (name == "vload") {
    const Value* dtype = args.get(1, "dtype");
    return metaschedule::vload(ref, to_exprs(args.need(0, "begin")),
                               dtype ? std::optional(to_dtype(*dtype)) : std::nullopt, mask);
  }
  if (name == "vstore") {
    return metaschedule::vstore(ref, to_exprs(args.need(0, "begin")),
                                to_expr_as(args.need(1, "value"), buffer->dtype), mask);
  }
  if (name == "access_ptr") {
    const Value& mode = args.need(0, "access_mask");
    const Value* offset = args.get(3, "offset");
    const Value* extent = args.get(4, "extent");
    return metaschedule::access_ptr(
        *buffer, mode.str() ? access_mask(mode.str()->value) : to_int(mode),
        offset ? to_expr(*offset) : Expr(), extent ? to_expr(*extent) : Expr());
  }
  if (name == "offset_of") {
    return detail::exprs_value(metaschedule::offset_of(*buffer, to_exprs(args.need(0, "indices"))));
  }
  fail<TypeError>("a buffer has no method '{}'", name);
}

METASCHEDULE_INLINE Value Parser::subscript(const Value& base, const std::vector<Value>& indices) {
  if (base.is(ValueType::Meta)) return subscript(base.items()[0], indices);
  if (base.is(ValueType::Frame) && base.aux->frame.vars.size() == 1) {
    return subscript(base.aux->frame.vars[0], indices);
  }
  if (base.is(ValueType::Sequence)) {
    check<TypeError>(indices.size() == 1, "a sequence takes one index");
    auto size = static_cast<int64_t>(base.items().size());
    int64_t i = to_int(indices[0]);
    check<IndexError>(i >= -size && i < size, "index {} is outside a sequence of {}", i, size);
    return shared(base.items()[static_cast<size_t>(i < 0 ? i + size : i)]);
  }
  if (base.is(ValueType::Dict)) {
    std::string key = indices.size() == 1 ? to_string(indices[0]) : "";
    for (size_t i = 0; i + 1 < base.items().size(); i += 2) {
      if (to_string(base.items()[i]) == key) return shared(base.items()[i + 1]);
    }
    fail<KeyError>("no entry '{}'", key);
  }
  if (base.is(ValueType::Builtin)) {  // T.Buffer[(4,), "float32"] and T.Ptr[T.float32], of old
    Args args;
    args.where = where_;
    args.positional = indices;
    return base.builtin->call(*this, *base.builtin, args);
  }
  BufferRef buffer = to_buffer(base);
  // A[()] reads a buffer of no dimensions.
  const std::vector<Value>* at = &indices;
  if (indices.size() == 1 && indices[0].is(ValueType::Sequence)) at = &indices[0].items();
  std::vector<Ref<Range>> ranges;
  std::vector<Expr> points;
  bool sliced = false, open_ended = false;
  check<ValueError>(at->size() == buffer->ndim(),
                    "buffer {} is {}-dimensional, but is indexed with {} indices", buffer->name,
                    buffer->ndim(), at->size());
  for (size_t i = 0; i < at->size(); ++i) {
    const Value& index = (*at)[i];
    if (!index.is(ValueType::Slice)) {
      points.push_back(to_expr(index));
      ranges.push_back(make<Range>(points.back(), int_imm(points.back()->dtype.element(), 1)));
      continue;
    }
    const std::vector<Value>& parts = index.items();
    auto given = [&](size_t k) { return !parts[k].is(ValueType::None); };
    DType dtype = buffer->shape[i]->dtype;
    Expr stop = given(1) ? to_expr(parts[1]) : buffer->shape[i];
    Expr start = given(0) ? to_expr(parts[0]) : int_imm(given(1) ? stop->dtype : dtype, 0);
    match_types(start, stop);
    Expr extent = difference(stop, start);
    ranges.push_back(make<Range>(start, extent));
    sliced = true;
    open_ended = open_ended || (!given(2) && !(given(0) && given(1)));
    if (given(2)) {
      int64_t step = to_int(parts[2]);
      check<ValueError>(step != 0, "the step of a slice is zero");
      std::optional<int64_t> length = as_const_int(extent);
      check<ValueError>(length.has_value(), "a slice with a step must have a constant extent");
      int64_t lanes = (*length + step + (step > 0 ? -1 : 1)) / step;
      check<ValueError>(lanes >= 1, "the slice is empty");
      points.push_back(
          lanes == 1 ? start : Expr(make<Ramp>(start, int_imm(start->dtype, step), i32(lanes))));
    } else if (!regions_ && !open_ended) {
      points.push_back(slice_index(start, extent));
    } else {
      points.push_back(nullptr);
    }
  }
  bool region =
      sliced && std::any_of(points.begin(), points.end(), [](const Expr& e) { return !e; });
  if (region) return make<BufferRegion>(buffer, ranges);
  return make<BufferLoad>(buffer, points);
}

}  // namespace metaschedule::script
