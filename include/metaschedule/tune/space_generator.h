// SPDX-License-Identifier: Apache-2.0
// Space generators turn a program into its design spaces: schedules whose traces have sampling
// instructions. They own the rules, the postprocs and the mutators of a task.
#pragma once

#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include "metaschedule/tune/fwd.h"

namespace metaschedule {

using ScheduleRules = std::vector<ScheduleRulePtr>;
using Postprocs = std::vector<PostprocPtr>;
/// Mutators with relative weights, in the order in which they are drawn.
using MutatorProbs = std::vector<std::pair<MutatorPtr, double>>;

class SpaceGenerator {
 public:
  virtual ~SpaceGenerator() = default;
  /// Fills what is undefined below with the defaults of the context's target, then initializes all
  /// of it. An overriding method calls this one.
  virtual void initialize_with_tune_context(const TuneContextPtr& context);
  /// The design spaces of a module. Called from one thread.
  virtual std::vector<SchedulePtr> generate_design_space(const ModuleRef& mod) = 0;
  /// A copy with cloned rules, postprocs and mutators, to be initialized again.
  virtual SpaceGeneratorPtr clone() const = 0;

  // Undefined means: by the target of the context.
  std::optional<ScheduleRules> sch_rules;
  std::optional<Postprocs> postprocs;
  std::optional<MutatorProbs> mutator_probs;
  /// Undefined rules come with those that go beyond TVM's design spaces (native_schedule_rules).
  bool native = false;

  /// Sets those of the first three that are undefined to the defaults of a kind: "llvm", "cuda",
  /// "cuda-tensorcore", ...
  void set_defaults(std::string_view kind);

 protected:
  /// Replaces the rules, postprocs and mutators by clones; for `clone`.
  void clone_parts();
};

}  // namespace metaschedule
