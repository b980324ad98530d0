// SPDX-License-Identifier: Apache-2.0
// Inside compact_buffer_allocation: the box of a buffer that is accessed between its allocation and
// the end of its life, with the variables of loops outside left symbolic.
#pragma once

#include <unordered_map>
#include <vector>

#include "metaschedule/arith/analyzer.h"
#include "metaschedule/ir/walk.h"

namespace metaschedule::lower::detail {

/// Conjuncts of a condition, `likely` looked through.
void split_conjunction(const Expr& condition, std::vector<Expr>& out);

class RegionCollector : public Walker {
 public:
  /// What compaction makes of each allocated buffer: the box in terms of outer variables.
  std::unordered_map<const Buffer*, Ranges> boxes;
  /// `storage_align` rows that apply to a buffer, by axis: (factor, offset); none is (0, 0).
  std::unordered_map<const Buffer*, std::vector<std::pair<int64_t, int64_t>>> aligns;

  void visit(const Node& node) override;

 private:
  struct Loop {
    const Var* var;
    arith::IntSet domain;
    bool thread;
    std::string tag;
  };
  struct Scope {
    size_t loops;  // open when it was allocated
    std::vector<arith::IntSet> region;
    bool accessed = false;
  };
  /// Conditions that hold while it lives.
  class Guard {
   public:
    Guard(RegionCollector& owner, const Expr& condition);
    ~Guard();

   private:
    RegionCollector& owner_;
    size_t mark_;
  };

  void loop(const For& loop);
  void realize(const BlockRealize& realize);
  void access(const Buffer* buffer, const Ranges& region);
  void opaque_access(const Var* data);
  arith::DomMap relaxed(size_t from, const std::string& scope) const;
  Expr tighten(arith::DomMap& domains) const;
  std::vector<arith::IntSet> touched(const Ranges& region, const arith::DomMap& domains,
                                     const Expr& condition);
  Ranges box_of(const Buffer& buffer, const Scope& scope);

  arith::Analyzer analyzer_;
  std::vector<Loop> loops_;
  std::vector<Expr> conditions_;
  std::vector<const Block*> blocks_;
  std::unordered_map<const Buffer*, Scope> open_;
  std::unordered_map<const Var*, const Buffer*> by_data_;
};

}  // namespace metaschedule::lower::detail
