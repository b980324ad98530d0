// SPDX-License-Identifier: Apache-2.0
// Matching a program with a description, node by node.
#pragma once

#include <fmt/format.h>

#include "metaschedule/ir/op.h"
#include "metaschedule/ir/structural.h"
#include "metaschedule/schedule/tensorize_match.h"

namespace metaschedule {

namespace detail {
/// Replaces variables by others that may be wider; what meets a wider operand is widened.
class WideningSubstituter : public Rewriter {
 public:
  explicit WideningSubstituter(const VarMap& map) : map_(map) {}
  Ref<Node> visit(const Node& node) override {
    if (const Var* var = as<Var>(&node)) {
      auto it = map_.find(var);
      return it == map_.end() ? nullptr : Ref<Node>(it->second);
    }
    if (!is_binary_kind(node.kind)) return rewrite_children(node);
    const auto& e = static_cast<const BinaryExpr&>(node);
    Expr a = (*this)(e.a), b = (*this)(e.b);
    if (a == e.a && b == e.b) return nullptr;
    match_types(a, b);
    return make_binary(node.kind, a, b);
  }

 private:
  const VarMap& map_;
};

/// Same kind of number; widths may differ.
inline bool same_code(DType a, DType b) { return a.code == b.code; }
}  // namespace detail

METASCHEDULE_INLINE bool TensorizeMatcher::fail(std::string problem) {
  problems_.push_back(std::move(problem));
  return false;
}

METASCHEDULE_INLINE BufferRef TensorizeMatcher::buffer_for(const Buffer* desc) const {
  auto it = buffers_.find(desc);
  return it == buffers_.end() ? nullptr : it->second;
}

METASCHEDULE_INLINE void TensorizeMatcher::map_var(const VarRef& desc, const VarRef& program) {
  vars_[desc.get()] = program;
}

METASCHEDULE_INLINE bool TensorizeMatcher::match(const BlockRealize& program,
                                                 const BlockRealize& desc) {
  return realize(program, desc, true);
}

METASCHEDULE_INLINE bool TensorizeMatcher::stmt(const StmtNode& a, const StmtNode& b) {
  if (a.kind != b.kind)
    return fail(fmt::format("statements differ: {} and {}", kind_name(a.kind), kind_name(b.kind)));
  switch (a.kind) {
    case Kind::For:
      return loop(static_cast<const For&>(a), static_cast<const For&>(b));
    case Kind::BlockRealize:
      return realize(static_cast<const BlockRealize&>(a), static_cast<const BlockRealize&>(b),
                     false);
    case Kind::SeqStmt: {
      const auto &x = static_cast<const SeqStmt&>(a).seq, &y = static_cast<const SeqStmt&>(b).seq;
      if (x.size() != y.size()) return fail("sequences of different lengths");
      for (size_t i = 0; i < x.size(); ++i)
        if (!stmt(*x[i], *y[i])) return false;
      return true;
    }
    case Kind::BufferStore: {
      const auto &x = static_cast<const BufferStore&>(a), &y = static_cast<const BufferStore&>(b);
      return access(x.buffer, x.indices, y.buffer, y.indices) && expr(*x.value, *y.value);
    }
    default:
      return fail(fmt::format("a {} is in no description", kind_name(a.kind)));
  }
}

METASCHEDULE_INLINE bool TensorizeMatcher::loop(const For& a, const For& b) {
  map_var(b.loop_var, a.loop_var);
  analyzer_.bind(a.loop_var, make<Range>(a.min, a.extent));
  if (!detail::same_code(a.loop_var->dtype, b.loop_var->dtype))
    return fail(fmt::format("loops {} and {}: variables of different types", a.loop_var->name,
                            b.loop_var->name));
  if (!index(a.min, b.min) || !index(a.extent, b.extent))
    return fail(fmt::format("loops {} and {}: bounds differ", a.loop_var->name, b.loop_var->name));
  if (a.kind != b.kind ||
      static_cast<bool>(a.thread_binding) != static_cast<bool>(b.thread_binding))
    return fail(fmt::format("loops {} and {}: kinds differ", a.loop_var->name, b.loop_var->name));
  if (a.thread_binding && a.thread_binding->thread_tag != b.thread_binding->thread_tag)
    return fail("loops bound to different threads");
  if (!structural_equal(make<Map>(a.annotations), make<Map>(b.annotations)))
    return fail(
        fmt::format("loops {} and {}: annotations differ", a.loop_var->name, b.loop_var->name));
  return stmt(*a.body, *b.body);
}

METASCHEDULE_INLINE bool TensorizeMatcher::realize(const BlockRealize& a, const BlockRealize& b,
                                                   bool outer) {
  const Block &x = *a.block, &y = *b.block;
  if (!expr(*a.predicate, *b.predicate))
    return fail(fmt::format("block {}: predicates differ", x.name_hint));
  if (!outer) {
    if (x.iter_vars.size() != y.iter_vars.size() || a.iter_values.size() != b.iter_values.size())
      return fail(fmt::format("block {}: {} axes and {} axes", x.name_hint, x.iter_vars.size(),
                              y.iter_vars.size()));
    for (size_t i = 0; i < a.iter_values.size(); ++i)
      if (!index(a.iter_values[i], b.iter_values[i]))
        return fail(fmt::format("block {}: values of axis {} differ", x.name_hint, i));
    for (size_t i = 0; i < x.iter_vars.size(); ++i) {
      if (x.iter_vars[i]->iter_type != y.iter_vars[i]->iter_type)
        return fail(fmt::format("block {}: types of axis {} differ", x.name_hint, i));
      map_var(y.iter_vars[i]->var, x.iter_vars[i]->var);
      analyzer_.bind(x.iter_vars[i]->var, x.iter_vars[i]->dom);
    }
    if (x.alloc_buffers.size() != y.alloc_buffers.size())
      return fail(fmt::format("block {}: numbers of allocations differ", x.name_hint));
    for (size_t i = 0; i < x.alloc_buffers.size(); ++i)
      if (!buffer(x.alloc_buffers[i], y.alloc_buffers[i])) return false;
  } else {
    for (const Ref<IterVar>& iter : x.iter_vars) analyzer_.bind(iter->var, iter->dom);
  }
  if (!regions(x.writes, y.writes, outer, "writes") || !regions(x.reads, y.reads, outer, "reads"))
    return fail(fmt::format("block {}: regions differ", x.name_hint));
  if (static_cast<bool>(x.init) != static_cast<bool>(y.init))
    return fail(fmt::format("block {}: one of the two has an init", x.name_hint));
  if (x.init && !stmt(*x.init, *y.init)) return false;
  return stmt(*x.body, *y.body);
}

METASCHEDULE_INLINE bool TensorizeMatcher::regions(const BufferRegions& a, const BufferRegions& b,
                                                   bool outer, const char* what) {
  if (a.size() != b.size()) return fail(fmt::format("{} {} and {}", what, a.size(), b.size()));
  for (size_t i = 0; i < a.size(); ++i)
    if (!(outer ? outer_region(*a[i], *b[i]) : inner_region(*a[i], *b[i])))
      return fail(fmt::format("region {} of the {} differs", i, what));
  return true;
}

METASCHEDULE_INLINE bool TensorizeMatcher::outer_region(const BufferRegion& a,
                                                        const BufferRegion& b) {
  if (!buffer(a.buffer, b.buffer)) return false;
  if (a.region.size() < b.region.size())
    return fail(fmt::format("buffer {} has too few dimensions", a.buffer->name));
  size_t lead = a.region.size() - b.region.size();
  auto [it, first] = bases_.try_emplace(a.buffer.get());
  for (size_t i = 0; i < a.region.size(); ++i) {
    if (first) {
      it->second.push_back(a.region[i]->min);
    } else if (!analyzer_.can_prove_equal(it->second[i], a.region[i]->min)) {
      return fail(fmt::format("two regions of buffer {} begin differently", a.buffer->name));
    }
    const Expr& extent = a.region[i]->extent;
    if (i < lead ? !is_one(extent) : !index(extent, b.region[i - lead]->extent))
      return fail(fmt::format("the region of buffer {} has another extent in dimension {}",
                              a.buffer->name, i));
  }
  return true;
}

METASCHEDULE_INLINE bool TensorizeMatcher::inner_region(const BufferRegion& a,
                                                        const BufferRegion& b) {
  std::vector<Expr> mins_a, mins_b;
  for (const auto& range : a.region) mins_a.push_back(range->min);
  for (const auto& range : b.region) mins_b.push_back(range->min);
  if (!access(a.buffer, mins_a, b.buffer, mins_b)) return false;
  size_t lead = a.region.size() - b.region.size();
  for (size_t i = 0; i < a.region.size(); ++i) {
    const Expr& extent = a.region[i]->extent;
    if (i < lead ? !is_one(extent) : !index(extent, b.region[i - lead]->extent))
      return fail(fmt::format("an inner region of buffer {} has another extent", a.buffer->name));
  }
  return true;
}

METASCHEDULE_INLINE bool TensorizeMatcher::access(const BufferRef& a, const Exprs& ai,
                                                  const BufferRef& b, const Exprs& bi) {
  if (!buffer(a, b)) return false;
  if (ai.size() < bi.size()) return fail(fmt::format("buffer {} has too few dimensions", a->name));
  size_t lead = ai.size() - bi.size();
  auto base = bases_.find(a.get());
  for (size_t i = 0; i < ai.size(); ++i) {
    bool same;
    if (base == bases_.end()) {  // allocated inside
      same = lead == 0 && index(ai[i], bi[i]);
    } else if (i < lead) {
      same = analyzer_.can_prove_equal(ai[i], base->second[i]);
    } else {
      same = index(ai[i] - base->second[i], bi[i - lead]);
    }
    if (!same) return fail(fmt::format("an index of buffer {} differs", a->name));
  }
  return true;
}

METASCHEDULE_INLINE bool TensorizeMatcher::buffer(const BufferRef& a, const BufferRef& b) {
  if (auto it = buffers_.find(b.get()); it != buffers_.end()) {
    if (it->second.same_as(a)) return true;
    return fail(fmt::format("buffer {} stands for two buffers: {} and {}", b->name,
                            it->second->name, a->name));
  }
  for (const auto& [desc, program] : buffers_)
    if (program.same_as(a))
      return fail(fmt::format("buffer {} is two buffers of the description", a->name));
  auto scope = [](const Buffer& buffer) {
    std::string text = buffer.scope();
    return text.empty() ? std::string("global") : text;
  };
  if (a->dtype != b->dtype || scope(*a) != scope(*b))
    return fail(fmt::format("buffers {} ({}, {}) and {} ({}, {}) differ", a->name,
                            to_string(a->dtype), scope(*a), b->name, to_string(b->dtype),
                            scope(*b)));
  buffers_[b.get()] = a;
  vars_[b->data.get()] = a->data;
  return true;
}

METASCHEDULE_INLINE bool TensorizeMatcher::index(const Expr& a, const Expr& b) {
  Expr other = detail::WideningSubstituter(vars_)(b), mine = a;
  if (!detail::same_code(mine->dtype, other->dtype)) return false;
  if (mine->dtype != other->dtype) match_types(mine, other);
  return analyzer_.can_prove_equal(mine, other);
}

METASCHEDULE_INLINE bool TensorizeMatcher::exprs(const Exprs& a, const Exprs& b) {
  if (a.size() != b.size()) return fail("lists of expressions of different lengths");
  for (size_t i = 0; i < a.size(); ++i)
    if (!expr(*a[i], *b[i])) return false;
  return true;
}

METASCHEDULE_INLINE bool TensorizeMatcher::expr(const ExprNode& a, const ExprNode& b) {
  if (a.kind != b.kind || !detail::same_code(a.dtype, b.dtype))
    return fail(fmt::format("expressions differ: {} ({}) and {} ({})", kind_name(a.kind),
                            to_string(a.dtype), kind_name(b.kind), to_string(b.dtype)));
  if (is_binary_kind(a.kind)) {
    const auto &x = static_cast<const BinaryExpr&>(a), &y = static_cast<const BinaryExpr&>(b);
    return expr(*x.a, *y.a) && expr(*x.b, *y.b);
  }
  switch (a.kind) {
    case Kind::IntImm:
      return static_cast<const IntImm&>(a).value == static_cast<const IntImm&>(b).value ||
             fail("integer constants differ");
    case Kind::FloatImm:
      return static_cast<const FloatImm&>(a).value == static_cast<const FloatImm&>(b).value ||
             fail("float constants differ");
    case Kind::Var: {
      auto it = vars_.find(static_cast<const Var*>(&b));
      bool same = it == vars_.end() ? &a == &b : it->second.get() == &a;
      return same || fail(fmt::format("variables {} and {} differ", static_cast<const Var&>(a).name,
                                      static_cast<const Var&>(b).name));
    }
    case Kind::Cast:
      return expr(*static_cast<const Cast&>(a).value, *static_cast<const Cast&>(b).value);
    case Kind::Not:
      return expr(*static_cast<const Not&>(a).a, *static_cast<const Not&>(b).a);
    case Kind::Call: {
      const auto &x = static_cast<const Call&>(a), &y = static_cast<const Call&>(b);
      return (x.op.same_as(y.op) || fail("calls of different functions")) && exprs(x.args, y.args);
    }
    case Kind::Select: {
      const auto &x = static_cast<const Select&>(a), &y = static_cast<const Select&>(b);
      return expr(*x.condition, *y.condition) && expr(*x.true_value, *y.true_value) &&
             expr(*x.false_value, *y.false_value);
    }
    case Kind::BufferLoad: {
      const auto &x = static_cast<const BufferLoad&>(a), &y = static_cast<const BufferLoad&>(b);
      return access(x.buffer, x.indices, y.buffer, y.indices);
    }
    default:
      return fail(fmt::format("a {} is in no description", kind_name(a.kind)));
  }
}

}  // namespace metaschedule
