// SPDX-License-Identifier: Apache-2.0
// A worker spins for a moment after its last piece, then sleeps on its own mailbox, so that a
// launch touches only those it needs.
#include "metaschedule/runtime/kernel_pool.h"

#include <pthread.h>
#include <sched.h>

#include <atomic>
#include <chrono>
#include <cstdlib>
#include <fstream>
#include <mutex>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "metaschedule/support/error.h"

namespace metaschedule::runtime {
namespace {

using Clock = std::chrono::steady_clock;
constexpr std::chrono::microseconds kSpin{50};

inline void pause_briefly() {
#if defined(__x86_64__)
  __builtin_ia32_pause();
#elif defined(__aarch64__)
  asm volatile("yield");
#endif
}

/// Spins until `ready()` or for kSpin; true when ready.
template <class F>
bool spin(F&& ready) {
  Clock::time_point end;
  for (int i = 0;; ++i) {
    if (ready()) return true;
    pause_briefly();
    if (i == 64) end = Clock::now() + kSpin;
    if (i > 64 && i % 64 == 0 && Clock::now() > end) return false;
  }
}

/// One CPU of each physical core in the affinity mask of this process.
std::vector<int> usable_cores() {
  cpu_set_t mask;
  CPU_ZERO(&mask);
  std::vector<int> cores;
  if (sched_getaffinity(0, sizeof(mask), &mask) != 0) return cores;
  std::set<std::string> seen;
  for (int cpu = 0; cpu < CPU_SETSIZE; ++cpu) {
    if (!CPU_ISSET(cpu, &mask)) continue;
    std::ifstream file("/sys/devices/system/cpu/cpu" + std::to_string(cpu) +
                       "/topology/thread_siblings_list");
    std::string siblings;
    if (!std::getline(file, siblings)) siblings = std::to_string(cpu);
    if (seen.insert(siblings).second) cores.push_back(cpu);
  }
  return cores;
}

int env_int(const char* name) {
  const char* text = std::getenv(name);
  return text ? std::max(0, std::atoi(text)) : 0;
}

struct Job {
  metaschedule_body body;
  void* closure;
  int64_t extent;
  int tasks;
  std::atomic<int32_t> status{0};
  std::atomic<int> pending{0};

  void run(int task) {
    int64_t begin = static_cast<int64_t>(static_cast<__int128>(extent) * task / tasks);
    int64_t end = static_cast<int64_t>(static_cast<__int128>(extent) * (task + 1) / tasks);
    int32_t code = body(closure, begin, end);
    int32_t none = 0;
    if (code != 0) status.compare_exchange_strong(none, code);
  }
};

thread_local bool inside_body = false;

}  // namespace

struct KernelPool::Impl {
  struct alignas(64) Mailbox {
    std::atomic<uint32_t> count{0};
    std::atomic<Job*> job{nullptr};
  };
  int num_threads = 1;
  std::mutex launch;
  std::vector<Mailbox> boxes;
  std::vector<std::thread> threads;
  std::atomic<bool> stop{false};

  void work(int id) {
    Mailbox& box = boxes[id];
    inside_body = true;
    uint32_t seen = 0;
    for (;;) {
      auto changed = [&] { return box.count.load(std::memory_order_acquire) != seen; };
      if (!spin(changed)) {
        while (!changed()) box.count.wait(seen, std::memory_order_acquire);
      }
      ++seen;
      if (stop.load(std::memory_order_relaxed)) return;
      Job* job = box.job.load(std::memory_order_relaxed);
      job->run(id);
      // The caller may leave as soon as this is 0, and the job with it.
      job->pending.fetch_sub(1, std::memory_order_release);
    }
  }
};

KernelPool::KernelPool(int num_threads) : impl_(std::make_unique<Impl>()) {
  std::vector<int> cores = usable_cores();
  if (num_threads <= 0) num_threads = env_int("METASCHEDULE_NUM_THREADS");
  if (num_threads <= 0) num_threads = std::max<int>(1, static_cast<int>(cores.size()));
  impl_->num_threads = num_threads;
  impl_->boxes = std::vector<Impl::Mailbox>(num_threads);
  bool bind =
      env_int("METASCHEDULE_BIND_THREADS") == 1 && static_cast<int>(cores.size()) >= num_threads;
  for (int id = 1; id < num_threads; ++id) {
    impl_->threads.emplace_back([impl = impl_.get(), id] { impl->work(id); });
    if (!bind) continue;
    cpu_set_t mask;
    CPU_ZERO(&mask);
    CPU_SET(cores[id], &mask);
    pthread_setaffinity_np(impl_->threads.back().native_handle(), sizeof(mask), &mask);
  }
}

KernelPool::~KernelPool() {
  impl_->stop = true;
  for (size_t id = 1; id < impl_->boxes.size(); ++id) {
    impl_->boxes[id].count.fetch_add(1, std::memory_order_release);
    impl_->boxes[id].count.notify_one();
  }
  for (std::thread& t : impl_->threads) t.join();
}

namespace {
int global_threads = 0;
std::atomic<bool> global_made{false};
}  // namespace

KernelPool& KernelPool::global() {
  // Never destroyed: a thread of the process may still launch while it ends.
  static KernelPool* pool = [] {
    global_made = true;
    return new KernelPool(global_threads);
  }();
  return *pool;
}

void KernelPool::configure_global(int num_threads) {
  check<ValueError>(!global_made, "the kernel thread pool has been used already");
  global_threads = num_threads;
}

int KernelPool::num_threads() const { return impl_->num_threads; }

int32_t KernelPool::parallel_for(metaschedule_body body, void* closure, int64_t extent) {
  if (extent <= 0) return 0;
  int tasks = static_cast<int>(std::min<int64_t>(impl_->num_threads, extent));
  if (tasks == 1 || inside_body) return body(closure, 0, extent);
  std::unique_lock<std::mutex> lock(impl_->launch, std::try_to_lock);
  if (!lock.owns_lock()) return body(closure, 0, extent);
  Job job{body, closure, extent, tasks, {}, {}};
  job.pending.store(tasks - 1, std::memory_order_relaxed);
  for (int id = 1; id < tasks; ++id) {
    Impl::Mailbox& box = impl_->boxes[id];
    box.job.store(&job, std::memory_order_relaxed);
    box.count.fetch_add(1, std::memory_order_release);
    box.count.notify_one();
  }
  inside_body = true;
  job.run(0);
  inside_body = false;
  auto done = [&] { return job.pending.load(std::memory_order_acquire) == 0; };
  while (!spin(done)) std::this_thread::yield();
  return job.status.load(std::memory_order_relaxed);
}

}  // namespace metaschedule::runtime
