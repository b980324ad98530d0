// SPDX-License-Identifier: Apache-2.0
// Bodies of dataset.h.
#include "dataset.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <numeric>

#include "metaschedule/tune/record/base64.h"

namespace metaschedule::xgb {

void Group::add(std::vector<Sample> more, const std::vector<double>& more_costs) {
  for (Sample& sample : more) samples.push_back(std::move(sample));
  costs.insert(costs.end(), more_costs.begin(), more_costs.end());
  min_cost = *std::min_element(costs.begin(), costs.end());
}

std::vector<double> Group::labels() const {
  std::vector<double> out;
  for (double cost : costs) out.push_back(min_cost / cost);
  return out;
}

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

double average_peak(const std::vector<double>& sums, const std::vector<double>& labels, int n) {
  std::vector<size_t> order(sums.size());
  std::iota(order.begin(), order.end(), size_t{0});
  std::stable_sort(order.begin(), order.end(),
                   [&](size_t a, size_t b) { return sums[a] > sums[b]; });
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

Sample to_sample(const FeatureMatrix& matrix) {
  METASCHEDULE_CHECK(matrix.data.size() == static_cast<size_t>(matrix.rows * matrix.cols));
  Sample out;
  out.rows = static_cast<size_t>(matrix.rows);
  out.features.assign(matrix.data.begin(), matrix.data.end());
  return out;
}

json group_to_json(const Group& group) {
  json samples = json::array();
  for (const Sample& sample : group.samples) {
    std::string bytes(sample.features.size() * sizeof(float), '\0');
    std::memcpy(bytes.data(), sample.features.data(), bytes.size());
    samples.push_back({sample.rows, metaschedule::detail::encode_base64(bytes)});
  }
  return {{"hash", group.hash}, {"costs", group.costs}, {"samples", std::move(samples)}};
}

Group group_from_json(const json& value) {
  Group group;
  group.hash = value.at("hash").get<std::string>();
  std::vector<Sample> samples;
  for (const json& item : value.at("samples")) {
    const auto bytes = metaschedule::detail::decode_base64(item.at(1).get<std::string>());
    check<ValueError>(bytes && bytes->size() % sizeof(float) == 0,
                      "the features of a sample are not in base64");
    Sample sample;
    sample.rows = item.at(0).get<size_t>();
    sample.features.resize(bytes->size() / sizeof(float));
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

}  // namespace metaschedule::xgb
