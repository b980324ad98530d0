// SPDX-License-Identifier: Apache-2.0
// The cost models, on made-up features.
#include <gtest/gtest.h>

#include <fstream>

#include "cpp/sanitizers.h"
#include "fake_candidates.h"
#include "metaschedule/tune/cost/random_model.h"
#include "metaschedule/tune/cost/xgb_model.h"
#include "temp_dir.h"

namespace metaschedule {
namespace {

using namespace metaschedule::testing;

TEST(RandomModel, gives_the_same_scores_for_the_same_seed_and_after_loading) {
  TempDir dir;
  const auto context = context_of(1);
  const Data data = make_data(1, 20);
  RandomModel a(7), b(7), c(8);
  const auto scores = a.predict(context, data.candidates);
  EXPECT_EQ(scores, b.predict(context, data.candidates));
  EXPECT_NE(scores, c.predict(context, data.candidates));
  a.save(dir / "model");
  c.load(dir / "model");
  EXPECT_EQ(a.predict(context, data.candidates), c.predict(context, data.candidates));
  EXPECT_THROW(a.load(dir / "missing"), ValueError);
  std::ofstream(dir / "other") << "{}";
  EXPECT_THROW(a.load(dir / "other"), ValueError);
}

TEST(CostModel, create_knows_its_names) {
  EXPECT_NE(CostModel::create("random"), nullptr);
  EXPECT_EQ(CostModel::create("none"), nullptr);
  EXPECT_THROW(CostModel::create("nonsense"), ValueError);
}

#ifdef METASCHEDULE_WITH_XGBOOST

CostModelPtr small_model() {
  XGBModelOptions options;
  options.extractor = std::make_shared<FakeExtractor>();
  options.num_warmup_samples = 10;
  return make_xgb_model(options);
}

// ThreadSanitizer does not see the barriers of libgomp, which XGBoost is built with.
class XGBModel : public ::testing::Test {
 protected:
  void SetUp() override {
    if (testing::kThreadSanitizer) GTEST_SKIP() << "XGBoost's OpenMP is opaque to ThreadSanitizer";
  }
};

TEST_F(XGBModel, learns_to_rank_and_is_the_same_for_the_same_data) {
  const auto context = context_of(1);
  const Data train = make_data(1, 400), test = make_data(1000, 1100);
  auto model = small_model(), again = small_model();
  const auto before = model->predict(context, test.candidates);
  EXPECT_LT(rank_agreement(before, 1000), 0.7);
  model->update(context, train.candidates, train.results);
  again->update(context, train.candidates, train.results);
  const auto scores = model->predict(context, test.candidates);
  ASSERT_EQ(scores.size(), test.candidates.size());
  EXPECT_GT(rank_agreement(scores, 1000), 0.8);
  EXPECT_EQ(scores[0], 0.0) << "a candidate without rows";
  EXPECT_EQ(scores, again->predict(context, test.candidates));
}

TEST_F(XGBModel, comes_back_from_a_file) {
  TempDir dir;
  const auto context = context_of(1);
  const Data train = make_data(1, 100), test = make_data(1000, 1050);
  auto model = small_model(), loaded = small_model();
  model->update(context, train.candidates, train.results);
  model->save(dir / "model");
  loaded->load(dir / "model");
  EXPECT_EQ(model->predict(context, test.candidates), loaded->predict(context, test.candidates));
  // Both learn on from there alike.
  const Data more = make_data(100, 200);
  model->update(context_of(2), more.candidates, more.results);
  loaded->update(context_of(2), more.candidates, more.results);
  EXPECT_EQ(model->predict(context, test.candidates), loaded->predict(context, test.candidates));
  std::ofstream(dir / "bad") << "{\"cols\": 1}";
  EXPECT_THROW(model->load(dir / "bad"), ValueError);
}

TEST_F(XGBModel, takes_nothing_and_refuses_what_does_not_fit) {
  const auto context = context_of(1);
  auto model = small_model();
  model->update(context, {}, {});
  EXPECT_TRUE(model->predict(context, {}).empty());
  const Data data = make_data(1, 3);
  EXPECT_THROW(model->update(context, data.candidates, {}), ValueError);
  EXPECT_THROW(make_xgb_model({}), ValueError);
}

#endif

}  // namespace
}  // namespace metaschedule
