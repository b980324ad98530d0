// SPDX-License-Identifier: Apache-2.0
// The cost model that knows nothing.
#pragma once

#include <mutex>

#include "metaschedule/support/random.h"
#include "metaschedule/tune/cost_model.h"

namespace metaschedule {

/// Uniform scores in [0, max_range); the same seed gives the same scores, call by call.
class RandomModel : public CostModel {
 public:
  explicit RandomModel(int64_t seed = -1, double max_range = 100)
      : rand_(seed), max_range_(max_range) {}
  /// Raises ValueError when the file is not one of `save`.
  void load(const std::string& path) override;
  void save(const std::string& path) override;
  void update(const TuneContextPtr&, const std::vector<MeasureCandidate>&,
              const std::vector<RunnerResult>&) override {}
  std::vector<double> predict(const TuneContextPtr& context,
                              const std::vector<MeasureCandidate>& candidates) override;

 private:
  std::mutex mutex_;
  Rand rand_;
  double max_range_;
};

}  // namespace metaschedule
