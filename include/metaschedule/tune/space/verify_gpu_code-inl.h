// SPDX-License-Identifier: Apache-2.0
// Checks of kernels against the limits of a device.
#pragma once

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "metaschedule/ir/op.h"
#include "metaschedule/ir/walk.h"
#include "metaschedule/lower/passes.h"
#include "metaschedule/schedule/schedule.h"
#include "metaschedule/tune/space/gpu_rules.h"
#include "metaschedule/tune/space/predicates.h"
#include "metaschedule/tune/space/verify_gpu_code.h"
#include "metaschedule/tune/tune_context.h"

namespace metaschedule {

namespace detail {

/// Thread extents as blocks want them; a bool of whether all do.
class ThreadExtentCheck {
 public:
  explicit ThreadExtentCheck(int64_t warp_size) : warp_size_(warp_size) {}

  bool check(const StmtNode& stmt) {
    if (const For* loop = as<For>(&stmt); loop && loop->thread_binding) {
      const std::string& tag = loop->thread_binding->thread_tag;
      if (!tag.starts_with("threadIdx.")) return children(stmt);
      const IntImm* extent = as<IntImm>(loop->extent);
      if (!extent) return false;
      int64_t& slot = extents_[static_cast<size_t>(tag.back() - 'x')];
      int64_t before = std::exchange(slot, extent->value);
      bool good = children(stmt);
      slot = before;
      return good;
    }
    if (const BlockRealize* realize = as<BlockRealize>(&stmt)) {
      const Dict& annotations = realize->block->annotations;
      int64_t before = extents_[0];
      if (int_annotation(annotations, "warp_execution").value_or(0) != 0) extents_[0] = warp_size_;
      auto low = int_annotation(annotations, "meta_schedule.thread_extent_low_inclusive"),
           high = int_annotation(annotations, "meta_schedule.thread_extent_high_inclusive");
      int64_t threads = extents_[0] * extents_[1] * extents_[2];
      bool good = !(low && high) || (*low <= threads && threads <= *high);
      good = good && children(stmt);
      extents_[0] = before;
      return good;
    }
    return children(stmt);
  }

 private:
  bool children(const StmtNode& stmt) {
    bool good = true;
    for_each_substmt(stmt, [&](const StmtNode& child) { good = good && check(child); });
    return good;
  }
  int64_t warp_size_;
  int64_t extents_[3] = {1, 1, 1};
};

inline int64_t allocated_bytes(const Buffer& buffer) {
  int64_t elements = 1;
  for (size_t d = 0; d < buffer.shape.size(); ++d) {
    auto extent = as_const_int(buffer.shape[d]);
    if (!extent) return 0;
    elements *= *extent;
  }
  if (buffer.has_strides()) {
    auto stride = as_const_int(buffer.strides[0]), extent = as_const_int(buffer.shape[0]);
    if (stride && extent) elements = *stride * *extent;
  }
  return elements * ((buffer.dtype.bits + 7) / 8) * std::max<int64_t>(1, buffer.dtype.lanes);
}

/// What one kernel uses, gathered on the way down.
class KernelWalk : public Walker {
 public:
  explicit KernelWalk(const GpuLimits& limits) : limits_(limits) {}
  std::string problem;

  void visit(const Node& node) override {
    if (!problem.empty()) return;
    if (const For* loop = as<For>(&node)) {
      if (loop->kind == ForKind::ThreadBinding) return kernel_loop(*loop);
      if (loop->kind == ForKind::Vectorized) return vector_loop(*loop);
    } else if (const Block* block = as<Block>(&node)) {
      for (const BufferRef& buffer : block->alloc_buffers)
        if (buffer->scope().starts_with("shared")) shared_ += allocated_bytes(*buffer);
      walk_children(node);
      return check_shared();
    } else if (const BufferStore* store = as<BufferStore>(&node)) {
      check_vector(store->value->dtype, *store);
    } else if (const BufferLoad* load = as<BufferLoad>(&node)) {
      check_vector(load->dtype, *load);
    } else if (const Cast* cast = as<Cast>(&node)) {
      check_vector(cast->dtype, *cast);
    }
    walk_children(node);
  }

 private:
  void kernel_loop(const For& loop) {
    const bool outermost = depth_++ == 0;
    if (outermost) {
      threads_.clear();
      shared_ = 0;
    }
    const std::string& tag = loop.thread_binding->thread_tag;
    if (tag.starts_with("threadIdx.")) {
      auto extent = as_const_int(loop.extent);
      if (!extent) {
        problem = fmt::format("the extent of {} is not a constant", tag);
      } else if (auto [it, fresh] = threads_.try_emplace(tag, *extent);
                 !fresh && it->second != *extent) {
        problem = fmt::format("{} is bound with extents {} and {}", tag, it->second, *extent);
      }
      int64_t threads = 1;
      for (const auto& [name, n] : threads_) threads *= n;
      if (threads > limits_.threads_per_block)
        problem =
            fmt::format("{} threads in a block, {} allowed", threads, limits_.threads_per_block);
    }
    walk_children(loop);
    --depth_;
  }

