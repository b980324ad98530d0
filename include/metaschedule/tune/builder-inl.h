// SPDX-License-Identifier: Apache-2.0
// Bodies of builder.h.
#pragma once

#include "metaschedule/support/config.h"
#include "metaschedule/tune/builder.h"

namespace metaschedule {

METASCHEDULE_INLINE const char* failure_name(FailureKind kind) {
  switch (kind) {
    case FailureKind::None:
      return "none";
    case FailureKind::Exception:
      return "exception";
    case FailureKind::Timeout:
      return "timeout";
    case FailureKind::Crash:
      return "crash";
    case FailureKind::OutOfMemory:
      return "out of memory";
    case FailureKind::WrongResult:
      return "wrong result";
  }
  return "exception";
}

}  // namespace metaschedule
