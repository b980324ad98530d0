// SPDX-License-Identifier: Apache-2.0
// Where the time of a tuning session goes: seconds by name, in the profiler that the calling thread
// entered last.
#pragma once

#include <chrono>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

namespace metaschedule {

class Profiler;
using ProfilerPtr = std::shared_ptr<Profiler>;

/// Adds the time between its making and its end to a name of a profiler; nothing without profiler.
class ScopedTimer {
 public:
  ScopedTimer(ProfilerPtr profiler, std::string name)
      : profiler_(std::move(profiler)), name_(std::move(name)) {}
  ScopedTimer(ScopedTimer&&) = default;
  ScopedTimer(const ScopedTimer&) = delete;
  ~ScopedTimer();

 private:
  ProfilerPtr profiler_;
  std::string name_;
  std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
};

class Profiler : public std::enable_shared_from_this<Profiler> {
 public:
  /// Seconds by name so far.
  std::map<std::string, double> get() const;
  /// `ID | Name | Time (min) | Percentage`, the largest share of `Total` first. Raises ValueError
  /// when nothing was timed or there is no `Total`.
  std::string table() const;
  void add(std::string_view name, double seconds);

  /// Makes it the current one of this thread and starts the timer `Total`.
  void enter();
  /// Ends what `enter` began. Raises ValueError when it is not the current one.
  void exit();
  /// The profiler that this thread entered last; null when there is none.
  static ProfilerPtr current();
  /// A timer on the current profiler.
  static ScopedTimer timeit(std::string name) { return {current(), std::move(name)}; }

  /// Lets another thread time into `profiler` (which may be null) while this lives.
  class Adopt {
   public:
    explicit Adopt(ProfilerPtr profiler);
    Adopt(const Adopt&) = delete;
    ~Adopt();

   private:
    bool pushed_;
  };

 private:
  static std::vector<ProfilerPtr>& stack();
  mutable std::mutex mutex_;
  std::map<std::string, double> seconds_;
  std::vector<std::unique_ptr<ScopedTimer>> totals_;
};

}  // namespace metaschedule
