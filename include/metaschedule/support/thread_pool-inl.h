// SPDX-License-Identifier: Apache-2.0
// Bodies of thread_pool.h.
#pragma once

#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <deque>
#include <exception>
#include <fstream>
#include <limits>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "metaschedule/support/config.h"
#include "metaschedule/support/thread_pool.h"

namespace metaschedule {
namespace detail {

inline std::atomic<bool>& interrupt_flag() {
  static std::atomic<bool> flag{false};
  return flag;
}

/// One parallel loop. Helpers that never got to it find it closed.
struct ParallelLoop {
  size_t n;
  const std::function<void(size_t, int)>* body;
  std::atomic<size_t> next{0};
  std::atomic<bool> stopped{false};

  std::mutex mutex;
  std::condition_variable done;
  int entered = 1;  // the caller is thread 0
  int running = 0;
  bool closed = false;
  size_t error_index = std::numeric_limits<size_t>::max();
  std::exception_ptr error;

  void work(int thread) {
    while (!stopped.load(std::memory_order_relaxed)) {
      const size_t index = next.fetch_add(1, std::memory_order_relaxed);
      if (index >= n) return;
      try {
        check_interrupt();
        (*body)(index, thread);
      } catch (...) {
        stopped = true;
        std::lock_guard lock(mutex);
        if (index < error_index) {
          error_index = index;
          error = std::current_exception();
        }
      }
    }
  }
  void help() {
    int thread = 0;
    {
      std::lock_guard lock(mutex);
      if (closed) return;
      thread = entered++;
      ++running;
    }
    work(thread);
    std::lock_guard lock(mutex);
    if (--running == 0) done.notify_all();
  }
  void finish() {
    std::unique_lock lock(mutex);
    closed = true;
    done.wait(lock, [this] { return running == 0; });
    if (error) std::rethrow_exception(error);
  }
};

/// Threads are started when first needed and kept. A forked child has none of them and loops alone.
class ThreadPool {
 public:
  static ThreadPool& instance() {
    static ThreadPool pool;
    return pool;
  }
  ~ThreadPool() {
    if (getpid() != owner_) {
      for (std::thread& thread : threads_) thread.detach();
      return;
    }
    {
      std::lock_guard lock(mutex_);
      stopping_ = true;
    }
    ready_.notify_all();
    for (std::thread& thread : threads_) thread.join();
  }
  void ask_for_help(const std::shared_ptr<ParallelLoop>& loop, int helpers) {
    if (getpid() != owner_) return;
    {
      std::lock_guard lock(mutex_);
      for (int i = 0; i < helpers; ++i) queue_.push_back(loop);
      // Enough for this loop, even when other loops keep the present threads busy.
      while (threads_.size() < std::min(queue_.size() + static_cast<size_t>(busy_), kMaxThreads))
        threads_.emplace_back([this] { serve(); });
    }
    ready_.notify_all();
  }

 private:
  static constexpr size_t kMaxThreads = 512;
  void serve() {
    std::unique_lock lock(mutex_);
    while (true) {
      ready_.wait(lock, [this] { return stopping_ || !queue_.empty(); });
      if (stopping_) return;
      std::shared_ptr<ParallelLoop> loop = std::move(queue_.front());
      queue_.pop_front();
      ++busy_;
      lock.unlock();
      loop->help();
      loop.reset();
      lock.lock();
      --busy_;
    }
  }
  const pid_t owner_ = getpid();
  std::mutex mutex_;
  std::condition_variable ready_;
  std::deque<std::shared_ptr<ParallelLoop>> queue_;
  std::vector<std::thread> threads_;
  int busy_ = 0;
  bool stopping_ = false;
};

}  // namespace detail

METASCHEDULE_INLINE void request_interrupt() noexcept { detail::interrupt_flag() = true; }
METASCHEDULE_INLINE void clear_interrupt() noexcept { detail::interrupt_flag() = false; }
METASCHEDULE_INLINE bool interrupt_requested() noexcept {
  return detail::interrupt_flag().load(std::memory_order_relaxed);
}

METASCHEDULE_INLINE void parallel_for(size_t n, int threads,
                                      const std::function<void(size_t, int)>& f) {
  check<ValueError>(threads >= 1, "parallel_for: expected at least 1 thread, got {}", threads);
  check_interrupt();
  if (n == 0) return;
  auto loop = std::make_shared<detail::ParallelLoop>();
  loop->n = n;
  loop->body = &f;
  const int helpers = static_cast<int>(std::min<size_t>(threads, n)) - 1;
  if (helpers > 0) detail::ThreadPool::instance().ask_for_help(loop, helpers);
  loop->work(0);
  loop->finish();
}

METASCHEDULE_INLINE int cpu_count(bool logical) {
  const int threads = std::max(1u, std::thread::hardware_concurrency());
  if (logical) return threads;
  // Threads that share a core list the same siblings.
  std::set<std::string> cores;
  for (int cpu = 0; cpu < threads; ++cpu) {
    std::ifstream file("/sys/devices/system/cpu/cpu" + std::to_string(cpu) +
                       "/topology/thread_siblings_list");
    std::string siblings;
    if (std::getline(file, siblings)) cores.insert(siblings);
  }
  return cores.empty() ? threads : static_cast<int>(cores.size());
}

}  // namespace metaschedule
