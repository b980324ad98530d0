// SPDX-License-Identifier: Apache-2.0
// Bodies of profiler.h.
#pragma once

#include <algorithm>

#include "metaschedule/support/config.h"
#include "metaschedule/support/profiler.h"
#include "metaschedule/support/table.h"

namespace metaschedule {

METASCHEDULE_INLINE ScopedTimer::~ScopedTimer() {
  if (!profiler_) return;
  const std::chrono::duration<double> elapsed = std::chrono::steady_clock::now() - start_;
  profiler_->add(name_, elapsed.count());
}

METASCHEDULE_INLINE std::map<std::string, double> Profiler::get() const {
  std::lock_guard lock(mutex_);
  return seconds_;
}

METASCHEDULE_INLINE void Profiler::add(std::string_view name, double seconds) {
  std::lock_guard lock(mutex_);
  seconds_[std::string(name)] += seconds;
}

METASCHEDULE_INLINE std::string Profiler::table() const {
  const std::map<std::string, double> seconds = get();
  check<ValueError>(!seconds.empty(), "the profiler has no entry: nothing was timed");
  const auto total = seconds.find("Total");
  check<ValueError>(total != seconds.end(),
                    "the profiler has no `Total`: it was never entered and left");
  std::vector<std::pair<std::string, double>> rows(seconds.begin(), seconds.end());
  std::stable_sort(rows.begin(), rows.end(),
                   [](const auto& a, const auto& b) { return a.second > b.second; });
  TextTable table({"ID", "Name", "Time (min)", "Percentage"});
  for (size_t i = 0; i < rows.size(); ++i) {
    const double share = total->second > 0 ? rows[i].second / total->second * 100 : 100;
    table.row({i == 0 ? "" : std::to_string(i), rows[i].first,
               fmt::format("{:.4f}", rows[i].second / 60), fmt::format("{:.4f}", share)});
  }
  return table.separator().render();
}

METASCHEDULE_INLINE std::vector<ProfilerPtr>& Profiler::stack() {
  thread_local std::vector<ProfilerPtr> profilers;
  return profilers;
}

METASCHEDULE_INLINE void Profiler::enter() {
  stack().push_back(shared_from_this());
  // A plain pointer's timer: the profiler must not keep itself alive.
  totals_.push_back(
      std::make_unique<ScopedTimer>(ProfilerPtr(ProfilerPtr(), this), std::string("Total")));
}

METASCHEDULE_INLINE void Profiler::exit() {
  check<ValueError>(!stack().empty() && stack().back().get() == this && !totals_.empty(),
                    "the profiler to leave is not the one that this thread entered last");
  totals_.pop_back();
  stack().pop_back();
}

METASCHEDULE_INLINE ProfilerPtr Profiler::current() {
  return stack().empty() ? nullptr : stack().back();
}

METASCHEDULE_INLINE Profiler::Adopt::Adopt(ProfilerPtr profiler) : pushed_(profiler != nullptr) {
  if (pushed_) Profiler::stack().push_back(std::move(profiler));
}
METASCHEDULE_INLINE Profiler::Adopt::~Adopt() {
  if (pushed_) Profiler::stack().pop_back();
}

}  // namespace metaschedule
