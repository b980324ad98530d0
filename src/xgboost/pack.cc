// SPDX-License-Identifier: Apache-2.0
// Bodies of pack.h.
#include "pack.h"

#include <algorithm>
#include <cmath>

namespace metaschedule::xgb {

void Pack::add(const Sample& sample) {
  features.insert(features.end(), sample.features.begin(), sample.features.end());
  sample_of_row.insert(sample_of_row.end(), sample.rows, static_cast<uint32_t>(samples));
  ++samples;
}

std::vector<double> Pack::sum(const std::vector<float>& rows) const {
  std::vector<double> out(samples, 0.0);
  for (size_t r = 0; r < rows.size(); ++r) out[sample_of_row[r]] += rows[r];
  return out;
}

void Pack::gradient(const std::vector<double>& sums, const std::vector<double>& labels,
                    std::vector<float>& grad, std::vector<float>& hess) const {
  grad.resize(sample_of_row.size());
  hess.resize(sample_of_row.size());
  for (size_t r = 0; r < sample_of_row.size(); ++r) {
    const size_t i = sample_of_row[r];
    grad[r] = static_cast<float>((sums[i] - labels[i]) * labels[i]);
    hess[r] = static_cast<float>(labels[i]);
  }
}

double Pack::rmse(const std::vector<double>& sums, const std::vector<double>& labels) const {
  double total = 0;
  for (uint32_t i : sample_of_row) total += (sums[i] - labels[i]) * (sums[i] - labels[i]);
  const double mean = total / static_cast<double>(std::max<size_t>(sample_of_row.size(), 1));
  return std::round(std::sqrt(mean) * 1e6) / 1e6;
}

}  // namespace metaschedule::xgb