  void vector_loop(const For& loop) {
    auto extent = as_const_int(loop.extent);
    auto before = vector_;
    vector_ = {loop.loop_var.get(), extent.value_or(1)};
    walk_children(loop);
    vector_ = before;
  }

  void check_vector(DType dtype, const Node& node) {
    int64_t bytes = vector_.second * ((dtype.bits + 7) / 8);
    if (vector_.first && bytes > limits_.vector_bytes && uses_var(node, vector_.first))
      problem = fmt::format("a vector of {} bytes, {} allowed", bytes, limits_.vector_bytes);
  }

  void check_shared() {
    if (problem.empty() && shared_ > limits_.shared_memory_per_block)
      problem = fmt::format("{} bytes of shared memory in a block, {} allowed", shared_,
                            limits_.shared_memory_per_block);
  }

  const GpuLimits& limits_;
  int depth_ = 0;
  int64_t shared_ = 0;
  std::map<std::string, int64_t> threads_;
  std::pair<const Var*, int64_t> vector_{nullptr, 1};
};

}  // namespace detail

METASCHEDULE_INLINE std::string gpu_code_violation(const PrimFuncRef& func,
                                                   const GpuLimits& limits) {
  if (!detail::ThreadExtentCheck(limits.warp_size).check(*func->body))
    return "the number of threads is not what a block asks for";
  PrimFuncRef f = func;
  try {
    f = lower::lower_cross_thread_reduction(f);
    f = lower::lower_init_block(f);
    f = lower::plan_buffer_allocation(f);
    f = lower::convert_blocks_to_opaque(f);
    f = lower::compact_buffer_allocation(f);
    f = lower::simplify(f);
    f = lower::unify_thread_binding(f);
    f = lower::lower_match_buffer(f);
  } catch (const Error& error) {
    return error.what();
  }
  detail::KernelWalk walk(limits);
  walk.visit(*f->body);
  return walk.problem;
}

METASCHEDULE_INLINE void VerifyGPUCode::initialize_with_tune_context(
    const TuneContextPtr& context) {
  limits_.shared_memory_per_block =
      required_target_int(*context, "max_shared_memory_per_block", "VerifyGPUCode");
  limits_.threads_per_block =
      required_target_int(*context, "max_threads_per_block", "VerifyGPUCode");
  limits_.warp_size = required_target_int(*context, "thread_warp_size", "VerifyGPUCode");
}

METASCHEDULE_INLINE bool VerifyGPUCode::apply(const SchedulePtr& sch) {
  for (const auto& [name, func] : sch->mod()->functions) {
    PrimFuncRef prim = as_ref<PrimFunc>(func);
    if (prim && !gpu_code_violation(prim, limits_).empty()) return false;
  }
  return true;
}

METASCHEDULE_INLINE void VerifyVTCMLimit::initialize_with_tune_context(
    const TuneContextPtr& context) {
  check<ValueError>(context->target && context->target->target_kind == "hexagon",
                    "VerifyVTCMLimit: expected a target of kind hexagon");
  capacity_ = int_annotation(context->target->attrs, "vtcm-capacity").value_or(0);
}

METASCHEDULE_INLINE bool VerifyVTCMLimit::apply(const SchedulePtr& sch) {
  if (capacity_ <= 0) return true;
  for (const auto& [name, func] : sch->mod()->functions) {
    PrimFuncRef f = as_ref<PrimFunc>(func);
    if (!f) continue;
    f = lower::lower_init_block(f);
    f = lower::plan_buffer_allocation(f);
    f = lower::convert_blocks_to_opaque(f);
    f = lower::compact_buffer_allocation(f);
    // The most that is alive at once: allocations of nested blocks add up, those of neighbours do
    // not.
    std::function<int64_t(const StmtNode&)> peak = [&](const StmtNode& stmt) {
      int64_t most = 0, own = 0;
      for_each_substmt(stmt, [&](const StmtNode& child) { most = std::max(most, peak(child)); });
      if (const BlockRealize* realize = as<BlockRealize>(&stmt))
        for (const BufferRef& buffer : realize->block->alloc_buffers)
          if (buffer->scope() == "global.vtcm") own += detail::allocated_bytes(*buffer);
      return most + own;
    };
    if (peak(*f->body) > capacity_) return false;
  }
  return true;
}

}  // namespace metaschedule
