// SPDX-License-Identifier: Apache-2.0
// The cost model of boosted trees.
#include "metaschedule/tune/cost/xgb_model.h"

#include <algorithm>
#include <limits>
#include <mutex>

#include "booster.h"
#include "metaschedule/support/random.h"
#include "metaschedule/support/registry.h"
#include "metaschedule/tune/cost/model_file.h"
#include "pack.h"

namespace metaschedule {
namespace {

class BoostedTrees : public XGBModel {
 public:
  explicit BoostedTrees(XGBModelOptions opts)
      : XGBModel(std::move(opts)), rand_(options.config.seed) {
    check<ValueError>(options.extractor != nullptr, "XGBModel: a feature extractor is needed");
  }

  void update(const TuneContextPtr& context, const std::vector<MeasureCandidate>& candidates,
              const std::vector<RunnerResult>& results) override {
    std::lock_guard lock(mutex_);
    Measured found = measured_samples(*options.extractor, context, candidates, results);
    if (found.samples.empty()) return;
    store_.cols = found.cols;
    SampleGroup& group = store_.group_of(program_hash(context));
    if (booster_ && !group.samples.empty()) report_on_new(found, group.min_cost);
    store_.add(group, std::move(found.samples), found.costs);
    if (options.adaptive_training && store_.size - last_train_size_ < last_train_size_ / 5.0)
      return;
    last_train_size_ = store_.size;
    train();
  }

  int data_size() override {
    std::lock_guard lock(mutex_);
    return store_.size;
  }

  bool wants_records(const TuneContextPtr& context) override {
    std::lock_guard lock(mutex_);
    return store_.group_of(program_hash(context)).samples.empty();
  }

  std::vector<double> predict(const TuneContextPtr& context,
                              const std::vector<MeasureCandidate>& candidates) override {
    if (candidates.empty()) return {};
    std::unique_lock lock(mutex_);
    if (store_.size < options.num_warmup_samples || !booster_) {
      std::vector<double> scores;
      for (size_t i = 0; i < candidates.size(); ++i) scores.push_back(rand_.uniform());
      return scores;
    }
    lock.unlock();
    xgb::Pack pack(0);
    for (const FeatureMatrix& matrix : options.extractor->extract_from(context, candidates)) {
      pack.add(to_sample(matrix));
      if (matrix.rows > 0) pack.cols = static_cast<size_t>(matrix.cols);
    }
    lock.lock();
    return score(pack);
  }

  void save(const std::string& path) override {
    std::lock_guard lock(mutex_);
    json value = store_.to_json();
    value["xgb_model"] = 1;
    value["trees"] = booster_ ? json(booster_->to_json()) : json();
    detail::write_model_file(path, value);
  }

  void load(const std::string& path) override {
    SampleStore store;
    std::unique_ptr<xgb::Booster> booster;
    detail::read_model_file(path, "cost model of boosted trees", [&](const json& value) {
      store = SampleStore::from_json(value);
      if (value.at("trees").is_string()) {
        booster = std::make_unique<xgb::Booster>(nullptr);
        booster->set("nthread", std::to_string(options.config.nthread));
        booster->from_json(value.at("trees").get<std::string>());
      }
    });
    std::lock_guard lock(mutex_);
    store_ = std::move(store);
    booster_ = std::move(booster);
    last_train_size_ = booster_ ? store_.size : 0;
  }

 private:
  std::vector<double> score(const xgb::Pack& pack) const {
    if (pack.sample_of_row.empty()) return std::vector<double>(pack.samples, 0.0);
    check<ValueError>(pack.cols == store_.cols,
                      "XGBModel: trained on {} features, asked about {}: one model needs one "
                      "extractor",
                      store_.cols, pack.cols);
    const xgb::Matrix matrix(pack.features, pack.sample_of_row.size(), pack.cols);
    return pack.sum(booster_->predict(matrix, /*training=*/false));
  }

  void report_on_new(const Measured& found, double min_cost) const {
    if (!options.logger.enabled(LogLevel::Debug)) return;
    xgb::Pack pack(store_.cols);
    std::vector<double> labels;
    for (size_t i = 0; i < found.samples.size(); ++i) {
      pack.add(found.samples[i]);
      labels.push_back(min_cost / found.costs[i]);
    }
    const std::vector<double> sums = score(pack);
    options.logger.debug("XGB validation: p-rmse: {:.6f}\ta-peak@{}: {:.6f}",
                         pack.rmse(sums, labels), options.average_peak_n,
                         average_peak(sums, labels, options.average_peak_n));
  }

  /// From scratch, until the error on the training set has not improved for some rounds.
  void train() {
    xgb::Pack pack(store_.cols);
    std::vector<double> labels;
    for (const SampleGroup& group : store_.groups) {
      if (group.samples.empty()) continue;
      for (const Sample& sample : group.samples) pack.add(sample);
      const std::vector<double> more = group.labels();
      labels.insert(labels.end(), more.begin(), more.end());
    }
    const xgb::Matrix matrix(pack.features, pack.sample_of_row.size(), pack.cols);
    auto booster = std::make_unique<xgb::Booster>(&matrix);
    const XGBConfig& config = options.config;
    booster->set("max_depth", std::to_string(config.max_depth));
    booster->set("gamma", fmt::format("{}", config.gamma));
    booster->set("min_child_weight", fmt::format("{}", config.min_child_weight));
    booster->set("eta", fmt::format("{}", config.eta));
    booster->set("seed", std::to_string(config.seed));
    booster->set("nthread", std::to_string(config.nthread));
    booster->set("tree_method", config.tree_method);
    booster->set("verbosity", "0");

    std::vector<float> grad, hess;
    std::vector<double> sums = pack.sum(booster->predict(matrix, /*training=*/true));
    double best = std::numeric_limits<double>::infinity();
    int best_round = 0;
    for (int round = 0; round < options.max_rounds; ++round) {
      pack.gradient(sums, labels, grad, hess);
      booster->boost(matrix, grad, hess);
      sums = pack.sum(booster->predict(matrix, /*training=*/true));
      const double error = pack.rmse(sums, labels);
      if (options.verbose_eval > 0 && round % options.verbose_eval == 0) {
        options.logger.debug("XGB iter {:3}: tr-p-rmse: {:.6f}\ttr-a-peak@{}: {:.6f}", round, error,
                             options.average_peak_n,
                             average_peak(sums, labels, options.average_peak_n));
      }
      if (error < best) {
        best = error;
        best_round = round;
      } else if (round - best_round >= options.early_stopping_rounds) {
        break;
      }
    }
    // A booster remembers the data it was made with by address: give the trees a new one.
    booster_ = std::make_unique<xgb::Booster>(nullptr);
    booster_->set("nthread", std::to_string(config.nthread));
    booster_->from_json(booster->to_json());
  }

  std::mutex mutex_;
  SampleStore store_;
  std::unique_ptr<xgb::Booster> booster_;
  int last_train_size_ = 0;
  Rand rand_;
};

}  // namespace

std::shared_ptr<XGBModel> make_xgb_model(XGBModelOptions options) {
  return std::make_shared<BoostedTrees>(std::move(options));
}

void enable_xgb_model() {
  register_function(
      kXGBFactory,
      [](const std::vector<Value>&) -> Value {
        // The caller asks for exactly this type.
        return CostModelPtr(
            make_xgb_model({.extractor = FeatureExtractor::create("per-store-feature")}));
      },
      /*override=*/true);
}

}  // namespace metaschedule
