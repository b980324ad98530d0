// SPDX-License-Identifier: Apache-2.0
// For tests that compile and run: skips one where the build has no worker.
#pragma once

#include <gtest/gtest.h>

#include "metaschedule/runtime/worker_client.h"
#include "metaschedule/support/error.h"

#define METASCHEDULE_NEEDS_WORKER()                          \
  try {                                                      \
    runtime::find_worker();                                  \
  } catch (const RunError& e) {                              \
    GTEST_SKIP() << "no worker in this build: " << e.what(); \
  }
