// SPDX-License-Identifier: Apache-2.0
// Inside the interpreter: expressions.
#pragma once

#include "metaschedule/interp/scalar_ops.h"

namespace metaschedule::interp::detail {

METASCHEDULE_INLINE Code Compiler::binary(const BinaryExpr& e) {
  const Kind kind = e.kind;
  const DType operand = e.a->dtype, dtype = fixed(e.dtype);
  EvalFn a = lane_of(expr(e.a)), b = lane_of(expr(e.b));
  if (kind == Kind::And)
    return {[a, b](Frame& f, int k) { return a(f, k).i ? b(f, k) : of_int(0); }, dtype};
  if (kind == Kind::Or)
    return {[a, b](Frame& f, int k) { return a(f, k).i ? of_int(1) : b(f, k); }, dtype};
  if (is_compare_kind(kind)) {
    if (operand.is_floating())
      return {[=](Frame& f, int k) { return of_int(compare_op(kind, a(f, k).f, b(f, k).f)); },
              dtype};
    if (operand.is_uint() && operand.bits == 64)
      return {[=](Frame& f, int k) {
                return of_int(compare_op(kind, static_cast<uint64_t>(a(f, k).i),
                                         static_cast<uint64_t>(b(f, k).i)));
              },
              dtype};
    return {[=](Frame& f, int k) { return of_int(compare_op(kind, a(f, k).i, b(f, k).i)); }, dtype};
  }
  const DType element = dtype.element();
  if (dtype.is_floating()) {
    if (element == kFloat32)
      return {[=](Frame& f, int k) {
                return of_float(static_cast<float>(float_op(kind, a(f, k).f, b(f, k).f)));
              },
              dtype};
    return {[=](Frame& f, int k) {
              return of_float(round_to(float_op(kind, a(f, k).f, b(f, k).f), element));
            },
            dtype};
  }
  return {[=](Frame& f, int k) {
            return of_int(wrap(int_op(kind, a(f, k).i, b(f, k).i, element), element));
          },
          dtype};
}

METASCHEDULE_INLINE Code Compiler::shuffle(const Shuffle& e) {
  std::vector<std::pair<EvalFn, int>> lanes;
  for (const Expr& v : e.vectors) {
    Code code = expr(v);
    for (int k = 0; k < std::max<int>(1, code.dtype.lanes); ++k) lanes.emplace_back(code.eval, k);
  }
  std::vector<Code> indices;
  for (const Expr& i : e.indices) indices.push_back(expr(i));
  return {[lanes = std::move(lanes), indices = std::move(indices)](Frame& f, int k) {
            const int64_t i = indices[k].integer(f);
            if (i < 0 || i >= static_cast<int64_t>(lanes.size()))
              fail<RunError>("interpreter: Shuffle picks lane {} of {}", i, lanes.size());
            return lanes[i].first(f, lanes[i].second);
          },
          fixed(e.dtype)};
}

METASCHEDULE_INLINE Code Compiler::load(const BufferLoad& e) {
  const Buffer& buffer = *e.buffer;
  std::vector<Code> indices;
  for (const Expr& i : e.indices) indices.push_back(expr(i));
  auto at = address(buffer, std::move(indices));
  const Buffer* root = &buffer;
  while (views_.count(root)) root = views_.at(root).source;
  const int storage = storage_of(root->data.get());
  const DType element = buffer.dtype.element();
  const int width = element.bytes(), per_index = std::max<int>(1, buffer.dtype.lanes);
  EvalFn mask = e.predicate ? lane_of(expr(e.predicate)) : nullptr;
  return {[=, read = loader(element), name = buffer.name](Frame& f, int lane) {
            if (mask && !mask(f, lane).i) return of_int(0);
            f.step();
            const int64_t byte = at(f, lane / per_index) + lane % per_index * width;
            const Storage& memory = f.storage[storage];
            if (!memory.written.empty() && f.options.check_uninitialised) {
              for (int b = 0; b < width; ++b) {
                if (!memory.written[byte + b]) [[unlikely]]
                  fail<RunError>("interpreter: reads element {} of {} before it is written",
                                 byte / width, name);
              }
            }
            return read(memory.data + byte);
          },
          fixed(e.dtype)};
}

METASCHEDULE_INLINE Code Compiler::let(const Let& e) {
  Code value = expr(e.value);
  const int lanes = std::max<int>(1, value.dtype.lanes);
  const int slot = new_slot(e.var.get(), lanes);
  Code body = expr(e.body);
  return {[=, value = std::move(value.eval), body = std::move(body.eval)](Frame& f, int lane) {
            for (int k = 0; k < lanes; ++k) f.vars[slot + k] = value(f, k);
            return body(f, lane);
          },
          fixed(e.dtype)};
}

METASCHEDULE_INLINE Code Compiler::expr(const Expr& e) {
  const DType dtype = fixed(e->dtype);
  switch (e->kind) {
    case Kind::IntImm: {
      const Value v = of_int(wrap(cast_to<IntImm>(*e).value, dtype));
      return {[v](Frame&, int) { return v; }, dtype};
    }
    case Kind::FloatImm: {
      const Value v = of_float(round_to(cast_to<FloatImm>(*e).value, dtype));
      return {[v](Frame&, int) { return v; }, dtype};
    }
    case Kind::Var:
    case Kind::SizeVar: {
      const int at = slot(as<Var>(e));
      if (dtype.lanes > 1) return {[at](Frame& f, int k) { return f.vars[at + k]; }, dtype};
      return {[at](Frame& f, int) { return f.vars[at]; }, dtype};
    }
    case Kind::Cast: {
      Code value = expr(cast_to<Cast>(*e).value);
      const DType from = value.dtype.element(), to = dtype.element();
      return {[from, to, eval = std::move(value.eval)](Frame& f, int k) {
                return convert(eval(f, k), from, to);
              },
              dtype};
    }
    case Kind::Not: {
      EvalFn a = lane_of(expr(cast_to<Not>(*e).a));
      return {[a](Frame& f, int k) { return of_int(!a(f, k).i); }, dtype};
    }
    case Kind::Select: {
      const Select& s = cast_to<Select>(*e);
      EvalFn c = lane_of(expr(s.condition)), t = lane_of(expr(s.true_value)),
             o = lane_of(expr(s.false_value));
      return {[c, t, o](Frame& f, int k) {
                if (!f.options.eager_select) return c(f, k).i ? t(f, k) : o(f, k);
                const Value chosen_if = t(f, k), chosen_else = o(f, k);
                return c(f, k).i ? chosen_if : chosen_else;
              },
              dtype};
    }
    case Kind::Ramp: {
      const Ramp& r = cast_to<Ramp>(*e);
      EvalFn base = expr(r.base).eval, stride = expr(r.stride).eval;
      const DType element = dtype.element();
      return {[base, stride, element](Frame& f, int k) {
                return of_int(wrap(base(f, 0).i + k * stride(f, 0).i, element));
              },
              dtype};
    }
    case Kind::Broadcast: {
      EvalFn value = expr(cast_to<Broadcast>(*e).value).eval;
      return {[value](Frame& f, int) { return value(f, 0); }, dtype};
    }
    case Kind::BufferLoad:
      return load(cast_to<BufferLoad>(*e));
    case Kind::Let:
      return let(cast_to<Let>(*e));
    case Kind::Call:
      return call(cast_to<Call>(*e));
    case Kind::Shuffle:
      return shuffle(cast_to<Shuffle>(*e));
    case Kind::StringImm:
      return {[](Frame&, int) { return of_int(0); }, dtype};
    default:
      break;
  }
  if (is_binary_kind(e->kind)) return binary(static_cast<const BinaryExpr&>(*e));
  fail<TypeError>("interpreter: no meaning for an expression of kind {}", kind_name(e->kind));
}

}  // namespace metaschedule::interp::detail
