// SPDX-License-Identifier: Apache-2.0
// Steps that by parity with the original may change what is computed (docs/differences.md), or that
// are unsafe by their name, each by a condition as narrow as it can be, with the reason.
#pragma once

#include <set>
#include <string>

#include "metaschedule/ir/op.h"
#include "metaschedule/ir/walk.h"
#include "metaschedule/schedule/run-inl.h"
#include "metaschedule/schedule/scope.h"
#include "metaschedule/script/printer.h"
#include "property/schedule/intrins.h"

namespace metaschedule::testing {

/// Whether a buffer for which `is_it` holds is accessed below a node, or a block may access it.
template <class F>
bool accesses(const Node& node, const F& is_it) {
  return any_node(node, [&](const Node& n) {
    const auto* load = as<BufferLoad>(&n);
    const auto* store = as<BufferStore>(&n);
    const auto* region = as<BufferRegion>(&n);
    return (load && is_it(*load->buffer)) || (store && is_it(*store->buffer)) ||
           (region && is_it(*region->buffer));
  });
}

/// Whether something decides at run time if such a buffer is accessed.
template <class F>
bool has_guarded(const Node& node, const F& is_it) {
  return any_node(node, [&](const Node& n) {
    auto has = [&](const auto& part) { return part && accesses(*part, is_it); };
    if (const auto* realize = as<BlockRealize>(&n))
      return !is_one(realize->predicate) && has(realize->block);
    if (const auto* choice = as<Select>(&n))
      return has(choice->true_value) || has(choice->false_value);
    if (const auto* branch = as<IfThenElse>(&n))
      return has(branch->then_case) || has(branch->else_case);
    const Call* call = as<Call>(&n);
    const Op* op = call ? as<Op>(call->op) : nullptr;
    return op && op->name == "tir.if_then_else" && (has(call->args[1]) || has(call->args[2]));
  });
}
inline bool has_guarded(const Node& node, const Buffer* buffer) {
  return has_guarded(node, [buffer](const Buffer& one) { return &one == buffer; });
}

struct Exclusions {
  const Schedule& sch;
  /// The reason, or null where the step must keep what is computed.
  template <class P>
  const char* of(const P&) const {
    return nullptr;
  }
  const char* of(const ReIndex& step) const {
    const Block& block = *sch.get(step.block);
    const BufferRegions& regions = step.buffer.is_write ? block.writes : block.reads;
    if (step.buffer.index < 0 || size_t(step.buffer.index) >= regions.size()) return nullptr;
    const Buffer* buffer = regions[size_t(step.buffer.index)]->buffer.get();
    if (reads_buffer(block, buffer) && writes_buffer(block, buffer))
      return "reindex of a block that updates what it reads loses the update";
    if (has_guarded(*sch.path_of(step.block).back(), buffer))
      return "reindex copies what a block may access, predicates and guards left aside";
    return nullptr;
  }
  const char* of(const ReadAt& step) const {
    return copies(step.loop, step.block, step.read_buffer_index, false);
  }
  const char* of(const WriteAt& step) const {
    return copies(step.loop, step.block, step.write_buffer_index, true);
  }
  const char* copies(LoopRV loop, BlockRV rv, int64_t index, bool is_write) const {
    if (sch.mark_of(loop)) return nullptr;
    const Block& block = *sch.get(rv);
    const BufferRegions& regions = is_write ? block.writes : block.reads;
    if (index < 0 || size_t(index) >= regions.size()) return nullptr;
    if (has_guarded(*sch.get(loop), regions[size_t(index)]->buffer.get()))
      return "read_at and write_at copy what a block may access, predicates and guards left aside";
    std::set<std::string> places;
    post_order(*sch.get(loop), [&](const Node& n) {
      const auto* load = as<BufferLoad>(&n);
      const auto* store = as<BufferStore>(&n);
      const Exprs* at = load && load->buffer == regions[size_t(index)]->buffer     ? &load->indices
                        : store && store->buffer == regions[size_t(index)]->buffer ? &store->indices
                                                                                   : nullptr;
      if (!at) return;
      std::string text;
      for (const Expr& e : *at) text += to_script(e) + ", ";
      places.insert(text);
    });
    if (places.size() > 1)
      return "read_at and write_at copy a box around accesses at several places";
    return nullptr;
  }
  const char* of(const ReverseComputeAt& step) const {
    auto is_produced = [&](const Buffer& buffer) {
      return any_node(*sch.path_of(step.block).nodes.front(), [&](const Node& n) {
        const auto* block = as<Block>(&n);
        return block && writes_buffer(*block, &buffer);
      });
    };
    if (has_guarded(*sch.get(step.block), is_produced))
      return "reverse_compute_at makes the instances that read what is produced, so it leaves out "
             "those that a guard keeps from reading";
    return nullptr;
  }
  const char* of(const PadEinsum& step) const {
    const Block& block = *sch.get(step.block);
    Path path = sch.path_of(step.block);
    auto loops = path.loops_above();
    int blocks = 0;
    if (!loops.empty())
      post_order(*loops.front(), [&](const Node& n) { blocks += n.kind == Kind::Block; });
    if (blocks > 1) return "pad_einsum treats all blocks of a nest alike";
    for (const auto& iter : block.iter_vars)
      if (iter->iter_type != IterType::DataPar && !is_sum_over(block, iter->var.get()))
        return "pad_einsum fills with zeros whatever the reduction";
    if (!is_one(cast_to<BlockRealize>(*path.back()).predicate))
      return "pad_einsum leaves predicates aside";
    for (const auto& region : block.writes)
      for (size_t d = 0; d < region->region.size(); ++d)
        for (const auto& iter : block.iter_vars)
          if (region->region[d]->min.get() == iter->var.get() &&
              !expr_equal(iter->dom->extent, region->buffer->shape[d]))
            return "pad_einsum copies all of a buffer back, of which the block writes a part";
    return nullptr;
  }
  // X[…] = X[…] + product, a factor of which is loaded at the axis, so zero where it is padded.
  static bool is_sum_over(const Block& block, const Var* axis) {
    const auto* store = as<BufferStore>(block.body);
    const auto* sum = store ? as<Add>(store->value) : nullptr;
    if (!sum) return false;
    const auto* old = as<BufferLoad>(sum->a);
    if (!old || old->buffer != store->buffer) return false;
    auto at_axis = [&](const Expr& factor) {
      const auto* load = as<BufferLoad>(factor);
      return load && std::any_of(load->indices.begin(), load->indices.end(),
                                 [&](const Expr& index) { return index.get() == axis; });
    };
    const auto* product = as<Mul>(sum->b);
    return product ? at_axis(product->a) || at_axis(product->b) : at_axis(sum->b);
  }
  const char* of(const LoopPartition& step) const {
    const For& loop = *sch.get(step.loop);
    bool reduces = false;
    for (const BlockRealize* realize : all_blocks(loop)) {
      // What the axes of a nested block are of the loop is not looked at.
      const auto top = top_blocks(loop);
      const bool nested = std::find(top.begin(), top.end(), realize) == top.end();
      for (size_t i = 0; i < realize->iter_values.size(); ++i)
        reduces = reduces || (realize->block->init &&
                              realize->block->iter_vars[i]->iter_type != IterType::DataPar &&
                              (nested || uses_var(*realize->iter_values[i], loop.loop_var.get())));
    }
    return reduces ? "loop_partition of a reduction starts each part with the init" : nullptr;
  }
  const char* of(const Tensorize& step) const {
    if (step.tensor_intrin != kDotIntrin) return nullptr;
    const Node* target =
        std::visit([&](auto rv) { return sch.path_of(rv).back(); }, step.block_or_loop);
    const bool packed = !any_node(*target, [](const Node& n) {
      const auto* load = as<BufferLoad>(&n);
      if (!load || load->buffer->dtype != DType::int_(8)) return false;
      const Exprs& shape = load->buffer->shape;
      const size_t rank = shape.size();
      return rank < 2 || !is_const_int(shape[rank - 2], 16) || !is_const_int(shape[rank - 1], 4);
    });
    return packed ? nullptr : "the instruction takes a tile for packed, whatever the strides";
  }
  const char* of(const TransformLayout& step) const {
    const Block& block = *sch.get(step.block);
    const BufferRegions& regions = step.buffer.is_write ? block.writes : block.reads;
    if (step.buffer.index < 0 || size_t(step.buffer.index) >= regions.size()) return nullptr;
    return is_parameter(*regions[size_t(step.buffer.index)]->buffer)
               ? "the layout of a parameter is the caller's"
               : nullptr;
  }
  const char* of(const UnsafeSetDType& step) const {
    const Block& block = *sch.get(step.block);
    if (step.buffer_index < 0 || size_t(step.buffer_index) >= block.writes.size()) return nullptr;
    const DType now = block.writes[size_t(step.buffer_index)]->buffer->dtype;
    if ((now == kFloat32 && step.dtype == "float64") || (now == kInt32 && step.dtype == "int64"))
      return nullptr;
    return "a type that does not hold all values of the old one";
  }
  bool is_parameter(const Buffer& buffer) const {
    for (const auto& [var, function] : sch.mod()->functions) {
      const auto* func = as<PrimFunc>(function);
      if (!func) continue;
      for (const VarRef& param : func->params)
        if (func->buffer_of(param).get() == &buffer) return true;
    }
    return false;
  }
};

/// Why no step may follow one of this kind: what blocks declare is then not what they access.
inline const char* ends_walk(const char* kind) {
  const std::string name = kind;
  if (name == "UnsafeHideBufferAccess") return "a hidden access is not seen by later steps";
  if (name == "LoopPartition") return "blocks of a partition do not declare what they access";
  if (name == "CacheIndex") return "blocks do not declare that they read the indices computed";
  if (name == "EnterPostproc") return nullptr;
  return nullptr;
}

/// The same for a step of a trace, on operands.
inline const char* excluded(const Schedule& sch, const Trace& trace, size_t step,
                            const std::vector<uint32_t>& entries) {
  const Instruction& instruction = trace[step];
  const char* reason = nullptr;
  [&]<class... P>(const std::tuple<P...>*) {
    Opcode opcode = 0;
    auto one = [&]<class Q>(const Q*) {
      if (opcode++ != instruction.opcode) return;
      Q primitive;
      OperandReader reader(sch, trace.steps().begin(instruction), trace.steps().end(instruction),
                           &entries, &trace.steps());
      for_each_arg<Q>([&](const auto& spec) { reader.read(primitive.*spec.member); });
      reason = Exclusions{sch}.of(primitive);
    };
    (one(static_cast<const P*>(nullptr)), ...);
  }(static_cast<const AllPrimitives*>(nullptr));
  return reason;
}

}  // namespace metaschedule::testing
