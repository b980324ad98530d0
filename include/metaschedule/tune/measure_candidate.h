// SPDX-License-Identifier: Apache-2.0
// A scheduled program on its way to be built and timed.
#pragma once

#include <optional>
#include <vector>

#include "metaschedule/tune/fwd.h"

namespace metaschedule {

struct MeasureCandidate {
  SchedulePtr sch;
  std::optional<std::vector<ArgInfoPtr>> args_info;
};

}  // namespace metaschedule
