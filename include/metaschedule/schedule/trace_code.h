// SPDX-License-Identifier: Apache-2.0
// Traces as functions that can be kept in a source tree: they make the same schedule anew, with
// what was sampled written down.
#pragma once

#include "metaschedule/schedule/trace.h"

namespace metaschedule {

/// A Python module with one function `name(sch)`. Raises ValueError for steps of unknown kinds and
/// for values that have no Python form, or when `name` is no identifier.
std::string python_function(const Trace& trace, const std::string& name = "apply_schedule");

/// C++ text of one function `void name(metaschedule::Schedule& sch)`, includes and all. Raises
/// ValueError as python_function does.
std::string cpp_function(const Trace& trace, const std::string& name = "apply_schedule");

}  // namespace metaschedule
