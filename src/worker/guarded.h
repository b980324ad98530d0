// SPDX-License-Identifier: Apache-2.0
// Memory for the arguments of a candidate: no page before it, none after it, and a known pattern in
// what is left over of its own pages.
#pragma once

#include <cstddef>
#include <cstdint>

namespace metaschedule::worker {

class GuardedMemory {
 public:
  /// Raises std::bad_alloc when there is none. The data is aligned to 64 bytes and ends within 64
  /// bytes of the page that must not be touched.
  explicit GuardedMemory(size_t bytes);
  ~GuardedMemory();
  GuardedMemory(GuardedMemory&& other) noexcept;
  GuardedMemory(const GuardedMemory&) = delete;

  void* data() const { return data_; }
  size_t bytes() const { return bytes_; }
  /// False when something was written beside the data.
  bool is_intact() const;

 private:
  void* mapping_ = nullptr;
  size_t mapped_ = 0;
  char* begin_ = nullptr;  // of the pages that may be touched
  char* end_ = nullptr;
  char* data_ = nullptr;
  size_t bytes_ = 0;
};

}  // namespace metaschedule::worker
