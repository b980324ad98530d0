// SPDX-License-Identifier: Apache-2.0
// Axes of a block and indices of its accesses as sums of multiples of loops with constant extents
// or of what fused loops were fused from, read without building an expression.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

#include "metaschedule/ir/op.h"
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

/// A part that is known to be at one of its steps.
struct LinearStep {
  LinearPart part;
  int64_t value;
};
using LinearSteps = std::vector<LinearStep>;

/// A loop, or x // c and x % c of a part that c divides. `value_of` gives numbers.
template <class F>
std::optional<LinearPart> linear_part(const ExprNode& e, const std::vector<const For*>& loops,
                                      const F& value_of) {
  if (e.kind == Kind::Var) {
    for (size_t i = 0; i < loops.size(); ++i) {
      if (loops[i]->loop_var.get() != &e) continue;
      const auto extent = value_of(*loops[i]->extent);
      return extent ? std::optional(LinearPart{i, 1, *extent}) : std::nullopt;
    }
    return std::nullopt;
  }
  if (e.kind != Kind::FloorDiv && e.kind != Kind::FloorMod) return std::nullopt;
  const auto& of = static_cast<const BinaryExpr&>(e);
  std::optional<LinearPart> part = linear_part(*of.a, loops, value_of);
  const int64_t by = part ? value_of(*of.b).value_or(0) : 0;
  if (by < 1 || part->extent % by != 0) return std::nullopt;
  if (e.kind == Kind::FloorMod) {
    part->extent = by;
  } else {
    part->lower *= by;
    part->extent /= by;
  }
  return part;
}

/// c0 * part0 + c1 * part1 + ... + base, over the parts of a child; one of one step counts as 0.
/// What a quotient loses of its parts may add anything from 0 to `slack`.
struct LinearForm {
  bool known = false;
  int64_t base = 0, slack = 0;
  std::array<int64_t, kMaxLinearParts> factors;
};

