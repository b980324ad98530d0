// SPDX-License-Identifier: Apache-2.0
// One random program with random steps on it; and the same again from what was kept of it.
#pragma once

#include "property/schedule/steps.h"

namespace metaschedule::testing {

/// A program and the steps on it. The last step may be one that failed, then without outputs.
struct Case {
  ProgramPlan plan;
  nlohmann::json trace;
};

struct WalkStats {
  int64_t programs = 0, refused = 0, excluded = 0;
  std::map<std::string, int64_t> accepted;
  int64_t steps() const {
    int64_t sum = 0;
    for (const auto& [kind, count] : accepted) sum += count;
    return sum;
  }
};

inline ScheduleOptions terse_errors() {
  ScheduleOptions options;
  options.error_render_level = ErrorLevel::Fast;
  return options;
}

enum class Outcome { Accepted, Refused, Excluded };

/// Runs `body`; an error that a primitive may raise is a refusal, any other a failure besides.
template <class F>
Outcome outcome_of(const F& body, std::optional<Failure>& failure) {
  try {
    body();
    return Outcome::Accepted;
  } catch (const Excluded&) {
    return Outcome::Excluded;
  } catch (const TooLong&) {
    throw;
  } catch (const ScheduleError&) {
  } catch (const ValueError&) {
  } catch (const TypeError&) {
  } catch (const IndexError&) {
  } catch (const KeyError&) {
  } catch (const std::exception& e) {
    failure = Failure{"internal", "", e.what()};
  }
  return Outcome::Refused;
}

/// A random program and steps on it, all of them checked. What fails first, in `out` how to get
/// there.
inline std::optional<Failure> random_walk(uint64_t seed, int steps, Case& out, WalkStats& stats,
                                          const Plant& plant = {}) {
  std::mt19937_64 random(seed);
  const int stages = 1 + static_cast<int>(random() % 4);
  out = {};
  for (int i = 0; i < stages; ++i) out.plan.stages.push_back({i, {}});
  const std::string text = write_program(out.plan, &random);
  const ModuleRef base = parse_module(text);
  ++stats.programs;
  ProgramChecker checker(base);
  out.trace = Trace().as_json();
  if (auto failure = checker.check(base, "")) return failure;
  Schedule sch(base, static_cast<int64_t>(seed % 1000 + 1), terse_errors());
  StepMaker maker(sch, random());
  for (int i = 0; i < steps; ++i) {
    const Schedule before = sch;
    std::optional<Failure> failure;
    const Outcome outcome = outcome_of([&] { maker.step(); }, failure);
    if (outcome == Outcome::Excluded) {
      ++stats.excluded;
      sch = before;
      continue;
    }
    const std::string kind = primitives()[maker.last].kind;
    if (outcome == Outcome::Refused) {
      if (!failure && (sch.trace().size() != maker.trace_before_last ||
                       !structural_equal(sch.mod(), maker.before_last)))
        failure = Failure{"refusal", "", "a refused step changed the schedule"};
      if (failure) {
        Trace trace = sch.trace();
        trace.append(maker.last, maker.last_operands, {}, nullptr);
        out.trace = trace.as_json();
        failure->instruction = kind;
        return failure;
      }
      ++stats.refused;
      sch = before;
      continue;
    }
    if (!maker.done) continue;
    ++stats.accepted[maker.done];
    out.trace = sch.trace().as_json();
    const ModuleRef program = plant ? plant(maker.done, sch.mod()) : sch.mod();
    if ((failure = checker.check(program, maker.done))) return failure;
    if (ends_walk(maker.done)) break;
  }
  return check_trace(sch, base);
}

/// What fails in a case, whose trace becomes what was run up to there; nothing when all is well,
/// when a step is refused that is not the last, or one is excluded.
inline std::optional<Failure> find_failure(Case& one, const Plant& plant = {}) {
  try {
    const ModuleRef base = parse_module(write_program(one.plan));
    ProgramChecker checker(base);
    if (auto failure = checker.check(base, "")) return failure;
    const Trace trace = Trace::from_json(one.trace);
    Schedule sch(base, 1, terse_errors());
    std::vector<uint32_t> entries;
    bool ended = false, renamed = false;
    for (size_t at = 0; at < trace.size(); ++at) {
      const std::string kind = trace.kind(at);
      const bool pure = primitives()[trace[at].opcode].pure;
      if (ended && !pure) return std::nullopt;
      std::optional<Failure> failure;
      const Schedule before = sch;
      const Outcome outcome = outcome_of(
          [&] {
            if (const char* reason = excluded(sch, trace, at, entries)) throw Excluded{reason};
            auto choice = trace.decision(at);
            const auto first = static_cast<uint32_t>(sch.table.size());
            try {
              sch.replay_step(trace, at, entries, choice ? &*choice : nullptr);
            } catch (const ValueError&) {
              // Without a step before, there may be fewer loops than were named, or more.
              if (sch.trace().size() == before.trace().size()) throw;
              renamed = true;
            }
            const auto count = static_cast<uint32_t>(sch.table.size()) - first;
            if (trace[at].num_outputs > 0 && count == 0) throw Excluded{"nothing to name"};
            for (uint32_t k = 0; k < trace[at].num_outputs; ++k)
              entries.push_back(first + std::min(k, count - 1));
          },
          failure);
      if (outcome != Outcome::Accepted) {
        if (!failure && outcome == Outcome::Refused &&
            (sch.trace().size() != before.trace().size() ||
             !structural_equal(sch.mod(), before.mod())))
          failure = Failure{"refusal", "", "a refused step changed the schedule"};
        if (failure && renamed) return std::nullopt;
        if (failure) failure->instruction = kind;
        return failure;
      }
      if (pure) continue;
      const ModuleRef program = plant ? plant(kind, sch.mod()) : sch.mod();
      if ((failure = checker.check(program, kind))) {
        one.trace = sch.trace().as_json();
        return failure;
      }
      ended = ends_walk(kind.c_str()) != nullptr;
    }
    return check_trace(sch, base);
  } catch (const TooLong&) {
    return std::nullopt;
  } catch (const Error&) {
    return std::nullopt;  // the trace names what is not there, for instance
  }
}

}  // namespace metaschedule::testing
