// SPDX-License-Identifier: Apache-2.0
// Questions about a program before it is lowered.
#pragma once

#include <string>
#include <vector>

#include "metaschedule/ir/function.h"

namespace metaschedule::lower {

/// An access whose index leaves its buffer, for values that loops, blocks and conditions allow.
struct OutOfBounds {
  Ref<Node> access;  // BufferLoad or BufferStore
  size_t dimension = 0;
  int64_t min = 0, max = 0;  // of the index
  int64_t size = 0;          // of the dimension
};
/// In program order. An index or size without bounds that are numbers says nothing.
std::vector<OutOfBounds> find_out_of_bounds(const PrimFunc& func);
/// One line for each.
std::string describe(const std::vector<OutOfBounds>& accesses);

/// Whether a function for a GPU accesses the buffers of its parameters in threads only. Others may
/// access them anywhere. Raises ValueError without the attribute `target`.
bool verify_memory(const PrimFunc& func);

}  // namespace metaschedule::lower
