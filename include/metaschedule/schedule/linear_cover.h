// SPDX-License-Identifier: Apache-2.0
// The usual case of region cover without building an expression: axes that are sums of multiples of
// loops with constant extents or of what fused loops were fused from, one producer, no predicates.
// Says yes only where arith's estimates do, or could.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

#include "metaschedule/ir/walk.h"
#include "metaschedule/schedule/analysis.h"
#include "metaschedule/schedule/linear_child.h"

namespace metaschedule::detail {

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

/// One dimension of what a producer writes in a step of the loops that it shares with a consumer.
struct LinearWrite {
  bool whole = false;    // without holes
  size_t num_fixed = 0;  // parts of shared loops that move it
  int64_t first, last;   // where those are at their start
  int64_t least, most;   // how far they move it
};
/// `is_fixed(part)` tells parts that stand still; `used` those that moved an earlier dimension.
template <class F>
LinearWrite linear_write(const LinearChild& producer, const LinearForm& form, int64_t width,
                         const F& is_fixed, std::array<bool, kMaxLinearParts>& used) {
  LinearWrite out{false, 0, form.base, form.base + width - 1, 0, 0};
  if (!form.known) return out;
  // Without holes: each part that moves moves one dimension, by what is inside it.
  std::array<std::pair<int64_t, int64_t>, kMaxLinearParts> steps;
  size_t num_steps = 0;
  for (size_t i = 0; i < producer.num_parts(); ++i) {
    if (form.factors[i] == 0) continue;
    const int64_t extent = producer.part(i).extent;
    if (is_fixed(i)) {
      ++out.num_fixed;
      const int64_t reach = form.factors[i] * (extent - 1);
      (reach < 0 ? out.least : out.most) += reach;
      continue;
    }
    if (form.factors[i] < 0 || used[i]) return out;
    used[i] = true;
    steps[num_steps++] = {form.factors[i], extent};
  }
  std::sort(steps.begin(), steps.begin() + static_cast<long>(num_steps));
  for (size_t k = 0; k < num_steps; ++k) {
    const int64_t expected = k == 0 ? steps[0].first : steps[k - 1].first * steps[k - 1].second;
    if (steps[k].first != expected) return out;
    out.last += steps[k].first * (steps[k].second - 1);
  }
  out.whole = num_steps == 0 || steps[0].first <= width;
  return out;
}

/// True when the region `write` of one child covers the region `read` of another in each step of
/// the `depth` loops that they share; false where that is not so or not easily seen.
inline bool linear_covers(LinearChild& producer, const BufferRegion& write, LinearChild& consumer,
                          const BufferRegion& read, size_t depth) {
  if (!producer.usable()) return false;
  const std::string storage_scope = read.buffer->scope();
  // Whether a part stands still in a step of the shared loops.
  auto is_fixed = [&](const LinearChild& child, size_t part) {
    return child.part(part).loop < depth && !shares_buffer(child.loop_of(part), storage_scope);
  };
  auto is_fixed_there = [&](size_t part) { return is_fixed(producer, part); };
  auto number = [](const Expr& e) {
    const IntImm* known = as<IntImm>(e);
    return known ? known->value : 0;
  };
  producer.cut_for(write.region);
  // What is all of the buffer covers whatever is read, which need not be looked at.
  {
    std::array<bool, kMaxLinearParts> used{};
    bool all = true;
    for (size_t d = 0; all && d < write.region.size(); ++d) {
      const int64_t wide = number(write.region[d]->extent), size = number(read.buffer->shape[d]);
      if (wide < 1 || size < 1) return false;
      const LinearWrite p = linear_write(producer, producer.form_of(write.region[d]->min), wide,
                                         is_fixed_there, used);
      all = p.whole && p.num_fixed == 0 && p.first == 0 && p.last == size - 1;
    }
    if (all) return true;
  }
  if (!consumer.usable()) return false;
  consumer.cut_for(read.region);
  producer.cut_as(consumer, depth);
  consumer.cut_as(producer, depth);
  std::array<bool, kMaxLinearParts> used{};
  for (size_t d = 0; d < write.region.size(); ++d) {
    const int64_t wide = number(write.region[d]->extent), need = number(read.region[d]->extent);
    const int64_t size = number(read.buffer->shape[d]);
    if (wide < 1 || need < 1 || size < 1) return false;
    const LinearForm at = producer.form_of(write.region[d]->min);
    LinearWrite p = linear_write(producer, at, wide, is_fixed_there, used);
    const LinearForm c = consumer.form_of(read.region[d]->min, true);
    if (!p.whole || !c.known) return false;
    // What moves both alike does not matter, but may not move them out of the buffer.
    for (size_t i = 0; i < producer.num_parts(); ++i)
      if (at.factors[i] != 0 && is_fixed_there(i) &&
          factor_of(consumer, c, producer.part(i)) != at.factors[i])
        return false;
    int64_t low = c.base, high = c.base + c.slack + need - 1;
    for (size_t i = 0; i < consumer.num_parts(); ++i) {
      if (c.factors[i] == 0) continue;
      if (is_fixed(consumer, i)) {
        // As many as the producer has: then they are the same.
        if (p.num_fixed-- == 0) return false;
        continue;
      }
      const int64_t move = c.factors[i] * (consumer.part(i).extent - 1);
      (move < 0 ? low : high) += move;
    }
    if (p.num_fixed != 0) return false;
    if (p.first > low || p.last < high) return false;
    if (p.first + p.least < 0 || p.last + p.most >= size) return false;
  }
  return true;
}

/// What shared loops must be at for the extents of the loops below them to be numbers: all the
/// ways, where there are a few; empty otherwise.
inline std::vector<LinearSteps> deciding_steps(const std::vector<const For*>& loops, size_t depth) {
  constexpr int64_t kFew = 16;
  auto number = [](const ExprNode& e) {
    const IntImm* known = as<IntImm>(&e);
    return known ? std::optional(known->value) : std::nullopt;
  };
  std::vector<LinearPart> parts;
  bool all_known = true;
  auto find = [&](const auto& self, const ExprNode& e) -> void {
    if (e.kind == Kind::IntImm) return;
    if (const auto part = linear_part(e, loops, number)) {
      all_known = all_known && part->loop < depth;
      if (std::find(parts.begin(), parts.end(), *part) == parts.end()) parts.push_back(*part);
    } else if (is_binary_kind(e.kind)) {
      self(self, *static_cast<const BinaryExpr&>(e).a);
      self(self, *static_cast<const BinaryExpr&>(e).b);
    } else {
      all_known = false;
    }
  };
  for (const For* loop : loops) find(find, *loop->extent);
  std::vector<LinearSteps> out;
  for (const LinearPart& part : parts) {
    if (out.empty()) out.emplace_back();
    if (!all_known || part.extent * static_cast<int64_t>(out.size()) > kFew) return {};
    std::vector<LinearSteps> more;
    for (const LinearSteps& steps : out) {
      for (int64_t value = 0; value < part.extent; ++value)
        more.emplace_back(steps).push_back({part, value});
    }
    out = std::move(more);
  }
  return out;
}

}  // namespace metaschedule::detail
