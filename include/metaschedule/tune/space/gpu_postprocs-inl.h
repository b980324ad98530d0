// SPDX-License-Identifier: Apache-2.0
// RewriteCooperativeFetch, RewriteUnboundBlock and RewriteTensorize.
#pragma once

#include <algorithm>
#include <optional>
#include <vector>

#include "metaschedule/ir/op.h"
#include "metaschedule/ir/walk.h"
#include "metaschedule/schedule/schedule.h"
#include "metaschedule/tune/search/trace_query.h"
#include "metaschedule/tune/space/gpu_postprocs.h"
#include "metaschedule/tune/space/gpu_rules.h"
#include "metaschedule/tune/space/predicates.h"
#include "metaschedule/tune/space/thread_bind.h"
#include "metaschedule/tune/tune_context.h"

namespace metaschedule {

namespace detail {

/// One block to be fetched by all threads.
struct Fetch {
  BlockRV block;
  int64_t thread_x, thread_y, lanes;
};

inline Handle handle_of(const Schedule& sch, const Operand& operand) {
  return sch.handle(static_cast<uint32_t>(operand.integer));
}

inline std::vector<Fetch> collect_fetches(const Schedule& sch, int64_t warp_size) {
  const Trace trace = sch.trace();
  int64_t tx = -1, ty = -1;
  std::vector<Fetch> out;
  for (size_t i = 0; i < trace.size(); ++i) {
    if (is_step(trace, i, "Bind")) {
      const std::string& axis = step_argument(trace, i, "thread_axis")->text();
      if (axis != "threadIdx.x" && axis != "threadIdx.y") continue;
      LoopRV loop{handle_of(sch, *step_argument(trace, i, "loop"))};
      const IntImm* extent = as<IntImm>(sch.get(loop)->extent);
      check<ValueError>(extent, "RewriteCooperativeFetch: the extent of {} is not a constant",
                        axis);
      (axis == "threadIdx.x" ? tx : ty) = extent->value;
      continue;
    }
    std::string_view key = annotation_key(trace, i);
    if (key == "warp_execution") tx = warp_size;
    if (key != "meta_schedule.cooperative_fetch") continue;
    const Operand& value = *step_argument(trace, i, "ann_val");
    int64_t lanes = value.tag == Operand::Tag::Number
                        ? sch.get_int(sch.number(static_cast<uint32_t>(value.integer)))
                        : value.integer;
    out.push_back(
        {BlockRV{handle_of(sch, *step_argument(trace, i, "block_or_loop"))}, tx, ty, lanes});
  }
  return out;
}

/// Bytes of the widest type that the body of a block works on.
inline int widest_bytes(const Block& block) {
  int bytes = 0;
  auto see = [&](DType dtype) { bytes = std::max(bytes, (dtype.bits + 7) / 8); };
  pre_order(*block.body, [&](const Node& node) {
    if (const BufferStore* store = as<BufferStore>(&node)) see(store->value->dtype);
    if (const BufferLoad* load = as<BufferLoad>(&node)) see(load->dtype);
    if (const Cast* cast = as<Cast>(&node)) see(cast->dtype);
    if (is_call_to(&node, Op::get("q_multiply_shift")) ||
        is_call_to(&node, Op::get("q_multiply_shift_per_axis")))
      bytes = std::max(bytes, 8);
    return true;
  });
  return bytes;
}

inline void carry_out(Schedule& sch, const Fetch& fetch) {
  sch.unannotate(fetch.block, "meta_schedule.cooperative_fetch");
  LoopRV last = sch.get_loops(fetch.block).back();
  const IntImm* extent = as<IntImm>(sch.get(last)->extent);
  if (!extent) return;
  int64_t lanes = fetch.lanes;
  if (extent->value % lanes != 0 || widest_bytes(*sch.get(fetch.block)) > 4) lanes = 1;
  std::vector<ExprRV> factors{nullptr};
  if (fetch.thread_y != -1) factors.push_back(i32(fetch.thread_y));
  factors.push_back(i32(fetch.thread_x));
  if (lanes > 1) factors.push_back(i32(lanes));
  std::vector<LoopRV> parts = sch.split(last, factors);
  if (lanes > 1) {
    sch.vectorize(parts.back());
    parts.pop_back();
  }
  sch.bind(parts.back(), "threadIdx.x");
  if (fetch.thread_y != -1) sch.bind(parts[parts.size() - 2], "threadIdx.y");
}

}  // namespace detail

METASCHEDULE_INLINE void RewriteCooperativeFetch::initialize_with_tune_context(
    const TuneContextPtr& context) {
  check<ValueError>(static_cast<bool>(context->target),
                    "RewriteCooperativeFetch: expected a context with a target");
  warp_size_ = int_annotation(context->target->attrs, "thread_warp_size").value_or(-1);
  if (warp_size_ == -1)
    context->logger.info("RewriteCooperativeFetch: the target has no thread_warp_size");
}

METASCHEDULE_INLINE bool RewriteCooperativeFetch::apply(const SchedulePtr& sch) {
  for (const detail::Fetch& fetch : detail::collect_fetches(*sch, warp_size_))
    detail::carry_out(*sch, fetch);
  return true;
}

METASCHEDULE_INLINE void RewriteUnboundBlock::initialize_with_tune_context(
    const TuneContextPtr& context) {
  max_threads_per_block_ =
      required_target_int(*context, "max_threads_per_block", "RewriteUnboundBlock");
}

namespace detail {

struct NamedBlock {
  std::string block, func;
};

/// Blocks directly below the root that are not inside both a blockIdx and a threadIdx loop.
inline void find_unbound(const StmtNode& stmt, bool in_block, bool in_thread,
                         std::vector<std::string>& out) {
  if (const BlockRealize* realize = as<BlockRealize>(&stmt)) {
    if (!in_block || !in_thread) out.push_back(realize->block->name_hint);
    return;
  }
  if (const For* loop = as<For>(&stmt); loop && loop->thread_binding) {
    const std::string& tag = loop->thread_binding->thread_tag;
    in_block = in_block || tag.starts_with("blockIdx");
    in_thread = in_thread || tag.starts_with("threadIdx");
  }
  for_each_substmt(stmt,
                   [&](const StmtNode& child) { find_unbound(child, in_block, in_thread, out); });
}

}  // namespace detail

METASCHEDULE_INLINE bool RewriteUnboundBlock::apply(const SchedulePtr& sch) {
  std::vector<detail::NamedBlock> unbound;
  for (const auto& [name, func] : sch->mod()->functions) {
    const PrimFunc* prim = as<PrimFunc>(func);
    const BlockRealize* root = prim ? as<BlockRealize>(prim->body) : nullptr;
    if (!root) continue;
    std::vector<std::string> names;
    detail::find_unbound(*root->block->body, false, false, names);
    for (std::string& block : names)
      unbound.push_back({std::move(block), cast_to<GlobalVar>(*name).name_hint});
  }
  for (const detail::NamedBlock& found : unbound) {
    BlockRV block = sch->get_block(found.block, found.func);
    bind_block_thread_idx(*sch, block, max_threadblocks, max_threads_per_block_,
                          [](int64_t max_extent) -> ExprRV { return i32(max_extent); });
  }
  return true;
}

METASCHEDULE_INLINE bool RewriteTensorize::apply(const SchedulePtr& sch) {
  constexpr const char* key = "meta_schedule.auto_tensorize";
  struct Job {
    detail::NamedBlock where;
    std::string intrin;  // empty: vectorize the init
  };
  std::vector<Job> jobs;
  for (const auto& [name, func] : sch->mod()->functions) {
    const PrimFunc* prim = as<PrimFunc>(func);
    if (!prim) continue;
    const std::string& func_name = cast_to<GlobalVar>(*name).name_hint;
    post_order(*prim->body, [&](const Node& node) {
      const Block* block = as<Block>(&node);
      auto intrin = block ? string_annotation(*block, key) : std::nullopt;
      if (!intrin) return;
      // The original asks whether "init" stands elsewhere than in front.
      if (intrin->empty() && (!vectorize_init_loop || block->name_hint.starts_with("init"))) return;
      jobs.push_back({{block->name_hint, func_name}, *intrin});
    });
  }
  for (const Job& job : jobs) {
    BlockRV block = sch->get_block(job.where.block, job.where.func);
    sch->unannotate(block, key);
    if (!job.intrin.empty()) {
      try {
        sch->tensorize(block, job.intrin);
      } catch (const Error& error) {
        if (TuneContextPtr context = context_.lock())
          context->logger.warning("Tensorize failed with error {}", error.what());
      }
      continue;
    }
    std::vector<BlockRV> children = sch->get_child_blocks(block);
    METASCHEDULE_CHECK(children.size() == 1);
    std::vector<LoopRV> loops = sch->get_loops(children[0]);
    METASCHEDULE_CHECK(loops.size() == 1);
    sch->vectorize(loops[0]);
  }
  return true;
}

}  // namespace metaschedule
