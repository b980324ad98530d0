// SPDX-License-Identifier: Apache-2.0
// Bodies of mlp_model.h: when to train, on what, and the file.
#pragma once

#include <algorithm>
#include <limits>
#include <mutex>
#include <numeric>

#include "metaschedule/support/config.h"
#include "metaschedule/support/thread_pool.h"
#include "metaschedule/tune/cost/mlp/network-inl.h"
#include "metaschedule/tune/cost/mlp/rank_loss.h"
#include "metaschedule/tune/cost/mlp_model.h"
#include "metaschedule/tune/cost/model_file.h"
#include "metaschedule/tune/cost/per_store_feature.h"
#include "metaschedule/tune/cost/samples.h"

namespace metaschedule {
namespace detail {

/// A sample and the throughput of its candidate relative to the best of its program.
struct LabelledSample {
  const Sample* sample;
  double label;
};

class SegmentSumModel : public MLPModel {
 public:
  explicit SegmentSumModel(MLPModelOptions opts)
      : MLPModel(std::move(opts)),
        network_(options.model, options.seed),
        rand_(options.seed),
        scale_(static_cast<size_t>(options.model.input_dim), 0.0F) {}

  void update(const TuneContextPtr& context, const std::vector<MeasureCandidate>& candidates,
              const std::vector<RunnerResult>& results) override {
    std::lock_guard lock(mutex_);
    Measured found = measured_samples(*options.extractor, context, candidates, results);
    if (found.samples.empty()) return;
    check_width(found.cols);
    store_.cols = found.cols;
    const int more = static_cast<int>(found.samples.size());
    SampleGroup& group = store_.group_of(program_hash(context));
    const size_t first_new = group.samples.size();
    store_.add(group, std::move(found.samples), found.costs);
    untrained_ += more;
    if (options.trainer.frozen) return;
    if (untrained_ > options.trainer.test_split * store_.size) {
      train_fully();
      untrained_ = 0;
    } else {
      train_on_new(group, first_new);
      untrained_ = std::max(0, untrained_ - more);
    }
  }

  bool wants_records(const TuneContextPtr& context) override {
    std::lock_guard lock(mutex_);
    return store_.group_of(program_hash(context)).samples.empty();
  }

  std::vector<double> predict(const TuneContextPtr& context,
                              const std::vector<MeasureCandidate>& candidates) override {
    std::vector<Sample> samples;
    std::vector<LabelledSample> with_rows;
    const auto features = options.extractor->extract_from(context, candidates);
    for (const FeatureMatrix& matrix : features) {
      if (matrix.rows > 0) check_width(static_cast<size_t>(matrix.cols));
      samples.push_back(to_sample(matrix));
    }
    for (const Sample& sample : samples) with_rows.push_back({&sample, 0});
    if (samples.empty()) return {};
    std::lock_guard lock(mutex_);
    const std::vector<float> scores = network_.forward(batch_of(with_rows, 0, with_rows.size()));
    return {scores.begin(), scores.end()};
  }

  void save(const std::string& path) override {
    std::lock_guard lock(mutex_);
    json value = store_.to_json();
    value["mlp_model"] = 1;
    value["untrained"] = untrained_;
    value["scale"] = scale_;
    value["network"] = network_.save();
    detail::write_model_file(path, value);
  }

  void load(const std::string& path) override {
    std::lock_guard lock(mutex_);
    detail::read_model_file(path, "cost model of a network", [&](const json& value) {
      SampleStore store = SampleStore::from_json(value);
      const int untrained = value.at("untrained").get<int>();
      auto scale = value.at("scale").get<std::vector<float>>();
      check<ValueError>(scale.size() == scale_.size(),
                        "it is made for {} features, this one for {}", scale.size(), scale_.size());
      network_.restore(value.at("network"));
      store_ = std::move(store);
      scale_ = std::move(scale);
      untrained_ = untrained;
    });
  }

  int data_size() override {
    std::lock_guard lock(mutex_);
    return store_.size;
  }

 private:
  void check_width(size_t cols) const {
    check<ValueError>(cols == scale_.size(),
                      "MLPModel: the network takes {} features a row, the extractor gives {}: set "
                      "input_dim to that",
                      scale_.size(), cols);
  }

  /// Samples [from, to), each column divided by the largest value that training has seen in it.
  mlp::Batch batch_of(const std::vector<LabelledSample>& samples, size_t from, size_t to) const {
    mlp::Batch batch;
    size_t rows = 0;
    for (size_t i = from; i < to; ++i) {
      batch.rows_of_sample.push_back(samples[i].sample->rows);
      rows += samples[i].sample->rows;
    }
    batch.rows = mlp::Matrix(rows, scale_.size());
    float* out = batch.rows.data.data();
    for (size_t i = from; i < to; ++i) {
      const auto& features = samples[i].sample->features;
      for (size_t k = 0; k < features.size(); ++k) {
        const float by = scale_[k % scale_.size()];
        *out++ = by == 0 ? features[k] : features[k] / by;
      }
    }
    return batch;
  }

  void take_scale(const std::vector<LabelledSample>& samples) {
    for (const auto& [sample, label] : samples) {
      for (size_t k = 0; k < sample->features.size(); ++k) {
        float& largest = scale_[k % scale_.size()];
        largest = std::max(largest, sample->features[k]);
      }
    }
  }

