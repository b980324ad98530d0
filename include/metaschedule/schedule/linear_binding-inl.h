// SPDX-License-Identifier: Apache-2.0
// The usual case of iteration maps without building any: axis values that are sums of parts of
// loops with constant extents. Gives what arith's iter_map_simplify gives, or nothing.
#pragma once

#include <algorithm>
#include <array>
#include <optional>

#include "metaschedule/ir/op.h"
#include "metaschedule/schedule/bindings.h"

namespace metaschedule::detail {

// (loop / lower) % extent * scale
struct LoopPart {
  int loop;
  int64_t lower, extent, scale;
};

// Small enough that sums and products of extents cannot overflow.
inline constexpr int64_t kSmall = int64_t{1} << 31;

class LinearBindings {
 public:
  // False when a loop does not start at 0 or has no small constant extent.
  bool set_loops(const LoopStack& loops, bool simplify_trivial) {
    loops_ = &loops;
    trivial_ = simplify_trivial;
    extents_.clear();
    extents_.reserve(loops.size());
    for (const For* loop : loops) {
      const IntImm *min = as<IntImm>(loop->min), *extent = as<IntImm>(loop->extent);
      if (!min || min->value != 0 || !extent || extent->value < 1 || extent->value >= kSmall)
        return false;
      extents_.push_back(extent->value);
    }
    return true;
  }

  // The normal forms; nothing when this simple analysis does not decide. `affine` tells whether
  // each sum starts with scale 1.
  std::optional<std::vector<Expr>> simplify(const Exprs& values, bool build, bool* affine) {
    used_.clear();
    sums_.clear();
    used_.reserve(2 * loops_->size());
    sums_.reserve(values.size());
    *affine = true;
    for (const Expr& value : values) {
      Sum& sum = sums_.emplace_back();
      if (!parse(*value, 1, sum) || !order(sum)) return std::nullopt;
      if (sum.count > 0 && sum.base_scale != 1) *affine = false;
      used_.insert(used_.end(), sum.parts.begin(), sum.parts.begin() + sum.count);
    }
    if (!independent()) return std::nullopt;
    std::vector<Expr> out;
    if (build)
      for (size_t i = 0; i < values.size(); ++i) out.push_back(to_expr(sums_[i], values[i]));
    return out;
  }

 private:
  // Longer sums are left to the full analysis.
  static constexpr size_t kMaxParts = 16;
  struct Sum {
    std::array<LoopPart, kMaxParts> parts;
    uint8_t count = 0;
    int64_t base = 0, base_scale = 1;

    bool push(const LoopPart& part) {
      if (count == kMaxParts) return false;
      parts[count++] = part;
      return true;
    }
  };

  // Adds `node * scale` to a sum.
  bool parse(const ExprNode& node, int64_t scale, Sum& sum) {
    switch (node.kind) {
      case Kind::IntImm:
        sum.base += static_cast<const IntImm&>(node).value * scale;
        return sum.base >= 0 && sum.base < kSmall;
      case Kind::Var:
        for (size_t i = loops_->size(); i-- > 0;) {
          const For& loop = *(*loops_)[i];
          if (loop.loop_var.get() != &node) continue;
          if (trivial_ && extents_[i] == 1) return true;
          return sum.push({static_cast<int>(i), 1, extents_[i], scale});
        }
        return false;
      case Kind::Add: {
        const auto& add = static_cast<const Add&>(node);
        return parse(*add.a, scale, sum) && parse(*add.b, scale, sum);
      }
      case Kind::Mul: {
        const auto& mul = static_cast<const Mul&>(node);
        const IntImm* factor = as<IntImm>(mul.b);
        if (!factor || factor->value < 1 || factor->value >= kSmall) return false;
        scale *= factor->value;
        return scale < kSmall && parse(*mul.a, scale, sum);
      }
      case Kind::FloorDiv:
      case Kind::FloorMod:
        return parse_part(static_cast<const BinaryExpr&>(node), scale, sum);
      default:
        return false;
    }
  }

