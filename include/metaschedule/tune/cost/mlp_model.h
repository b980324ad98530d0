// SPDX-License-Identifier: Apache-2.0
// The cost model of a small neural network on per-store features, trained here without any library.
#pragma once

#include <memory>
#include <string>
#include <utility>

#include "metaschedule/support/logging.h"
#include "metaschedule/tune/cost/mlp/network.h"
#include "metaschedule/tune/cost_model.h"
#include "metaschedule/tune/feature_extractor.h"

namespace metaschedule {

/// How the network is trained; fields and defaults are those of TVM's `TrainerConfig`.
struct MLPTrainerConfig {
  int batch_size = 128;  // samples
  double learning_rate = 7e-4;
  double weight_decay = 1e-6;
  int num_epoch_full = 50;
  int num_epoch_incremental = 5;
  double grad_clip_norm = 0.5;
  int train_verbose = 1000;  // batches between two lines of the log
  int test_interval = 1;     // epochs
  double test_split = 0.2;   // share of the programs held out of a full training
  bool frozen = false;       // learn nothing more
};

struct MLPModelOptions {
  FeatureExtractorPtr extractor{};  // none: per-store features with those of the workload
  SegmentSumMLPConfig model{};
  MLPTrainerConfig trainer{};
  int64_t seed = 0;
  Logger logger{};
};

/// A candidate's score is the output of the network, larger for faster; it has no scale. The same
/// data in the same order give the same model.
class MLPModel : public CostModel {
 public:
  const MLPModelOptions options;
  /// Samples learned from.
  virtual int data_size() = 0;

 protected:
  explicit MLPModel(MLPModelOptions opts) : options(std::move(opts)) {}
};

/// Raises ValueError for a shape or a number that makes no sense, naming it.
std::shared_ptr<MLPModel> make_mlp_model(MLPModelOptions options = {});

}  // namespace metaschedule
