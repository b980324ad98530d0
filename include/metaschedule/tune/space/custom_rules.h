// SPDX-License-Identifier: Apache-2.0
// Custom schedule rules that come with the library: those for the stages of Winograd convolutions.
#pragma once

#include <string_view>
#include <vector>

#include "metaschedule/schedule/schedule.h"

namespace metaschedule {

using CustomRule = void (*)(Schedule& sch, BlockRV block);

/// The rule of a name like `meta_schedule.cpu.conv2d_nhwc_winograd_inverse`; null: there is none.
/// ApplyCustomRule asks for it where nothing is registered under the name.
CustomRule custom_rule(std::string_view name);
std::vector<std::string_view> custom_rule_names();

}  // namespace metaschedule
