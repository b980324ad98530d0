// SPDX-License-Identifier: Apache-2.0
// Sums over the rows of samples, which is what boosted trees are trained on.
#pragma once

#include <cstdint>
#include <vector>

#include "metaschedule/tune/cost/samples.h"

namespace metaschedule::xgb {

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

}  // namespace metaschedule::xgb
