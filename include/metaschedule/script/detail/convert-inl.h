// SPDX-License-Identifier: Apache-2.0
// Conversions between values of a script and nodes.
#pragma once

#include <algorithm>
#include <limits>

#include "metaschedule/arith/analyzer.h"
#include "metaschedule/ir/structural.h"
#include "metaschedule/ir/target.h"
#include "metaschedule/script/detail/parser_state.h"

namespace metaschedule::script {

namespace detail {
inline std::string describe(const Value& value) {
  switch (value.type) {
    case ValueType::None:
      return "None";
    case ValueType::Int:
      return fmt::format("{}", value.i);
    case ValueType::Float:
      return fmt::format("{}", value.f);
    case ValueType::Bool:
      return value.i ? "True" : "False";
    case ValueType::Node:
      return fmt::format("a {}", kind_name(value.node->kind));
    case ValueType::Sequence:
      return fmt::format("a sequence of {}", value.items().size());
    case ValueType::Dict:
      return "a dictionary";
    case ValueType::Slice:
      return "a slice";
    case ValueType::Builtin:
      return fmt::format("T.{}", value.builtin->name);
    case ValueType::DType:
      return fmt::format("T.{}", metaschedule::to_string(value.aux->dtype));
    case ValueType::Lambda:
      return "a lambda";
    case ValueType::Frame:
      return "a statement";
    default:
      return "a value of the parser";
  }
}
}  // namespace detail

METASCHEDULE_INLINE Expr difference(const Expr& stop, const Expr& start) {
  if (is_zero(start)) return stop;
  if (const Add* add = as<Add>(stop); add && as<IntImm>(add->b) && expr_equal(add->a, start)) {
    return add->b;
  }
  return arith::Analyzer().simplify(stop - start);
}

METASCHEDULE_INLINE Expr slice_index(const Expr& start, const Expr& extent) {
  const Mul* scaled = as<Mul>(extent);
  const Op& vscale = Op::get("vscale");
  const bool scalable =
      scaled && (is_call_to(scaled->a.get(), vscale) || is_call_to(scaled->b.get(), vscale));
  std::optional<int64_t> length = as_const_int(extent);
  check<ValueError>(scalable || (length && *length >= 1),
                    "a slice that is used as a value must have a constant extent, or a constant "
                    "times vscale()");
  if (length && *length == 1) return start;
  return make<Ramp>(start, int_imm(start->dtype, 1), length ? i32(*length) : extent);
}

METASCHEDULE_INLINE Expr Parser::to_expr(const Value& value) const {
  switch (value.type) {
    case ValueType::Int: {
      bool small = value.i >= std::numeric_limits<int32_t>::min() &&
                   value.i <= std::numeric_limits<int32_t>::max();
      return int_imm(small ? kInt32 : kInt64, value.i);
    }
    case ValueType::Float:
      return make<FloatImm>(kFloat32, value.f);
    case ValueType::Bool:
      return int_imm(kBool, value.i);
    case ValueType::Frame:
      if (value.aux->frame.vars.size() == 1) return to_expr(value.aux->frame.vars[0]);
      break;
    case ValueType::Node: {
      if (const ExprNode* expr = as<ExprNode>(value.node)) return Expr(expr);
      if (const String* text = as<String>(value.node)) return make<StringImm>(text->value);
      if (const IterVar* iter = as<IterVar>(value.node)) return iter->var;
      if (const BufferRegion* region = as<BufferRegion>(value.node)) {
        std::vector<Expr> indices;
        for (const Ref<Range>& range : region->region)
          indices.push_back(slice_index(range->min, range->extent));
        return make<BufferLoad>(region->buffer, indices);
      }
      break;
    }
    default:
      break;
  }
  fail<TypeError>("expected an expression, found {}", detail::describe(value));
}

METASCHEDULE_INLINE Expr Parser::to_expr_as(const Value& value, DType dtype) const {
  if (!value.is_number()) return to_expr(value);
  DType element = dtype.element();
  if (element.is_integral() || element.is_handle()) {
    check<TypeError>(value.type != ValueType::Float, "expected {}, found the float {}",
                     metaschedule::to_string(dtype), detail::describe(value));
    if (element.is_handle()) return to_expr(value);
    return cast(dtype, make<IntImm>(element, value.i));
  }
  double number = value.type == ValueType::Float ? value.f : static_cast<double>(value.i);
  return cast(dtype, make<FloatImm>(element, number));
}

METASCHEDULE_INLINE Exprs Parser::to_exprs(const Value& value) const {
  if (value.is(ValueType::None)) return {};
  std::vector<Expr> out;
  if (value.is(ValueType::Sequence)) {
    spend(value.items().size());
    for (const Value& item : value.items()) out.push_back(to_expr(item));
  } else {
    out.push_back(to_expr(value));
  }
  return out;
}

METASCHEDULE_INLINE DType Parser::to_dtype(const Value& value) const {
  if (const String* text = value.str()) return DType::parse(text->value);
  if (value.is(ValueType::DType)) return value.aux->dtype;
  if (const StringImm* text = as<StringImm>(value.node)) return DType::parse(text->value);
  if (const PrimType* type = as<PrimType>(value.node)) return type->dtype;
  fail<TypeError>("expected a data type such as \"float32\", found {}", detail::describe(value));
}

METASCHEDULE_INLINE std::string Parser::to_string(const Value& value) const {
  if (const String* text = value.str()) return text->value;
  if (const StringImm* text = as<StringImm>(value.node)) return text->value;
  fail<TypeError>("expected a string, found {}", detail::describe(value));
}

METASCHEDULE_INLINE int64_t Parser::to_int(const Value& value) const {
  if (value.is(ValueType::Int) || value.is(ValueType::Bool)) return value.i;
  if (const IntImm* imm = as<IntImm>(value.node)) return imm->value;
  fail<TypeError>("expected an integer constant, found {}", detail::describe(value));
}

METASCHEDULE_INLINE bool Parser::to_bool(const Value& value) const { return to_int(value) != 0; }

METASCHEDULE_INLINE BufferRef Parser::to_buffer(const Value& value) const {
  if (BufferRef buffer = as_ref<Buffer>(value.node)) return buffer;
  if (value.is(ValueType::Frame) && value.aux->frame.vars.size() == 1) {
    return to_buffer(value.aux->frame.vars[0]);
  }
  fail<TypeError>("expected a buffer, found {}", detail::describe(value));
}

METASCHEDULE_INLINE Ref<BufferRegion> Parser::to_region(const Value& value) const {
  if (auto region = as_ref<BufferRegion>(value.node)) return region;
  if (const Buffer* buffer = as<Buffer>(value.node)) return full_region(BufferRef(buffer));
  if (const BufferLoad* load = as<BufferLoad>(value.node)) {
    std::vector<Ref<Range>> ranges;
    for (const Expr& index : load->indices) {
      if (const Ramp* ramp = as<Ramp>(index)) {
        Expr lanes = ramp->lanes;
        if (ramp->base->dtype != lanes->dtype) lanes = cast(ramp->base->dtype, lanes);
        ranges.push_back(make<Range>(ramp->base, ramp->stride * lanes));
      } else {
        ranges.push_back(make<Range>(index, int_imm(index->dtype.element(), 1)));
      }
    }
    return make<BufferRegion>(load->buffer, ranges);
  }
  fail<TypeError>("expected a region of a buffer, found {}", detail::describe(value));
}

METASCHEDULE_INLINE Ref<Range> Parser::to_range(const Value& value) const {
  if (auto range = as_ref<Range>(value.node)) return range;
  if (value.is(ValueType::Sequence)) {
    check<ValueError>(value.items().size() == 2, "expected (begin, end), found {}",
                      detail::describe(value));
    Expr begin = to_expr(value.items()[0]), end = to_expr(value.items()[1]);
    // A constant takes the type of the other end.
    if (begin->dtype != end->dtype) {
      if (begin->dtype.bits < end->dtype.bits)
        begin = cast(end->dtype, begin);
      else
        end = cast(begin->dtype, end);
    }
    return make<Range>(begin, difference(end, begin));
  }
  Expr extent = to_expr(value);
  return make<Range>(int_imm(extent->dtype, 0), extent);
}

METASCHEDULE_INLINE Ref<Node> Parser::to_attr(const Value& value, bool box_floats) const {
  switch (value.type) {
    case ValueType::None:
      return nullptr;
    case ValueType::Float:
      if (box_floats) return make<BoxFloat>(value.f);
      return to_expr(value);
    case ValueType::Int:
      return value.i == static_cast<int32_t>(value.i) ? int_imm(kInt32, value.i)
                                                      : int_imm(kInt64, value.i);
    case ValueType::Sequence: {
      spend(value.items().size());
      std::vector<Ref<Node>> items;
      for (const Value& item : value.items()) items.push_back(to_attr(item, box_floats));
      return make<Array>(List<Node>(items));
    }
    case ValueType::Dict:
      return make<Map>(to_dict(value, box_floats));
    case ValueType::Node:
      return value.node;
    default:
      return to_expr(value);
  }
}

METASCHEDULE_INLINE Dict Parser::to_dict(const Value& value, bool box_floats) const {
  if (const Map* map = as<Map>(value.node)) return map->items;
  check<TypeError>(value.is(ValueType::Dict), "expected a dictionary, found {}",
                   detail::describe(value));
  spend(value.items().size());
  std::vector<Dict::Item> items;
  for (size_t i = 0; i + 1 < value.items().size(); i += 2) {
    items.emplace_back(to_string(value.items()[i]), to_attr(value.items()[i + 1], box_floats));
  }
  // Of equal keys the last one counts, as in Python.
  std::vector<Dict::Item> unique;
  std::unordered_map<std::string, size_t> places;
  for (Dict::Item& item : items) {
    auto [it, added] = places.try_emplace(item.first, unique.size());
    if (added)
      unique.push_back(std::move(item));
    else
      unique[it->second].second = std::move(item.second);
  }
  return Dict(std::move(unique));
}

METASCHEDULE_INLINE TargetRef Parser::to_target(const Value& value, TargetRef host) const {
  if (TargetRef known = as_ref<Target>(value.node)) return host ? with_host(*known, host) : known;
  if (const String* text = value.str()) return make_target(text->value, std::move(host));
  check<TypeError>(value.is(ValueType::Dict) || as<Map>(value.node),
                   "expected a target, its text or its dictionary, found {}",
                   detail::describe(value));
  return make_target(to_dict(value), std::move(host));
}

METASCHEDULE_INLINE Ref<Node> Parser::to_host(const Value& value) const {
  switch (value.type) {
    case ValueType::Int:
      return make<BoxInt>(value.i);
    case ValueType::Float:
      return make<BoxFloat>(value.f);
    case ValueType::Bool:
      return make<BoxBool>(value.i != 0);
    case ValueType::Sequence: {
      spend(value.items().size());
      std::vector<Ref<Node>> items;
      for (const Value& item : value.items()) items.push_back(to_host(item));
      return make<Array>(List<Node>(items));
    }
    case ValueType::Meta:
      return to_host(value.items()[0]);
    case ValueType::Frame:
      return value.aux->frame.vars.size() == 1 ? to_host(value.aux->frame.vars[0]) : nullptr;
    default:
      return value.node;
  }
}

METASCHEDULE_INLINE Value Parser::from_host(const Ref<Node>& node) const {
  if (!node) return {};
  if (const BoxInt* box = as<BoxInt>(node)) return Value::of_int(box->value);
  if (const BoxFloat* box = as<BoxFloat>(node)) return Value::of_float(box->value);
  if (const BoxBool* box = as<BoxBool>(node)) return Value::of_bool(box->value);
  if (const Array* array = as<Array>(node)) {
    std::vector<Value> items;
    for (const Ref<Node>& item : array->items) items.push_back(from_host(item));
    return Value::sequence(std::move(items));
  }
  if (const Map* map = as<Map>(node)) {
    std::vector<Value> items;
    for (const auto& [key, item] : map->items) {
      items.push_back(Value::of_string(key));
      items.push_back(from_host(item));
    }
    Value out = Value::sequence(std::move(items));
    out.type = ValueType::Dict;
    return out;
  }
  return Value(node);
}

METASCHEDULE_INLINE void set_name(const Node& node, std::string_view name) {
  if (const Var* var = as<Var>(&node)) {
    if (var->name.empty()) const_cast<Var*>(var)->name = std::string(name);
  } else if (const Buffer* buffer = as<Buffer>(&node)) {
    auto* named = const_cast<Buffer*>(buffer);
    if (!named->name.empty()) return;
    named->name = std::string(name);
    if (named->data) set_name(*named->data, name);
    auto name_part = [&](const Expr& expr, const std::string& part) {
      if (const Var* var = as<Var>(expr)) set_name(*var, part);
    };
    for (size_t i = 0; i < buffer->strides.size(); ++i)
      name_part(buffer->strides[i], fmt::format("{}_s{}", name, i));
    name_part(buffer->elem_offset, fmt::format("{}_elem_offset", name));
  } else if (const IterVar* iter = as<IterVar>(&node)) {
    set_name(*iter->var, name);
  }
}

}  // namespace metaschedule::script
