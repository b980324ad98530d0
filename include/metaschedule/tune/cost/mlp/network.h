// SPDX-License-Identifier: Apache-2.0
// The segment-sum network: each row of a sample is encoded by itself, the rows of a sample are
// summed, and two residual layers and a linear one turn the sum into a score.
#pragma once

#include <optional>
#include <vector>

#include "metaschedule/support/json.h"
#include "metaschedule/tune/cost/mlp/layers.h"

namespace metaschedule {

/// The shape of the network; fields and defaults are those of TVM's.
struct SegmentSumMLPConfig {
  int input_dim = 172;
  int hidden_dim = 256;
  int output_dim = 1;
  bool use_norm = false;
  bool use_sigmoid = false;
};

namespace mlp {

/// The rows of several samples one below another, and how many each sample has.
struct Batch {
  Matrix rows;
  std::vector<size_t> rows_of_sample;
};

class Network {
 public:
  /// Raises ValueError for sizes below 1, and for an output_dim that is not 1.
  Network(const SegmentSumMLPConfig& config, int64_t seed);

  /// One score for each sample.
  std::vector<float> forward(const Batch& batch) const;
  /// Scores in training, and what `backward` needs.
  std::vector<float> train(const Batch& batch);
  /// Adds to the gradients, given that of the scores of the last `train`.
  void backward(const Batch& batch, const std::vector<float>& gradient);

  std::vector<Parameter*> parameters();
  /// All numbers, as text; `restore` raises ValueError where they are not of this shape.
  json save() const;
  void restore(const json& value);

  const SegmentSumMLPConfig config;

 private:
  struct Tape {
    Matrix first, second, summed, normed, inner[2], outer[2], head;
    BatchNorm::Tape norm;
  };
  // `Self` is const outside of training, which alone changes the running mean of the norm.
  template <class Self>
  static Matrix run(Self& self, const Batch& batch, Tape& tape);
  template <class Self>
  static auto parameters_of(Self& self);

  Rand rand_;
  Dense first_, second_, residual_[2], head_;
  std::optional<BatchNorm> norm_;
  Tape tape_;
};

}  // namespace mlp
}  // namespace metaschedule
