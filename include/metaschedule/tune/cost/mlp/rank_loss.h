// SPDX-License-Identifier: Apache-2.0
// LambdaRank with the weights of NDCG: what the network is trained on.
#pragma once

#include <algorithm>
#include <cmath>
#include <numeric>
#include <vector>

namespace metaschedule::mlp {

/// Samples in the order of their scores, best first; D_r = log2(1 + r) discounts rank r = 1..n, and
/// G_i = (2^label_i - 1) / (the best possible sum of gains by discounts). The loss is
///   - sum over pairs with label_a > label_b of |1/D_a - 1/D_b| |G_a - G_b| log2 sigmoid(s_a -
///   s_b),
/// and `gradient` receives its derivative by each score (ranks taken as constants).
inline double lambda_rank_loss(const std::vector<float>& scores, const std::vector<double>& labels,
                               std::vector<float>* gradient = nullptr) {
  constexpr double kEpsilon = 1e-10;
  const size_t n = scores.size();
  std::vector<size_t> order(n);
  std::iota(order.begin(), order.end(), size_t{0});
  std::stable_sort(order.begin(), order.end(),
                   [&](size_t a, size_t b) { return scores[a] > scores[b]; });
  std::vector<double> ideal = labels;
  std::sort(ideal.begin(), ideal.end(), std::greater<>());
  double best = 0;
  for (size_t r = 0; r < n; ++r) best += (std::exp2(ideal[r]) - 1) / std::log2(2.0 + r);
  best = std::max(best, kEpsilon);

  if (gradient) gradient->assign(n, 0.0F);
  double loss = 0;
  for (size_t r = 0; r < n; ++r) {
    for (size_t q = 0; q < n; ++q) {
      const size_t a = order[r], b = order[q];
      if (labels[a] <= labels[b]) continue;
      const double gain = (std::exp2(labels[a]) - std::exp2(labels[b])) / best;
      const double weight = std::abs(1 / std::log2(2.0 + r) - 1 / std::log2(2.0 + q)) * gain;
      const double p = 1 / (1 + std::exp(double{scores[b]} - scores[a]));
      const double bounded = std::max(std::pow(std::max(p, kEpsilon), weight), kEpsilon);
      loss -= std::log2(bounded);
      if (!gradient || p <= kEpsilon || bounded <= kEpsilon) continue;
      const float slope = static_cast<float>(weight * (1 - p) / std::log(2.0));
      (*gradient)[a] -= slope;
      (*gradient)[b] += slope;
    }
  }
  return loss;
}

}  // namespace metaschedule::mlp
