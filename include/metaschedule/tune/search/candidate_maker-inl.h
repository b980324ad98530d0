// SPDX-License-Identifier: Apache-2.0
// Bodies of candidate_maker.h.
#pragma once

#include <exception>

#include "metaschedule/support/config.h"
#include "metaschedule/support/thread_pool.h"
#include "metaschedule/tune/mutator.h"
#include "metaschedule/tune/postproc.h"
#include "metaschedule/tune/search/candidate_maker.h"

namespace metaschedule {
namespace detail {

/// The name of the class of the exception being handled, for counting.
inline std::string error_class(std::string& text) {
  try {
    throw;
  } catch (const Interrupted&) {
    throw;
  } catch (const std::exception& e) {
    text = e.what();
  }
  const auto is = [](auto* type) {
    try {
      throw;
    } catch (const std::remove_pointer_t<decltype(type)>&) {
      return true;
    } catch (...) {
      return false;
    }
  };
  if (is(static_cast<ScheduleError*>(nullptr))) return "ScheduleError";
  if (is(static_cast<InternalError*>(nullptr))) return "InternalError";
  if (is(static_cast<VerifyError*>(nullptr))) return "VerifyError";
  if (is(static_cast<ValueError*>(nullptr))) return "ValueError";
  if (is(static_cast<std::bad_alloc*>(nullptr))) return "out of memory";
  return "Error";
}

}  // namespace detail

METASCHEDULE_INLINE int64_t seed_at(int64_t seed, uint64_t round, uint64_t stage, uint64_t slot) {
  // splitmix64 over the four numbers.
  uint64_t state = static_cast<uint64_t>(seed);
  for (uint64_t part : {round, stage, slot}) {
    state += 0x9e3779b97f4a7c15u + part;
    state = (state ^ state >> 30) * 0xbf58476d1ce4e5b9u;
    state = (state ^ state >> 27) * 0x94d049bb133111ebu;
    state ^= state >> 31;
  }
  return static_cast<int64_t>(state % (Rand::kModulus - 1)) + 1;
}

METASCHEDULE_INLINE CandidateMaker::CandidateMaker(Postprocs postprocs)
    : postprocs_(std::move(postprocs)), refused_(postprocs_.size()) {}

METASCHEDULE_INLINE void CandidateMaker::count(const std::string& kind, const std::string& text) {
  std::lock_guard lock(mutex_);
  Count& count = errors_[kind];
  if (count.times++ == 0) count.example = text;
}

METASCHEDULE_INLINE void CandidateMaker::count_exception(const std::string& stage) {
  std::string text;
  const std::string kind = detail::error_class(text);
  count(kind + " in " + stage, text);
}

METASCHEDULE_INLINE SchedulePtr CandidateMaker::make(const ModuleRef& mod, const Trace& trace,
                                                     Rand& rand) {
  const int64_t seed = rand.fork_seed();
  SchedulePtr sch;
  try {
    ReplayResult replayed = try_replay(trace, mod, seed, /*remove_postproc=*/true,
                                       {.error_render_level = ErrorLevel::None});
    if (!replayed) {
      count("refused by " + replayed.failure.primitive, replayed.failure.message);
      return nullptr;
    }
    sch = std::make_shared<Schedule>(std::move(*replayed.schedule));
  } catch (const std::exception&) {
    count_exception("replay");
    return nullptr;
  }
  return finish(std::move(sch));
}

METASCHEDULE_INLINE std::optional<Trace> CandidateMaker::mutate(Mutator& mutator,
                                                                const Trace& trace, Rand& rand) {
  try {
    return mutator.apply(trace, rand);
  } catch (const std::exception&) {
    count_exception("mutator " + mutator.name());
    return std::nullopt;
  }
}

METASCHEDULE_INLINE SchedulePtr CandidateMaker::finish(SchedulePtr sch) {
  if (!sch) return nullptr;
  size_t i = 0;
  try {
    sch->enter_postproc();
    for (; i < postprocs_.size(); ++i) {
      if (!postprocs_[i]->apply(sch)) {
        ++refused_[i];
        return nullptr;
      }
    }
    return sch;
  } catch (const std::exception&) {
    count_exception(i < postprocs_.size() ? "postproc " + postprocs_[i]->name() : "enter_postproc");
    return nullptr;
  }
}

METASCHEDULE_INLINE std::string CandidateMaker::summary() const {
  std::string out;
  for (size_t i = 0; i < postprocs_.size(); ++i) {
    out += fmt::format("{}Postproc #{} [{}]: {} failure(s)", i ? "\n" : "", i,
                       postprocs_[i]->name(), refused_[i].load());
  }
  std::lock_guard lock(mutex_);
  for (const auto& [kind, count] : errors_)
    out += fmt::format("{}{}: {} time(s), first: {}", out.empty() ? "" : "\n", kind, count.times,
                       count.example);
  return out;
}

METASCHEDULE_INLINE std::map<std::string, int> CandidateMaker::failures() const {
  std::map<std::string, int> out;
  for (size_t i = 0; i < postprocs_.size(); ++i) {
    if (const int times = refused_[i]) out["postproc " + postprocs_[i]->name()] += times;
  }
  std::lock_guard lock(mutex_);
  for (const auto& [kind, count] : errors_) out[kind] = count.times;
  return out;
}

METASCHEDULE_INLINE void CandidateMaker::clear() {
  for (std::atomic<int>& count : refused_) count = 0;
  std::lock_guard lock(mutex_);
  errors_.clear();
}

}  // namespace metaschedule
