// SPDX-License-Identifier: Apache-2.0
// Tiling onto tensor cores: shapes and tiles. Caches are in tensor_core_cache-inl.h.
#pragma once

#include <algorithm>
#include <set>

#include "metaschedule/ir/op.h"
#include "metaschedule/schedule/tensor_intrin.h"
#include "metaschedule/tune/space/intrin_tiling.h"
#include "metaschedule/tune/space/predicates.h"
#include "metaschedule/tune/space/tensor_core.h"
#include "metaschedule/tune/tune_context.h"

namespace metaschedule {

METASCHEDULE_INLINE TensorCoreIntrinGroup
TensorCoreIntrinGroup::make(const std::map<std::string, std::string>& names) {
  auto get = [&](const char* key) {
    auto it = names.find(key);
    check<ValueError>(it != names.end(), "intrinsic group: the key \"{}\" is missing", key);
    get_tensor_intrin(it->second);
    return it->second;
  };
  return {get("init"), get("load_a"), get("load_b"), get("compute"), get("store")};
}

METASCHEDULE_INLINE std::vector<TensorCoreIntrinGroup> default_wmma_groups() {
  std::vector<TensorCoreIntrinGroup> out;
  const std::string tile = "_16x16x16_";
  for (auto [in, acc] :
       {std::pair<std::string, std::string>{"f16", "f32"}, {"f16", "f16"}, {"s8", "s32"}}) {
    for (const char* trans : {"", "_trans"}) {
      out.push_back({"wmma_fill" + tile + acc, "wmma_load" + tile + in + "_a_shared_dyn",
                     "wmma_load" + tile + in + "_b" + trans + "_shared_dyn",
                     "wmma_sync" + tile + in + in + acc + trans,
                     "wmma_store" + tile + acc + "_shared_dyn"});
    }
  }
  return out;
}

METASCHEDULE_INLINE std::vector<TensorCoreIntrinGroup> default_mma_groups() {
  std::vector<TensorCoreIntrinGroup> out;
  for (const std::string acc : {"f16", "f32"}) {
    out.push_back({"mma_init_m16n8k8_" + acc, "mma_load_m16n8k8_f16_A_shared_dyn",
                   "mma_load_m16n8k8_f16_B_shared_dyn", "mma_sync_m16n8k8_f16f16" + acc,
                   "mma_store_m16n8k8_" + acc + "_global"});
  }
  return out;
}

METASCHEDULE_INLINE MultiLevelTilingTensorCore::MultiLevelTilingTensorCore(
    std::vector<TensorCoreIntrinGroup> groups, Options options, bool use_software_pipeline)
    : MultiLevelTiling(std::move(options)),
      groups_(std::move(groups)),
      use_software_pipeline_(use_software_pipeline) {
  const auto& binds = options_.tile_binds;
  check<ValueError>(std::find(binds.begin(), binds.end(), "threadIdx.x") == binds.end(),
                    "MultiLevelTilingTensorCore: threadIdx.x is the threads of a warp and cannot "
                    "be bound");
  for (const TensorCoreIntrinGroup& group : groups_) {
    if (!group.compute.starts_with("wmma")) continue;
    check<ValueError>(options_.reuse_write.req == ReuseConfig::Requirement::Must &&
                          options_.reuse_write.scope.starts_with("shared"),
                      "MultiLevelTilingTensorCore: warp matrices need a write cache in shared "
                      "memory");
  }
}

METASCHEDULE_INLINE void MultiLevelTilingTensorCore::initialize_with_tune_context(
    const TuneContextPtr& context) {
  MultiLevelTiling::initialize_with_tune_context(context);
  context_ = context;
}

METASCHEDULE_INLINE std::vector<SchedulePtr> MultiLevelTilingTensorCore::apply(
    const SchedulePtr& sch, const BlockRV& block) {
  if (!needs_multi_level_tiling(place_of(*sch, block))) return {sch};
  std::vector<State> states;
  // The original keeps the groups in a hash table, which hands out the last one first.
  for (size_t i = groups_.size(); i-- > 0;) {
    auto mapping =
        auto_tensorize_mapping(*sch->get(block), *get_tensor_intrin(groups_[i].compute)->desc);
    if (!mapping) continue;
    State state;
    state.sch = std::make_shared<Schedule>(sch->copy());
    state.sch->annotate(block, "meta_schedule.tiling_structure", make<String>(options_.structure));
    state.block = block;
    state.parts = std::make_shared<TensorCoreParts>(
        TensorCoreParts{groups_[i], std::move(*mapping), BlockRV{}});
    states.push_back(std::move(state));
  }
  if (states.empty()) return {sch};
  states = apply_sub_rules(std::move(states));
  TuneContextPtr context = context_.lock();
  if (states.empty()) {
    if (context) context->logger.info("The workload cannot be tensorized.");
    return {sch};
  }
  for (size_t i = 0; context && i < states.size(); ++i)
    context->logger.info("Sketch {}: tensorizing with {}", i, states[i].parts->group.compute);
  return schedules_of(std::move(states));
}

METASCHEDULE_INLINE std::vector<MultiLevelTiling::State>
MultiLevelTilingTensorCore::apply_sub_rules(std::vector<State> states) const {
  return run_sub_rules(std::move(states),
                       {[this](State s) { return transform_for_tensorization(std::move(s)); },
                        [this](State s) { return tile_nest(std::move(s)); },
                        [this](State s) { return transform_output_layout(std::move(s)); },
                        [this](State s) { return add_write_reuse(std::move(s)); },
                        [this](State s) { return add_write_reuse_tensor_core(std::move(s)); },
                        [this](State s) { return read_reuse(std::move(s)); },
                        [this](State s) { return add_read_reuse_tensor_core(std::move(s)); },
                        [this](State s) { return add_software_pipeline(std::move(s)); }});
}

namespace detail {

/// The part of the map of axes that concerns one buffer: from the axes that index it after
/// reindexing to those without counterpart and the fused indices of the intrinsic's buffer.
class SubIndexMaps {
 public:
  SubIndexMaps(const AutoTensorizeMapping& mapping) : mapping_(mapping) {
    const Vars& inputs = mapping.mapping->initial_indices;
    for (size_t i = 0; i < mapping.block_iters.size(); ++i)
      inputs_[mapping.block_iters[i]->var.get()] = inputs[i];
    size_t lead = mapping.mapping->final_indices.size() - mapping.desc_iters.size();
    for (size_t i = 0; i < lead; ++i) unmapped_.insert(mapping.mapping->final_indices[i].node());
    for (size_t i = 0; i < mapping.desc_iters.size(); ++i)
      outputs_[mapping.desc_iters[i]->var.get()] = mapping.mapping->final_indices[lead + i];
  }

