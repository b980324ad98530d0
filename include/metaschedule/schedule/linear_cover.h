// SPDX-License-Identifier: Apache-2.0
// The usual case of region cover without building an expression: axes that are sums of multiples of
// loops with constant extents or of what fused loops were fused from, one producer, no predicates.
// Says yes only where arith's estimates do.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "metaschedule/ir/op.h"
#include "metaschedule/schedule/analysis.h"
#include "metaschedule/schedule/scope.h"

namespace metaschedule::detail {

/// More parts of loops than this in a block are left to the general way.
inline constexpr size_t kMaxLinearParts = 24;

/// (loop / lower) % extent: a whole loop, or what one that was fused has of an earlier loop.
struct LinearPart {
  size_t loop;
  int64_t lower, extent;
  friend bool operator==(const LinearPart&, const LinearPart&) = default;
};

/// c0 * part0 + c1 * part1 + ... + base, over the parts of a child; one of one step counts as 0.
struct LinearForm {
  bool known = false;
  int64_t base = 0;
  std::array<int64_t, kMaxLinearParts> factors;
};

/// A child of a scope with the values of its axes in linear form. The parts of a loop do not
/// overlap, so that each runs through all its values whatever the others are.
class LinearChild {
 public:
  LinearChild(const BlockRealize& realize, const std::vector<const For*>& loops,
              bool ignore_predicate = false)
      : realize_(&realize), loops_(&loops) {
    usable_ = ignore_predicate || is_one(realize.predicate);
    for (const For* loop : loops) {
      if (!usable_) return;
      const IntImm *min = as<IntImm>(loop->min), *extent = as<IntImm>(loop->extent);
      usable_ = min && min->value == 0 && extent && extent->value >= 1 && extent->value < kSmall;
    }
    if (!usable_) return;
    parse_axes();
  }

  bool usable() const { return usable_; }
  size_t num_parts() const { return num_parts_; }
  const LinearPart& part(size_t i) const { return parts_[i]; }
  const For& loop_of(size_t part) const { return *(*loops_)[parts_[part].loop]; }

  /// Where parts are cut in two, so that quotients of sums can be told: `lower` of the upper one.
  struct Cut {
    size_t loop;
    int64_t lower;
    friend bool operator==(const Cut&, const Cut&) = default;
  };
  const std::vector<Cut>& cuts() const { return cuts_; }
  /// Makes the cuts that the quotients in a region want.
  void cut_for(const Ranges& region) {
    if (!usable_) return;
    for (const Ref<Range>& range : region) form_of(range->min);
    // Each lets the rest of an index be read, which may want more.
    for (int round = 0; round < 4 && add_cuts(std::move(wanted_)); ++round)
      for (const Ref<Range>& range : region) form_of(range->min);
  }
  /// Makes the cuts of another child in the first loops, which both share.
  void cut_as(const LinearChild& other, size_t depth) {
    std::vector<Cut> shared;
    for (const Cut& cut : other.cuts())
      if (cut.loop < depth) shared.push_back(cut);
    if (usable_) add_cuts(std::move(shared));
  }

  /// An index in terms of the axes; `known` is false where it is not linear in the parts.
  LinearForm form_of(const Expr& index) const {
    LinearForm out;
    out.factors.fill(0);
    const auto& iters = realize_->block->iter_vars;
    out.known = add(*index, 1, out, [&](const ExprNode& e, int64_t scale, LinearForm& sum) {
      for (size_t i = 0; i < iters.size(); ++i)
        if (iters[i]->var.get() == &e) return add_form(axes_[i], scale, sum);
      return false;
    });
    return out;
  }

 private:
  static constexpr int64_t kSmall = int64_t{1} << 31;
  static bool small(int64_t x) { return x > -kSmall && x < kSmall; }

  int64_t extent_of(size_t loop) const {
    return static_cast<const IntImm&>(*(*loops_)[loop]->extent).value;
  }

  void parse_axes() {
    num_parts_ = 0;
    axes_.clear();
    axes_.reserve(realize_->iter_values.size());
    for (const Expr& value : realize_->iter_values) {
      // Parts that come later are not among the factors of this one.
      LinearForm& form = axes_.emplace_back();
      form.factors.fill(0);
      form.known = add(*value, 1, form, [this](const ExprNode& e, int64_t scale, LinearForm& out) {
        return add_part(e, scale, out);
      });
    }
  }
  // False when there is nothing new.
  bool add_cuts(std::vector<Cut> cuts) {
    const size_t before = cuts_.size();
    for (const Cut& cut : cuts)
      if (std::find(cuts_.begin(), cuts_.end(), cut) == cuts_.end()) cuts_.push_back(cut);
    if (cuts_.size() == before) return false;
    parse_axes();
    return true;
  }

