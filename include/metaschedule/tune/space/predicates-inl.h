// SPDX-License-Identifier: Apache-2.0
// What rules ask about blocks.
#pragma once

#include <algorithm>

#include "metaschedule/ir/op.h"
#include "metaschedule/ir/walk.h"
#include "metaschedule/tune/space/predicates.h"

namespace metaschedule {

METASCHEDULE_INLINE BlockPlace place_of(const Schedule& sch, const BlockRV& block) {
  BlockPlace place;
  place.path = sch.path_of(block);
  place.realize = &cast_to<BlockRealize>(*place.path.back());
  place.loops = place.path.loops_above();
  if (int scope = place.path.enclosing_block(); scope >= 0)
    place.scope = &cast_to<BlockRealize>(*place.path.nodes[static_cast<size_t>(scope)]);
  return place;
}

METASCHEDULE_INLINE IterType loop_iter_type(const For& loop) {
  bool spatial = false, reduction = false, other = false;
  for (const BlockRealize* realize : top_blocks(*loop.body)) {
    for (size_t i = 0; i < realize->iter_values.size(); ++i) {
      if (!uses_var(*realize->iter_values[i], loop.loop_var.get())) continue;
      IterType type = realize->block->iter_vars[i]->iter_type;
      (type == IterType::DataPar      ? spatial
       : type == IterType::CommReduce ? reduction
                                      : other) = true;
    }
  }
  if (other || (spatial && reduction)) return IterType::Opaque;
  return reduction ? IterType::CommReduce : IterType::DataPar;
}

METASCHEDULE_INLINE bool is_spatial(const Block& block) {
  return std::all_of(block.iter_vars.begin(), block.iter_vars.end(),
                     [](const auto& iter) { return iter->iter_type == IterType::DataPar; });
}
METASCHEDULE_INLINE bool is_spatial_func(const PrimFunc& func) {
  return !any_node(*func.body, [](const Node& node) {
    const Block* block = as<Block>(&node);
    return block && !is_spatial(*block);
  });
}
METASCHEDULE_INLINE bool is_trivial_binding(const BlockPlace& place) {
  const Exprs& values = place.realize->iter_values;
  if (values.size() != place.loops.size()) return false;
  for (size_t i = 0; i < values.size(); ++i)
    if (!values[i].same_as(place.loops[i]->loop_var)) return false;
  return true;
}
METASCHEDULE_INLINE bool is_tiled(const Block& block) {
  return string_annotation(block, "meta_schedule.tiling_structure").has_value();
}
METASCHEDULE_INLINE bool calls_any(const Node& node, const std::vector<std::string>& ops) {
  return any_node(node, [&](const Node& n) {
    const Call* call = as<Call>(&n);
    const Op* op = call ? as<Op>(call->op) : nullptr;
    return op && std::find(ops.begin(), ops.end(), op->name) != ops.end();
  });
}
METASCHEDULE_INLINE bool has_if_then_else(const BlockRealize& realize) {
  return any_node(realize, [](const Node& node) {
    if (const BlockRealize* inner = as<BlockRealize>(&node)) return !is_one(inner->predicate);
    return node.kind == Kind::IfThenElse || node.kind == Kind::Select ||
           is_call_to(&node, Op::get("if_then_else"));
  });
}

METASCHEDULE_INLINE AccessPattern access_pattern(const BufferRegion& read,
                                                 const BufferRegion& write) {
  std::vector<const Node*> vars;
  for (const Ref<Range>& range : write.region) {
    if (!as<IntImm>(range->extent) || !as<Var>(range->min)) return {};
    vars.push_back(range->min.get());
  }
  AccessPattern out{true, true, true, true, true, true};
  std::vector<int> used(vars.size(), 0);
  size_t last = 0;
  for (const Ref<Range>& range : read.region) {
    if (!as<IntImm>(range->extent)) return {};
    const Node* var = range->min.get();
    if (as<IntImm>(range->min)) {
      out.no_const_read = false;
      continue;
    }
    if (const Add* add = as<Add>(range->min)) {
      var = as<IntImm>(add->b) ? add->a.get() : as<IntImm>(add->a) ? add->b.get() : nullptr;
    } else if (const Sub* sub = as<Sub>(range->min)) {
      var = as<IntImm>(sub->b) ? sub->a.get() : nullptr;
    }
    auto it = std::find(vars.begin(), vars.end(), var);
    if (it == vars.end()) return {};
    if (var != range->min.get()) out.no_shift_read = false;
    auto position = static_cast<size_t>(it - vars.begin());
    if (position < last) out.ordered = false;
    last = position;
    ++used[position];
  }
  for (int count : used) {
    if (count > 1) out.injective = false;
    if (count == 0) out.surjective = false;
  }
  return out;
}
METASCHEDULE_INLINE bool is_write_cache(const Block& block) {
  if (block.writes.size() != 1) return false;
  return std::all_of(block.reads.begin(), block.reads.end(), [&](const auto& read) {
    AccessPattern pattern = access_pattern(*read, *block.writes[0]);
    return pattern.injective && pattern.ordered;
  });
}

METASCHEDULE_INLINE bool needs_multi_level_tiling(const BlockPlace& place) {
  const Block& block = place.block();
  if (is_tiled(block) || block.writes.size() != 1 || block.reads.empty() || is_spatial(block) ||
      !is_trivial_binding(place))
    return false;
  std::vector<const Var*> spatial;
  for (const Ref<IterVar>& iter : block.iter_vars) {
    bool is_unit = is_zero(iter->dom->min) && is_one(iter->dom->extent);
    if (iter->iter_type == IterType::DataPar && !is_unit) spatial.push_back(iter->var.get());
  }
  std::vector<const Buffer*> seen;
  size_t unused = 0;
  for (const Ref<BufferRegion>& read : block.reads) {
    const Buffer* buffer = read->buffer.get();
    if (std::find(seen.begin(), seen.end(), buffer) != seen.end()) return false;
    seen.push_back(buffer);
    if (buffer == block.writes[0]->buffer.get()) continue;
    for (const Ref<Range>& range : read->region)
      if (!as<IntImm>(range->extent)) return false;
    for (const Var* var : spatial) {
      bool used = std::any_of(read->region.begin(), read->region.end(),
                              [&](const auto& range) { return uses_var(*range->min, var); });
      if (!used) ++unused;
    }
  }
  return unused >= 1;
}

METASCHEDULE_INLINE bool needs_rfactor_or_cross_thread_reduction(const BlockPlace& place,
                                                                 int64_t max_parallel_extent) {
  const Block& block = place.block();
  if (block.writes.empty() || !place.scope || place.loops.empty() || is_tiled(block) ||
      !is_trivial_binding(place))
    return false;
  // A trivial binding is an affine one.
  if (reduction_block_violation(block, BlockScope::of(*place.scope), true) != 0) return false;
  int64_t space = 1, reduce = 1;
  bool has_reduction = false;
  for (size_t i = 0; i < place.loops.size(); ++i) {
    const For& loop = *place.loops[i];
    const StmtNode* below = i + 1 < place.loops.size()
                                ? static_cast<const StmtNode*>(place.loops[i + 1])
                                : place.realize;
    const IntImm* extent = as<IntImm>(loop.extent);
    if (loop.body.get() != below || !extent || extent->value == -1) return false;
    IterType type = loop_iter_type(loop);
    if (type != IterType::DataPar && type != IterType::CommReduce) return false;
    has_reduction = has_reduction || type == IterType::CommReduce;
    (type == IterType::DataPar ? space : reduce) *= extent->value;
  }
  if (!has_reduction) return false;
  if (needs_multi_level_tiling(place)) return !(space >= reduce || space > max_parallel_extent);
  return reduce > 1;
}

METASCHEDULE_INLINE bool can_inline(const Schedule& sch, const BlockRV& block, bool reverse) {
  Schedule trial = sch;
  try {
    reverse ? trial.reverse_compute_inline(block) : trial.compute_inline(block);
    return true;
  } catch (const Error&) {
    return false;
  }
}

METASCHEDULE_INLINE FusedReduction reorder_and_fuse_reduction_loops(Schedule& sch,
                                                                    const BlockRV& block) {
  std::vector<LoopRV> loops = sch.get_loops(block), order, reductions;
  for (const LoopRV& loop : loops) {
    bool is_reduction = loop_iter_type(*sch.get(loop)) == IterType::CommReduce;
    (is_reduction ? reductions : order).push_back(loop);
  }
  check<ValueError>(!reductions.empty(), "the block has no reduction loop to fuse");
  FusedReduction out;
  out.num_spatial_loops = static_cast<int>(order.size());
  order.insert(order.end(), reductions.begin(), reductions.end());
  if (order != loops) sch.reorder(order);
  out.loop = reductions.size() > 1 ? sch.fuse(reductions) : reductions[0];
  return out;
}

METASCHEDULE_INLINE std::optional<std::string> string_annotation(const Block& block,
                                                                 std::string_view key) {
  const Node* value = block.annotations.find(key);
  if (const String* text = as<String>(value)) return text->value;
  if (const StringImm* text = as<StringImm>(value)) return text->value;
  return std::nullopt;
}
METASCHEDULE_INLINE std::optional<int64_t> int_annotation(const Dict& annotations,
                                                          std::string_view key) {
  const IntImm* value = as<IntImm>(annotations.find(key));
  return value ? std::optional<int64_t>(value->value) : std::nullopt;
}

}  // namespace metaschedule
