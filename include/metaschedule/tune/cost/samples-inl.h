// SPDX-License-Identifier: Apache-2.0
// Bodies of samples.h.
#pragma once

#include <algorithm>
#include <cstring>
#include <numeric>

#include "metaschedule/ir/structural.h"
#include "metaschedule/support/base64.h"
#include "metaschedule/support/config.h"
#include "metaschedule/tune/cost/samples.h"
#include "metaschedule/tune/measure/median.h"
#include "metaschedule/tune/tune_context.h"
#include "metaschedule/tune/tuning_record.h"

namespace metaschedule {
namespace detail {

METASCHEDULE_INLINE json group_to_json(const SampleGroup& group) {
  json samples = json::array();
  for (const Sample& sample : group.samples) {
    std::string bytes(sample.features.size() * sizeof(float), '\0');
    std::memcpy(bytes.data(), sample.features.data(), bytes.size());
    samples.push_back({sample.rows, encode_base64(bytes)});
  }
  return {{"hash", group.hash}, {"costs", group.costs}, {"samples", std::move(samples)}};
}

METASCHEDULE_INLINE SampleGroup group_from_json(const json& value, size_t cols) {
  SampleGroup group;
  group.hash = value.at("hash").get<std::string>();
  std::vector<Sample> samples;
  for (const json& item : value.at("samples")) {
    const auto bytes = decode_base64(item.at(1).get<std::string>());
    Sample sample;
    sample.rows = item.at(0).get<size_t>();
    check<ValueError>(bytes && bytes->size() == sample.rows * cols * sizeof(float),
                      "the features of a sample are not {} rows of {} numbers in base64",
                      sample.rows, cols);
    sample.features.resize(sample.rows * cols);
    std::memcpy(sample.features.data(), bytes->data(), bytes->size());
    samples.push_back(std::move(sample));
  }
  const auto costs = value.at("costs").get<std::vector<double>>();
  check<ValueError>(costs.size() == samples.size() && !costs.empty(),
                    "expected a cost for each sample, found {} for {}", costs.size(),
                    samples.size());
  group.add(std::move(samples), costs);
  return group;
}

}  // namespace detail

METASCHEDULE_INLINE void SampleGroup::add(std::vector<Sample> more,
                                          const std::vector<double>& more_costs) {
  for (Sample& sample : more) samples.push_back(std::move(sample));
  costs.insert(costs.end(), more_costs.begin(), more_costs.end());
  min_cost = *std::min_element(costs.begin(), costs.end());
}

METASCHEDULE_INLINE std::vector<double> SampleGroup::labels() const {
  std::vector<double> out;
  for (double cost : costs) out.push_back(min_cost / cost);
  return out;
}

METASCHEDULE_INLINE SampleGroup& SampleStore::group_of(const std::string& hash) {
  for (SampleGroup& group : groups) {
    if (group.hash == hash) return group;
  }
  groups.push_back({hash, {}, {}, 0});
  return groups.back();
}

METASCHEDULE_INLINE void SampleStore::add(SampleGroup& group, std::vector<Sample> samples,
                                          const std::vector<double>& costs) {
  size += static_cast<int>(samples.size());
  group.add(std::move(samples), costs);
}

METASCHEDULE_INLINE json SampleStore::to_json() const {
  json out = json::array();
  for (const SampleGroup& group : groups) {
    if (!group.samples.empty()) out.push_back(detail::group_to_json(group));
  }
  return {{"cols", cols}, {"groups", std::move(out)}};
}

METASCHEDULE_INLINE SampleStore SampleStore::from_json(const json& value) {
  SampleStore out;
  out.cols = value.at("cols").get<size_t>();
  for (const json& item : value.at("groups")) {
    out.groups.push_back(detail::group_from_json(item, out.cols));
    out.size += static_cast<int>(out.groups.back().costs.size());
  }
  return out;
}

METASCHEDULE_INLINE Sample to_sample(const FeatureMatrix& matrix) {
  METASCHEDULE_CHECK(matrix.data.size() == static_cast<size_t>(matrix.rows * matrix.cols));
  Sample out;
  out.rows = static_cast<size_t>(matrix.rows);
  out.features.assign(matrix.data.begin(), matrix.data.end());
  return out;
}

METASCHEDULE_INLINE std::string program_hash(const TuneContextPtr& context) {
  return fmt::format("0x{:016x}", structural_hash(context->mod));
}

METASCHEDULE_INLINE Measured measured_samples(FeatureExtractor& extractor,
                                              const TuneContextPtr& context,
                                              const std::vector<MeasureCandidate>& candidates,
                                              const std::vector<RunnerResult>& results) {
  check<ValueError>(candidates.size() == results.size(),
                    "a cost model learns from pairs, found {} candidates and {} results",
                    candidates.size(), results.size());
  Measured out;
  if (candidates.empty()) return out;
  const auto features = extractor.extract_from(context, candidates);
  for (size_t i = 0; i < features.size(); ++i) {
    if (features[i].rows == 0) continue;
    out.samples.push_back(to_sample(features[i]));
    out.costs.push_back(results[i].run_secs && !results[i].run_secs->empty()
                            ? median(*results[i].run_secs)
                            : kFailedSeconds);
    out.cols = static_cast<size_t>(features[i].cols);
  }
  return out;
}

METASCHEDULE_INLINE double average_peak(const std::vector<double>& scores,
                                        const std::vector<double>& labels, int n) {
  std::vector<size_t> order(scores.size());
  std::iota(order.begin(), order.end(), size_t{0});
  std::stable_sort(order.begin(), order.end(),
                   [&](size_t a, size_t b) { return scores[a] > scores[b]; });
  order.resize(std::min(order.size(), static_cast<size_t>(std::max(n, 0))));
  if (order.empty()) return 0;
  const double best = *std::max_element(labels.begin(), labels.end());
  double peak = 0, total = 0;
  for (size_t i : order) {
    peak = std::max(peak, labels[i]);
    total += peak / best;
  }
  return total / static_cast<double>(order.size());
}

}  // namespace metaschedule
