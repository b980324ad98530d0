// SPDX-License-Identifier: Apache-2.0
// Counting operations and finding the anchor block.
#pragma once

#include <algorithm>
#include <vector>

#include "metaschedule/arith/analyzer.h"
#include "metaschedule/ir/op.h"
#include "metaschedule/schedule/analysis_module.h"

namespace metaschedule {

namespace detail {

/// Operations by data type: the branches of a choice count with the larger number of each type.
class OpCounts {
 public:
  void add(DType dtype, double n) { slot(dtype) += n; }
  void add(const OpCounts& other) {
    for (const auto& [dtype, n] : other.counts_) slot(dtype) += n;
  }
  void multiply(double factor) {
    for (auto& [dtype, n] : counts_) n *= factor;
  }
  void take_max(const OpCounts& other) {
    for (const auto& [dtype, n] : other.counts_) slot(dtype) = std::max(slot(dtype), n);
  }
  double total() const {
    double sum = 0;
    for (const auto& [dtype, n] : counts_) sum += n;
    return sum;
  }

 private:
  double& slot(DType dtype) {
    for (auto& [known, n] : counts_)
      if (known == dtype) return n;
    return counts_.emplace_back(dtype, 0.0).second;
  }
  std::vector<std::pair<DType, double>> counts_;
};

class FlopEstimator {
 public:
  OpCounts count(const Node& node) {
    if (is_binary_kind(node.kind)) return count_binary(static_cast<const BinaryExpr&>(node));
    OpCounts out;
    switch (node.kind) {
      case Kind::BufferLoad:
      case Kind::Var:
      case Kind::SizeVar:
      case Kind::IntImm:
      case Kind::FloatImm:
        return out;
      case Kind::Not:
        return count(*static_cast<const Not&>(node).a);
      case Kind::Cast:
        return count(*static_cast<const Cast&>(node).value);
      case Kind::Call:
        for (const Expr& arg : static_cast<const Call&>(node).args) out.add(count(*arg));
        return out;
      case Kind::Select: {
        const auto& choice = static_cast<const Select&>(node);
        return count_choice(*choice.condition, *choice.true_value, choice.false_value.get());
      }
      case Kind::BufferStore:
        return count(*static_cast<const BufferStore&>(node).value);
      case Kind::For:
        return count_loop(static_cast<const For&>(node));
      case Kind::BlockRealize:
        return count(*static_cast<const BlockRealize&>(node).block->body);
      case Kind::Block: {
        const auto& block = static_cast<const Block&>(node);
        if (block.init) out.add(count(*block.init));
        out.add(count(*block.body));
        return out;
      }
      case Kind::IfThenElse: {
        const auto& branch = static_cast<const IfThenElse&>(node);
        return count_choice(*branch.condition, *branch.then_case, branch.else_case.get());
      }
      case Kind::LetStmt:
        out = count(*static_cast<const LetStmt&>(node).value);
        out.add(count(*static_cast<const LetStmt&>(node).body));
        return out;
      case Kind::SeqStmt:
        for (const Stmt& stmt : static_cast<const SeqStmt&>(node).seq) out.add(count(*stmt));
        return out;
      case Kind::AllocateConst:
        return count(*static_cast<const AllocateConst&>(node).body);
      case Kind::DeclBuffer:
        return count(*static_cast<const DeclBuffer&>(node).body);
      default:
        fail<ValueError>("estimate_tir_flops: cannot count the operations of {}",
                         kind_name(node.kind));
    }
  }

 private:
  OpCounts count_binary(const BinaryExpr& op) {
    OpCounts out;
    if (is_compare_kind(op.kind)) return out;
    if (op.kind != Kind::And && op.kind != Kind::Or) out.add(op.dtype, 1);
    out.add(count(*op.a));
    out.add(count(*op.b));
    return out;
  }
  OpCounts count_choice(const Node& condition, const Node& yes, const Node* no) {
    OpCounts out = count(yes);
    if (no) out.take_max(count(*no));
    out.add(count(condition));
    return out;
  }
  OpCounts count_loop(const For& loop) {
    analyzer_.bind(loop.loop_var, make<Range>(loop.min, loop.extent), true);
    const IntImm* constant = as<IntImm>(loop.extent);
    int64_t extent = constant ? constant->value : analyzer_.const_int_bound(loop.extent).max_value;
    OpCounts out = count(*loop.body);
    if (extent != arith::ConstIntBound::kPosInf) out.multiply(static_cast<double>(extent));
    return out;
  }

  arith::Analyzer analyzer_;
};

/// The loop that is a direct child of the first sequence (or stands there itself) above a block.
inline const For* loop_of_stage(const StmtNode& stmt, const Block* block) {
  auto holds = [block](const StmtNode& s) {
    for (const BlockRealize* realize : all_blocks(s))
      if (realize->block.get() == block) return true;
    return false;
  };
  const For* found = nullptr;
  if (const SeqStmt* seq = as<SeqStmt>(&stmt)) {
    for (const Stmt& member : seq->seq) {
      if (const For* loop = as<For>(member); loop && holds(*loop)) return loop;
    }
    return nullptr;
  }
  for_each_substmt(stmt, [&](const StmtNode& below) {
    if (!found) found = loop_of_stage(below, block);
  });
  return found;
}

}  // namespace detail

METASCHEDULE_INLINE double estimate_tir_flops(const Node& node) {
  if (const IRModule* module = as<IRModule>(&node)) return estimate_tir_flops(*module);
  const PrimFunc* func = as<PrimFunc>(&node);
  return detail::FlopEstimator().count(func ? *func->body : node).total();
}

METASCHEDULE_INLINE double estimate_tir_flops(const IRModule& module) {
  double total = 0;
  for (const auto& [var, node] : module.functions) {
    const PrimFunc* func = as<PrimFunc>(node);
    if (!func) continue;
    const Node* given = func->attrs.find("estimated_flops");
    std::optional<int64_t> known = given ? as_const_int(given) : std::nullopt;
    total += known ? static_cast<double>(*known) : estimate_tir_flops(*func);
  }
  return total;
}

METASCHEDULE_INLINE const PrimFunc* find_entry_func(const IRModule& module) {
  const PrimFunc* only = nullptr;
  int count = 0;
  for (const auto& [var, node] : module.functions) {
    const PrimFunc* func = as<PrimFunc>(node);
    if (!func) continue;
    const Node* mark = func->attrs.find("tir.is_entry_func");
    if (mark && as_const_int(mark).value_or(0) != 0) return func;
    only = func;
    ++count;
  }
  if (const PrimFunc* main = module.find("main")) return main;
  return count == 1 ? only : nullptr;
}

METASCHEDULE_INLINE const Block* find_anchor_block(const IRModule& module) {
  const PrimFunc* func = find_entry_func(module);
  if (!func) return nullptr;
  std::vector<const Block*> candidates;
  for (const BlockRealize* realize : all_blocks(*func->body))
    if (realize->block->init) candidates.push_back(realize->block.get());
  if (candidates.size() <= 1) return candidates.empty() ? nullptr : candidates.front();
  const Block* best = candidates.front();
  double best_flops = -1;
  for (const Block* block : candidates) {
    const For* loop = detail::loop_of_stage(*func->body, block);
    double flops = loop ? estimate_tir_flops(*loop) : -1;
    if (flops > best_flops) {
      best_flops = flops;
      best = block;
    }
  }
  return best;
}

}  // namespace metaschedule
