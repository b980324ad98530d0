// SPDX-License-Identifier: Apache-2.0
// The schedule rules that ship, each a few lines of policy over primitives. A rule that does not
// apply returns the schedule as it came. `is` says when a rule applies, `does` what it then does.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "metaschedule/schedule/schedule.h"
#include "metaschedule/tune/schedule_rule.h"

namespace metaschedule {

/// is: the block carries the annotation `schedule_rule`. does: calls the registered function
/// `meta_schedule.<key of the target>.<annotation>`; without one, warns and drops the annotation.
class ApplyCustomRule : public ScheduleRule {
 public:
  void initialize_with_tune_context(const TuneContextPtr& context) override;
  std::vector<SchedulePtr> apply(const SchedulePtr& sch, const BlockRV& block) override;
  ScheduleRulePtr clone() const override { return std::make_shared<ApplyCustomRule>(*this); }
  std::string name() const override { return "ApplyCustomRule"; }
  bool is_custom_rule() const override { return true; }

 private:
  TargetRef target_;
  std::weak_ptr<TuneContext> context_;
};

/// is: the block writes one scalar from nothing and is no output. does: inlines it.
class InlineConstantScalars : public ScheduleRule {
 public:
  void initialize_with_tune_context(const TuneContextPtr&) override {}
  std::vector<SchedulePtr> apply(const SchedulePtr& sch, const BlockRV& block) override;
  ScheduleRulePtr clone() const override { return std::make_shared<InlineConstantScalars>(*this); }
  std::string name() const override { return "InlineConstantScalars"; }
};

/// is: inlining loses nothing by the conditions below. does: inlines the block into its consumers,
/// or into its producer.
class AutoInline : public ScheduleRule {
 public:
  struct Options {
    bool into_producer = false;
    bool into_consumer = true;
    /// Blocks that read nothing are inlined whatever the rest says.
    bool inline_const_tensor = true;
    bool disallow_if_then_else = true;
    /// Each element read goes to at most one element written; in the same order.
    bool require_injective = true;
    bool require_ordered = true;
    std::vector<std::string> disallow_op;  // full names: "tir.exp"
  };
  /// Raises ValueError for an unknown intrinsic.
  explicit AutoInline(Options options);
  void initialize_with_tune_context(const TuneContextPtr&) override {}
  std::vector<SchedulePtr> apply(const SchedulePtr& sch, const BlockRV& block) override;
  ScheduleRulePtr clone() const override { return std::make_shared<AutoInline>(*this); }
  std::string name() const override { return "AutoInline"; }
  const Options& options() const { return options_; }

 private:
  enum class Direction { None, IntoConsumer, IntoProducer };
  Direction direction(const Schedule& sch, const BlockRV& block) const;
  Options options_;
};

/// is: a reduction too small in space to keep all cores busy. does: factors the reduction, outer
/// and inner, as alternatives to leaving it.
class AddRFactor : public ScheduleRule {
 public:
  explicit AddRFactor(int max_jobs_per_core = 16, std::optional<int> max_innermost_factor = {})
      : max_jobs_per_core(max_jobs_per_core),
        max_innermost_factor(max_innermost_factor.value_or(-1)) {}
  void initialize_with_tune_context(const TuneContextPtr& context) override;
  std::vector<SchedulePtr> apply(const SchedulePtr& sch, const BlockRV& block) override;
  ScheduleRulePtr clone() const override { return std::make_shared<AddRFactor>(*this); }
  std::string name() const override { return "AddRFactor"; }
  const int max_jobs_per_core, max_innermost_factor;

 private:
  int64_t max_parallel_extent_ = -1;
};

/// is: the root block. does: annotates how far to parallelize, vectorize and unroll;
/// RewriteParallelVectorizeUnroll carries it out.
class ParallelizeVectorizeUnroll : public ScheduleRule {
 public:
  /// -1 leaves out parallel loops or vectors, an empty list unrolling.
  ParallelizeVectorizeUnroll(int max_jobs_per_core = 16, int max_vectorize_extent = 16,
                             std::vector<int64_t> unroll_max_steps = {},
                             bool unroll_explicit = true)
      : max_jobs_per_core(max_jobs_per_core),
        max_vectorize_extent(max_vectorize_extent),
        unroll_max_steps(std::move(unroll_max_steps)),
        unroll_explicit(unroll_explicit) {}
  void initialize_with_tune_context(const TuneContextPtr& context) override;
  std::vector<SchedulePtr> apply(const SchedulePtr& sch, const BlockRV& block) override;
  ScheduleRulePtr clone() const override {
    return std::make_shared<ParallelizeVectorizeUnroll>(*this);
  }
  std::string name() const override { return "ParallelizeVectorizeUnroll"; }
  const int max_jobs_per_core, max_vectorize_extent;
  const std::vector<int64_t> unroll_max_steps;
  const bool unroll_explicit;

 private:
  int64_t max_parallel_extent_ = -1;
};

/// is: an untiled block with loops of its own and a consumer. does: samples where to compute it.
class RandomComputeLocation : public ScheduleRule {
 public:
  void initialize_with_tune_context(const TuneContextPtr&) override {}
  std::vector<SchedulePtr> apply(const SchedulePtr& sch, const BlockRV& block) override;
  ScheduleRulePtr clone() const override { return std::make_shared<RandomComputeLocation>(*this); }
  std::string name() const override { return "RandomComputeLocation"; }
};

/// The attribute `num-cores`; raises ValueError that says how to give it.
int64_t required_num_cores(const TuneContext& context, const char* who);

}  // namespace metaschedule
