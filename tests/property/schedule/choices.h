// SPDX-License-Identifier: Apache-2.0
// A random value made of small numbers that are kept: drawn the first time, read again later, so
// that who makes smaller numbers of them makes a simpler value. Zero is the simplest choice
// everywhere.
#pragma once

#include <algorithm>
#include <cstdint>
#include <random>
#include <vector>

namespace metaschedule::testing {

using Choices = std::vector<uint32_t>;

class Chooser {
 public:
  /// Reads `kept`; where it ends, draws and appends, or chooses zero without a source.
  Chooser(Choices& kept, std::mt19937_64* source) : kept_(kept), source_(source) {}

  uint32_t below(size_t n) {
    if (at_ == kept_.size()) {
      if (!source_) return 0;
      kept_.push_back(static_cast<uint32_t>((*source_)() % n));
    }
    return std::min(kept_[at_++], static_cast<uint32_t>(n - 1));
  }
  int range(int low, int high) { return low + static_cast<int>(below(size_t(high - low + 1))); }
  bool chance(uint32_t percent) { return below(100) >= 100 - percent; }
  template <class T>
  const T& pick(const std::vector<T>& items) {
    return items[below(items.size())];
  }

 private:
  Choices& kept_;
  std::mt19937_64* source_;
  size_t at_ = 0;
};

}  // namespace metaschedule::testing
