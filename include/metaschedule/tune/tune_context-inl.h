// SPDX-License-Identifier: Apache-2.0
// Bodies of tune_context.h.
#pragma once

#include "metaschedule/ir/op.h"
#include "metaschedule/support/config.h"
#include "metaschedule/support/thread_pool.h"
#include "metaschedule/tune/search_strategy.h"
#include "metaschedule/tune/space_generator.h"
#include "metaschedule/tune/tune_context.h"

namespace metaschedule {

METASCHEDULE_INLINE TuneContext::TuneContext(Options options)
    : mod(std::move(options.mod)),
      target(std::move(options.target)),
      space_generator(std::move(options.space_generator)),
      search_strategy(std::move(options.search_strategy)),
      task_name(std::move(options.task_name)),
      num_threads(options.num_threads == 0 ? cpu_count(/*logical=*/false) : options.num_threads),
      rand(options.rand_state),
      logger(std::move(options.logger)) {
  check<ValueError>(num_threads >= 1, "num_threads must be at least 1, found {}", num_threads);
}

METASCHEDULE_INLINE TuneContextPtr TuneContext::create(Options options) {
  auto context = std::make_shared<TuneContext>(std::move(options));
  context->initialize();
  return context;
}

METASCHEDULE_INLINE void TuneContext::initialize() {
  if (space_generator) space_generator->initialize_with_tune_context(shared_from_this());
  if (search_strategy) search_strategy->initialize_with_tune_context(shared_from_this());
}

METASCHEDULE_INLINE TuneContextPtr TuneContext::clone() {
  return create({.mod = mod,
                 .target = target,
                 .space_generator = space_generator ? space_generator->clone() : nullptr,
                 .search_strategy = search_strategy ? search_strategy->clone() : nullptr,
                 .task_name = task_name,
                 .num_threads = num_threads,
                 .rand_state = rand.fork_seed(),
                 .logger = logger});
}

METASCHEDULE_INLINE std::vector<SchedulePtr> TuneContext::generate_design_space() {
  check<ValueError>(static_cast<bool>(mod), "the tuning context of {} has no module", task_name);
  check<ValueError>(space_generator != nullptr, "the tuning context of {} has no space generator",
                    task_name);
  return space_generator->generate_design_space(mod);
}

METASCHEDULE_INLINE ModuleRef normalize_mod(const PrimFuncRef& func) {
  Dict attrs = func->attrs;
  if (!attrs.contains("global_symbol"))
    attrs = attrs.with("global_symbol", make<String>(std::string("main")));
  auto out = mutate(*func);
  out->attrs = attrs.with("tir.noalias", true_());
  ModuleRef empty = make<IRModule>(NodePairs{});
  return empty->with_function("main", out);
}

METASCHEDULE_INLINE ModuleRef normalize_mod(const ModuleRef& mod) {
  check<ValueError>(mod->functions.size() == 1,
                    "a module to tune has exactly one function, found {}", mod->functions.size());
  if (mod->find("main")) return mod;
  const auto func = as_ref<PrimFunc>(mod->functions[0].second);
  check<ValueError>(static_cast<bool>(func), "the function to tune is not a PrimFunc");
  ModuleRef empty = make<IRModule>(NodePairs{});
  return empty->with_function("main", func);
}

}  // namespace metaschedule
