// SPDX-License-Identifier: Apache-2.0
// Tiling around intrinsics, and dropping trivial axes.
#pragma once

#include <algorithm>

#include "metaschedule/arith/analyzer.h"
#include "metaschedule/ir/op.h"
#include "metaschedule/schedule/analysis_tensorize.h"
#include "metaschedule/schedule/bindings.h"
#include "metaschedule/schedule/scope.h"
#include "metaschedule/schedule/tensor_intrin.h"
#include "metaschedule/schedule/transform.h"

namespace metaschedule {

namespace detail {

/// Pads the axes of a block and takes the copies that this makes into the blocks beside it. A block
/// whose neighbour is an argument of the function keeps its copy.
inline void pad_and_inline(Schedule& sch, const BlockRV& block,
                           const std::vector<int64_t>& paddings) {
  // Asked of the program, so that the trace has what happens after the padding only.
  std::vector<BlockId> before, after;
  {
    Path path = sch.path_of(block);
    BlockScope scope = BlockScope::of(*path.nodes[static_cast<size_t>(path.enclosing_block())]);
    int child = scope.find(block_of(*path.back()).id);
    for (int i : scope.producers(child)) before.push_back(scope.block(i).id);
    for (int i : scope.consumers(child)) after.push_back(scope.block(i).id);
  }
  auto holds = [](const std::vector<BlockId>& ids, BlockId id) {
    return std::find(ids.begin(), ids.end(), id) != ids.end();
  };
  sch.pad_einsum(block, paddings);
  std::vector<BlockRV> inlined;
  for (const BlockRV& filling : sch.get_producers(block)) {
    if (holds(before, sch.get(filling)->id)) continue;
    std::vector<BlockRV> sources = sch.get_producers(filling);
    METASCHEDULE_CHECK(sources.size() <= 1);
    if (!sources.empty()) inlined.push_back(sources[0]);
  }
  for (const BlockRV& cutting : sch.get_consumers(block)) {
    if (holds(after, sch.get(cutting)->id)) continue;
    if (!sch.get_consumers(cutting).empty()) inlined.push_back(cutting);
  }
  for (const BlockRV& other : inlined) sch.compute_inline(other);
}

}  // namespace detail

METASCHEDULE_INLINE std::optional<LoopRV> tile_with_tensor_intrin(Schedule& sch,
                                                                  const BlockRV& block,
                                                                  const std::string& intrin_name,
                                                                  bool allow_padding) {
  TensorIntrinRef intrin = get_tensor_intrin(intrin_name);
  auto mapping = tensorize_loop_mapping(sch.path_of(block), *intrin->desc, allow_padding);
  if (!mapping || mapping->loop_map.empty()) return std::nullopt;
  struct Part {
    VarRef var;
    int64_t extent;
    const For* desc;
    LoopRV inner;
  };
  std::vector<Part> parts;
  for (const auto& [loop, desc] : mapping->loop_map)
    parts.push_back({loop->loop_var, cast_to<IntImm>(*desc->extent).value, desc, {}});
  if (!mapping->paddings.empty()) detail::pad_and_inline(sch, block, mapping->paddings);
  std::vector<LoopRV> loops = sch.get_loops(block);
  for (Part& part : parts) {
    auto loop = std::find_if(loops.begin(), loops.end(), [&](const LoopRV& l) {
      return sch.get(l)->loop_var.same_as(part.var);
    });
    METASCHEDULE_CHECK(loop != loops.end());
    part.inner = sch.split(*loop, {nullptr, i32(part.extent)})[1];
    loops.erase(loop);
  }
  std::vector<LoopRV> inner;  // in the order of the intrinsic's loops
  for (const For* desc : mapping->desc_loops)
    for (const Part& part : parts)
      if (part.desc == desc) inner.push_back(part.inner);
  // The handles of the whole nest are new ones: compare what they name.
  std::vector<const For*> inner_stmts;
  for (const LoopRV& loop : inner) inner_stmts.push_back(sch.get(loop));
  std::vector<LoopRV> order, nest = sch.get_loops(block);
  bool seen = false;
  for (const LoopRV& loop : nest) {
    auto it = std::find(inner_stmts.begin(), inner_stmts.end(), sch.get(loop));
    if (it != inner_stmts.end())
      seen = true;
    else if (seen)
      order.push_back(loop);
  }
  order.insert(order.end(), inner.begin(), inner.end());
  sch.reorder(order);
  return inner[0];
}

METASCHEDULE_INLINE std::optional<std::vector<NormalizedBlock>> normalize_prim_func(Schedule& sch) {
  BlockRV root = sch.get_block("root");
  std::vector<BlockRV> blocks;
  auto find_leaves = [&](auto&& self, const BlockRV& block) -> void {
    std::vector<BlockRV> children = sch.get_child_blocks(block);
    if (children.empty() && !(block == root)) blocks.push_back(block);
    for (const BlockRV& child : children) self(self, child);
  };
  find_leaves(find_leaves, root);
  arith::Analyzer analyzer;
  for (const BlockRV& block : blocks) {
    Path path = sch.path_of(block);
    const auto& realize = static_cast<const BlockRealize&>(*path.back());
    std::vector<const For*> loops = path.loops_above();
    if (loops.size() != realize.iter_values.size()) return std::nullopt;
    for (size_t i = 0; i < loops.size(); ++i)
      if (!realize.iter_values[i].same_as(loops[i]->loop_var) ||
          !analyzer.can_prove_equal(loops[i]->min, int_imm(loops[i]->min->dtype, 0)))
        return std::nullopt;
  }
  std::vector<NormalizedBlock> out;
  for (const BlockRV& block : blocks) {
    std::vector<VarRef> inputs;
    std::vector<Expr> outputs;
    bool has_spatial = false;
    for (const Ref<IterVar>& iter : sch.get(block)->iter_vars) {
      inputs.push_back(make<Var>(iter->var->name, iter->var->dtype));
      if (is_one(iter->dom->extent)) continue;
      outputs.push_back(inputs.back());
      has_spatial = has_spatial || iter->iter_type == IterType::DataPar;
    }
    if (!has_spatial) outputs.insert(outputs.begin(), int_imm(kInt64, 0));
    sch.transform_block_layout(block, make<IndexMap>(inputs, outputs));
    Path path = sch.path_of(block);
    auto level = static_cast<size_t>(path.enclosing_block());
    BlockScope scope = BlockScope::of(*path.nodes[level]);
    const Block& now = *sch.get(block);
    bool is_reduction = reduction_block_violation(now, scope, is_affine_binding(path)) == 0;
    out.push_back({block, sch.get_loops(block), now.iter_vars, is_reduction});
  }
  return out;
}

}  // namespace metaschedule
