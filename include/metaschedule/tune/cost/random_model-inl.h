// SPDX-License-Identifier: Apache-2.0
// Bodies of random_model.h.
#pragma once

#include <fstream>
#include <iterator>

#include "metaschedule/support/config.h"
#include "metaschedule/support/json.h"
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
  std::ofstream file(path);
  file << dump_json({{"random_model", rand_.state()}, {"max_range", max_range_}}) << "\n";
  check<ValueError>(file.good(), "the cost model cannot be written to {}", path);
}

METASCHEDULE_INLINE void RandomModel::load(const std::string& path) {
  std::ifstream file(path);
  check<ValueError>(file.good(), "the cost model file {} cannot be opened", path);
  json value;
  try {
    value = parse_json(std::string(std::istreambuf_iterator<char>(file), {}));
  } catch (const ParseError&) {  // refused below, as other values are
  }
  check<ValueError>(value.is_object() && value.contains("random_model") &&
                        value["random_model"].is_number_integer() && value.contains("max_range"),
                    "{} holds no random cost model", path);
  std::lock_guard lock(mutex_);
  rand_ = Rand(value["random_model"].get<int64_t>());
  max_range_ = value["max_range"].get<double>();
}

}  // namespace metaschedule
