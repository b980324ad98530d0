// SPDX-License-Identifier: Apache-2.0
// Memory of nodes. Programs are rewritten by making and dropping many small nodes, more at a time
// than malloc keeps at hand for a thread; each thread keeps some freed blocks by size.
#pragma once

#include <cstddef>
#include <cstdint>
#include <new>

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define METASCHEDULE_NODE_POOL 0
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define METASCHEDULE_NODE_POOL 0  // a block used after its end must be seen
#endif
#endif
#ifndef METASCHEDULE_NODE_POOL
#define METASCHEDULE_NODE_POOL 1
#endif

namespace metaschedule::detail {

class NodePool {
 public:
  static constexpr size_t kUnit = 16, kClasses = 17;  // up to 256 bytes
  static constexpr uint32_t kKept = 2048;             // blocks of one size

  static void* allocate(size_t size) {
    const size_t c = (size + kUnit - 1) / kUnit;
    if (!METASCHEDULE_NODE_POOL || c >= kClasses) return ::operator new(size);
    Lists& lists = of_thread();
    Block* block = lists.first[c];
    if (!block) return ::operator new(c * kUnit);
    lists.first[c] = block->next;
    --lists.count[c];
    return block;
  }
  static void release(void* memory, size_t size) {
    const size_t c = (size + kUnit - 1) / kUnit;
    if (!METASCHEDULE_NODE_POOL || c >= kClasses) return ::operator delete(memory);
    Lists& lists = of_thread();
    if (lists.state != State::Open || lists.count[c] >= kKept) [[unlikely]] {
      if (lists.state != State::Unused || !open()) return ::operator delete(memory);
    }
    Block* block = static_cast<Block*>(memory);
    block->next = lists.first[c];
    lists.first[c] = block;
    ++lists.count[c];
  }

 private:
  struct Block {
    Block* next;
  };
  enum class State : uint8_t { Unused, Open, Closed };
  // Without constructor and destructor, so that it is reached without a guard.
  struct Lists {
    Block* first[kClasses];
    uint32_t count[kClasses];
    State state;
  };
  static Lists& of_thread() {
    static constinit thread_local Lists lists{};
    return lists;
  }
  /// Gives the blocks back at the end of the thread; what is freed after that goes to the system.
  struct Closer {
    ~Closer() {
      Lists& lists = of_thread();
      lists.state = State::Closed;
      for (Block*& first : lists.first) {
        while (Block* block = first) {
          first = block->next;
          ::operator delete(block);
        }
      }
    }
  };
  static bool open() {
    static thread_local Closer closer;
    static_cast<void>(closer);
    of_thread().state = State::Open;
    return true;
  }
};

}  // namespace metaschedule::detail
