// SPDX-License-Identifier: Apache-2.0
// Bodies of replay.h.
#pragma once

#include "metaschedule/support/config.h"
#include "metaschedule/support/thread_pool.h"
#include "metaschedule/tune/search/replay.h"
#include "metaschedule/tune/search/support.h"
#include "metaschedule/tune/space_generator.h"

namespace metaschedule {

struct ReplayTrace::State {
  detail::TrialRange trials;
  std::vector<Trace> spaces;
  std::vector<ModuleRef> modules;  // one a thread
  CandidateMaker maker;
  uint64_t round = 0;
};

METASCHEDULE_INLINE ReplayTrace::ReplayTrace(int max_fail_count) : max_fail_count(max_fail_count) {
  check<ValueError>(max_fail_count >= 1, "ReplayTrace: max_fail_count must be at least 1, found {}",
                    max_fail_count);
}
METASCHEDULE_INLINE ReplayTrace::~ReplayTrace() = default;

METASCHEDULE_INLINE void ReplayTrace::initialize_with_tune_context(const TuneContextPtr& context) {
  check<ValueError>(static_cast<bool>(context->mod), "ReplayTrace: the context has no module");
  check<ValueError>(context->space_generator != nullptr,
                    "ReplayTrace: the context has no space generator");
  if (!context->space_generator->postprocs)
    context->logger.warning("ReplayTrace: no postprocs are set; candidates are not finished");
  context_ = context;
  rand_ = Rand(context->rand.fork_seed());
  state_.reset();
}

METASCHEDULE_INLINE void ReplayTrace::pre_tuning(int max_trials, int num_trials_per_iter,
                                                 const std::vector<SchedulePtr>& design_spaces,
                                                 const DatabasePtr&, const CostModelPtr&) {
  detail::check_trials("ReplayTrace", state_ != nullptr, max_trials, num_trials_per_iter);
  check<ValueError>(!design_spaces.empty(), "ReplayTrace: there is no design space");
  const TuneContextPtr context = detail::lock_context(context_, "ReplayTrace");
  state_.reset(
      new State{{max_trials, num_trials_per_iter},
                detail::undecided_traces(design_spaces),
                detail::copies_for_threads(*context),
                CandidateMaker(context->space_generator->postprocs.value_or(Postprocs()))});
}

METASCHEDULE_INLINE void ReplayTrace::post_tuning() {
  check<ValueError>(state_ != nullptr, "ReplayTrace: post_tuning without pre_tuning");
  state_.reset();
}

METASCHEDULE_INLINE std::optional<std::vector<MeasureCandidate>>
ReplayTrace::generate_measure_candidates() {
  check<ValueError>(state_ != nullptr, "ReplayTrace: generation without pre_tuning");
  State& state = *state_;
  if (state.trials.over()) return std::nullopt;
  const TuneContextPtr context = detail::lock_context(context_, "ReplayTrace");
  std::vector<SchedulePtr> slots(state.trials.next());
  const uint64_t round = state.round++;
  parallel_for(slots.size(), context->num_threads, [&](size_t slot, int thread) {
    Rand rand(seed_at(rand_.state(), round, 0, slot));
    for (int attempt = 0; attempt < max_fail_count && !slots[slot]; ++attempt) {
      check_interrupt();
      const Trace& trace =
          state.spaces[rand.sample_int(0, static_cast<int64_t>(state.spaces.size()))];
      slots[slot] = state.maker.make(state.modules[thread], trace, rand);
    }
  });
  std::vector<MeasureCandidate> out = detail::to_candidates(slots);
  if (out.size() < slots.size()) {
    context->logger.warning("ReplayTrace: {} of {} samples found no valid candidate.\n{}",
                            slots.size() - out.size(), slots.size(), state.maker.summary());
  }
  return out;
}

METASCHEDULE_INLINE void ReplayTrace::notify_runner_results(const std::vector<MeasureCandidate>&,
                                                            const std::vector<RunnerResult>&) {
  check<ValueError>(state_ != nullptr, "ReplayTrace: results without pre_tuning");
  state_->trials.advance(state_->trials.num_trials_per_iter);
}

METASCHEDULE_INLINE SearchStrategyPtr ReplayTrace::clone() const {
  auto copy = std::make_shared<ReplayTrace>(max_fail_count);
  copy->rand_ = rand_;
  return copy;
}

struct ReplayFunc::State {
  detail::TrialRange trials;
  CandidateMaker maker;
};

METASCHEDULE_INLINE ReplayFunc::ReplayFunc(int max_fail_count) : max_fail_count(max_fail_count) {
  check<ValueError>(max_fail_count >= 1, "ReplayFunc: max_fail_count must be at least 1, found {}",
                    max_fail_count);
}
METASCHEDULE_INLINE ReplayFunc::~ReplayFunc() = default;

METASCHEDULE_INLINE void ReplayFunc::initialize_with_tune_context(const TuneContextPtr& context) {
  check<ValueError>(static_cast<bool>(context->mod), "ReplayFunc: the context has no module");
  check<ValueError>(context->space_generator != nullptr,
                    "ReplayFunc: the context has no space generator");
  context_ = context;
  rand_ = Rand(context->rand.fork_seed());
  state_.reset();
}

METASCHEDULE_INLINE void ReplayFunc::pre_tuning(int max_trials, int num_trials_per_iter,
                                                const std::vector<SchedulePtr>&, const DatabasePtr&,
                                                const CostModelPtr&) {
  detail::check_trials("ReplayFunc", state_ != nullptr, max_trials, num_trials_per_iter);
  const TuneContextPtr context = detail::lock_context(context_, "ReplayFunc");
  state_.reset(
      new State{{max_trials, num_trials_per_iter},
                CandidateMaker(context->space_generator->postprocs.value_or(Postprocs()))});
}

METASCHEDULE_INLINE void ReplayFunc::post_tuning() {
  check<ValueError>(state_ != nullptr, "ReplayFunc: post_tuning without pre_tuning");
  state_.reset();
}

METASCHEDULE_INLINE std::optional<std::vector<MeasureCandidate>>
ReplayFunc::generate_measure_candidates() {
  check<ValueError>(state_ != nullptr, "ReplayFunc: generation without pre_tuning");
  State& state = *state_;
  if (state.trials.over()) return std::nullopt;
  const TuneContextPtr context = detail::lock_context(context_, "ReplayFunc");
  std::vector<SchedulePtr> slots(state.trials.next());
  for (SchedulePtr& slot : slots) {
    for (int attempt = 0; attempt < max_fail_count && !slot; ++attempt) {
      check_interrupt();
      const std::vector<SchedulePtr> spaces = context->generate_design_space();
      check<ValueError>(!spaces.empty(), "ReplayFunc: there is no design space");
      slot = state.maker.finish(spaces[rand_.sample_int(0, static_cast<int64_t>(spaces.size()))]);
    }
  }
  std::vector<MeasureCandidate> out = detail::to_candidates(slots);
  if (out.size() < slots.size()) {
    context->logger.warning("ReplayFunc: {} of {} samples found no valid candidate.\n{}",
                            slots.size() - out.size(), slots.size(), state.maker.summary());
  }
  return out;
}

METASCHEDULE_INLINE void ReplayFunc::notify_runner_results(const std::vector<MeasureCandidate>&,
                                                           const std::vector<RunnerResult>&) {
  check<ValueError>(state_ != nullptr, "ReplayFunc: results without pre_tuning");
  state_->trials.advance(state_->trials.num_trials_per_iter);
}

METASCHEDULE_INLINE SearchStrategyPtr ReplayFunc::clone() const {
  return std::make_shared<ReplayFunc>(max_fail_count);
}

}  // namespace metaschedule
