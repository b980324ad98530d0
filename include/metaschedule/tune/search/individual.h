// SPDX-License-Identifier: Apache-2.0
// What an evolutionary search breeds, and how it keeps the best.
#pragma once

#include <algorithm>
#include <numeric>
#include <set>
#include <utility>
#include <vector>

#include "metaschedule/support/random.h"
#include "metaschedule/tune/measure_candidate.h"

namespace metaschedule::detail {

/// A finished candidate with the hash of its program; empty without schedule.
struct Individual {
  MeasureCandidate candidate;
  uint64_t hash = 0;
  explicit operator bool() const { return candidate.sch != nullptr; }
};
using Population = std::vector<Individual>;

/// The `capacity` best of what is pushed; of equal ones those pushed first.
class BestHeap {
 public:
  explicit BestHeap(size_t capacity) : capacity_(capacity) {}
  void push(const Individual& individual, double score) {
    items_.insert({score, next_--, individual});
    if (items_.size() > capacity_) items_.erase(items_.begin());
  }
  /// The best first, with their scores.
  std::vector<std::pair<Individual, double>> sorted() const {
    std::vector<std::pair<Individual, double>> out;
    for (auto it = items_.rbegin(); it != items_.rend(); ++it)
      out.emplace_back(it->individual, it->score);
    return out;
  }

 private:
  struct Item {
    double score;
    int64_t order;  // falls with each push
    Individual individual;
    bool operator<(const Item& other) const {
      return std::pair(score, order) < std::pair(other.score, other.order);
    }
  };
  size_t capacity_;
  int64_t next_ = 0;
  std::set<Item> items_;
};

/// Draws indices with given weights; uniformly when all weights are 0.
class WeightedSampler {
 public:
  explicit WeightedSampler(const std::vector<double>& weights) : sums_(weights.size()) {
    std::partial_sum(weights.begin(), weights.end(), sums_.begin());
    if (sums_.empty() || sums_.back() > 0) return;
    std::iota(sums_.begin(), sums_.end(), 1.0);
  }
  size_t operator()(Rand& rand) const {
    const double x = rand.uniform() * sums_.back();
    const size_t i = std::upper_bound(sums_.begin(), sums_.end(), x) - sums_.begin();
    return std::min(i, sums_.size() - 1);
  }

 private:
  std::vector<double> sums_;
};

}  // namespace metaschedule::detail
