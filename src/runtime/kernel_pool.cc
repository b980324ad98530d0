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

#include "metaschedule/ir/target.h"
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

/// The part of [0, extent) that is one task's.
int64_t piece(int64_t extent, int tasks, int task) {
  return static_cast<int64_t>(static_cast<__int128>(extent) * task / tasks);
}

thread_local bool inside_body = false;

}  // namespace

struct KernelPool::Impl {
  /// What a mailbox holds; the rest of the word counts launches, so that a late worker cannot take
  /// a piece of the next one for its own.
  enum : uint32_t { kIdle = 0, kReady = 1, kTaken = 2, kStateMask = 3, kNext = 4 };

  struct alignas(64) Mailbox {
    std::atomic<uint32_t> state{kIdle};
    metaschedule_body body = nullptr;
    void* closure = nullptr;
    int64_t begin = 0, end = 0;
    int32_t code = 0;

    void run(uint32_t taken) {
      code = body(closure, begin, end);
      state.store((taken & ~kStateMask) | kIdle, std::memory_order_release);
    }
  };
  int num_threads = 1;
  std::mutex launch;
  std::vector<Mailbox> boxes;
  std::vector<std::thread> threads;
  std::atomic<bool> stop{false};

  /// Takes the piece in a mailbox; false when the other side was first, or there is none.
  static bool take(Mailbox& box, uint32_t& seen) {
    if ((seen & kStateMask) != kReady) return false;
    uint32_t taken = (seen & ~kStateMask) | kTaken;
    if (!box.state.compare_exchange_strong(seen, taken, std::memory_order_acquire)) return false;
    seen = taken;
    return true;
  }

  void work(int id) {
    Mailbox& box = boxes[id];
    inside_body = true;
    for (;;) {
      uint32_t seen = box.state.load(std::memory_order_acquire);
      auto is_ready = [&] {
        seen = box.state.load(std::memory_order_acquire);
        return (seen & kStateMask) == kReady || stop.load(std::memory_order_relaxed);
      };
      if (!spin(is_ready)) {
        while (!is_ready()) box.state.wait(seen, std::memory_order_acquire);
      }
      if (stop.load(std::memory_order_relaxed)) return;
      if (take(box, seen)) box.run(seen);
    }
  }
};

KernelPool::KernelPool(int num_threads) : impl_(std::make_unique<Impl>()) {
  std::vector<int> cores = usable_cores();
  if (num_threads <= 0) num_threads = env_int("METASCHEDULE_NUM_THREADS");
  // More threads than the quota of a control group pays for would only make it run out sooner.
  if (num_threads <= 0)
    num_threads = std::max(1, static_cast<int>(std::min<int64_t>(static_cast<int64_t>(cores.size()),
                                                                 available_cores())));
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
    impl_->boxes[id].state.fetch_add(Impl::kNext, std::memory_order_release);
    impl_->boxes[id].state.notify_one();
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
  for (int id = 1; id < tasks; ++id) {
    Impl::Mailbox& box = impl_->boxes[id];
    box.body = body;
    box.closure = closure;
    box.begin = piece(extent, tasks, id);
    box.end = piece(extent, tasks, id + 1);
    uint32_t state = box.state.load(std::memory_order_relaxed);
    box.state.store(((state & ~Impl::kStateMask) + Impl::kNext) | Impl::kReady,
                    std::memory_order_release);
    box.state.notify_one();
  }
  inside_body = true;
  int32_t code = body(closure, 0, piece(extent, tasks, 1));
  // A worker that has not woken up by now may sleep on: on a busy machine that is a long time.
  for (int id = 1; id < tasks; ++id) {
    Impl::Mailbox& box = impl_->boxes[id];
    uint32_t seen = box.state.load(std::memory_order_acquire);
    if (Impl::take(box, seen)) box.run(seen);
  }
  inside_body = false;
  for (int id = 1; id < tasks; ++id) {
    Impl::Mailbox& box = impl_->boxes[id];
    auto is_done = [&] {
      return (box.state.load(std::memory_order_acquire) & Impl::kStateMask) == Impl::kIdle;
    };
    while (!spin(is_done)) std::this_thread::yield();
    if (code == 0) code = box.code;
  }
  return code;
}

}  // namespace metaschedule::runtime
