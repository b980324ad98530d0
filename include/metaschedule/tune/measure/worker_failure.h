// SPDX-License-Identifier: Apache-2.0
// The failures of worker processes in the words of builders and runners.
#pragma once

#include <chrono>
#include <future>

#include "metaschedule/runtime/worker_client.h"
#include "metaschedule/support/thread_pool.h"
#include "metaschedule/tune/builder.h"

namespace metaschedule::detail {

inline FailureKind failure_of(runtime::FailureKind kind) {
  switch (kind) {
    case runtime::FailureKind::None:
      return FailureKind::None;
    case runtime::FailureKind::Timeout:
      return FailureKind::Timeout;
    case runtime::FailureKind::OutOfMemory:
      return FailureKind::OutOfMemory;
    case runtime::FailureKind::Crash:
      return FailureKind::Crash;
    case runtime::FailureKind::OutOfBounds:
      return FailureKind::WrongResult;
    default:
      return FailureKind::Exception;
  }
}

/// Waits for a future; raises Interrupted when that is asked for meanwhile.
template <class T>
void wait_interruptibly(const std::future<T>& future) {
  while (future.wait_for(std::chrono::milliseconds(50)) != std::future_status::ready)
    check_interrupt();
}

}  // namespace metaschedule::detail