  Ref<IndexMap> map_of(const BufferRef& buffer, const Ranges& reindexed) const {
    std::vector<VarRef> from;
    std::vector<Expr> to;
    for (const Ref<Range>& range : reindexed) {
      const Var* var = as<Var>(range->min);
      METASCHEDULE_CHECK(var && inputs_.count(var));
      from.push_back(inputs_.at(var));
      if (unmapped_.count(inputs_.at(var).node())) to.push_back(inputs_.at(var));
    }
    for (size_t i = 0; i < mapping_.buffers.size(); ++i) {
      if (!mapping_.buffers[i].first.same_as(buffer)) continue;
      for (const Expr& index : mapping_.indices[i].second)
        to.push_back(outputs_.at(&cast_to<Var>(*index)));
    }
    return make<IndexMap>(from, to);
  }

 private:
  const AutoTensorizeMapping& mapping_;
  std::unordered_map<const Var*, VarRef> inputs_;
  std::unordered_map<const Var*, Expr> outputs_;
  std::set<const Node*> unmapped_;
};

}  // namespace detail

METASCHEDULE_INLINE std::vector<MultiLevelTiling::State>
MultiLevelTilingTensorCore::transform_for_tensorization(State state) const {
  Schedule& sch = *state.sch;
  const BlockRV block = state.block;
  auto parts = std::make_shared<TensorCoreParts>(*state.parts);
  BlockRef before(sch.get(block));
  if (before->reads.size() != 2 || before->writes.size() != 1) return {};
  parts->store_reindex = sch.reindex(block, {0, true});
  BlockRV a = sch.reindex(block, {0, false}), b = sch.reindex(block, {1, false});
  detail::SubIndexMaps maps(parts->mapping);
  std::vector<std::pair<const Buffer*, Ref<IndexMap>>> done;
  auto transform = [&](const BufferRegions& regions, size_t i, bool is_write) {
    const BufferRef& buffer = regions[i]->buffer;
    for (const auto& [seen, map] : done)
      if (seen == buffer.get()) return map;
    const Block& now = *sch.get(block);
    Ref<IndexMap> map = maps.map_of(buffer, (is_write ? now.writes : now.reads)[i]->region);
    done.emplace_back(buffer.get(), map);
    sch.transform_layout(block, BufferArg{static_cast<int64_t>(i), is_write}, map, nullptr, true);
    return map;
  };
  Ref<IndexMap> map_a = transform(before->reads, 0, false),
                map_b = transform(before->reads, 1, false),
                map_c = transform(before->writes, 0, true);
  sch.transform_block_layout(parts->store_reindex, map_c);
  sch.transform_block_layout(a, map_a);
  sch.transform_block_layout(b, map_b);
  sch.transform_block_layout(block, parts->mapping.mapping);
  auto loop = tile_with_tensor_intrin(sch, block, parts->group.compute, true);
  if (!loop) return {};
  state.block = sch.blockize(*loop);
  sch.annotate(state.block, "meta_schedule.auto_tensorize", make<String>(parts->group.compute));
  sch.annotate(state.block, "meta_schedule.auto_tensorize_init", make<String>(parts->group.init));
  sch.annotate(state.block, "warp_execution", Ref<Node>(i32(1)));
  state.parts = std::move(parts);
  std::vector<State> out;
  out.push_back(std::move(state));
  return out;
}

METASCHEDULE_INLINE std::vector<MultiLevelTiling::State> MultiLevelTilingTensorCore::tile_nest(
    State state) const {
  return state.parts->group.is_mma() ? mma_tile_nest(std::move(state))
                                     : tile_loop_nest(std::move(state), 2);
}

METASCHEDULE_INLINE std::vector<MultiLevelTiling::State> MultiLevelTilingTensorCore::mma_tile_nest(
    State state) const {
  Schedule& sch = *state.sch;
  std::vector<LoopRV> loops = sch.get_loops(state.block);
  std::vector<IterType> types;
  for (const auto& iter : sch.get(state.block)->iter_vars) types.push_back(iter->iter_type);
  if (loops.size() != 3 || types.size() != 3) return {};
  std::vector<std::vector<LoopRV>> tiles(options_.structure.size());
  state.factors.clear();
  int64_t spatial_product = 1;
  for (size_t i = 0; i < loops.size(); ++i) {
    const bool spatial = types[i] == IterType::DataPar;
    if (!spatial && types[i] != IterType::CommReduce) continue;
    const std::vector<size_t>& levels = spatial ? s_levels_ : r_levels_;
    const auto n = static_cast<int64_t>(levels.size());
    std::vector<ExprRV> factors;
    if (spatial) {
      const IntImm* extent = as<IntImm>(sch.get(loops[i])->extent);
      spatial_product = extent && spatial_product != -1 ? spatial_product * extent->value : -1;
      factors = sch.sample_partitioned_tile(loops[i], n, 3, i == 0 ? 2 : 4);
    } else {
      factors = sch.sample_perfect_tile(loops[i], n, options_.max_innermost_factor);
    }
    std::vector<LoopRV> parts = sch.split(loops[i], factors);
    for (size_t j = 0; j < parts.size(); ++j) tiles[levels[j]].push_back(parts[j]);
    if (spatial) state.factors.push_back(std::move(factors));
  }
  finish_tiles(state, std::move(tiles), {}, spatial_product);
  std::vector<State> out;
  out.push_back(std::move(state));
  return out;
}

}  // namespace metaschedule