  static void append(std::vector<LabelledSample>& out, const SampleGroup& group, size_t first = 0) {
    const std::vector<double> labels = group.labels();
    for (size_t i = first; i < group.samples.size(); ++i) {
      out.push_back({&group.samples[i], labels[i]});
    }
  }

  template <class F>
  void for_each_batch(const std::vector<LabelledSample>& samples, F&& f) {
    const size_t size = static_cast<size_t>(options.trainer.batch_size);
    for (size_t from = 0; from < samples.size(); from += size) {
      const size_t to = std::min(samples.size(), from + size);
      std::vector<double> labels;
      for (size_t i = from; i < to; ++i) labels.push_back(samples[i].label);
      f(batch_of(samples, from, to), labels);
    }
  }

  void train_epoch(std::vector<LabelledSample>& samples, mlp::Adam& adam) {
    for (size_t i = samples.size(); i > 1; --i) {
      std::swap(samples[i - 1], samples[static_cast<size_t>(rand_.sample_int(0, int64_t(i)))]);
    }
    for_each_batch(samples, [&](const mlp::Batch& batch, const std::vector<double>& labels) {
      std::vector<float> gradient;
      adam.zero();
      const double loss = mlp::lambda_rank_loss(network_.train(batch), labels, &gradient);
      network_.backward(batch, gradient);
      adam.step();
      smooth_loss_ = steps_ == 0 ? loss : 0.95 * smooth_loss_ + 0.05 * loss;
      if (options.trainer.train_verbose > 0 && steps_ % options.trainer.train_verbose == 0) {
        options.logger.debug("MLP step {}: loss {:.4f}", steps_, smooth_loss_);
      }
      ++steps_;
    });
  }

  double loss_of(const std::vector<LabelledSample>& samples) {
    double total = 0;
    for_each_batch(samples, [&](const mlp::Batch& batch, const std::vector<double>& labels) {
      total += mlp::lambda_rank_loss(network_.forward(batch), labels);
    });
    return total;
  }

  /// On everything but the programs held out, on which the best epoch is chosen.
  void train_fully() {
    std::vector<size_t> order(store_.groups.size());
    std::iota(order.begin(), order.end(), size_t{0});
    for (size_t i = order.size(); i > 1; --i) {
      std::swap(order[i - 1], order[static_cast<size_t>(rand_.sample_int(0, int64_t(i)))]);
    }
    const size_t held = static_cast<size_t>(options.trainer.test_split * order.size());
    std::vector<LabelledSample> train, test;
    for (size_t i = 0; i < order.size(); ++i) {
      append(i < held ? test : train, store_.groups[order[i]]);
    }
    take_scale(train);
    take_scale(test);
    mlp::Adam adam = make_adam();
    const int decay_every = std::max(1, options.trainer.num_epoch_full / 10);
    double best = std::numeric_limits<double>::infinity();
    json best_network;
    for (int epoch = 0; epoch < options.trainer.num_epoch_full; ++epoch) {
      check_interrupt();
      train_epoch(train, adam);
      if ((epoch + 1) % decay_every == 0) adam.options.learning_rate *= 0.8;
      if (test.empty() || epoch % options.trainer.test_interval != 0) continue;
      const double loss = loss_of(test);
      options.logger.debug("MLP epoch {}: test loss {:.4f}", epoch, loss);
      if (loss < best) {
        best = loss;
        best_network = network_.save();
      }
    }
    if (!best_network.is_null()) network_.restore(best_network);
  }

  /// Some epochs on the samples of a group from `first` on.
  void train_on_new(const SampleGroup& group, size_t first) {
    std::vector<LabelledSample> samples;
    append(samples, group, first);
    mlp::Adam adam = make_adam();
    for (int epoch = 0; epoch < options.trainer.num_epoch_incremental; ++epoch) {
      train_epoch(samples, adam);
    }
  }

  mlp::Adam make_adam() {
    return mlp::Adam(network_.parameters(),
                     {options.trainer.learning_rate, options.trainer.weight_decay,
                      options.trainer.grad_clip_norm});
  }

  std::mutex mutex_;
  mlp::Network network_;
  Rand rand_;
  std::vector<float> scale_;
  SampleStore store_;
  int untrained_ = 0, steps_ = 0;
  double smooth_loss_ = 0;
};

}  // namespace detail

METASCHEDULE_INLINE std::shared_ptr<MLPModel> make_mlp_model(MLPModelOptions options) {
  const MLPTrainerConfig& trainer = options.trainer;
  check<ValueError>(trainer.batch_size >= 1, "TrainerConfig: batch_size: found {}",
                    trainer.batch_size);
  check<ValueError>(trainer.num_epoch_full >= 0 && trainer.num_epoch_incremental >= 0,
                    "TrainerConfig: a number of epochs is negative");
  check<ValueError>(trainer.test_interval >= 1, "TrainerConfig: test_interval: found {}",
                    trainer.test_interval);
  check<ValueError>(trainer.test_split >= 0 && trainer.test_split < 1,
                    "TrainerConfig: test_split: expected in [0, 1), found {}", trainer.test_split);
  check<ValueError>(trainer.learning_rate > 0 && trainer.grad_clip_norm > 0,
                    "TrainerConfig: learning_rate and grad_clip_norm are positive, found {} and {}",
                    trainer.learning_rate, trainer.grad_clip_norm);
  if (!options.extractor) {
    options.extractor = std::make_shared<PerStoreFeature>(5, 10, 64, /*extract_workload=*/true);
  }
  return std::make_shared<detail::SegmentSumModel>(std::move(options));
}

}  // namespace metaschedule
