// SPDX-License-Identifier: Apache-2.0
// Tiling onto tensor cores: the ways of operands and results.
#pragma once

#include "metaschedule/tune/space/tensor_core-inl.h"

namespace metaschedule {

namespace detail {

/// Rows and columns of the tile that an intrinsic works on: the extents of its two loops.
inline std::pair<int64_t, int64_t> tile_shape(const std::string& intrin_name) {
  DescNest nest = desc_nest(*get_tensor_intrin(intrin_name)->desc);
  METASCHEDULE_CHECK(nest.loops.size() == 2);
  return {cast_to<IntImm>(*nest.loops[0]->extent).value,
          cast_to<IntImm>(*nest.loops[1]->extent).value};
}

inline Ref<Node> int_array(std::initializer_list<int64_t> values) {
  std::vector<Ref<Node>> items;
  for (int64_t v : values) items.push_back(Ref<Node>(i32(v)));
  return make<Array>(List<Node>(items));
}

}  // namespace detail

METASCHEDULE_INLINE BlockRV MultiLevelTilingTensorCore::tile_and_annotate(
    Schedule& sch, const BlockRV& block, const std::string& intrin) const {
  auto loop = tile_with_tensor_intrin(sch, block, intrin);
  check<ScheduleError>(loop.has_value(), "the block that loads a tile does not fit {}", intrin);
  BlockRV tile = sch.blockize(*loop);
  sch.annotate(tile, "meta_schedule.auto_tensorize", make<String>(intrin));
  return tile;
}

METASCHEDULE_INLINE std::vector<MultiLevelTiling::State>
MultiLevelTilingTensorCore::transform_output_layout(State state) const {
  std::vector<State> out;
  if (state.parts->group.is_mma()) {
    out.push_back(std::move(state));
    return out;
  }
  const auto [m_tile, n_tile] = detail::tile_shape(state.parts->group.init);
  // Two nodes though they may be equal: how the map is written in records depends on it.
  const Expr rows = make<IntImm>(kInt32, m_tile), cols = make<IntImm>(kInt32, n_tile);
  const auto& binds = options_.tile_binds;
  const auto warp =
      static_cast<size_t>(std::find(binds.begin(), binds.end(), "threadIdx.y") - binds.begin());
  check<ValueError>(warp < binds.size() && state.factors.size() >= 2,
                    "MultiLevelTilingTensorCore: no level of two axes is bound to threadIdx.y");
  // Fragments of one warp along an axis: the product of the tile factors below the warps' level.
  auto per_warp = [&](const std::vector<ExprRV>& factors) {
    Expr product;
    for (size_t i = 0; i < factors.size(); ++i) {
      if (s_levels_[i] <= warp) continue;
      product = product ? product * factors[i] : factors[i];
    }
    return product ? product : Expr(i32(1));
  };
  Expr wm = per_warp(state.factors[state.factors.size() - 2]), wn = per_warp(state.factors.back());
  const size_t ndim = state.sch->get(state.block)->writes[0]->buffer->ndim();
  std::vector<VarRef> vars;
  for (size_t i = 0; i < ndim; ++i) vars.push_back(make<Var>("i" + std::to_string(i), kInt32));
  std::vector<Expr> to(vars.begin(), vars.end() - 2);
  Expr m = vars[ndim - 2], n = vars[ndim - 1], fm = floordiv(m, rows), fn = floordiv(n, cols);
  for (const Expr& e : {floordiv(fm, wm), floordiv(fn, wn), floormod(fm, wm), floormod(fn, wn),
                        floormod(m, rows), floormod(n, cols)})
    to.push_back(e);
  state.sch->transform_layout(state.block, BufferArg{0, true}, make<IndexMap>(vars, to), nullptr,
                              true);
  out.push_back(std::move(state));
  return out;
}

METASCHEDULE_INLINE std::vector<MultiLevelTiling::State>
MultiLevelTilingTensorCore::add_write_reuse_tensor_core(State state) const {
  Schedule& sch = *state.sch;
  std::vector<State> out;
  const TensorCoreParts& parts = *state.parts;
  if (parts.group.is_mma()) {
    sch.write_at(state.tiles[2].back(), state.block, 0, "m16n8k8.matrixC");
    sch.reverse_compute_inline(parts.store_reindex);
    out.push_back(std::move(state));
    return out;
  }
  METASCHEDULE_CHECK(!state.write_reuse.empty());
  const BlockRV shared = state.write_reuse.begin()->second;
  BlockRV accumulator = sch.cache_write(state.block, 0, "wmma.accumulator");
  {
    std::vector<LoopRV> loops = sch.get_loops(shared);
    check<ScheduleError>(loops.size() > 6, "the write cache has too few loops");
    const size_t n = loops.size();
    LoopRV i0 = loops[n - 6], j0 = loops[n - 5], i1 = loops[n - 4], j1 = loops[n - 3];
    sch.reorder({i1, i0, j0, j1});
    sch.compute_at(accumulator, i1, true);
  }
  {
    std::vector<LoopRV> loops = sch.get_loops(accumulator);
    LoopRV fused = sch.fuse({loops[loops.size() - 6], loops[loops.size() - 5]});
    sch.bind(fused, "threadIdx.y");
  }
  sch.reverse_compute_inline(parts.store_reindex);
  {
    std::vector<LoopRV> loops = sch.get_loops(accumulator);
    BlockRV tile = sch.blockize(loops[loops.size() - 2]);
    sch.annotate(tile, "meta_schedule.auto_tensorize", make<String>(parts.group.store));
  }
  std::vector<LoopRV> loops = sch.get_loops(shared);
  sch.fuse(std::vector<LoopRV>(loops.end() - 5, loops.end()));
  annotate_cooperative_fetching(sch, shared);
  out.push_back(std::move(state));
  return out;
}

METASCHEDULE_INLINE std::vector<MultiLevelTiling::State> MultiLevelTilingTensorCore::read_reuse(
    State state) const {
  if (!state.parts->group.is_mma()) return add_read_reuse(std::move(state));
  std::vector<State> out;
  for (int64_t level : options_.reuse_read.levels) {
    State next = state.copy();
    Schedule& sch = *next.sch;
    BlockRef block(sch.get(next.block));
    LoopRV loop = next.tiles[static_cast<size_t>(level - 1)].back();
    for (size_t i = 0; i < block->reads.size(); ++i) {
      if (block->reads[i]->buffer.same_as(block->writes[0]->buffer)) continue;
      BlockRV cache =
          sch.read_at(loop, next.block, static_cast<int64_t>(i), options_.reuse_read.scope);
      sch.annotate(cache, "permuted_layout", make<String>(i == 0 ? "g2s_A" : "g2s_B"));
      next.read_reuse[i] = cache;
    }
    out.push_back(std::move(next));
  }
  return out;
}

METASCHEDULE_INLINE std::vector<MultiLevelTiling::State>
MultiLevelTilingTensorCore::add_read_reuse_tensor_core(State state) const {
  Schedule& sch = *state.sch;
  const TensorCoreIntrinGroup& group = state.parts->group;
  check<ValueError>(r_levels_.size() >= 2 && !state.tiles[r_levels_[1]].empty(),
                    "MultiLevelTilingTensorCore: the structure needs two reduction levels");
  for (size_t i : {size_t{0}, size_t{1}}) {
    std::string scope = group.is_mma() ? "m16n8k8.matrix" : "wmma.matrix_";
    scope += group.is_mma() ? "AB"[i] : "ab"[i];
    BlockRV cache = sch.cache_read(state.block, static_cast<int64_t>(i), scope);
    sch.compute_at(cache, state.tiles[r_levels_[1]].back(), true);
    BlockRV tile = tile_and_annotate(sch, cache, i == 0 ? group.load_a : group.load_b);
    if (group.is_mma())
      sch.annotate(tile, "permuted_layout", make<String>(i == 0 ? "s2l_A" : "s2l_B"));
  }
  for (auto& [index, cache] : state.read_reuse) {
    std::vector<BlockRV> producers = sch.get_producers(cache);
    METASCHEDULE_CHECK(!producers.empty());
    sch.compute_inline(producers[0]);
    DType dtype = sch.get(cache)->reads[0]->buffer->dtype;
    if (dtype == DType::float_(16) || dtype == DType::int_(8)) {
      sch.storage_align(cache, 0, -2, 32, dtype == DType::int_(8) ? 16 : 8);
    } else if (TuneContextPtr context = context_.lock()) {
      context->logger.warning("StorageAlign is not applied for data type {}", to_string(dtype));
    }
  }
  std::vector<State> out;
  out.push_back(std::move(state));
  return out;
}

METASCHEDULE_INLINE std::vector<MultiLevelTiling::State>
MultiLevelTilingTensorCore::add_software_pipeline(State state) const {
  Schedule& sch = *state.sch;
  std::vector<State> out;
  int64_t product = 1;
  bool applies = use_software_pipeline_ && r_levels_.size() >= 2;
  for (size_t i = 0; applies && i < r_levels_.size(); ++i) {
    for (const LoopRV& loop : state.tiles[r_levels_[i]]) {
      const IntImm* extent = as<IntImm>(sch.get(loop)->extent);
      METASCHEDULE_CHECK(extent);
      product *= extent->value;
    }
  }
  if (!applies || product <= 1) {
    out.push_back(std::move(state));
    return out;
  }
  const bool is_mma = state.parts->group.is_mma();
  for (const auto& [index, cache] : state.read_reuse) {
    if (is_mma) {
      sch.annotate(cache, "vector_bytes", Ref<Node>(i32(16)));
    } else {
      sch.annotate(cache, "tir.manifest_shared_memory_local_stage", Ref<Node>(i32(1)));
      sch.annotate(cache, "double_buffer_scope", Ref<Node>(i32(0)));
    }
  }
  LoopRV inner = state.tiles[r_levels_[1]].back(), outer = state.tiles[r_levels_[0]].back();
  sch.annotate(inner, "software_pipeline_stage", detail::int_array({0, 0, 1}));
  sch.annotate(inner, "software_pipeline_order", detail::int_array({0, 1, 2}));
  if (is_mma) {
    sch.annotate(outer, "software_pipeline_async_stages", detail::int_array({0}));
    sch.annotate(outer, "software_pipeline_stage", detail::int_array({0, 0, 1, 2, 2}));
    sch.annotate(outer, "software_pipeline_order", detail::int_array({0, 1, 3, 2, 4}));
  } else {
    sch.annotate(outer, "software_pipeline_stage", detail::int_array({0, 0, 0, 0, 0, 1, 1}));
    sch.annotate(outer, "software_pipeline_order", detail::int_array({0, 3, 1, 4, 5, 2, 6}));
  }
  out.push_back(std::move(state));
  return out;
}

}  // namespace metaschedule
