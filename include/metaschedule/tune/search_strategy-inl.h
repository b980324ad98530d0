// SPDX-License-Identifier: Apache-2.0
// Bodies of search_strategy.h.
#pragma once

#include "metaschedule/support/config.h"
#include "metaschedule/tune/search/evolutionary.h"
#include "metaschedule/tune/search/replay.h"
#include "metaschedule/tune/search_strategy.h"

namespace metaschedule {

METASCHEDULE_INLINE SearchStrategyPtr SearchStrategy::create(std::string_view kind) {
  if (kind == "evolutionary") return std::make_shared<EvolutionarySearch>();
  if (kind == "replay-trace") return std::make_shared<ReplayTrace>();
  if (kind == "replay-func") return std::make_shared<ReplayFunc>();
  fail<ValueError>("Unknown SearchStrategy: {}; expected evolutionary, replay-trace or replay-func",
                   kind);
}

}  // namespace metaschedule
