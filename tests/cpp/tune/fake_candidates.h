// SPDX-License-Identifier: Apache-2.0
// Candidates that are only numbers, whose features say how fast they run: what cost models can
// learn without a program.
#pragma once

#include <memory>
#include <vector>

#include "metaschedule/ir/op.h"
#include "metaschedule/support/random.h"
#include "metaschedule/tune/feature_extractor.h"
#include "metaschedule/tune/runner.h"
#include "metaschedule/tune/tune_context.h"

namespace metaschedule::testing {

inline TuneContextPtr context_of(int constant) {
  PrimFuncRef func = make<PrimFunc>(Vars{}, make<Evaluate>(i32(constant)));
  TuneContext::Options options;
  options.mod = IRModule::from_func(func);
  return std::make_shared<TuneContext>(options);
}

/// Features that say how fast a candidate runs: rows of two random numbers, whose sum is its speed.
/// The schedule pointer is only a name here.
class FakeExtractor : public FeatureExtractor {
 public:
  std::vector<FeatureMatrix> extract_from(
      const TuneContextPtr&, const std::vector<MeasureCandidate>& candidates) override {
    std::vector<FeatureMatrix> out;
    for (const MeasureCandidate& candidate : candidates) {
      out.push_back(matrix(index_of(candidate)));
    }
    return out;
  }
  static size_t index_of(const MeasureCandidate& candidate) {
    return reinterpret_cast<size_t>(candidate.sch.get()) / 16;
  }
  static FeatureMatrix matrix(size_t id) {
    if (id % 50 == 0) return {0, 2, {}};
    Rand rand(static_cast<int64_t>(id));
    FeatureMatrix out{static_cast<int64_t>(1 + id % 3), 2, {}};
    for (int64_t i = 0; i < out.rows * 2; ++i) out.data.push_back(rand.uniform());
    return out;
  }
  static double seconds(size_t id) {
    double speed = 0.1;
    for (double x : matrix(id).data) speed += x;
    return 1 / speed;
  }
};

struct Data {
  std::vector<MeasureCandidate> candidates;
  std::vector<RunnerResult> results;
  std::vector<std::shared_ptr<int>> owners;
};

inline Data make_data(size_t from, size_t to) {
  Data data;
  for (size_t id = from; id < to; ++id) {
    data.owners.push_back(std::make_shared<int>(0));
    data.candidates.push_back(
        {SchedulePtr(data.owners.back(), reinterpret_cast<Schedule*>(id * 16)), std::nullopt});
    data.results.push_back(id % 10 == 7 ? RunnerResult::failed(FailureKind::Crash, "died")
                                        : RunnerResult::ok({FakeExtractor::seconds(id)}));
  }
  return data;
}

inline double rank_agreement(const std::vector<double>& scores, size_t from) {
  int agree = 0, total = 0;
  for (size_t i = 0; i < scores.size(); ++i) {
    for (size_t j = 0; j < i; ++j) {
      const size_t a = from + i, b = from + j;
      if (a % 50 == 0 || b % 50 == 0) continue;
      ++total;
      agree += (scores[i] < scores[j]) == (FakeExtractor::seconds(a) > FakeExtractor::seconds(b));
    }
  }
  return static_cast<double>(agree) / total;
}

}  // namespace metaschedule::testing
