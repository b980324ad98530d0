// SPDX-License-Identifier: Apache-2.0
// The feature extractor of cost models: lowers each candidate and extracts its store features.
#pragma once

#include "metaschedule/tune/cost/store_features.h"
#include "metaschedule/tune/feature_extractor.h"

namespace metaschedule {

class PerStoreFeature : public FeatureExtractor {
 public:
  explicit PerStoreFeature(int buffers_per_store = 5, int arith_intensity_curve_num_samples = 10,
                           int64_t cache_line_bytes = 64, bool extract_workload = false);
  /// Candidates are worked on by the threads of the context.
  std::vector<FeatureMatrix> extract_from(const TuneContextPtr& context,
                                          const std::vector<MeasureCandidate>& candidates) override;
  /// Features of one scheduled module.
  FeatureMatrix extract(const IRModule& scheduled, bool is_gpu) const;
  int feature_vector_length() const;
  const StoreFeatureOptions& options() const { return options_; }

 private:
  StoreFeatureOptions options_;
  bool extract_workload_;
};

}  // namespace metaschedule
