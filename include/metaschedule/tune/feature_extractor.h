// SPDX-License-Identifier: Apache-2.0
// Feature extractors describe candidates to cost models by numbers.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "metaschedule/tune/fwd.h"
#include "metaschedule/tune/measure_candidate.h"

namespace metaschedule {

/// Row-major; a row describes one stored buffer of a candidate. May have no rows.
struct FeatureMatrix {
  int64_t rows = 0;
  int64_t cols = 0;
  std::vector<double> data;  // rows * cols
};

class FeatureExtractor {
 public:
  virtual ~FeatureExtractor() = default;
  /// One matrix for each candidate, in order, all with the same number of columns.
  virtual std::vector<FeatureMatrix> extract_from(
      const TuneContextPtr& context, const std::vector<MeasureCandidate>& candidates) = 0;

  /// "per-store-feature"; ValueError otherwise.
  static FeatureExtractorPtr create(std::string_view kind);
};

}  // namespace metaschedule
