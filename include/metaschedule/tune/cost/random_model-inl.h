// SPDX-License-Identifier: Apache-2.0
// Bodies of random_model.h.
#pragma once

#include "metaschedule/support/config.h"
#include "metaschedule/tune/cost/model_file.h"
#include "metaschedule/tune/cost/random_model.h"

namespace metaschedule {

METASCHEDULE_INLINE std::vector<double> RandomModel::predict(
    const TuneContextPtr&, const std::vector<MeasureCandidate>& candidates) {
  std::lock_guard lock(mutex_);
  std::vector<double> scores;
  for (size_t i = 0; i < candidates.size(); ++i) scores.push_back(rand_.uniform() * max_range_);
  return scores;
}

METASCHEDULE_INLINE void RandomModel::save(const std::string& path) {
  std::lock_guard lock(mutex_);
  detail::write_model_file(path, {{"random_model", rand_.state()}, {"max_range", max_range_}});
}

METASCHEDULE_INLINE void RandomModel::load(const std::string& path) {
  std::lock_guard lock(mutex_);
  detail::read_model_file(path, "random cost model", [&](const json& value) {
    const auto state = value.at("random_model").get<int64_t>();
    max_range_ = value.at("max_range").get<double>();
    rand_ = Rand(state);
  });
}

}  // namespace metaschedule
