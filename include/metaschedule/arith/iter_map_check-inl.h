// SPDX-License-Identifier: Apache-2.0
// Whether indices are independent of each other: every mark must be cut into splits that fit
// together.
#pragma once

#include "metaschedule/arith/iter_map_rewriter.h"

namespace metaschedule::arith::detail {

METASCHEDULE_INLINE void SplitCollection::add(const IterSplitExpr& split) {
  for (auto& [mark, splits] : marks) {
    if (mark == split.source) {
      splits.push_back(split);
      return;
    }
  }
  marks.push_back({split.source, {split}});
}
METASCHEDULE_INLINE const std::vector<IterSplitExpr>* SplitCollection::find(
    const IterMark* mark) const {
  for (const auto& [known, splits] : marks)
    if (known.get() == mark) return &splits;
  return nullptr;
}
METASCHEDULE_INLINE void SplitCollection::visit(const IterMarkRef& mark) {
  if (find(mark.get()) || !mark->sum()) return;
  for (const IterSplitExpr& split : mark->sum()->args) {
    visit(split.source);
    add(split);
  }
}
METASCHEDULE_INLINE void SplitCollection::collect(const std::vector<IterSumExpr>& sums) {
  for (const IterSumExpr& sum : sums) {
    for (const IterSplitExpr& split : sum.args) {
      visit(split.source);
      add(split);
    }
  }
}

/// The unused split of the smallest lower factor that is a multiple of `expected`; none when some
/// unused split's is not.
METASCHEDULE_INLINE size_t
IterMapRewriter::find_next_factor(const std::vector<IterSplitExpr>& splits,
                                  const std::vector<bool>& used, const Expr& expected) const {
  size_t best = splits.size();
  for (size_t i = 0; i < splits.size(); ++i) {
    if (used[i]) continue;
    if (!prover_.divisible(splits[i].lower_factor, expected)) return splits.size();
    if (best == splits.size() ||
        prover_.divisible(splits[best].lower_factor, splits[i].lower_factor))
      best = i;
  }
  return best;
}

METASCHEDULE_INLINE bool IterMapRewriter::splits_cover(const IterMark* mark,
                                                       const std::vector<IterSplitExpr>& splits) {
  auto refuse = [&](const char* why) {
    errors_.emplace_back(why);
    return false;
  };
  std::vector<bool> used(splits.size(), false);
  Expr expected = int_imm(mark->extent->dtype, 1);
  for (size_t i = 0; i < splits.size(); ++i) {
    size_t j = 0;
    while (j < splits.size() && (used[j] || !prover_.equal(splits[j].lower_factor, expected))) ++j;
    if (j == splits.size() && level_ != IterMapLevel::Bijective) {
      // y in [0, 24) may be used as [y // 6, y % 2] alone.
      j = find_next_factor(splits, used, expected);
    }
    if (j == splits.size()) return refuse("Splits of an iterator overlap or leave a gap.");
    used[j] = true;
    expected = splits[j].lower_factor * splits[j].extent;
  }

  bool full = prover_.equal(expected, mark->extent);
  bool divides = full || prover_.divisible(mark->extent, expected);
  auto padded = extent_before_padding_.find(mark);
  bool is_padded = padded != extent_before_padding_.end();
  if (level_ == IterMapLevel::Bijective) {
    if (is_padded) return refuse("A bijective mapping may not pad iterators.");
    if (!full) return refuse("The iterations do not traverse the full iteration space.");
  } else if (!is_padded) {
    if (!divides) {
      return refuse("The extent of an iterator is not divisible by the product of its splits.");
    }
  } else if (level_ == IterMapLevel::Surjective) {
    auto reaches = [&] { return analyzer_.can_prove(ge(padded->second, expected)); };
    if (full) {
      if (splits.size() != 1) return refuse("Dependent iterations on padding iter space");
      if (prover_.equal(splits[0].extent, expected) && !reaches())
        return refuse("A split of a padded iterator is not surjective.");
    } else if (divides) {
      if (!reaches()) return refuse("The extent before padding is less than the lower factor.");
    } else {
      return refuse("The extent of an iterator is not divisible by the product of its splits.");
    }
  }
  return true;
}

METASCHEDULE_INLINE bool IterMapRewriter::check_mapping(const std::vector<IterSumExpr>& indices) {
  SplitCollection collection;
  collection.collect(indices);
  for (const auto& [mark, splits] : collection.marks)
    if (!splits_cover(mark.get(), splits)) return false;
  if (level_ == IterMapLevel::Bijective) {
    for (const IterMarkRef& mark : input_marks_) {
      if (!is_one(mark->extent) && !collection.find(mark.get())) {
        errors_.emplace_back("An iterator is not used.");
        return false;
      }
    }
  }
  return true;
}

}  // namespace metaschedule::arith::detail
