// SPDX-License-Identifier: Apache-2.0
// A map from pointers that only grows: open addressing in one block of memory, for tables that are
// made and thrown away by the thousand.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace metaschedule {

/// V is cheap to copy. Null is not a key.
template <class V>
class PointerMap {
 public:
  /// The value of a key; null when there is none. Good until the next insertion.
  const V* find(const void* key) const {
    if (slots_.empty()) return nullptr;
    const Slot& slot = slots_[place(key)];
    return slot.key ? &slot.value : nullptr;
  }
  bool contains(const void* key) const { return find(key) != nullptr; }

  /// Does nothing when the key is there already.
  void emplace(const void* key, V value) {
    if (2 * (size_ + 1) > slots_.size()) grow();
    Slot& slot = slots_[place(key)];
    if (slot.key) return;
    slot = {key, value};
    ++size_;
  }

 private:
  struct Slot {
    const void* key = nullptr;
    V value{};
  };

  /// Where the key is, or would go.
  size_t place(const void* key) const {
    size_t mask = slots_.size() - 1;
    // Fibonacci hashing: the low bits of a pointer say little.
    uint64_t hash = reinterpret_cast<uintptr_t>(key) * 0x9e3779b97f4a7c15ULL;
    size_t i = static_cast<size_t>(hash >> 32) & mask;
    while (slots_[i].key && slots_[i].key != key) i = (i + 1) & mask;
    return i;
  }
  void grow() {
    std::vector<Slot> old(slots_.empty() ? 64 : 2 * slots_.size());
    old.swap(slots_);
    for (const Slot& slot : old)
      if (slot.key) slots_[place(slot.key)] = slot;
  }

  std::vector<Slot> slots_;
  size_t size_ = 0;
};

}  // namespace metaschedule
