// SPDX-License-Identifier: Apache-2.0
// The known reducers and matching against them.
#pragma once

#include <fmt/format.h>

#include <algorithm>
#include <mutex>
#include <unordered_map>

#include "metaschedule/ir/op.h"
#include "metaschedule/ir/structural.h"
#include "metaschedule/ir/walk.h"
#include "metaschedule/schedule/reducer.h"
#include "metaschedule/schedule/state.h"

namespace metaschedule {

namespace detail {

using ReducerOperands = std::vector<Expr>;
using CombineFn = std::vector<Expr> (*)(const ReducerOperands& x, const ReducerOperands& y);
using IdentityFn = std::vector<Expr> (*)(const std::vector<DType>& dtypes);

/// A reducer over variables of the dtypes of the identities; null unless there are `n` of them.
inline Ref<CommReducer> make_reducer(size_t n, CombineFn combine, IdentityFn identity,
                                     const std::vector<Expr>& identities) {
  if (identities.size() != n) return nullptr;
  std::vector<VarRef> x, y;
  std::vector<DType> dtypes;
  for (size_t i = 0; i < n; ++i) {
    DType dtype = identities[i]->dtype;
    dtypes.push_back(dtype);
    x.push_back(make<Var>(fmt::format("x{}", i), dtype));
    y.push_back(make<Var>(fmt::format("y{}", i), dtype));
  }
  return make<CommReducer>(x, y, combine({x.begin(), x.end()}, {y.begin(), y.end()}),
                           identity(dtypes));
}

/// Where the value with the given comparison stands, with the value: `equal_keeps` says whether of
/// equal ones the first operand is taken, else the one with the lower place.
template <Kind compare, bool equal_keeps>
std::vector<Expr> arg_extremum(const ReducerOperands& x, const ReducerOperands& y) {
  Expr value = make_binary(compare, x[1], y[1]);
  Expr place = value;
  if (!equal_keeps) place = logical_or(value, logical_and(eq(x[1], y[1]), lt(x[0], y[0])));
  return {select(place, x[0], y[0]), select(value, x[1], y[1])};
}
inline std::vector<Expr> lowest_place(const std::vector<DType>& t) {
  return {make_const(t[0], -1), min_value(t[1])};
}
inline std::vector<Expr> highest_place(const std::vector<DType>& t) {
  return {make_const(t[0], -1), max_value(t[1])};
}

struct KnownReducer {
  size_t n;
  CombineFn combine;
  IdentityFn identity;
};
/// In the order in which they are tried.
inline const std::vector<KnownReducer>& known_reducers() {
  using Operands = ReducerOperands;
  using Types = std::vector<DType>;
  using Exprs_ = std::vector<Expr>;
  static const std::vector<KnownReducer> list = {
      {1, [](const Operands& x, const Operands& y) { return Exprs_{x[0] + y[0]}; },
       [](const Types& t) { return Exprs_{make_const(t[0], 0)}; }},
      {1, [](const Operands& x, const Operands& y) { return Exprs_{x[0] * y[0]}; },
       [](const Types& t) { return Exprs_{make_const(t[0], 1)}; }},
      {1, [](const Operands& x, const Operands& y) { return Exprs_{min(x[0], y[0])}; },
       [](const Types& t) { return Exprs_{max_value(t[0])}; }},
      {1, [](const Operands& x, const Operands& y) { return Exprs_{max(x[0], y[0])}; },
       [](const Types& t) { return Exprs_{min_value(t[0])}; }},
      {2, [](const Operands& x, const Operands& y) { return Exprs_{x[0] + y[0], x[1] + y[1]}; },
       [](const Types& t) { return Exprs_{make_const(t[0], 0), make_const(t[1], 0)}; }},
      {2, arg_extremum<Kind::GE, true>, lowest_place},
      {2, arg_extremum<Kind::GT, false>, lowest_place},
      {2, arg_extremum<Kind::LE, true>, highest_place},
      {2, arg_extremum<Kind::LT, false>, highest_place},
  };
  return list;
}

struct RegisteredReducers {
  std::mutex mutex;
  std::vector<ReducerMaker> makers;
  static RegisteredReducers& get() {
    static RegisteredReducers all;
    return all;
  }
};

/// Matches expressions against patterns whose variables are holes.
class HoleMatcher {
 public:
  bool match(const Node& pattern, const Node& node) {
    if (const Var* hole = as<Var>(&pattern)) {
      Expr found(static_cast<const ExprNode*>(&node));
      auto [it, is_new] = holes_.try_emplace(hole, found);
      return is_new || expr_equal(it->second, found);
    }
    if (pattern.kind != node.kind) return false;
    std::vector<const Node*> parts, found;
    for_each_child(pattern, [&](const Node& child) { parts.push_back(&child); });
    for_each_child(node, [&](const Node& child) { found.push_back(&child); });
    if (parts.empty() && found.empty()) {
      return expr_equal(Expr(static_cast<const ExprNode*>(&pattern)),
                        Expr(static_cast<const ExprNode*>(&node)));
    }
    if (parts.size() != found.size()) return false;
    for (size_t i = 0; i < parts.size(); ++i)
      if (!match(*parts[i], *found[i])) return false;
    return true;
  }
  /// What stands in the holes; empty when one was not met.
  std::vector<Expr> values(const Vars& vars) const {
    std::vector<Expr> out;
    for (const VarRef& var : vars) {
      auto it = holes_.find(var.get());
      if (it == holes_.end()) return {};
      out.push_back(it->second);
    }
    return out;
  }

