// SPDX-License-Identifier: Apache-2.0
// Recognising reduction nests.
#pragma once

#include "metaschedule/ir/structural.h"
#include "metaschedule/lower/nest.h"

namespace metaschedule::lower::detail {

METASCHEDULE_INLINE std::optional<int64_t> stride_of(const Expr& index, const Var* var) {
  if (!uses_var(*index, var)) return 0;
  Linear l = linear_of(index);
  int64_t stride = 0;
  for (const Linear::Term& t : l.terms) {
    if (t.atom.get() == var)
      stride = t.coefficient;
    else if (uses_var(*t.atom, var))
      return std::nullopt;
  }
  return stride;
}

METASCHEDULE_INLINE std::optional<ReductionNest> reduction_nest(const For& start) {
  ReductionNest nest;
  const StmtNode* at = &start;
  while (const For* loop = as<For>(at)) {
    auto extent = as_const_int(loop->extent);
    const bool plain = loop->kind == ForKind::Serial || loop->kind == ForKind::Unrolled ||
                       loop->kind == ForKind::Vectorized;
    if (!plain || !extent || *extent < 1 || !is_zero(loop->min)) return std::nullopt;
    nest.loops.push_back({loop, *extent, false, 0, false});
    at = loop->body.get();
  }
  nest.store = as<BufferStore>(at);
  if (!nest.store || nest.store->predicate || nest.store->indices.size() != 1) return std::nullopt;
  const BufferStore& s = *nest.store;
  // Reads of the accumulator are of the element that is written.
  bool accumulates = false, elsewhere = false;
  post_order(*s.value, [&](const Node& n) {
    if (const Call* call = as<Call>(&n)) {
      const Op* op = as<Op>(call->op);
      elsewhere = elsewhere || !op || op->effect > CallEffect::Pure;
    }
    const BufferLoad* l = as<BufferLoad>(&n);
    if (!l || l->buffer->data != s.buffer->data) return;
    if (l->buffer == s.buffer && l->indices.size() == 1 && expr_equal(l->indices[0], s.indices[0]))
      accumulates = true;
    else
      elsewhere = true;
  });
  if (!accumulates || elsewhere || s.buffer->dtype.lanes != 1 || s.value->dtype.lanes != 1)
    return std::nullopt;
  bool any = false;
  for (ReductionNest::Loop& l : nest.loops) {
    const Var* var = l.loop->loop_var.get();
    l.reduction = !uses_var(*s.indices[0], var);
    any = any || l.reduction;
    auto stride = stride_of(s.indices[0], var);
    l.opaque = !stride;
    l.store_stride = stride.value_or(0);
  }
  if (!any) return std::nullopt;
  return nest;
}

METASCHEDULE_INLINE std::optional<Update> update_of(const BufferStore& store) {
  const Kind kind = store.value->kind;
  if (kind != Kind::Add && kind != Kind::Mul && kind != Kind::Min && kind != Kind::Max)
    return std::nullopt;
  const auto& b = static_cast<const BinaryExpr&>(*store.value);
  auto is_accumulator = [&](const Expr& e) {
    const BufferLoad* l = as<BufferLoad>(e);
    return l && l->buffer == store.buffer && l->indices.size() == 1 &&
           expr_equal(l->indices[0], store.indices[0]);
  };
  auto reads_it = [&](const Expr& e) {
    return any_node(*e, [&](const Node& n) {
      const BufferLoad* l = as<BufferLoad>(&n);
      return l && l->buffer->data == store.buffer->data;
    });
  };
  if (is_accumulator(b.a) && !reads_it(b.b)) return Update{kind, b.b, true};
  if (is_accumulator(b.b) && !reads_it(b.a)) return Update{kind, b.a, false};
  return std::nullopt;
}

}  // namespace metaschedule::lower::detail
