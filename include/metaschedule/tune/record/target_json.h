// SPDX-License-Identifier: Apache-2.0
// Targets as records hold them: an object of `kind`, `tag`, `keys`, the attributes and `host`.
#pragma once

#include "metaschedule/support/json.h"
#include "metaschedule/tune/fwd.h"

namespace metaschedule::detail {

/// `make_target` reads its text back.
json target_to_json(const Target& target);

}  // namespace metaschedule::detail