 private:
  VarMap holes_;
};

inline bool try_reducer(const Ref<CommReducer>& reducer, const std::vector<Expr>& identities,
                        BlockReduction& out) {
  if (!reducer) return false;
  HoleMatcher matcher;
  for (size_t i = 0; i < identities.size(); ++i) {
    if (!structural_equal(reducer->identity_element[i], identities[i]) ||
        !matcher.match(*reducer->result[i], *out.updates[i]->value))
      return false;
  }
  out.lhs = matcher.values(reducer->lhs);
  out.rhs = matcher.values(reducer->rhs);
  if (out.lhs.empty() || out.rhs.empty()) return false;
  for (size_t i = 0; i < identities.size(); ++i) {
    const BufferStore& store = *out.updates[i];
    if (!expr_equal(out.lhs[i], make<BufferLoad>(store.buffer, store.indices))) return false;
  }
  out.reducer = reducer;
  return true;
}

/// Stores out of the init and the body of a reduction block.
class ReductionReader {
 public:
  explicit ReductionReader(const BlockRef& block) : block_(block) {}

  BlockReduction read() {
    std::vector<Ref<BufferStore>> inits = stores_of(block_->init, 1);
    need(distinct_buffers(inits), 2);
    BlockReduction out;
    out.updates = updates(inits.size());
    need(distinct_buffers(out.updates), 9);
    std::vector<Expr> identities(inits.size());
    for (const auto& init : inits) {
      size_t i = 0;
      while (i < out.updates.size() && out.updates[i]->buffer != init->buffer) ++i;
      need(i < out.updates.size(), 10);
      identities[i] = init->value;
      const auto& first = *out.updates[0];
      need(all_equal(init->buffer->shape, first.buffer->shape), 11);
      need(all_equal(init->indices, first.indices), 12);
      need(all_equal(out.updates[i]->indices, first.indices), 12);
    }
    for (const KnownReducer& known : known_reducers()) {
      auto reducer = make_reducer(known.n, known.combine, known.identity, identities);
      if (try_reducer(reducer, identities, out)) return out;
    }
    std::vector<ReducerMaker> more;
    {
      auto& registered = RegisteredReducers::get();
      std::lock_guard<std::mutex> lock(registered.mutex);
      more = registered.makers;
    }
    for (const ReducerMaker& maker : more)
      if (try_reducer(maker(identities), identities, out)) return out;
    std::vector<Ref<Node>> values;
    for (const auto& update : out.updates) values.push_back(update->value);
    Ref<Node> combiners = make<Array>(List<Node>(values));
    Ref<Node> starts = make<Array>(identities);
    refuse(
        "No matched reducer for the identity and the combiner of the reduction block {0}. So "
        "rfactor and cross-thread reduction cannot be applied. The identities are {1}, the "
        "combiners {2}",
        {block_.get(), starts.get(), combiners.get()});
  }

