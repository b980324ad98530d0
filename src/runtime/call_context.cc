// SPDX-License-Identifier: Apache-2.0
// What compiled programs get from this library at run time.
#include <dlfcn.h>

#include <algorithm>
#include <cstdlib>
#include <mutex>

#include "metaschedule/runtime/kernel_pool.h"
#include "metaschedule/runtime/module.h"
#include "metaschedule/support/error.h"

namespace metaschedule::runtime {
namespace {

/// Memory that one thread's kernels take and give back; blocks are kept for the next call.
class Workspace {
 public:
  ~Workspace() {
    for (Block& b : blocks_) std::free(b.data);
  }

  void* take(int64_t bytes) {
    constexpr int64_t kPage = 4096;
    if (bytes < 0 || bytes > (int64_t{1} << 46)) return nullptr;
    bytes = (std::max<int64_t>(bytes, 1) + kPage - 1) / kPage * kPage;
    Block* best = nullptr;
    Block* largest = nullptr;
    for (Block& b : blocks_) {
      if (b.used) continue;
      if (b.bytes >= bytes && (!best || b.bytes < best->bytes)) best = &b;
      if (!largest || b.bytes > largest->bytes) largest = &b;
    }
    if (!best && largest) {
      // Too small for now means that it is not needed as it is.
      std::free(largest->data);
      *largest = {std::aligned_alloc(kPage, static_cast<size_t>(bytes)), bytes, false};
      best = largest;
    }
    if (!best) {
      blocks_.push_back({std::aligned_alloc(kPage, static_cast<size_t>(bytes)), bytes, false});
      best = &blocks_.back();
    }
    if (!best->data) {
      std::swap(*best, blocks_.back());
      blocks_.pop_back();
      return nullptr;
    }
    best->used = true;
    return best->data;
  }

  void give(void* data) {
    for (auto it = blocks_.rbegin(); it != blocks_.rend(); ++it) {
      if (it->data == data) it->used = false;
    }
  }

 private:
  struct Block {
    void* data;
    int64_t bytes;
    bool used;
  };
  std::vector<Block> blocks_;
};

Workspace& workspace() {
  thread_local Workspace w;
  return w;
}

}  // namespace

struct CallContext::State {
  std::mutex mutex;
  std::string message;
};

CallContext::CallContext() : state_(std::make_shared<State>()) {
  table_.parallel_for = [](const metaschedule_runtime*, metaschedule_body body, void* closure,
                           int64_t extent) {
    return KernelPool::global().parallel_for(body, closure, extent);
  };
  table_.allocate = [](const metaschedule_runtime*, int64_t bytes) {
    return workspace().take(bytes);
  };
  table_.release = [](const metaschedule_runtime*, void* memory) {
    if (memory) workspace().give(memory);
  };
  table_.report = [](const metaschedule_runtime* self, const char* message) {
    static_assert(offsetof(CallContext, table_) == 0);
    auto* context = reinterpret_cast<const CallContext*>(self);
    std::lock_guard<std::mutex> lock(context->state_->mutex);
    if (context->state_->message.empty()) context->state_->message = message;
  };
  table_.find = [](const metaschedule_runtime*, const char* name) {
    return dlsym(RTLD_DEFAULT, name);
  };
}

std::string CallContext::explain(int32_t code) const {
  std::lock_guard<std::mutex> lock(state_->mutex);
  switch (code) {
    case METASCHEDULE_ASSERTION_FAILED:
      return "assertion failed: " + state_->message;
    case METASCHEDULE_OUT_OF_MEMORY:
      return "out of memory inside the program";
    case METASCHEDULE_SYMBOL_MISSING:
    case METASCHEDULE_NO_TILES:
      return state_->message;
    default:
      return "the program returned " + std::to_string(code);
  }
}

}  // namespace metaschedule::runtime