  // `add_leaf` takes what is not a sum, a product or a number.
  template <class F>
  bool add(const ExprNode& e, int64_t scale, LinearForm& out, const F& add_leaf) const {
    switch (e.kind) {
      case Kind::IntImm: {
        int64_t value = static_cast<const IntImm&>(e).value;
        if (!small(value) || !small(value * scale)) return false;
        out.base += value * scale;
        return small(out.base);
      }
      case Kind::Add:
      case Kind::Sub: {
        const auto& sum = static_cast<const BinaryExpr&>(e);
        return add(*sum.a, scale, out, add_leaf) &&
               add(*sum.b, e.kind == Kind::Add ? scale : -scale, out, add_leaf);
      }
      case Kind::Mul: {
        const auto& product = static_cast<const Mul&>(e);
        const IntImm* factor = as<IntImm>(product.b);
        if (!factor || !small(factor->value) || !small(scale * factor->value)) return false;
        return add(*product.a, scale * factor->value, out, add_leaf);
      }
      default:
        return add_leaf(e, scale, out) || add_quotient(e, scale, out, add_leaf);
    }
  }
  // x // by and x % by where x = by * q + r, and r stays in [0, by) in all steps.
  template <class F>
  bool add_quotient(const ExprNode& e, int64_t scale, LinearForm& out, const F& add_leaf) const {
    if (e.kind != Kind::FloorDiv && e.kind != Kind::FloorMod) return false;
    const auto& of = static_cast<const BinaryExpr&>(e);
    const IntImm* divisor = as<IntImm>(of.b);
    LinearForm x;
    x.factors.fill(0);
    if (!divisor || divisor->value < 1 || !small(divisor->value) || !add(*of.a, 1, x, add_leaf))
      return false;
    const int64_t by = divisor->value;
    LinearForm quotient{true, x.base / by, {}}, rest{true, x.base % by, {}};
    if (rest.base < 0) --quotient.base, rest.base += by;
    int64_t most = rest.base;
    for (size_t i = 0; i < num_parts_; ++i) {
      if (x.factors[i] % by == 0) {
        quotient.factors[i] = x.factors[i] / by;
        continue;
      }
      if (x.factors[i] > 0 && by % x.factors[i] == 0) {
        const int64_t below = by / x.factors[i];
        if (below < parts_[i].extent && parts_[i].extent % below == 0)
          wanted_.push_back({parts_[i].loop, parts_[i].lower * below});
      }
      rest.factors[i] = x.factors[i];
      most += x.factors[i] * (parts_[i].extent - 1);
      if (x.factors[i] < 0 || !small(most)) return false;
    }
    return most < by && add_form(e.kind == Kind::FloorDiv ? quotient : rest, scale, out);
  }
  bool add_part(const ExprNode& e, int64_t scale, LinearForm& out) {
    std::optional<LinearPart> part = parse_part(e);
    return part && add_part(*part, scale, out);
  }
  bool add_part(const LinearPart& part, int64_t scale, LinearForm& out) {
    if (part.extent == 1) return true;
    for (const Cut& cut : cuts_) {
      const int64_t end = part.lower * part.extent;
      if (cut.loop != part.loop || cut.lower <= part.lower || cut.lower >= end) continue;
      if (cut.lower % part.lower != 0 || end % cut.lower != 0) return false;
      const int64_t below = cut.lower / part.lower;
      return small(scale * below) && add_part({part.loop, part.lower, below}, scale, out) &&
             add_part({part.loop, cut.lower, end / cut.lower}, scale * below, out);
    }
    size_t i = 0;
    while (i < num_parts_ && parts_[i] != part) {
      if (overlap(parts_[i], part)) return false;
      ++i;
    }
    if (i == num_parts_) {
      if (num_parts_ == kMaxLinearParts) return false;
      parts_[num_parts_++] = part;
    }
    out.factors[i] += scale;
    return small(out.factors[i]) && small(out.factors[i] * part.extent);
  }
  // A loop, or x // c and x % c of a part that c divides.
  std::optional<LinearPart> parse_part(const ExprNode& e) const {
    if (e.kind == Kind::Var) {
      for (size_t i = 0; i < loops_->size(); ++i)
        if ((*loops_)[i]->loop_var.get() == &e) return LinearPart{i, 1, extent_of(i)};
      return std::nullopt;
    }
    if (e.kind != Kind::FloorDiv && e.kind != Kind::FloorMod) return std::nullopt;
    const auto& of = static_cast<const BinaryExpr&>(e);
    const IntImm* by = as<IntImm>(of.b);
    std::optional<LinearPart> part = parse_part(*of.a);
    if (!part || !by || by->value < 1 || part->extent % by->value != 0) return std::nullopt;
    if (e.kind == Kind::FloorMod) {
      part->extent = by->value;
    } else {
      part->lower *= by->value;
      part->extent /= by->value;
    }
    return part;
  }
  static bool overlap(const LinearPart& a, const LinearPart& b) {
    if (a.loop != b.loop) return false;
    const LinearPart &low = a.lower < b.lower ? a : b, &high = a.lower < b.lower ? b : a;
    return high.lower % (low.lower * low.extent) != 0;
  }
  bool add_form(const LinearForm& form, int64_t scale, LinearForm& out) const {
    if (!form.known || !small(form.base * scale)) return false;
    out.base += form.base * scale;
    for (size_t i = 0; i < num_parts_; ++i) {
      if (!small(form.factors[i] * scale)) return false;
      out.factors[i] += form.factors[i] * scale;
      if (!small(out.factors[i]) || !small(out.factors[i] * parts_[i].extent)) return false;
    }
    return small(out.base);
  }

