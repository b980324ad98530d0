// SPDX-License-Identifier: Apache-2.0
// A loop over the threads of this process that live as long as it does, and the flag that asks
// long work to stop.
#pragma once

#include <cstddef>
#include <functional>

#include "metaschedule/support/error.h"

namespace metaschedule {

/// Calls `f(index, thread)` once for each index in [0, n), on at most `threads` threads, the
/// calling one among them. `thread` is in [0, threads) and no two calls with the same `thread` run
/// at once: state may be kept by it. Which thread gets which index is not fixed, so results must
/// not depend on it: key random numbers by the index.
///
/// When a call raises, no further index is started, and of those that raised the error of the
/// smallest index is raised here. May be nested. Raises ValueError when `threads` is below 1, and
/// Interrupted when `request_interrupt` was called.
void parallel_for(size_t n, int threads, const std::function<void(size_t index, int thread)>& f);

/// Raised where long work finds that it was asked to stop.
class Interrupted : public Error {
 public:
  Interrupted() : Error("interrupted") {}
};
/// Asks the long work of this process to stop: searches raise Interrupted at their next step.
void request_interrupt() noexcept;
/// Takes the request back; who starts long work calls it first.
void clear_interrupt() noexcept;
bool interrupt_requested() noexcept;
/// Raises Interrupted when it was asked for.
inline void check_interrupt() {
  if (interrupt_requested()) [[unlikely]]
    throw Interrupted();
}

/// Processors of this machine: hardware threads, or physical cores. At least 1.
int cpu_count(bool logical = true);

}  // namespace metaschedule
