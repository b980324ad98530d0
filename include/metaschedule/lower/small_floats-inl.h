// SPDX-License-Identifier: Apache-2.0
// legalize_small_floats: values of float8 (and of float16 where the machine does not convert it)
// become float32 values that the small type can hold; in memory they are unsigned integers. Each
// operation is done in float32 and its result rounded to nearest even, which for these widths is
// what the operation itself would give. Buffers of parameters keep their declaration; the body uses
// aliases of them, declared around it.
//
//   C[i] = A[i] + B[i]    ->    C_bits[i] = encode(decode(A_bits[i]) + decode(B_bits[i]))
//
// decode and encode are arithmetic on the bits, so that every machine has it, in vectors too.
#pragma once

#include <cmath>

#include "metaschedule/ir/float_format.h"
#include "metaschedule/lower/init_block-inl.h"
#include "metaschedule/lower/loop_passes.h"

namespace metaschedule::lower {
namespace detail {

/// The float32 that bits stand for.
inline Expr decode_small(const Expr& bits, const FloatFormat& f) {
  const int lanes = bits->dtype.lanes;
  const DType word = DType::uint(32, lanes), real = DType::float_(32, lanes);
  auto number = [&](uint64_t v) { return int_imm(word, static_cast<int64_t>(v)); };
  VarRef w = make<Var>("bits", word);
  Expr magnitude = bitwise_and(w, number((1u << (f.bits - 1)) - 1));
  Expr place = shift_left(magnitude, number(23 - f.fraction));
  // Subnormal numbers come out right as well: float32 has smaller ones.
  Expr finite =
      call(real, "reinterpret", {place}) * make_const(real, std::ldexp(1.0, 127 - f.bias));
  Expr special = call(real, "reinterpret", {bitwise_or(place, number(0x7f800000u))});
  Expr is_special = make<GE>(magnitude, number(f.has_infinity ? f.infinity() : f.nan()));
  Expr value = call(word, "reinterpret", {make<Select>(is_special, special, finite)});
  Expr sign = shift_left(shift_right(w, number(f.bits - 1)), number(31));
  Expr out = call(real, "reinterpret", {bitwise_or(value, sign)});
  return make<Let>(w, make<Cast>(word, bits), out);
}

/// The bits of a float32 rounded to the format.
inline Expr encode_small(const Expr& value, const FloatFormat& f) {
  const int lanes = value->dtype.lanes;
  const DType word = DType::uint(32, lanes), real = DType::float_(32, lanes);
  auto number = [&](uint64_t v) { return int_imm(word, static_cast<int64_t>(v)); };
  auto as_bits = [](float v) {
    uint32_t bits;
    std::memcpy(&bits, &v, 4);
    return bits;
  };
  VarRef w = make<Var>("word", word), a = make<Var>("magnitude", word),
         n = make<Var>("normal", word);
  const int cut = 23 - f.fraction;
  // Ties go to the even neighbour: half a unit less one, and one more where the last bit is set.
  Expr odd = bitwise_and(shift_right(a, number(cut)), number(1));
  Expr rounded =
      shift_right(make<Add>(make<Add>(a, number((1u << (cut - 1)) - 1)), odd), number(cut));
  Expr normal = make<Sub>(rounded, number(static_cast<uint32_t>(127 - f.bias) << f.fraction));
  // The sum with a number whose last place is the smallest subnormal number rounds by itself.
  const float magic = std::ldexp(1.0f, 1 - f.bias - f.fraction + 23);
  Expr sum = make<Add>(call(real, "reinterpret", {a}), make_const(real, magic));
  Expr subnormal = make<Sub>(call(word, "reinterpret", {sum}), number(as_bits(magic)));
  const uint64_t most = f.has_infinity ? f.infinity() - 1 : f.nan() - 1;
  Expr large =
      make<Select>(make<GT>(n, number(most)), number(f.has_infinity ? f.infinity() : f.nan()), n);
  const uint32_t least_normal = static_cast<uint32_t>(128 - f.bias) << 23;
  Expr code = make<Select>(make<LT>(a, number(least_normal)), subnormal, large);
  if (f.has_infinity) code = make<Select>(make<GT>(a, number(0x7f800000u)), number(f.nan()), code);
  Expr sign = bitwise_and(shift_right(w, number(32 - f.bits)), number(1u << (f.bits - 1)));
  Expr out = make<Cast>(DType::uint(f.bits, lanes), bitwise_or(code, sign));
  out = make<Let>(n, normal, out);
  out = make<Let>(a, bitwise_and(w, number(0x7fffffffu)), out);
  return make<Let>(w, call(word, "reinterpret", {value}), out);
}

class SmallFloatLegalizer : public Rewriter {
 public:
  explicit SmallFloatLegalizer(bool native_half) : native_half_(native_half) {}

