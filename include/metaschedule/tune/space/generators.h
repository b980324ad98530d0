// SPDX-License-Identifier: Apache-2.0
// The space generators: rules over all blocks, a function, several generators.
#pragma once

#include <functional>
#include <vector>

#include "metaschedule/support/random.h"
#include "metaschedule/tune/space_generator.h"

namespace metaschedule {

/// Applies each rule to every block of the program: the root first, then the last block to the
/// first. A block that carries the annotation `schedule_rule` is left to the custom rule.
class PostOrderApply : public SpaceGenerator {
 public:
  using BlockFilter = std::function<bool(const Block&)>;
  explicit PostOrderApply(BlockFilter f_block_filter = {})
      : f_block_filter(std::move(f_block_filter)) {}
  void initialize_with_tune_context(const TuneContextPtr& context) override;
  /// Raises ValueError without rules, and for two blocks of one name in a function.
  std::vector<SchedulePtr> generate_design_space(const ModuleRef& mod) override;
  SpaceGeneratorPtr clone() const override;

  BlockFilter f_block_filter;

 private:
  Rand rand_;
};

/// The schedules that a function returns; an empty result stands for the schedule it was given.
class ScheduleFn : public SpaceGenerator {
 public:
  using Function = std::function<std::vector<SchedulePtr>(const SchedulePtr&)>;
  explicit ScheduleFn(Function sch_fn) : sch_fn(std::move(sch_fn)) {}
  void initialize_with_tune_context(const TuneContextPtr& context) override;
  std::vector<SchedulePtr> generate_design_space(const ModuleRef& mod) override;
  SpaceGeneratorPtr clone() const override;

  Function sch_fn;

 private:
  Rand rand_;
};

/// The spaces of all children, in order. Postprocs and mutators are those of this object.
class SpaceGeneratorUnion : public SpaceGenerator {
 public:
  explicit SpaceGeneratorUnion(std::vector<SpaceGeneratorPtr> space_generators)
      : space_generators(std::move(space_generators)) {}
  void initialize_with_tune_context(const TuneContextPtr& context) override;
  std::vector<SchedulePtr> generate_design_space(const ModuleRef& mod) override;
  SpaceGeneratorPtr clone() const override;

  std::vector<SpaceGeneratorPtr> space_generators;
};

}  // namespace metaschedule
