// SPDX-License-Identifier: Apache-2.0
// One tuning task: the program, the target, how its space is made and searched.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "metaschedule/support/logging.h"
#include "metaschedule/support/random.h"
#include "metaschedule/tune/fwd.h"

namespace metaschedule {

/// Parts point back to their context weakly: keep the context as long as you use them.
class TuneContext : public std::enable_shared_from_this<TuneContext> {
 public:
  struct Options {
    ModuleRef mod;
    TargetRef target;
    SpaceGeneratorPtr space_generator;
    SearchStrategyPtr search_strategy;
    std::string task_name = "main";
    int num_threads = 0;      // 0: the physical cores
    int64_t rand_state = -1;  // -1: from the device
    Logger logger{};
  };
  /// A context that is initialized already.
  static TuneContextPtr create(Options options);

  /// Initializes the generator, then the strategy; each forks its seed from this context.
  void initialize();
  /// A copy with cloned generator and strategy and a forked seed, initialized.
  TuneContextPtr clone();
  /// The design spaces of the module. Raises ValueError without module or generator.
  std::vector<SchedulePtr> generate_design_space();

  ModuleRef mod;
  TargetRef target;
  SpaceGeneratorPtr space_generator;
  SearchStrategyPtr search_strategy;
  std::string task_name;
  int num_threads;
  Rand rand;
  Logger logger;

  explicit TuneContext(Options options);
};

/// A function as a module of one function `main`, with the attributes that tuning expects
/// (`global_symbol`, `tir.noalias`); a module with one function under the name `main`. Raises
/// ValueError for a module with another number of functions.
ModuleRef normalize_mod(const PrimFuncRef& func);
ModuleRef normalize_mod(const ModuleRef& mod);

}  // namespace metaschedule