  PrimFuncRef function(const PrimFuncRef& func) {
    Stmt body = (*this)(func->body);
    for (size_t i = func->params.size(); i-- > 0;) {
      BufferRef buffer = func->buffer_of(func->params[i]);
      auto it = buffer ? storage_.find(buffer.get()) : storage_.end();
      if (it != storage_.end()) body = make<DeclBuffer>(it->second, body);
    }
    return with_body(func, body);
  }

  Ref<Node> visit(const Node& node) override {
    if (const ExprNode* e = as<ExprNode>(&node); e && is_small(e->dtype)) return value(Expr(e));
    switch (node.kind) {
      case Kind::BufferStore: {
        const BufferStore& s = static_cast<const BufferStore&>(node);
        if (!is_small(s.buffer->dtype)) return rewrite_children(node);
        Expr mask = s.predicate ? (*this)(s.predicate) : nullptr;
        return make<BufferStore>(storage(s.buffer), bits(s.value), (*this)(s.indices), mask);
      }
      case Kind::DeclBuffer: {
        const DeclBuffer& d = static_cast<const DeclBuffer&>(node);
        if (!is_small(d.buffer->dtype)) return rewrite_children(node);
        return make<DeclBuffer>(storage(d.buffer), (*this)(d.body));
      }
      case Kind::Allocate: {
        const Allocate& a = static_cast<const Allocate&>(node);
        if (!is_small(a.dtype)) return rewrite_children(node);
        auto made = mutate(a);
        made->dtype = stored(a.dtype);
        made->body = (*this)(a.body);
        return Ref<Node>(made);
      }
      case Kind::LetStmt: {
        const LetStmt& s = static_cast<const LetStmt&>(node);
        if (!is_small(s.var->dtype)) return rewrite_children(node);
        Expr value = (*this)(s.value);
        VarRef var = renamed(s.var);
        return make<LetStmt>(var, value, (*this)(s.body));
      }
      case Kind::Let: {
        const Let& e = static_cast<const Let&>(node);
        if (!is_small(e.var->dtype)) return rewrite_children(node);
        Expr value = (*this)(e.value);
        VarRef var = renamed(e.var);
        return make<Let>(var, value, (*this)(e.body));
      }
      case Kind::Call:
        return call_of_other(static_cast<const Call&>(node));
      default:
        return rewrite_children(node);
    }
  }

 private:
  bool is_small(DType t) const {
    return t.is_float8() || (!native_half_ && t.is_float() && t.bits == 16);
  }
  static DType stored(DType t) { return DType::uint(t.bits, t.lanes); }
  static DType wide(DType t) { return DType::float_(32, t.lanes); }

  BufferRef storage(const BufferRef& buffer) {
    BufferRef& made = storage_[buffer.get()];
    if (!made) {
      auto out = mutate(*buffer);
      out->dtype = stored(buffer->dtype);
      made = out;
    }
    return made;
  }
  VarRef renamed(const VarRef& var) {
    VarRef made = make<Var>(var->name, wide(var->dtype));
    vars_[var.get()] = made;
    return made;
  }

  /// Calls that give another type but may take small floats.
  Ref<Node> call_of_other(const Call& c) {
    const Op* op = as<Op>(c.op);
    if (op && op->name == "tir.reinterpret" && is_small(c.args[0]->dtype)) {
      Expr b = bits(c.args[0]);
      return b->dtype == c.dtype ? b : call(c.dtype, "reinterpret", {b});
    }
    if (op && op->name == "tir.address_of") {
      const BufferLoad* l = as<BufferLoad>(c.args[0]);
      if (l && is_small(l->buffer->dtype)) return make<Call>(c.dtype, c.op, Exprs{raw(*l)});
    }
    return rewrite_children(c);
  }

  Expr raw(const BufferLoad& l) {
    return make<BufferLoad>(storage(l.buffer), (*this)(l.indices),
                            l.predicate ? (*this)(l.predicate) : nullptr);
  }

  /// The bits of a value of a small type.
  Expr bits(const Expr& e) {
    const FloatFormat f = *FloatFormat::of(e->dtype);
    if (const BufferLoad* l = as<BufferLoad>(e)) return raw(*l);
    if (const Call* c = as<Call>(e)) {
      const Op* op = as<Op>(c->op);
      if (op && op->name == "tir.reinterpret")
        return call(stored(e->dtype), "reinterpret", {(*this)(c->args[0])});
    }
    if (const Broadcast* b = as<Broadcast>(e)) return make<Broadcast>(bits(b->value), b->lanes);
    Expr exact;
    return encode_small(unrounded(e, exact) ? exact : value(e), f);
  }

