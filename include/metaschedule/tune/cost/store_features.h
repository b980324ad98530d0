// SPDX-License-Identifier: Apache-2.0
// The features of a lowered program that cost models learn from: one row for each written buffer.
#pragma once

#include <cstdint>
#include <vector>

#include "metaschedule/tune/feature_extractor.h"

namespace metaschedule {

struct StoreFeatureOptions {
  /// Buffers of a store that get features of their own, the most travelled first.
  int buffers_per_store = 5;
  int arith_intensity_curve_num_samples = 10;
  int64_t cache_line_bytes = 64;
  bool is_gpu = false;

  /// The length of a row: 57 + 18 buffers + the curve + 4 + 3; 164 by default.
  int vector_length() const {
    return 57 + 18 * buffers_per_store + arith_intensity_curve_num_samples + 4 + 3;
  }
};

/// log2(|x| + 1): how counts and sizes enter the features.
double feature_log(double x);

/// Features of a program that went through `lower_for_features`. Rows are in the order in which
/// buffers are first stored; stores of constants do not count.
FeatureMatrix extract_store_features(const IRModule& lowered, const StoreFeatureOptions& options);

/// The eight indicators of a workload, by the names of its blocks.
std::vector<double> extract_workload_features(const IRModule& module);

}  // namespace metaschedule
