// SPDX-License-Identifier: Apache-2.0
// The cost model of a neural network: its gradients, what it learns, and its file.
#include <gtest/gtest.h>

#include <fstream>

#include "fake_candidates.h"
#include "metaschedule/tune/cost/mlp/network.h"
#include "metaschedule/tune/cost/mlp/rank_loss.h"
#include "metaschedule/tune/cost/mlp_model.h"
#include "temp_dir.h"

namespace metaschedule {
namespace {

using namespace metaschedule::testing;

TEST(MLPMatrix, product_is_that_of_three_loops_at_odd_sizes) {
  Rand rand(1);
  for (auto [m, k, n] : {std::array<size_t, 3>{1, 1, 1}, {5, 7, 33}, {4, 3, 64}, {9, 40, 70}}) {
    mlp::Matrix a(m, k), b(k, n);
    for (float& x : a.data) x = static_cast<float>(rand.sample_int(-3, 4));
    for (float& x : b.data) x = static_cast<float>(rand.sample_int(-3, 4));
    const mlp::Matrix c = mlp::multiply(a, b);
    for (size_t i = 0; i < m; ++i) {
      for (size_t j = 0; j < n; ++j) {
        float want = 0;
        for (size_t q = 0; q < k; ++q) want += a.row(i)[q] * b.row(q)[j];
        ASSERT_EQ(c.row(i)[j], want) << m << "x" << k << "x" << n << " at " << i << ", " << j;
      }
    }
  }
}

TEST(RankLoss, is_zero_without_pairs_and_less_where_the_order_is_right) {
  EXPECT_EQ(mlp::lambda_rank_loss({1, 2, 3}, {0.5, 0.5, 0.5}), 0);
  EXPECT_LT(mlp::lambda_rank_loss({3, 2, 1}, {1, 0.5, 0.1}),
            mlp::lambda_rank_loss({1, 2, 3}, {1, 0.5, 0.1}));
  // Two samples: D = 1, log2 3; gains 2 - 1 and 2^0.5 - 1 over the best sum of both.
  const double best = 1 + (std::sqrt(2.0) - 1) / std::log2(3.0);
  const double weight = (1 - 1 / std::log2(3.0)) * (2 - std::sqrt(2.0)) / best;
  EXPECT_NEAR(mlp::lambda_rank_loss({1, 0}, {1, 0.5}),
              -weight * std::log2(1 / (1 + std::exp(-1.0))), 1e-9);
}

TEST(RankLoss, gradient_is_the_slope) {
  const std::vector<float> scores = {0.3F, -0.2F, 0.9F, 0.1F};
  const std::vector<double> labels = {1, 0.2, 0.5, 0.7};
  std::vector<float> gradient;
  mlp::lambda_rank_loss(scores, labels, &gradient);
  for (size_t i = 0; i < scores.size(); ++i) {
    std::vector<float> up = scores, down = scores;
    up[i] += 1e-3F;
    down[i] -= 1e-3F;
    const double slope =
        (mlp::lambda_rank_loss(up, labels) - mlp::lambda_rank_loss(down, labels)) / 2e-3;
    EXPECT_NEAR(gradient[i], slope, 2e-3) << i;
  }
}

mlp::Batch random_batch(Rand& rand, size_t cols) {
  mlp::Batch batch;
  batch.rows_of_sample = {2, 1, 3, 2};
  batch.rows = mlp::Matrix(8, cols);
  for (float& x : batch.rows.data) x = static_cast<float>(rand.uniform());
  return batch;
}

class MLPNetwork : public ::testing::TestWithParam<std::pair<bool, bool>> {};

TEST_P(MLPNetwork, gradients_are_the_slopes_of_the_loss) {
  SegmentSumMLPConfig config;
  config.input_dim = 5;
  config.hidden_dim = 7;
  config.use_norm = GetParam().first;
  config.use_sigmoid = GetParam().second;
  mlp::Network network(config, 3);
  Rand rand(5);
  const mlp::Batch batch = random_batch(rand, 5);
  const std::vector<double> target = {0.1, 0.9, 0.4, 0.6};
  auto loss = [&] {
    double total = 0;
    const auto out = network.train(batch);
    for (size_t i = 0; i < out.size(); ++i) total += (out[i] - target[i]) * (out[i] - target[i]);
    return total;
  };
  loss();
  std::vector<float> gradient;
  const auto out = network.train(batch);
  for (size_t i = 0; i < out.size(); ++i) {
    gradient.push_back(2 * (out[i] - static_cast<float>(target[i])));
  }
  network.backward(batch, gradient);
  int checked = 0, wrong = 0;
  for (mlp::Parameter* p : network.parameters()) {
    for (size_t i = 0; i < p->value.size(); i += 3) {
      const float before = p->value[i];
      p->value[i] = before + 1e-2F;
      const double up = loss();
      p->value[i] = before - 1e-2F;
      const double down = loss();
      p->value[i] = before;
      const double slope = (up - down) / 2e-2;
      ++checked;
      // A unit of relu that switches within the step is allowed for, not a wrong layer.
      wrong += std::abs(slope - p->gradient[i]) > 2e-2 + 0.1 * std::abs(slope);
    }
  }
  EXPECT_GT(checked, 50);
  EXPECT_LE(wrong, checked / 20);
}
INSTANTIATE_TEST_SUITE_P(Kinds, MLPNetwork,
                         ::testing::Values(std::pair(false, false), std::pair(true, false),
                                           std::pair(false, true)));

std::shared_ptr<MLPModel> small_model(int64_t seed = 1) {
  MLPModelOptions options;
  options.extractor = std::make_shared<FakeExtractor>();
  options.model.input_dim = 2;
  options.model.hidden_dim = 32;
  options.seed = seed;
  return make_mlp_model(options);
}

TEST(MLPModel, learns_to_rank_and_is_the_same_for_the_same_data) {
  const auto context = context_of(1);
  const Data train = make_data(1, 400), test = make_data(1000, 1100);
  auto model = small_model(), again = small_model();
  model->update(context, train.candidates, train.results);
  again->update(context, train.candidates, train.results);
  EXPECT_EQ(model->data_size(), 392);  // 7 of the 399 have no rows
  const auto scores = model->predict(context, test.candidates);
  EXPECT_GT(rank_agreement(scores, 1000), 0.9);
  EXPECT_EQ(scores, again->predict(context, test.candidates));
}

TEST(MLPModel, learns_from_a_few_more_without_starting_afresh) {
  const Data train = make_data(1, 200), more = make_data(300, 320), test = make_data(1000, 1100);
  auto model = small_model();
  model->update(context_of(1), train.candidates, train.results);
  const auto before = model->predict(context_of(1), test.candidates);
  model->update(context_of(1), more.candidates, more.results);
  const auto after = model->predict(context_of(1), test.candidates);
  EXPECT_NE(before, after);
  EXPECT_GT(rank_agreement(after, 1000), 0.9);
}

TEST(MLPModel, comes_back_from_a_file) {
  TempDir dir;
  const auto context = context_of(1);
  const Data train = make_data(1, 100), test = make_data(1000, 1050);
  auto model = small_model(), loaded = small_model(9);
  model->update(context, train.candidates, train.results);
  EXPECT_NE(model->predict(context, test.candidates), loaded->predict(context, test.candidates));
  model->save(dir / "model");
  loaded->load(dir / "model");
  EXPECT_EQ(model->predict(context, test.candidates), loaded->predict(context, test.candidates));
  EXPECT_FALSE(loaded->wants_records(context));
  EXPECT_TRUE(loaded->wants_records(context_of(2)));
  std::ofstream(dir / "bad") << "{\"cols\": 1}";
  EXPECT_THROW(model->load(dir / "bad"), ValueError);
  EXPECT_THROW(model->load(dir / "missing"), ValueError);
  EXPECT_EQ(model->predict(context, test.candidates), loaded->predict(context, test.candidates));
}

TEST(MLPModel, frozen_learns_nothing_and_what_makes_no_sense_is_refused) {
  const auto context = context_of(1);
  const Data data = make_data(1, 50);
  MLPModelOptions options;
  options.extractor = std::make_shared<FakeExtractor>();
  options.model.input_dim = 2;
  options.trainer.frozen = true;
  auto frozen = make_mlp_model(options);
  const auto before = frozen->predict(context, data.candidates);
  frozen->update(context, data.candidates, data.results);
  EXPECT_EQ(before, frozen->predict(context, data.candidates));
  options.model.input_dim = 3;
  EXPECT_THROW(make_mlp_model(options)->predict(context, data.candidates), ValueError);
  options.model.output_dim = 2;
  EXPECT_THROW(make_mlp_model(options), ValueError);
  options.model = {};
  options.trainer.batch_size = 0;
  EXPECT_THROW(make_mlp_model(options), ValueError);
  EXPECT_NE(CostModel::create("mlp"), nullptr);
}

}  // namespace
}  // namespace metaschedule
