// SPDX-License-Identifier: Apache-2.0
// The cost model of boosted trees on per-store features, through XGBoost's C library.
#pragma once

#include <memory>
#include <string>
#include <utility>

#include "metaschedule/support/logging.h"
#include "metaschedule/tune/cost_model.h"
#include "metaschedule/tune/feature_extractor.h"

namespace metaschedule {

/// Parameters of XGBoost. One thread and a fixed seed: the same data give the same model.
struct XGBConfig {
  int max_depth = 10;
  double gamma = 0.001;
  double min_child_weight = 0;
  double eta = 0.2;
  int seed = 43;
  int nthread = 1;
  std::string tree_method = "hist";
};

struct XGBModelOptions {
  FeatureExtractorPtr extractor{};
  XGBConfig config{};
  int num_warmup_samples = 100;  // fewer samples than this: random scores
  int early_stopping_rounds = 50;
  int verbose_eval = 25;
  int average_peak_n = 32;
  bool adaptive_training = true;  // train only when the data have grown by a fifth
  int max_rounds = 10000;
  Logger logger{};
};

/// A candidate's score is the sum of the trees' outputs over its rows, trained to the throughput of
/// the candidate relative to the best of its program: best 1, failed 0.
class XGBModel : public CostModel {
 public:
  const XGBModelOptions options;
  /// Samples learned from.
  virtual int data_size() = 0;

 protected:
  explicit XGBModel(XGBModelOptions opts) : options(std::move(opts)) {}
};

/// Raises ValueError without extractor. In the library metaschedule::metaschedule, where XGBoost
/// was found.
std::shared_ptr<XGBModel> make_xgb_model(XGBModelOptions options);

/// Lets `CostModel::create("xgb")` make this model.
void enable_xgb_model();

/// Name of the function that `CostModel::create("xgb")` calls: no arguments, a CostModelPtr.
inline constexpr const char* kXGBFactory = "metaschedule.cost_model.xgb";

}  // namespace metaschedule
