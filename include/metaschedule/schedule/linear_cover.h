// SPDX-License-Identifier: Apache-2.0
// The usual case of region cover without building an expression: axes that are sums of multiples of
// loops with constant extents, one producer, no predicates. Says yes only where arith's estimates
// do.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <utility>
#include <vector>

#include "metaschedule/ir/op.h"
#include "metaschedule/schedule/scope.h"

namespace metaschedule::detail {

/// More loops than this around a block are left to the general way.
inline constexpr size_t kMaxLinearLoops = 24;

/// c0 * loop0 + c1 * loop1 + ... + base, over the loops of a child; a loop of one step counts as 0.
struct LinearForm {
  bool known = false;
  int64_t base = 0;
  std::array<int64_t, kMaxLinearLoops> factors;
};

/// A child of a scope with the values of its axes in linear form.
class LinearChild {
 public:
  explicit LinearChild(const ScopeChild& child, bool ignore_predicate = false) : child_(&child) {
    usable_ = child.loops.size() <= kMaxLinearLoops &&
              (ignore_predicate || is_one(child.realize->predicate));
    for (const For* loop : child.loops) {
      if (!usable_) return;
      const IntImm *min = as<IntImm>(loop->min), *extent = as<IntImm>(loop->extent);
      usable_ = min && min->value == 0 && extent && extent->value >= 1 && extent->value < kSmall &&
                loop->kind != ForKind::ThreadBinding;
      if (usable_) extents_[num_loops_++] = extent->value;
    }
    if (!usable_) return;
    axes_.reserve(child.realize->iter_values.size());
    for (const Expr& value : child.realize->iter_values) {
      LinearForm& form = axes_.emplace_back(zero());
      form.known = add(*value, 1, form, [this](const Var* var, int64_t scale, LinearForm& out) {
        return add_loop(var, scale, out);
      });
    }
  }

  bool usable() const { return usable_; }
  size_t num_loops() const { return num_loops_; }
  int64_t extent(size_t loop) const { return extents_[loop]; }

  /// An index in terms of the axes; `known` is false where it is not linear in the loops.
  LinearForm form_of(const Expr& index) const {
    LinearForm out = zero();
    const auto& iters = child_->realize->block->iter_vars;
    out.known = add(*index, 1, out, [&](const Var* var, int64_t scale, LinearForm& sum) {
      for (size_t i = 0; i < iters.size(); ++i)
        if (iters[i]->var.get() == var) return add_form(axes_[i], scale, sum);
      return false;
    });
    return out;
  }

 private:
  static constexpr int64_t kSmall = int64_t{1} << 31;
  static bool small(int64_t x) { return x > -kSmall && x < kSmall; }

  LinearForm zero() const {
    LinearForm out;
    std::fill_n(out.factors.begin(), num_loops_, 0);
    return out;
  }

  template <class F>
  static bool add(const ExprNode& e, int64_t scale, LinearForm& out, const F& add_var) {
    switch (e.kind) {
      case Kind::IntImm: {
        int64_t value = static_cast<const IntImm&>(e).value;
        if (!small(value) || !small(value * scale)) return false;
        out.base += value * scale;
        return small(out.base);
      }
      case Kind::Var:
        return add_var(static_cast<const Var*>(&e), scale, out);
      case Kind::Add:
      case Kind::Sub: {
        const auto& sum = static_cast<const BinaryExpr&>(e);
        return add(*sum.a, scale, out, add_var) &&
               add(*sum.b, e.kind == Kind::Add ? scale : -scale, out, add_var);
      }
      case Kind::Mul: {
        const auto& product = static_cast<const Mul&>(e);
        const IntImm* factor = as<IntImm>(product.b);
        if (!factor || !small(factor->value) || !small(scale * factor->value)) return false;
        return add(*product.a, scale * factor->value, out, add_var);
      }
      default:
        return false;
    }
  }
  bool add_loop(const Var* var, int64_t scale, LinearForm& out) const {
    for (size_t i = 0; i < num_loops_; ++i) {
      if (child_->loops[i]->loop_var.get() != var) continue;
      if (extents_[i] > 1) out.factors[i] += scale;
      return small(out.factors[i]) && small(out.factors[i] * extents_[i]);
    }
    return false;
  }
  bool add_form(const LinearForm& form, int64_t scale, LinearForm& out) const {
    if (!form.known || !small(form.base * scale)) return false;
    out.base += form.base * scale;
    for (size_t i = 0; i < num_loops_; ++i) {
      if (!small(form.factors[i] * scale)) return false;
      out.factors[i] += form.factors[i] * scale;
      if (!small(out.factors[i]) || !small(out.factors[i] * extents_[i])) return false;
    }
    return small(out.base);
  }

  const ScopeChild* child_;
  bool usable_ = true;
  size_t num_loops_ = 0;
  std::array<int64_t, kMaxLinearLoops> extents_;
  std::vector<LinearForm> axes_;
};

/// True when the region `write` of one child covers the region `read` of another in each step of
/// the `depth` loops that they share; false where that is not so or not easily seen.
inline bool linear_covers(const LinearChild& producer, const BufferRegion& write,
                          const LinearChild& consumer, const BufferRegion& read, size_t depth) {
  if (!producer.usable() || !consumer.usable()) return false;
  std::array<bool, kMaxLinearLoops> used{};
  for (size_t d = 0; d < write.region.size(); ++d) {
    const IntImm *wide = as<IntImm>(write.region[d]->extent),
                 *need = as<IntImm>(read.region[d]->extent);
    const IntImm* size = as<IntImm>(read.buffer->shape[d]);
    if (!wide || !need || !size) return false;
    LinearForm p = producer.form_of(write.region[d]->min),
               c = consumer.form_of(read.region[d]->min);
    if (!p.known || !c.known) return false;
    // What moves both alike does not matter, but may not move them out of the buffer.
    int64_t shared_min = 0, shared_max = 0;
    for (size_t i = 0; i < depth; ++i) {
      if (p.factors[i] != c.factors[i]) return false;
      int64_t reach = p.factors[i] * (producer.extent(i) - 1);
      (reach < 0 ? shared_min : shared_max) += reach;
    }
    // Produced without holes: each loop moves one dimension, by what is inside it.
    std::array<std::pair<int64_t, int64_t>, kMaxLinearLoops> steps;
    size_t num_steps = 0;
    for (size_t i = depth; i < producer.num_loops(); ++i) {
      if (p.factors[i] == 0) continue;
      if (p.factors[i] < 0 || used[i]) return false;
      used[i] = true;
      steps[num_steps++] = {p.factors[i], producer.extent(i)};
    }
    std::sort(steps.begin(), steps.begin() + static_cast<long>(num_steps));
    int64_t reach = 0;
    for (size_t k = 0; k < num_steps; ++k) {
      int64_t expected = k == 0 ? steps[0].first : steps[k - 1].first * steps[k - 1].second;
      if (steps[k].first != expected) return false;
      reach += steps[k].first * (steps[k].second - 1);
    }
    if (num_steps > 0 && steps[0].first > wide->value) return false;
    int64_t low = c.base, high = c.base + need->value - 1;
    for (size_t i = depth; i < consumer.num_loops(); ++i) {
      int64_t move = c.factors[i] * (consumer.extent(i) - 1);
      (move < 0 ? low : high) += move;
    }
    int64_t first = p.base, last = p.base + reach + wide->value - 1;
    if (first > low || last < high) return false;
    if (first + shared_min < 0 || last + shared_max >= size->value) return false;
  }
  return true;
}

}  // namespace metaschedule::detail