  // x // c and x % c where x is one part of a loop that c divides.
  bool parse_part(const BinaryExpr& node, int64_t scale, Sum& sum) {
    const IntImm* divisor = as<IntImm>(node.b);
    Sum inner;
    if (!divisor || divisor->value < 1 || !parse(*node.a, 1, inner)) return false;
    if (inner.base != 0 || inner.count != 1 || inner.parts[0].scale != 1) return false;
    LoopPart part = inner.parts[0];
    int64_t c = divisor->value;
    if (part.extent % c != 0) return false;
    if (node.kind == Kind::FloorDiv) {
      part.lower *= c;
      part.extent /= c;
    } else {
      part.extent = c;
    }
    part.scale = scale;
    return sum.push(part);
  }

  // Outer parts first; false unless each has the scale that the parts inside it fill.
  static bool order(Sum& sum) {
    auto& parts = sum.parts;
    const size_t count = sum.count;
    if (count == 0) return true;
    std::array<LoopPart, kMaxParts> ordered;
    std::array<bool, kMaxParts> taken{};
    int64_t expected = 0;
    for (size_t k = count; k-- > 0;) {
      int best = -1;
      for (size_t i = count; i-- > 0;) {
        if (taken[i]) continue;
        bool first = k + 1 == count;
        if (!first && parts[i].scale != expected) continue;
        if (best < 0 || parts[i].scale < parts[static_cast<size_t>(best)].scale ||
            (parts[i].scale == parts[static_cast<size_t>(best)].scale && parts[i].extent == 1 &&
             parts[static_cast<size_t>(best)].extent != 1))
          best = static_cast<int>(i);
      }
      if (best < 0) return false;
      const LoopPart& part = parts[static_cast<size_t>(best)];
      taken[static_cast<size_t>(best)] = true;
      ordered[k] = part;
      expected = part.scale * part.extent;
      if (expected >= kSmall) return false;
    }
    // Parts of one loop that are neighbours in it too would be merged.
    for (size_t k = 0; k + 1 < count; ++k) {
      const LoopPart &outer = ordered[k], &inner = ordered[k + 1];
      if (outer.loop == inner.loop && outer.lower == inner.lower * inner.extent) return false;
    }
    sum.base_scale = ordered[count - 1].scale;
    std::copy_n(ordered.begin(), count, parts.begin());
    return true;
  }

  // The parts of each loop fill it without overlap, or it is not used at all.
  bool independent() {
    std::sort(used_.begin(), used_.end(), [](const LoopPart& a, const LoopPart& b) {
      return a.loop != b.loop ? a.loop < b.loop : a.lower < b.lower;
    });
    for (size_t i = 0; i < used_.size();) {
      int loop = used_[i].loop;
      int64_t filled = 1;
      for (; i < used_.size() && used_[i].loop == loop; ++i) {
        if (used_[i].lower != filled) return false;
        filled *= used_[i].extent;
        // A part of extent 1 beside others is folded away by the full analysis.
        if (used_[i].extent == 1 && extents_[static_cast<size_t>(loop)] != 1) return false;
      }
      if (filled != extents_[static_cast<size_t>(loop)]) return false;
      if (filled == 1 && i >= 2 && used_[i - 2].loop == loop) return false;
    }
    return true;
  }

  Expr to_expr(const Sum& sum, const Expr& like) const {
    Expr out;
    DType dtype = like->dtype;
    for (size_t k = 0; k < sum.count; ++k) {
      const LoopPart& part = sum.parts[k];
      int64_t whole = extents_[static_cast<size_t>(part.loop)];
      Expr term = (*loops_)[static_cast<size_t>(part.loop)]->loop_var;
      if (part.extent != whole) {
        if (part.lower * part.extent != whole)
          term = make<FloorMod>(term, int_imm(term->dtype, part.lower * part.extent));
        if (part.lower != 1) term = make<FloorDiv>(term, int_imm(term->dtype, part.lower));
      }
      if (part.scale != 1) term = make<Mul>(term, int_imm(term->dtype, part.scale));
      if (term->dtype != dtype) return like;
      out = out ? Expr(make<Add>(out, term)) : term;
    }
    if (!out) return int_imm(dtype, sum.base);
    return sum.base ? Expr(make<Add>(out, int_imm(dtype, sum.base))) : out;
  }

  const LoopStack* loops_ = nullptr;
  bool trivial_ = false;
  std::vector<int64_t> extents_;
  std::vector<LoopPart> used_;
  std::vector<Sum> sums_;
};

}  // namespace metaschedule::detail
