// SPDX-License-Identifier: Apache-2.0
// When two programs are the same workload.
#pragma once

#include <cstdint>
#include <string_view>
#include <unordered_set>

#include "metaschedule/tune/fwd.h"

namespace metaschedule {

/// Three kinds: "structural"; "ignore-ndarray", which compares constants by dtype and shape only;
/// "anchor-block", which compares only the heaviest reduction of the entry function where both
/// sides have one, and is "ignore-ndarray" otherwise.
class ModuleEquality {
 public:
  enum class Kind : uint8_t { Structural, IgnoreNDArray, AnchorBlock };

  ModuleEquality() = default;
  /// Raises ValueError for an unknown name.
  explicit ModuleEquality(std::string_view name);

  uint64_t hash(const IRModule& mod) const;
  bool equal(const IRModule& a, const IRModule& b) const;
  std::string_view name() const;
  friend bool operator==(ModuleEquality a, ModuleEquality b) { return a.kind_ == b.kind_; }

 private:
  Kind kind_ = Kind::Structural;
};

/// A set of modules by (hash, equality).
class ModuleSet {
 public:
  explicit ModuleSet(ModuleEquality equality = {}) : items_(16, Hash{}, Equal{equality}) {}
  /// True when it was not there yet. `hash` is the equality's hash of `mod`.
  bool add(ModuleRef mod, uint64_t hash) { return items_.insert({std::move(mod), hash}).second; }
  bool contains(const ModuleRef& mod, uint64_t hash) const { return items_.contains({mod, hash}); }
  size_t size() const { return items_.size(); }
  ModuleEquality equality() const { return items_.key_eq().equality; }

 private:
  struct Item {
    ModuleRef mod;
    uint64_t hash;
  };
  struct Hash {
    size_t operator()(const Item& item) const { return item.hash; }
  };
  struct Equal {
    ModuleEquality equality;
    bool operator()(const Item& a, const Item& b) const {
      return a.hash == b.hash && equality.equal(*a.mod, *b.mod);
    }
  };
  std::unordered_set<Item, Hash, Equal> items_;
};

}  // namespace metaschedule
