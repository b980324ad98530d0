// SPDX-License-Identifier: Apache-2.0
// The threads that parallel loops of compiled programs run on: one pool for the process.
#pragma once

#include <memory>

#include "metaschedule/codegen/abi.h"

namespace metaschedule::runtime {

class KernelPool {
 public:
  /// 0 threads: METASCHEDULE_NUM_THREADS, or one for each physical core that the affinity mask of
  /// this process has, but no more than the quota of its control group comes to.
  /// METASCHEDULE_BIND_THREADS=1 ties each worker to a core.
  explicit KernelPool(int num_threads = 0);
  ~KernelPool();
  KernelPool(const KernelPool&) = delete;
  KernelPool& operator=(const KernelPool&) = delete;

  /// The pool of the process, made at first use.
  static KernelPool& global();
  /// Sets the number of threads of the global pool; raises ValueError once it has been used.
  static void configure_global(int num_threads);

  int num_threads() const;

  /// Runs [0, extent) in equal contiguous pieces, one a thread; the caller takes the first one. A
  /// launch from inside a body, or while another thread's is running, runs in the caller alone.
  /// Gives the first code that is not 0.
  int32_t parallel_for(metaschedule_body body, void* closure, int64_t extent);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace metaschedule::runtime
