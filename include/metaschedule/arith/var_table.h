// SPDX-License-Identifier: Apache-2.0
// VarTable: facts by variable. A flat array while it is small, as it nearly always is; the entries
// keep their variables alive, so that an address is never mistaken for that of a later variable.
#pragma once

#include <unordered_map>
#include <utility>
#include <vector>

#include "metaschedule/ir/expr.h"

namespace metaschedule::arith {

template <class T>
class VarTable {
 public:
  /// Null when nothing is known. Valid until the next `set`.
  const T* find(const Var* var) const {
    if (index_.empty()) {
      for (const auto& [key, value] : items_) {
        if (key.get() == var) return &value;
      }
      return nullptr;
    }
    auto it = index_.find(var);
    return it == index_.end() ? nullptr : &items_[it->second].second;
  }
  void set(const VarRef& var, T value) {
    if (const T* old = find(var.get())) {
      *const_cast<T*>(old) = std::move(value);
      return;
    }
    items_.emplace_back(var, std::move(value));
    if (!index_.empty()) {
      index_.emplace(var.get(), items_.size() - 1);
    } else if (items_.size() > kFlat) {
      for (size_t i = 0; i < items_.size(); ++i) index_.emplace(items_[i].first.get(), i);
    }
  }
  bool empty() const { return items_.empty(); }
  size_t size() const { return items_.size(); }
  auto begin() const { return items_.begin(); }
  auto end() const { return items_.end(); }

 private:
  static constexpr size_t kFlat = 24;
  std::vector<std::pair<VarRef, T>> items_;
  std::unordered_map<const Var*, size_t> index_;
};

}  // namespace metaschedule::arith
