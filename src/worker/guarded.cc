// SPDX-License-Identifier: Apache-2.0
#include "guarded.h"

#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <new>
#include <utility>

namespace metaschedule::worker {
namespace {

constexpr size_t kAlignment = 64;
/// How much before the data is looked at: a kernel that runs backwards starts here.
constexpr size_t kFrontCanary = 4096;

char pattern(const char* place) {
  return static_cast<char>(0xA5 ^ (reinterpret_cast<uintptr_t>(place) * 31));
}

}  // namespace

GuardedMemory::GuardedMemory(size_t bytes) : bytes_(bytes) {
  size_t page = static_cast<size_t>(sysconf(_SC_PAGESIZE));
  size_t rounded = (bytes + kAlignment - 1) / kAlignment * kAlignment;
  // Room for the canary in front also when the data fills its pages.
  size_t inside = (rounded + kAlignment + page - 1) / page * page;
  if (inside < bytes) throw std::bad_alloc();
  mapped_ = inside + 2 * page;
  mapping_ = mmap(nullptr, mapped_, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (mapping_ == MAP_FAILED) throw std::bad_alloc();
  begin_ = static_cast<char*>(mapping_) + page;
  end_ = begin_ + inside;
  if (mprotect(begin_, inside, PROT_READ | PROT_WRITE) != 0) {
    munmap(mapping_, mapped_);
    throw std::bad_alloc();
  }
  data_ = end_ - rounded;
  for (char* p = std::max(begin_, data_ - kFrontCanary); p < data_; ++p) *p = pattern(p);
  for (char* p = data_ + bytes; p < end_; ++p) *p = pattern(p);
}

GuardedMemory::GuardedMemory(GuardedMemory&& other) noexcept
    : mapping_(std::exchange(other.mapping_, nullptr)),
      mapped_(other.mapped_),
      begin_(other.begin_),
      end_(other.end_),
      data_(other.data_),
      bytes_(other.bytes_) {}

GuardedMemory::~GuardedMemory() {
  if (mapping_) munmap(mapping_, mapped_);
}

bool GuardedMemory::is_intact() const {
  for (const char* p = std::max(begin_, data_ - kFrontCanary); p < data_; ++p)
    if (*p != pattern(p)) return false;
  for (const char* p = data_ + bytes_; p < end_; ++p)
    if (*p != pattern(p)) return false;
  return true;
}

}  // namespace metaschedule::worker
