// SPDX-License-Identifier: Apache-2.0
// What the search strategies share.
#pragma once

#include <algorithm>
#include <memory>
#include <optional>
#include <vector>

#include "metaschedule/ir/walk.h"
#include "metaschedule/tune/arg_info.h"
#include "metaschedule/tune/measure_candidate.h"
#include "metaschedule/tune/search/candidate_maker.h"
#include "metaschedule/tune/tune_context.h"

namespace metaschedule::detail {

/// Which trials come next: the half-open range [st, ed).
struct TrialRange {
  int max_trials;
  int num_trials_per_iter;
  int st = 0, ed = num_trials_per_iter;

  bool over() const { return st >= max_trials; }
  /// The size of the next batch.
  int next() {
    ed = std::min(ed, max_trials);
    return ed - st;
  }
  void advance(int n) {
    st += n;
    ed += n;
  }
};

/// The context of an initialized strategy.
inline TuneContextPtr lock_context(const std::weak_ptr<TuneContext>& weak, const char* strategy) {
  TuneContextPtr context = weak.lock();
  check<ValueError>(context != nullptr, "{}: the tuning context is gone, or was never set",
                    strategy);
  return context;
}

inline void check_trials(const char* strategy, bool running, int max_trials,
                         int num_trials_per_iter) {
  check<ValueError>(!running, "{}: pre_tuning was called twice without post_tuning between them",
                    strategy);
  check<ValueError>(max_trials >= 0 && num_trials_per_iter >= 1,
                    "{}: expected max_trials >= 0 and num_trials_per_iter >= 1, found {} and {}",
                    strategy, max_trials, num_trials_per_iter);
}

/// One deep copy of the module for each thread: threads then do not meet on reference counts.
inline std::vector<ModuleRef> copies_for_threads(const TuneContext& context) {
  std::vector<ModuleRef> copies;
  for (int i = 0; i < context.num_threads; ++i) copies.push_back(deep_copy(*context.mod));
  return copies;
}

/// The traces of the design spaces with everything still to be decided.
inline std::vector<Trace> undecided_traces(const std::vector<SchedulePtr>& design_spaces) {
  std::vector<Trace> traces;
  for (const SchedulePtr& space : design_spaces)
    traces.push_back(space->trace().simplified(/*remove_postproc=*/true).without_decisions());
  return traces;
}

/// The candidates of those slots that are filled, in order.
inline std::vector<MeasureCandidate> to_candidates(const std::vector<SchedulePtr>& schedules) {
  std::vector<MeasureCandidate> out;
  for (const SchedulePtr& sch : schedules) {
    if (sch) out.push_back({sch, ArgInfo::from_entry_func(*sch->mod())});
  }
  return out;
}

}  // namespace metaschedule::detail
