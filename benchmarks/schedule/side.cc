// SPDX-License-Identifier: Apache-2.0
// The C++ side of compare.py: answers its questions, lines of JSON, with what schedules cost here.
//
//   {"do": "intrinsic", "name", "described", "implemented"}   registers a tensor intrinsic
//   {"do": "load", "name", "program", "trace"}   keeps a program (text) and a trace (JSON) for it
//   {"do": "replay", "name", "seconds"}          seconds a replay on one core
//   {"do": "copy", "name", "seconds"}            seconds a copy of the schedule after the trace
//   {"do": "last_step", "name", "schedules"}     seconds a call of the last step of the trace, on
//   new
//                                                schedules with the steps before it, changed once
//   {"do": "threads", "names", "seconds"}        two threads against one: replays and arithmetic
//
// One core is measured in processor time, so that what else runs matters little.
#include <atomic>
#include <ctime>
#include <iostream>
#include <map>
#include <string>
#include <thread>

#include "metaschedule/ir/op.h"
#include "metaschedule/ir/walk.h"
#include "metaschedule/schedule/schedule.h"
#include "metaschedule/schedule/tensor_intrin.h"
#include "metaschedule/script/parser.h"

namespace metaschedule {
namespace {

using nlohmann::json;

double now(clockid_t clock) {
  timespec time;
  clock_gettime(clock, &time);
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec) * 1e-9;
}

// Seconds of processor time a call, called until `seconds` are over.
template <class F>
double seconds_a_call(double seconds, const F& call) {
  size_t calls = 0, batch = 1;
  const double start = now(CLOCK_THREAD_CPUTIME_ID);
  double spent = 0;
  while (spent < seconds) {
    for (size_t i = 0; i < batch; ++i) call();
    calls += batch;
    spent = now(CLOCK_THREAD_CPUTIME_ID) - start;
    if (spent < seconds / 16) batch *= 2;
  }
  return spent / static_cast<double>(calls);
}

struct Loaded {
  ModuleRef program;
  Trace trace;
};
std::map<std::string, Loaded> loaded;

ReplayResult replay(const Loaded& what, const ModuleRef& program) {
  return try_replay(what.trace, program, 1, false, {.error_render_level = ErrorLevel::None});
}

json register_intrinsic(const json& question) {
  auto side = [&](const char* key) { return parse_func(question.at(key).get<std::string>()); };
  register_tensor_intrin(question.at("name"),
                         make_tensor_intrin(side("described"), side("implemented")), true);
  return json::object();
}

json load(const json& question) {
  Loaded what{parse_module(question.at("program").get<std::string>()), {}};
  {
    Schedule recorded(what.program, 1);
    apply_json_to_schedule(question.at("trace"), recorded);
    what.trace = recorded.trace();
  }
  ReplayResult result = replay(what, what.program);
  check<ScheduleError>(static_cast<bool>(result), "{}: {}", result.failure.primitive,
                       result.failure.message);
  const size_t steps = what.trace.size();
  loaded[question.at("name")] = std::move(what);
  return {{"steps", steps}};
}

json time_replay(const json& question) {
  const Loaded& what = loaded.at(question.at("name"));
  return {{"seconds", seconds_a_call(question.at("seconds"), [&] { replay(what, what.program); })}};
}

json time_copy(const json& question) {
  const Loaded& what = loaded.at(question.at("name"));
  Schedule schedule = std::move(*replay(what, what.program).schedule);
  return {{"seconds", seconds_a_call(question.at("seconds"), [&] { schedule.copy(); })}};
}

// Each schedule has all but the last step and one change more: as in a replay, it owns its root.
json time_last_step(const json& question) {
  const Loaded& what = loaded.at(question.at("name"));
  const size_t last = what.trace.size() - 1;
  std::vector<uint32_t> entries;
  auto step = [&](Schedule& schedule, size_t i) {
    auto choice = what.trace.decision(i);
    return schedule.replay_step(what.trace, i, entries, choice ? &*choice : nullptr);
  };
  const int count = question.at("schedules");
  std::vector<Schedule> ready;
  for (int n = 0; n < count; ++n) {
    Schedule& schedule = ready.emplace_back(what.program, 1);
    entries.clear();
    for (size_t i = 0; i < last; ++i) {
      auto range = step(schedule, i);
      for (uint32_t k = 0; k < range.count; ++k) entries.push_back(range.first + k);
    }
    schedule.annotate(schedule.get_block("x0"), "touched", i32(n));
  }
  const double start = now(CLOCK_THREAD_CPUTIME_ID);
  for (Schedule& schedule : ready) step(schedule, last);
  return {{"seconds", (now(CLOCK_THREAD_CPUTIME_ID) - start) / count}};
}

// What `count` threads do together in `seconds`: calls a second of real time, and seconds of
// processor time a call.
struct Throughput {
  double per_second = 0, cost = 0;
};
template <class MakeCall>
Throughput together(int count, double seconds, const MakeCall& make_call) {
  std::atomic<int> ready{0};
  std::vector<Throughput> found(static_cast<size_t>(count));
  std::vector<std::thread> threads;
  for (Throughput& mine : found) {
    threads.emplace_back([&] {
      auto call = make_call();
      call();
      for (++ready; ready < count;) std::this_thread::yield();
      const double start = now(CLOCK_MONOTONIC), start_cpu = now(CLOCK_THREAD_CPUTIME_ID);
      double spent = 0, calls = 0;
      while (spent < seconds) {
        for (int i = 0; i < 16; ++i) call();
        calls += 16;
        spent = now(CLOCK_MONOTONIC) - start;
      }
      mine = {calls / spent, (now(CLOCK_THREAD_CPUTIME_ID) - start_cpu) / calls};
    });
  }
  for (std::thread& thread : threads) thread.join();
  Throughput all;
  for (const Throughput& one : found) {
    all.per_second += one.per_second;
    all.cost += one.cost / count;
  }
  return all;
}

// Each thread has a program of its own, as in a search; the trace is shared.
json time_threads(const json& question) {
  const double seconds = question.at("seconds");
  auto arithmetic = [] {
    return [state = uint64_t{1}]() mutable {
      for (int i = 0; i < 20000; ++i) state = state * 6364136223846793005u + 1442695040888963407u;
      asm volatile("" : : "r"(state));
    };
  };
  json out = json::object();
  auto note = [&](const std::string& name, const auto& make_call) {
    Throughput one = together(1, seconds, make_call), two = together(2, seconds, make_call);
    out[name] = {{"speedup", two.per_second / one.per_second}, {"cost", two.cost / one.cost}};
  };
  note("arithmetic", arithmetic);
  for (const json& name : question.at("names")) {
    const Loaded& what = loaded.at(name);
    note(name,
         [&what] { return [&what, mine = deep_copy(*what.program)] { replay(what, mine); }; });
  }
  return out;
}

json answer(const json& question) {
  const std::string what = question.at("do");
  if (what == "intrinsic") return register_intrinsic(question);
  if (what == "load") return load(question);
  if (what == "replay") return time_replay(question);
  if (what == "copy") return time_copy(question);
  if (what == "last_step") return time_last_step(question);
  if (what == "threads") return time_threads(question);
  fail<ValueError>("expected intrinsic, load, replay, copy, last_step or threads, found {}", what);
}

}  // namespace
}  // namespace metaschedule

int main() {
  std::string line;
  while (std::getline(std::cin, line)) {
    nlohmann::json out;
    try {
      out = metaschedule::answer(nlohmann::json::parse(line));
    } catch (const std::exception& error) {
      out = {{"error", error.what()}};
    }
    std::cout << out.dump() << std::endl;
  }
}
