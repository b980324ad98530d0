// SPDX-License-Identifier: Apache-2.0
// Bodies of async_copy.h.
#pragma once

#include <algorithm>
#include <vector>

#include "metaschedule/arith/iter_map.h"
#include "metaschedule/ir/op.h"
#include "metaschedule/ir/walk.h"
#include "metaschedule/lower/passes.h"
#include "metaschedule/schedule/schedule.h"
#include "metaschedule/support/config.h"
#include "metaschedule/tune/space/async_copy.h"
#include "metaschedule/tune/space/predicates.h"

namespace metaschedule {
namespace detail {

/// Looks at each asynchronous stage of the pipelines of a lowered body.
class AsyncCopyFinder {
 public:
  /// Whether all is well below the statement.
  bool visit(const StmtNode& stmt) {
    const For* loop = as<For>(&stmt);
    if (!loop) return children(stmt);
    const std::vector<int64_t> async = integers(*loop, "software_pipeline_async_stages");
    if (!async.empty() && !pipeline(*loop, async)) return false;
    loops_.push_back(loop);
    const bool good = children(stmt);
    loops_.pop_back();
    return good;
  }

 private:
  bool children(const StmtNode& stmt) {
    bool good = true;
    for_each_substmt(stmt, [&](const StmtNode& child) { good = good && visit(child); });
    return good;
  }

  static std::vector<int64_t> integers(const For& loop, std::string_view key) {
    std::vector<int64_t> out;
    if (const Array* list = as<Array>(loop.annotations.find(key))) {
      for (const Ref<Node>& item : list->items) {
        if (const auto value = as_const_int(item.get())) out.push_back(*value);
      }
    }
    return out;
  }

  /// The steps of a pipelined loop, in order.
  static void steps_of(const StmtNode& stmt, std::vector<const StmtNode*>& out) {
    if (const BlockRealize* realize = as<BlockRealize>(&stmt); realize && out.empty()) {
      if (as<SeqStmt>(realize->block->body)) return steps_of(*realize->block->body, out);
    }
    const SeqStmt* seq = as<SeqStmt>(&stmt);
    if (!seq) return out.push_back(&stmt);
    for (const Stmt& step : seq->seq) out.push_back(step.get());
  }

  bool pipeline(const For& loop, const std::vector<int64_t>& async) {
    const std::vector<int64_t> stages = integers(loop, "software_pipeline_stage");
    std::vector<const StmtNode*> steps;
    steps_of(*loop.body, steps);
    for (size_t i = 0; i < std::min(steps.size(), stages.size()); ++i) {
      if (std::find(async.begin(), async.end(), stages[i]) == async.end()) continue;
      std::vector<const For*> inner;
      if (!is_contiguous_copy(*steps[i], loop, inner)) return false;
    }
    return true;
  }

  /// The first time, when the loop of the pipeline is at its start.
  bool is_contiguous_copy(const StmtNode& stmt, const For& pipelined,
                          std::vector<const For*>& inner) {
    if (const BlockRealize* realize = as<BlockRealize>(&stmt))
      return is_const_int(realize->predicate, 1) &&
             is_contiguous_copy(*realize->block->body, pipelined, inner);
    if (const For* loop = as<For>(&stmt)) {
      inner.push_back(loop);
      return is_contiguous_copy(*loop->body, pipelined, inner);
    }
    const BufferStore* store = as<BufferStore>(&stmt);
    const BufferLoad* load = store ? as<BufferLoad>(store->value) : nullptr;
    if (!load) return false;
    arith::IterRanges ranges;
    for (const std::vector<const For*>* loops : {&loops_, &inner}) {
      for (const For* loop : *loops)
        ranges.emplace_back(loop->loop_var, make<Range>(loop->min, loop->extent));
    }
    arith::Analyzer analyzer;
    const auto has_no_holes = [&](const BufferRef& buffer, const Exprs& indices) {
      const Expr at =
          substitute(place_in(*buffer, indices), {{pipelined.loop_var.get(), pipelined.min}});
      return static_cast<bool>(arith::detect_iter_map({at}, ranges, true_(),
                                                      arith::IterMapLevel::Surjective, analyzer,
                                                      /*simplify_trivial=*/false));
    };
    return has_no_holes(store->buffer, store->indices) && has_no_holes(load->buffer, load->indices);
  }

  /// The position of an element in the memory of its buffer.
  static Expr place_in(const Buffer& buffer, const Exprs& indices) {
    Expr at = make_zero(indices.empty() ? kInt32 : indices[0]->dtype);
    for (size_t d = 0; d < indices.size(); ++d)
      at = buffer.has_strides() ? at + indices[d] * buffer.strides[d]
                                : at * buffer.shape[d] + indices[d];
    return at;
  }

  std::vector<const For*> loops_;
};

}  // namespace detail

METASCHEDULE_INLINE bool has_strided_async_copy(const PrimFuncRef& func) {
  PrimFuncRef f = lower::lower_init_block(func);
  f = lower::plan_buffer_allocation(f);
  f = lower::convert_blocks_to_opaque(f);
  f = lower::compact_buffer_allocation(f);
  f = lower::lower_match_buffer(f);
  f = lower::simplify(f);
  return !detail::AsyncCopyFinder().visit(*f->body);
}

METASCHEDULE_INLINE bool DisallowAsyncStridedMemCopy::apply(const SchedulePtr& sch) {
  for (const auto& [name, func] : sch->mod()->functions) {
    const PrimFuncRef prim = as_ref<PrimFunc>(func);
    if (!prim) continue;
    try {
      if (has_strided_async_copy(prim)) return false;
    } catch (const Error&) {
      return false;
    }
  }
  return true;
}

}  // namespace metaschedule
