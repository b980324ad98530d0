// SPDX-License-Identifier: Apache-2.0
// Looking things up in a trace: the arguments of a step by name, and which step made a handle.
#pragma once

#include <optional>
#include <string_view>

#include "metaschedule/schedule/trace.h"

namespace metaschedule {

/// True for a step of this kind ("SamplePerfectTile").
bool is_step(const Trace& trace, size_t step, std::string_view kind);
/// The first operand of an argument; null when the primitive has no argument of this name.
const Operand* step_argument(const Trace& trace, size_t step, std::string_view name);
/// The elements of a list of integers.
std::vector<int64_t> int_list(const Operand& list);
/// The step that made output `number`, and which of its outputs it is.
struct OutputOrigin {
  size_t step = 0, position = 0;
};
std::optional<OutputOrigin> origin_of(const Trace& trace, int64_t number);
/// The key of an Annotate step; empty for other steps.
std::string_view annotation_key(const Trace& trace, size_t step);

}  // namespace metaschedule
