// SPDX-License-Identifier: Apache-2.0
// What cost models learn from: the features and costs of measured candidates, program by program.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "metaschedule/support/json.h"
#include "metaschedule/tune/feature_extractor.h"
#include "metaschedule/tune/runner.h"

namespace metaschedule {

/// The rows of one candidate.
struct Sample {
  std::vector<float> features;  // rows x cols
  size_t rows = 0;
};

/// All samples of one program.
struct SampleGroup {
  std::string hash;
  std::vector<Sample> samples;
  std::vector<double> costs;  // seconds
  double min_cost = 0;

  void add(std::vector<Sample> more, const std::vector<double>& more_costs);
  /// Throughput relative to the best of the group, in (0, 1].
  std::vector<double> labels() const;
};

/// Samples of several programs, in the order of their first ones.
struct SampleStore {
  std::vector<SampleGroup> groups;
  size_t cols = 0;
  int size = 0;

  /// The group of a program; an empty one is made where there is none.
  SampleGroup& group_of(const std::string& hash);
  /// Takes the samples over into `group`, one of this store's.
  void add(SampleGroup& group, std::vector<Sample> samples, const std::vector<double>& costs);
  json to_json() const;
  /// Raises json::exception, ParseError or ValueError where `value` is not of `to_json`.
  static SampleStore from_json(const json& value);
};

Sample to_sample(const FeatureMatrix& matrix);

/// The name by which a cost model knows a program.
std::string program_hash(const TuneContextPtr& context);

/// Samples of the candidates that have any rows, with the median of their times; a failed run
/// costs kFailedSeconds. Raises ValueError where there is not one result for each candidate.
struct Measured {
  std::vector<Sample> samples;
  std::vector<double> costs;
  size_t cols = 0;
};
Measured measured_samples(FeatureExtractor& extractor, const TuneContextPtr& context,
                          const std::vector<MeasureCandidate>& candidates,
                          const std::vector<RunnerResult>& results);

/// The mean of: the best label among the first k by score, relative to the best of all, k = 1..n.
double average_peak(const std::vector<double>& scores, const std::vector<double>& labels, int n);

}  // namespace metaschedule