/// A child of a scope with the values of its axes in linear form. The parts of a loop do not
/// overlap, so that each runs through all its values whatever the others are.
class LinearChild {
 public:
  LinearChild(const BlockRealize& realize, const std::vector<const For*>& loops,
              bool ignore_predicate = false, LinearSteps steps = {})
      : realize_(&realize), loops_(&loops), steps_(std::move(steps)) {
    usable_ = ignore_predicate || is_one(realize.predicate);
    for (const For* loop : loops) {
      if (!usable_) return;
      const int64_t extent = value_of(*loop->extent).value_or(0);
      usable_ = is_zero(loop->min) && extent >= 1 && extent < kSmall;
    }
    if (!usable_) return;
    for (const LinearStep& step : steps_) {
      cuts_.push_back({step.part.loop, step.part.lower});
      cuts_.push_back({step.part.loop, step.part.lower * step.part.extent});
    }
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

  /// An index in terms of the axes; `known` is false where it is not linear in the parts. With
  /// `estimate`, it may have slack.
  LinearForm form_of(const Expr& index, bool estimate = false) const {
    LinearForm out;
    out.factors.fill(0);
    estimate_ = estimate;
    const auto& iters = realize_->block->iter_vars;
    out.known = add(*index, 1, out, [&](const ExprNode& e, int64_t scale, LinearForm& sum) {
      for (size_t i = 0; i < iters.size(); ++i)
        if (iters[i]->var.get() == &e) return add_form(axes_[i], scale, sum);
      return false;
    });
    estimate_ = false;
    return out;
  }

 private:
  static constexpr int64_t kSmall = int64_t{1} << 31;
  static bool small(int64_t x) { return x > -kSmall && x < kSmall; }

  // A number, where the loops that are known leave nothing open.
  std::optional<int64_t> value_of(const ExprNode& e) const {
    if (const IntImm* number = as<IntImm>(&e)) return number->value;
    if (steps_.empty()) return std::nullopt;
    if (const auto part = parse_part(e)) return known_value(*part);
    if (!is_arithmetic(e.kind)) return std::nullopt;
    const auto& of = static_cast<const BinaryExpr&>(e);
    const auto a = value_of(*of.a), b = value_of(*of.b);
    if (!a || !b || !small(*a) || !small(*b)) return std::nullopt;
    if (e.kind == Kind::Add) return *a + *b;
    if (e.kind == Kind::Sub) return *a - *b;
    if (e.kind == Kind::Mul) return *a * *b;
    if (*b < 1) return std::nullopt;
    const int64_t quotient = floor_quotient(*a, *b);
    return e.kind == Kind::FloorDiv ? quotient : *a - quotient * *b;
  }
  std::optional<int64_t> known_value(const LinearPart& part) const {
    for (const LinearStep& step : steps_)
      if (step.part == part) return step.value;
    return std::nullopt;
  }
  static bool is_arithmetic(Kind kind) {
    return kind == Kind::Add || kind == Kind::Sub || kind == Kind::Mul || kind == Kind::FloorDiv ||
           kind == Kind::FloorMod;
  }
  static int64_t floor_quotient(int64_t x, int64_t by) { return x / by - (x % by < 0 ? 1 : 0); }

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
        const auto factor = value_of(*product.b);
        if (!factor || !small(*factor) || !small(scale * *factor)) return false;
        return add(*product.a, scale * *factor, out, add_leaf);
      }
      default:
        return add_leaf(e, scale, out) || add_quotient(e, scale, out, add_leaf);
    }
  }
  // x // by and x % by where x = by * q + r, and r stays in [0, by) in all steps; an estimate may
  // let r go on, and forgets what is in it.
  template <class F>
  bool add_quotient(const ExprNode& e, int64_t scale, LinearForm& out, const F& add_leaf) const {
    if (e.kind != Kind::FloorDiv && e.kind != Kind::FloorMod) return false;
    const auto& of = static_cast<const BinaryExpr&>(e);
    const int64_t by = value_of(*of.b).value_or(0);
    LinearForm x;
    x.factors.fill(0);
    if (by < 1 || !small(by) || !add(*of.a, 1, x, add_leaf)) return false;
    LinearForm quotient{true, floor_quotient(x.base, by), 0, {}};
    LinearForm rest{true, x.base - quotient.base * by, x.slack, {}};
    int64_t least = rest.base, most = rest.base + rest.slack;
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
      (x.factors[i] < 0 ? least : most) += x.factors[i] * (parts_[i].extent - 1);
      if (!small(least) || !small(most) || (x.factors[i] < 0 && !estimate_)) return false;
    }
    if (least < 0 || most >= by) {
      if (!estimate_) return false;
      const int64_t first = floor_quotient(least, by);
      quotient.base += first;
      quotient.slack = floor_quotient(most, by) - first;
      rest = {true, 0, by - 1, {}};
    }
    return add_form(e.kind == Kind::FloorDiv ? quotient : rest, scale, out);
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
    if (const auto value = known_value(part)) {
      out.base += *value * scale;
      return small(*value * scale) && small(out.base);
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
  std::optional<LinearPart> parse_part(const ExprNode& e) const {
    return linear_part(e, *loops_, [this](const ExprNode& x) { return value_of(x); });
  }
  static bool overlap(const LinearPart& a, const LinearPart& b) {
    if (a.loop != b.loop) return false;
    const LinearPart &low = a.lower < b.lower ? a : b, &high = a.lower < b.lower ? b : a;
    return high.lower % (low.lower * low.extent) != 0;
  }
  bool add_form(const LinearForm& form, int64_t scale, LinearForm& out) const {
    if (!form.known || !small(form.base * scale) || !small(form.slack * scale)) return false;
    out.base += form.base * scale;
    if (scale < 0) out.base += form.slack * scale;
    out.slack += form.slack * (scale < 0 ? -scale : scale);
    if (!small(out.slack)) return false;
    for (size_t i = 0; i < num_parts_; ++i) {
      if (!small(form.factors[i] * scale)) return false;
      out.factors[i] += form.factors[i] * scale;
      if (!small(out.factors[i]) || !small(out.factors[i] * parts_[i].extent)) return false;
    }
    return small(out.base);
  }

  const BlockRealize* realize_;
  const std::vector<const For*>* loops_;
  LinearSteps steps_;
  bool usable_ = true;
  mutable bool estimate_ = false;
  size_t num_parts_ = 0;
  std::array<LinearPart, kMaxLinearParts> parts_;
  std::vector<LinearForm> axes_;
  std::vector<Cut> cuts_;
  mutable std::vector<Cut> wanted_;
};

}  // namespace metaschedule::detail
