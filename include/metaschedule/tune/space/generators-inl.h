// SPDX-License-Identifier: Apache-2.0
// Bodies of generators.h.
#pragma once

#include <algorithm>
#include <set>

#include "metaschedule/ir/walk.h"
#include "metaschedule/schedule/schedule.h"
#include "metaschedule/support/config.h"
#include "metaschedule/support/thread_pool.h"
#include "metaschedule/tune/schedule_rule.h"
#include "metaschedule/tune/space/generators.h"
#include "metaschedule/tune/tune_context.h"

namespace metaschedule {
namespace detail {

/// GetBlock for the blocks of the program, children before parents, as the trace begins.
inline std::vector<BlockRV> collect_blocks(Schedule& sch,
                                           const PostOrderApply::BlockFilter& filter) {
  std::vector<BlockRV> out;
  for (const auto& [var, base] : sch.mod()->functions) {
    const auto func = as_ref<PrimFunc>(base);
    const std::string& func_name = cast_to<GlobalVar>(*var.node()).name_hint;
    if (!func || (!sch.func_working_on.empty() && sch.func_working_on != func_name)) continue;
    std::vector<std::string> names;
    std::set<std::string> seen;
    post_order(*func->body, [&](const Node& node) {
      const auto* block = as<Block>(&node);
      if (!block) return;
      check<ValueError>(seen.insert(block->name_hint).second,
                        "Duplicated block name {} in function {} not supported", block->name_hint,
                        func_name);
      if (!filter || filter(*block)) names.push_back(block->name_hint);
    });
    for (const std::string& name : names) out.push_back(sch.get_block(name, func_name));
  }
  return out;
}

inline bool has_block(const Schedule& sch, const BlockRV& block) {
  try {
    return sch.get(block) != nullptr;
  } catch (const ValueError&) {  // inlined, for instance
    return false;
  }
}

/// One rule over all blocks, from the last of the list to the first, depth first.
inline std::vector<SchedulePtr> apply_rule(ScheduleRule& rule, std::vector<SchedulePtr> schedules,
                                           const std::vector<BlockRV>& blocks) {
  struct Item {
    SchedulePtr sch;
    size_t left;  // blocks still to visit
  };
  std::vector<Item> stack;
  for (SchedulePtr& sch : schedules) stack.push_back({std::move(sch), blocks.size()});
  std::vector<SchedulePtr> out;
  while (!stack.empty()) {
    check_interrupt();
    Item item = std::move(stack.back());
    stack.pop_back();
    if (item.left == 0) {
      out.push_back(std::move(item.sch));
      continue;
    }
    const BlockRV& block = blocks[--item.left];
    bool skip = !has_block(*item.sch, block);
    if (!skip && !rule.is_custom_rule()) {
      const Node* mark = item.sch->get(block)->annotations.find("schedule_rule");
      check<TypeError>(!mark || as<String>(mark), "the annotation schedule_rule is not a string");
      skip = mark != nullptr;
    }
    if (skip) {
      stack.push_back(std::move(item));
    } else {
      for (SchedulePtr& sch : rule.apply(item.sch, block))
        stack.push_back({std::move(sch), item.left});
    }
  }
  return out;
}

}  // namespace detail

METASCHEDULE_INLINE void PostOrderApply::initialize_with_tune_context(
    const TuneContextPtr& context) {
  SpaceGenerator::initialize_with_tune_context(context);
  rand_ = Rand(context->rand.fork_seed());
}

METASCHEDULE_INLINE std::vector<SchedulePtr> PostOrderApply::generate_design_space(
    const ModuleRef& mod) {
  check<ValueError>(sch_rules.has_value(),
                    "PostOrderApply: the schedule rules are not set; give them or a target");
  auto sch = std::make_shared<Schedule>(mod, rand_.fork_seed());
  const std::vector<BlockRV> blocks = detail::collect_blocks(*sch, f_block_filter);
  std::vector<SchedulePtr> out{std::move(sch)};
  for (const ScheduleRulePtr& rule : *sch_rules)
    out = detail::apply_rule(*rule, std::move(out), blocks);
  return out;
}

METASCHEDULE_INLINE SpaceGeneratorPtr PostOrderApply::clone() const {
  auto copy = std::make_shared<PostOrderApply>(*this);
  copy->clone_parts();
  return copy;
}

METASCHEDULE_INLINE void ScheduleFn::initialize_with_tune_context(const TuneContextPtr& context) {
  SpaceGenerator::initialize_with_tune_context(context);
  rand_ = Rand(context->rand.fork_seed());
}

METASCHEDULE_INLINE std::vector<SchedulePtr> ScheduleFn::generate_design_space(
    const ModuleRef& mod) {
  auto sch = std::make_shared<Schedule>(mod, rand_.fork_seed());
  std::vector<SchedulePtr> out = sch_fn(sch);
  if (out.empty()) out.push_back(std::move(sch));
  return out;
}

METASCHEDULE_INLINE SpaceGeneratorPtr ScheduleFn::clone() const {
  auto copy = std::make_shared<ScheduleFn>(*this);
  copy->clone_parts();
  return copy;
}

METASCHEDULE_INLINE void SpaceGeneratorUnion::initialize_with_tune_context(
    const TuneContextPtr& context) {
  SpaceGenerator::initialize_with_tune_context(context);
  for (const SpaceGeneratorPtr& child : space_generators)
    child->initialize_with_tune_context(context);
}

METASCHEDULE_INLINE std::vector<SchedulePtr> SpaceGeneratorUnion::generate_design_space(
    const ModuleRef& mod) {
  std::vector<SchedulePtr> out;
  for (const SpaceGeneratorPtr& child : space_generators) {
    for (SchedulePtr& sch : child->generate_design_space(mod)) out.push_back(std::move(sch));
  }
  return out;
}

METASCHEDULE_INLINE SpaceGeneratorPtr SpaceGeneratorUnion::clone() const {
  auto copy = std::make_shared<SpaceGeneratorUnion>(*this);
  copy->clone_parts();
  for (SpaceGeneratorPtr& child : copy->space_generators) child = child->clone();
  return copy;
}

}  // namespace metaschedule
