// SPDX-License-Identifier: Apache-2.0
// From a trace to a finished candidate: replay, postprocs, and a count of what went wrong.
#pragma once

#include <atomic>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "metaschedule/schedule/schedule.h"
#include "metaschedule/tune/space_generator.h"

namespace metaschedule {

/// A seed for a random choice that depends on where it is made alone: the search's own seed and up
/// to three positions (round, stage, slot). What other threads do has no part in it.
int64_t seed_at(int64_t seed, uint64_t round, uint64_t stage, uint64_t slot);

/// Makes candidates of one task; used by all threads of a search at once.
class CandidateMaker {
 public:
  explicit CandidateMaker(Postprocs postprocs);

  /// Replays the trace without its postproc part on `mod`, sampling what it has no decision for,
  /// then runs the postprocs. Null when a step, a postproc or anything else refuses or raises:
  /// counted by kind, never raised. Only Interrupted passes through, and what is not derived from
  /// std::exception.
  SchedulePtr make(const ModuleRef& mod, const Trace& trace, Rand& rand);
  /// Runs a mutator; what it raises is counted and gives nothing.
  std::optional<Trace> mutate(Mutator& mutator, const Trace& trace, Rand& rand);
  /// Runs the postprocs on a schedule that is replayed already.
  SchedulePtr finish(SchedulePtr sch);

  /// One line for each postproc, then one for each kind of error: how often, and the first text.
  std::string summary() const;
  /// Failures by "postproc <name>" or class of error, since the last `clear`.
  std::map<std::string, int> failures() const;
  void clear();

 private:
  struct Count {
    int times = 0;
    std::string example;
  };
  void count(const std::string& kind, const std::string& text);
  void count_exception(const std::string& stage);

  Postprocs postprocs_;
  std::vector<std::atomic<int>> refused_;
  mutable std::mutex mutex_;
  std::map<std::string, Count> errors_;
};

}  // namespace metaschedule
