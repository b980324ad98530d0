// SPDX-License-Identifier: Apache-2.0
// Whether a piece of a program computes what the description of a tensor intrinsic says, and on
// which buffers at which places.
#pragma once

#include <string>
#include <unordered_map>
#include <vector>

#include "metaschedule/arith/analyzer.h"
#include "metaschedule/ir/function.h"
#include "metaschedule/ir/walk.h"

namespace metaschedule {

/// Compares a block of the program with the root block of a description, node by node. Names,
/// annotations, the axes of the outer block and the shapes of buffers do not count; loops, the
/// order of declared regions, storage scopes and indices relative to the outer regions do.
class TensorizeMatcher {
 public:
  bool match(const BlockRealize& program, const BlockRealize& desc);
  /// What differed, innermost first.
  const std::vector<std::string>& problems() const { return problems_; }
  /// The buffer of the program that stands for one of the description; null when none does.
  BufferRef buffer_for(const Buffer* desc) const;
  /// Where the region of the outer block in a buffer of the program begins.
  const std::vector<Expr>& base(const Buffer* program) const { return bases_.at(program); }

 private:
  bool stmt(const StmtNode& a, const StmtNode& b);
  bool loop(const For& a, const For& b);
  bool realize(const BlockRealize& a, const BlockRealize& b, bool outer);
  bool regions(const BufferRegions& a, const BufferRegions& b, bool outer, const char* what);
  bool outer_region(const BufferRegion& a, const BufferRegion& b);
  bool inner_region(const BufferRegion& a, const BufferRegion& b);
  bool access(const BufferRef& a, const Exprs& ai, const BufferRef& b, const Exprs& bi);
  bool buffer(const BufferRef& a, const BufferRef& b);
  bool expr(const ExprNode& a, const ExprNode& b);
  bool exprs(const Exprs& a, const Exprs& b);
  bool index(const Expr& a, const Expr& b);
  void map_var(const VarRef& desc, const VarRef& program);
  bool fail(std::string problem);

  arith::Analyzer analyzer_;
  VarMap vars_;  // of the description to those of the program
  std::unordered_map<const Buffer*, BufferRef> buffers_;
  std::unordered_map<const Buffer*, std::vector<Expr>> bases_;
  std::vector<std::string> problems_;
};

}  // namespace metaschedule
