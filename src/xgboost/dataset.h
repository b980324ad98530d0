// SPDX-License-Identifier: Apache-2.0
// The samples that the cost model of boosted trees learns from, and the sums over their rows.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "metaschedule/support/json.h"
#include "metaschedule/tune/feature_extractor.h"

namespace metaschedule::xgb {

/// The rows of one candidate.
struct Sample {
  std::vector<float> features;  // rows x cols
  size_t rows = 0;
};

/// All samples of one program.
struct Group {
  std::string hash;
  std::vector<Sample> samples;
  std::vector<double> costs;  // seconds
  double min_cost = 0;

  void add(std::vector<Sample> more, const std::vector<double>& more_costs);
  /// Throughput relative to the best of the group, in (0, 1].
  std::vector<double> labels() const;
};

/// Rows of several samples one below another.
struct Pack {
  std::vector<float> features;
  std::vector<uint32_t> sample_of_row;
  size_t samples = 0;
  size_t cols = 0;

  explicit Pack(size_t cols) : cols(cols) {}
  void add(const Sample& sample);
  /// For each sample the sum of its rows' values.
  std::vector<double> sum(const std::vector<float>& rows) const;
  /// The gradient and the curvature of sum_i y_i (p_i - y_i)^2 / 2, for each row.
  void gradient(const std::vector<double>& sums, const std::vector<double>& labels,
                std::vector<float>& grad, std::vector<float>& hess) const;
  /// Root of the mean over rows of the squared error of their sample, to six digits after the
  /// point: finer steps are not progress.
  double rmse(const std::vector<double>& sums, const std::vector<double>& labels) const;
};

/// The mean of: the best label among the first k by score, relative to the best of all, k = 1..n.
double average_peak(const std::vector<double>& sums, const std::vector<double>& labels, int n);

Sample to_sample(const FeatureMatrix& matrix);
json group_to_json(const Group& group);
Group group_from_json(const json& value);

}  // namespace metaschedule::xgb