  const BlockRealize* realize_;
  const std::vector<const For*>* loops_;
  bool usable_ = true;
  size_t num_parts_ = 0;
  std::array<LinearPart, kMaxLinearParts> parts_;
  std::vector<LinearForm> axes_;
  std::vector<Cut> cuts_;
  mutable std::vector<Cut> wanted_;
};

/// What a form has of a part of a loop; 0 where it has none.
inline int64_t factor_of(const LinearChild& child, const LinearForm& form, const LinearPart& part) {
  for (size_t i = 0; i < child.num_parts(); ++i)
    if (child.part(i) == part) return form.factors[i];
  return 0;
}

/// True when the loop is one of threads that share the buffer: what all its steps touch counts
/// together, wherever it is.
inline bool shares_buffer(const For& loop, std::string_view storage_scope) {
  return loop.kind == ForKind::ThreadBinding && !storage_scope.empty() &&
         !storage_scope.starts_with("global") &&
         relaxes_thread_axis(storage_scope, loop.thread_binding->thread_tag);
}

/// True when the region `write` of one child covers the region `read` of another in each step of
/// the `depth` loops that they share; false where that is not so or not easily seen.
inline bool linear_covers(LinearChild& producer, const BufferRegion& write, LinearChild& consumer,
                          const BufferRegion& read, size_t depth) {
  if (!producer.usable() || !consumer.usable()) return false;
  producer.cut_for(write.region);
  consumer.cut_for(read.region);
  producer.cut_as(consumer, depth);
  consumer.cut_as(producer, depth);
  const std::string storage_scope = read.buffer->scope();
  // Whether a part stands still in a step of the shared loops.
  auto is_fixed = [&](const LinearChild& child, size_t part) {
    return child.part(part).loop < depth && !shares_buffer(child.loop_of(part), storage_scope);
  };
  std::array<bool, kMaxLinearParts> used{};
  for (size_t d = 0; d < write.region.size(); ++d) {
    const IntImm *wide = as<IntImm>(write.region[d]->extent),
                 *need = as<IntImm>(read.region[d]->extent);
    const IntImm* size = as<IntImm>(read.buffer->shape[d]);
    if (!wide || !need || !size) return false;
    LinearForm p = producer.form_of(write.region[d]->min),
               c = consumer.form_of(read.region[d]->min);
    if (!p.known || !c.known) return false;
    // What moves both alike does not matter, but may not move them out of the buffer. Produced
    // without holes: each other part moves one dimension, by what is inside it.
    int64_t shared_min = 0, shared_max = 0;
    std::array<std::pair<int64_t, int64_t>, kMaxLinearParts> steps;
    size_t num_steps = 0, num_fixed = 0;
    for (size_t i = 0; i < producer.num_parts(); ++i) {
      if (p.factors[i] == 0) continue;
      const int64_t extent = producer.part(i).extent;
      if (is_fixed(producer, i)) {
        if (factor_of(consumer, c, producer.part(i)) != p.factors[i]) return false;
        ++num_fixed;
        int64_t reach = p.factors[i] * (extent - 1);
        (reach < 0 ? shared_min : shared_max) += reach;
        continue;
      }
      if (p.factors[i] < 0 || used[i]) return false;
      used[i] = true;
      steps[num_steps++] = {p.factors[i], extent};
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
    for (size_t i = 0; i < consumer.num_parts(); ++i) {
      if (c.factors[i] == 0) continue;
      if (is_fixed(consumer, i)) {
        // As many as the producer has: then they are the same.
        if (num_fixed-- == 0) return false;
        continue;
      }
      int64_t move = c.factors[i] * (consumer.part(i).extent - 1);
      (move < 0 ? low : high) += move;
    }
    if (num_fixed != 0) return false;
    int64_t first = p.base, last = p.base + reach + wide->value - 1;
    if (first > low || last < high) return false;
    if (first + shared_min < 0 || last + shared_max >= size->value) return false;
  }
  return true;
}

}  // namespace metaschedule::detail