  /// The result of an operation before it is rounded; false where nothing rounds.
  bool unrounded(const Expr& e, Expr& out) {
    if (const Cast* c = as<Cast>(e)) {
      Expr from = (*this)(c->value);
      out = cast(wide(e->dtype), from);
      return true;
    }
    if (is_binary_kind(e->kind) && e->kind != Kind::Min && e->kind != Kind::Max) {
      const auto& b = static_cast<const BinaryExpr&>(*e);
      out = make_binary(e->kind, value(b.a), value(b.b));
      return true;
    }
    const Call* c = as<Call>(e);
    const Op* op = c ? as<Op>(c->op) : nullptr;
    if (!c || (op && (op->name == "tir.if_then_else" || op->name == "tir.reinterpret")))
      return false;
    check<BuildError>(op && op->effect == CallEffect::Pure && op->name != "tir.call_pure_extern" &&
                          op->name != "tir.call_llvm_pure_intrin",
                      "lowering: {} gives {}, which this machine does not compute with",
                      op ? op->name : "a call", to_string(e->dtype));
    std::vector<Expr> args;
    for (const Expr& arg : c->args) args.push_back((*this)(arg));
    out = make<Call>(wide(e->dtype), c->op, Exprs(args));
    return true;
  }

  /// The same value as float32.
  Expr value(const Expr& e) {
    const FloatFormat f = *FloatFormat::of(e->dtype);
    const DType t = wide(e->dtype);
    Expr exact;
    if (unrounded(e, exact)) return decode_small(encode_small(exact, f), f);
    switch (e->kind) {
      case Kind::FloatImm:
        return make<FloatImm>(t, f.round(cast_to<FloatImm>(*e).value));
      case Kind::BufferLoad:
        return decode_small(raw(cast_to<BufferLoad>(*e)), f);
      case Kind::Var: {
        auto it = vars_.find(as<Var>(e));
        return it != vars_.end() ? it->second : Expr(make<Cast>(t, e));
      }
      case Kind::Min:
      case Kind::Max: {
        const auto& b = static_cast<const BinaryExpr&>(*e);
        return make_binary(e->kind, value(b.a), value(b.b));
      }
      case Kind::Select: {
        const Select& s = cast_to<Select>(*e);
        return make<Select>((*this)(s.condition), value(s.true_value), value(s.false_value));
      }
      case Kind::Broadcast: {
        const Broadcast& b = cast_to<Broadcast>(*e);
        return make<Broadcast>(value(b.value), b.lanes);
      }
      case Kind::Let: {
        const Let& l = cast_to<Let>(*e);
        Expr bound = (*this)(l.value);
        VarRef var = is_small(l.var->dtype) ? renamed(l.var) : l.var;
        return make<Let>(var, bound, value(l.body));
      }
      case Kind::Call: {
        const Call& c = cast_to<Call>(*e);
        if (cast_to<Op>(*c.op).name == "tir.reinterpret") return decode_small(bits(e), f);
        return make<Call>(t, c.op, Exprs{(*this)(c.args[0]), value(c.args[1]), value(c.args[2])});
      }
      case Kind::Shuffle: {
        auto made = mutate(cast_to<Shuffle>(*e));
        made->dtype = t;
        made->vectors = (*this)(made->vectors);
        return made;
      }
      default:
        fail<BuildError>("lowering: {} of {} has no form in float32", kind_name(e->kind),
                         to_string(e->dtype));
    }
  }

  bool native_half_;
  std::unordered_map<const Buffer*, BufferRef> storage_;
  std::unordered_map<const Var*, VarRef> vars_;
};

}  // namespace detail

METASCHEDULE_INLINE PrimFuncRef legalize_small_floats(const PrimFuncRef& func, bool native_half) {
  auto is_small = [&](DType t) {
    return t.is_float8() || (!native_half && t.is_float() && t.bits == 16);
  };
  // Most programs have none.
  const bool any = any_node(*func->body, [&](const Node& n) {
    if (const ExprNode* e = as<ExprNode>(&n)) return is_small(e->dtype);
    if (const BufferStore* s = as<BufferStore>(&n)) return is_small(s->buffer->dtype);
    const Allocate* a = as<Allocate>(&n);
    return a && is_small(a->dtype);
  });
  return any ? detail::SmallFloatLegalizer(native_half).function(func) : func;
}

}  // namespace metaschedule::lower
