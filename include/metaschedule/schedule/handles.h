// SPDX-License-Identifier: Apache-2.0
// What a schedule hands out to name loops, blocks and sampled numbers, and the table behind it.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <vector>

#include "metaschedule/ir/function.h"

namespace metaschedule {

namespace detail {
/// Identifies a table entry or a step of a trace, in every schedule of the process. Threads take
/// numbers in lots, so that they do not meet on one counter.
inline uint32_t next_stamp() {
  constexpr uint32_t kLot = 4096;
  static std::atomic<uint32_t> lots{0};
  thread_local uint32_t next = 0, end = 0;
  if (next == end) {
    next = lots.fetch_add(1, std::memory_order_relaxed) * kLot + 1;
    end = next + kLot - 1;
  }
  return next++;
}
}  // namespace detail

/// A position in the table of a schedule. The stamp tells handles of this schedule, its copies and
/// its trace from those of others.
struct Handle {
  uint32_t index = UINT32_MAX;
  uint32_t stamp = 0;
  friend bool operator==(const Handle&, const Handle&) = default;
};
/// Names a block.
struct BlockRV : Handle {};
/// Names a loop.
struct LoopRV : Handle {};
/// A number: an `int32` variable made by sampling, or an expression over such variables. Null
/// stands for `None`.
using ExprRV = Expr;

/// What one handle names.
struct TableEntry {
  enum class Kind : uint8_t {
    Block,    // value: the BlockId
    Loop,     // var: the loop variable, or null and value one of the marks below
    Int,      // value; var: the variable that stands for it, made when asked for
    NullInt,  // a factor that is not known
    Removed,
  };
  /// Values of a Loop entry without a loop: `compute_at` there inlines, or does nothing.
  static constexpr int64_t kInlineMark = -2, kRootMark = -1;

  Kind kind = Kind::Removed;
  uint32_t stamp = 0;
  int64_t value = 0;
  VarRef var;

  static TableEntry block(BlockId id) { return {Kind::Block, 0, id, nullptr}; }
  static TableEntry loop(VarRef var) { return {Kind::Loop, 0, 0, std::move(var)}; }
  static TableEntry mark(int64_t which) { return {Kind::Loop, 0, which, nullptr}; }
  static TableEntry integer(int64_t value) { return {Kind::Int, 0, value, nullptr}; }
  static TableEntry unknown() { return {Kind::NullInt, 0, -1, nullptr}; }
  bool is_mark() const { return kind == Kind::Loop && !var; }
};

/// A vector whose copies share until one of them changes.
template <class T>
class SharedVector {
 public:
  const std::vector<T>& operator*() const { return data_ ? *data_ : empty(); }
  const std::vector<T>* operator->() const { return &**this; }
  size_t size() const { return data_ ? data_->size() : 0; }
  const T& operator[](size_t i) const { return (*data_)[i]; }
  std::vector<T>& write() {
    if (!data_) {
      data_ = std::make_shared<std::vector<T>>();
    } else if (data_.use_count() != 1) {
      data_ = std::make_shared<std::vector<T>>(*data_);
    }
    return *data_;
  }

 private:
  static const std::vector<T>& empty() {
    static const std::vector<T> none;
    return none;
  }
  std::shared_ptr<std::vector<T>> data_;
};

}  // namespace metaschedule
