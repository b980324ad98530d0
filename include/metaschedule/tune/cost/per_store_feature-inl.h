// SPDX-License-Identifier: Apache-2.0
// PerStoreFeature: lowering and extraction of candidates, in parallel.
#pragma once

#include <algorithm>

#include "metaschedule/lower/lower.h"
#include "metaschedule/schedule/schedule.h"
#include "metaschedule/support/thread_pool.h"
#include "metaschedule/tune/cost/per_store_feature.h"
#include "metaschedule/tune/tune_context.h"

namespace metaschedule {

METASCHEDULE_INLINE PerStoreFeature::PerStoreFeature(int buffers_per_store,
                                                     int arith_intensity_curve_num_samples,
                                                     int64_t cache_line_bytes,
                                                     bool extract_workload)
    : extract_workload_(extract_workload) {
  check<ValueError>(
      buffers_per_store >= 0 && arith_intensity_curve_num_samples >= 0 && cache_line_bytes > 0,
      "PerStoreFeature: expected sizes that are not negative and a cache line, found "
      "{}, {}, {}",
      buffers_per_store, arith_intensity_curve_num_samples, cache_line_bytes);
  options_.buffers_per_store = buffers_per_store;
  options_.arith_intensity_curve_num_samples = arith_intensity_curve_num_samples;
  options_.cache_line_bytes = cache_line_bytes;
}

METASCHEDULE_INLINE int PerStoreFeature::feature_vector_length() const {
  return options_.vector_length() + (extract_workload_ ? 8 : 0);
}

METASCHEDULE_INLINE FeatureMatrix PerStoreFeature::extract(const IRModule& scheduled,
                                                           bool is_gpu) const {
  StoreFeatureOptions options = options_;
  options.is_gpu = is_gpu;
  return extract_store_features(*lower::lower_for_features(scheduled, /*keep_regions=*/false),
                                options);
}

namespace detail {
/// The matrix with the same columns added to each row.
inline FeatureMatrix append_columns(const FeatureMatrix& matrix, const std::vector<double>& extra) {
  FeatureMatrix out{matrix.rows, matrix.cols + static_cast<int64_t>(extra.size()), {}};
  for (int64_t r = 0; r < matrix.rows; ++r) {
    auto begin = matrix.data.begin() + r * matrix.cols;
    out.data.insert(out.data.end(), begin, begin + matrix.cols);
    out.data.insert(out.data.end(), extra.begin(), extra.end());
  }
  return out;
}
}  // namespace detail

METASCHEDULE_INLINE std::vector<FeatureMatrix> PerStoreFeature::extract_from(
    const TuneContextPtr& context, const std::vector<MeasureCandidate>& candidates) {
  check<ValueError>(static_cast<bool>(context->target),
                    "PerStoreFeature: expected a context with a target");
  bool is_gpu = std::any_of(context->target->keys.begin(), context->target->keys.end(),
                            [](const Ref<String>& key) { return key->value == "gpu"; });
  std::vector<double> workload;
  if (extract_workload_) workload = extract_workload_features(*context->mod);
  std::vector<FeatureMatrix> out(candidates.size());
  parallel_for(static_cast<int>(candidates.size()), context->num_threads, [&](int i, int) {
    auto at = static_cast<size_t>(i);
    out[at] = extract(*candidates[at].sch->mod(), is_gpu);
    if (extract_workload_) out[at] = detail::append_columns(out[at], workload);
  });
  return out;
}

METASCHEDULE_INLINE FeatureExtractorPtr FeatureExtractor::create(std::string_view kind) {
  check<ValueError>(kind == "per-store-feature",
                    "Unknown FeatureExtractor: {}; expected per-store-feature", kind);
  return std::make_shared<PerStoreFeature>();
}

}  // namespace metaschedule
