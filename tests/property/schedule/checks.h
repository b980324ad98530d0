// SPDX-License-Identifier: Apache-2.0
// What must hold after every step of a schedule, and what is known when it does not.
#pragma once

#include <functional>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>

#include "metaschedule/arith/analyzer.h"
#include "metaschedule/ir/structural.h"
#include "metaschedule/ir/verify.h"
#include "metaschedule/ir/walk.h"
#include "metaschedule/schedule/schedule.h"
#include "metaschedule/script/parser.h"
#include "metaschedule/script/printer.h"
#include "property/interp_util.h"
#include "property/schedule/programs.h"

namespace metaschedule::testing {

struct Failure {
  std::string what;         // which property
  std::string instruction;  // the kind of the last step
  std::string detail;
  /// Shrinking keeps to one failure: the same property of the same kind of step.
  bool same_as(const Failure& other) const {
    return what == other.what && instruction == other.instruction;
  }
};

/// Puts a defect into the program after a step, to test what looks for defects.
using Plant = std::function<ModuleRef(const std::string& kind, const ModuleRef& program)>;

/// Too long for a test; neither good nor bad.
struct TooLong {};

/// The program with the extents of regions as the parser makes them: the difference of the ends,
/// simplified.
inline ModuleRef with_simple_regions(const IRModule& program) {
  arith::Analyzer analyzer;
  Ref<Node> out = rewrite_post_order(program, [&](const Node& node) -> Ref<Node> {
    const Range* range = as<Range>(&node);
    if (!range || as<IntImm>(range->extent)) return nullptr;
    return make<Range>(
        range->min, analyzer.simplify(analyzer.simplify(range->min + range->extent) - range->min));
  });
  return out ? cast_to<IRModule>(out) : ModuleRef(&program);
}

class ProgramChecker {
 public:
  static constexpr int64_t kMaxSteps = 100'000, kMaxStepsAfter = 2'000'000;

  explicit ProgramChecker(const ModuleRef& base) {
    const PrimFunc& func = *base->lookup("main");
    inexact_ = rounds(func);
    inputs_ = random_arguments(func, 1, false, {{"n", kSymbolicExtent}});
    expected_ = inputs_;
    interp::RunOptions options;
    options.max_steps = kMaxSteps;
    run(func, expected_, options);
    for (const TestTensor& tensor : expected_) {
      const int bits = tensor.dtype.is_float() ? tensor.dtype.bits : 64;
      const double exact = bits == 16 ? 1024 : bits == 32 ? 0x1p23 : 0x1p52;
      for (int64_t i = 0; i < tensor.size(); ++i)
        inexact_ = inexact_ || (bits < 64 && std::abs(tensor.at(i)) > exact);
    }
  }

  std::optional<Failure> check(const ModuleRef& program, const std::string& kind) {
    auto failure = [&](const char* what, const std::string& detail) {
      return Failure{what, kind, detail};
    };
    if (auto problem = find_ill_formed(*program)) return failure("ill-formed", *problem);
    std::string text = to_script(*program);
    try {
      auto mismatch = first_mismatch(program.get(), parse_module(text).get());
      if (mismatch && mismatch->lhs.find(".extent") != mismatch->lhs.npos)
        mismatch = first_mismatch(with_simple_regions(*program).get(),
                                  with_simple_regions(*parse_module(text)).get());
      if (mismatch) return failure("text", mismatch->lhs + " reads back as " + mismatch->rhs);
    } catch (const Error& e) {
      return failure("text", e.message());
    }
    const PrimFunc& func = *program->lookup("main");
    TestTensors found = inputs_;
    interp::RunOptions options;
    options.max_steps = kMaxStepsAfter;
    options.check_uninitialised = strict_;
    std::string error = run_error(func, found, options);
    if (strict_ && error.find("before it is written") != error.npos) {
      if (!may_compute_early(kind)) return failure("unwritten", error);
      // What is computed from what is not there yet must not come out.
      strict_ = options.check_uninitialised = false;
      found = inputs_;
      error = run_error(func, found, options);
    }
    if (!error.empty()) return failure("run", error);
    std::string where = difference(expected_, found, inexact_);
    if (!where.empty()) return failure("result", where);
    return std::nullopt;
  }

 private:
  // Regions are estimated from above: some instances are computed too early, and again when what
  // they need is there; some of what is copied is never used.
  static bool may_compute_early(const std::string& kind) {
    for (const char* one :
         {"ReverseComputeAt", "ComputeAt", "ReadAt", "WriteAt", "ReIndex", "CacheRead",
          "CacheWrite", "CacheInplace", "ReindexCacheRead", "PadEinsum", "TransformLayout"})
      if (kind == one) return true;
    return false;
  }
  static void run(const PrimFunc& func, TestTensors& tensors, const interp::RunOptions& options) {
    interp::run(func, views(tensors), options);
  }
  static std::string run_error(const PrimFunc& func, TestTensors& tensors,
                               const interp::RunOptions& options) {
    try {
      run(func, tensors, options);
      return "";
    } catch (const Error& e) {
      if (e.message().find("steps") != std::string::npos) throw TooLong();
      return e.message().empty() ? "an error" : e.message();
    }
  }

  TestTensors inputs_, expected_;
  bool inexact_ = false, strict_ = true;
};

/// That the trace of a schedule survives JSON and makes the same program again.
inline std::optional<Failure> check_trace(const Schedule& sch, const ModuleRef& base) {
  const nlohmann::json json = sch.trace().as_json();
  const Trace read = Trace::from_json(nlohmann::json::parse(json.dump()));
  if (read.as_json() != json) return Failure{"json", "", "a trace reads back as another"};
  ReplayResult again = try_replay(read, base, 99);
  if (!again) return Failure{"replay", again.failure.primitive, again.failure.message};
  if (!structural_equal(again.schedule->mod(), sch.mod()))
    return Failure{"replay", "", "the trace makes another program"};
  return std::nullopt;
}

}  // namespace metaschedule::testing