 private:
  void need(bool condition, int number) const {
    static constexpr const char* conditions[] = {
        "the init is a store or a sequence of stores",
        "the initialised buffers differ",
        "there are as many let statements as initialised buffers",
        "the variables of the let statements differ",
        "the innermost let statement holds a store or a sequence of stores",
        "there are as many stores as let statements",
        "each store writes a variable of a let statement",
        "each variable is stored once",
        "the written buffers differ",
        "the written buffers are those initialised",
        "all buffers have the same shape",
        "all stores have the same indices"};
    if (condition) return;
    refuse(fmt::format("RFactor or cross-thread reduction cannot be applied to the block {{0}}: it "
                       "violates condition #{}: {}",
                       number, conditions[number - 1]),
           {block_.get()});
  }

  std::vector<Ref<BufferStore>> stores_of(const Stmt& stmt, int condition) const {
    std::vector<Ref<BufferStore>> out;
    const SeqStmt* seq = as<SeqStmt>(stmt);
    for (const Stmt& s : seq ? seq->seq.vec() : std::vector<Stmt>{stmt}) {
      need(as<BufferStore>(s) != nullptr, condition);
      out.push_back(as_ref<BufferStore>(s));
    }
    return out;
  }

  /// The stores with the values of their variables, in the order of the let statements.
  std::vector<Ref<BufferStore>> updates(size_t n) const {
    if (as<BufferStore>(block_->body)) {
      need(n == 1, 3);
      return {as_ref<BufferStore>(block_->body)};
    }
    std::vector<const LetStmt*> lets;
    Stmt body = block_->body;
    while (const LetStmt* let = as<LetStmt>(body)) {
      for (const LetStmt* other : lets) need(other->var != let->var, 4);
      lets.push_back(let);
      body = let->body;
    }
    need(lets.size() == n, 3);
    std::vector<Ref<BufferStore>> stores = stores_of(body, 5), out(n);
    need(stores.size() == n, 6);
    for (const auto& store : stores) {
      size_t i = 0;
      while (i < n && lets[i]->var.get() != store->value.get()) ++i;
      need(i < n, 7);
      need(!out[i], 8);
      auto copy = mutate(store);
      copy->value = lets[i]->value;
      out[i] = copy;
    }
    return out;
  }

  static bool distinct_buffers(const std::vector<Ref<BufferStore>>& stores) {
    for (size_t i = 0; i < stores.size(); ++i)
      for (size_t k = 0; k < i; ++k)
        if (stores[i]->buffer == stores[k]->buffer) return false;
    return true;
  }
  static bool all_equal(const Exprs& a, const Exprs& b) {
    return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                      [](const Expr& x, const Expr& y) { return expr_equal(x, y); });
  }

  const BlockRef& block_;
};

}  // namespace detail

METASCHEDULE_INLINE std::vector<Expr> BlockReduction::combine(
    const std::vector<Expr>& left, const std::vector<Expr>& right) const {
  VarMap map;
  for (size_t i = 0; i < left.size(); ++i) {
    map.emplace(reducer->lhs[i].get(), left[i]);
    map.emplace(reducer->rhs[i].get(), right[i]);
  }
  std::vector<Expr> out;
  for (const Expr& result : reducer->result) out.push_back(substitute(result, map));
  return out;
}

METASCHEDULE_INLINE BlockReduction match_reduction(const BlockRef& block) {
  refuse_unless(block->init.get() != nullptr, "The block {0} has no init", {block.get()});
  return detail::ReductionReader(block).read();
}

METASCHEDULE_INLINE void register_reducer(ReducerMaker maker) {
  auto& registered = detail::RegisteredReducers::get();
  std::lock_guard<std::mutex> lock(registered.mutex);
  registered.makers.push_back(std::move(maker));
}

}  // namespace metaschedule
