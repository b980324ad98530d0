// SPDX-License-Identifier: Apache-2.0
// Winograd convolutions: `data_pack` transforms tiles of the input, `inverse` tiles of the output.
// Both are small sums over six loops, two of them over tiles and channels, four of a few steps.
#pragma once

#include <algorithm>
#include <array>
#include <utility>

#include "metaschedule/ir/op.h"
#include "metaschedule/support/config.h"
#include "metaschedule/tune/space/custom_rules.h"
#include "metaschedule/tune/space/thread_bind.h"

namespace metaschedule {
namespace detail {

/// The one producer that reads anything; the others, tables of constants, are inlined.
inline BlockRV inline_tables(Schedule& sch, BlockRV block) {
  std::vector<BlockRV> left;
  for (const BlockRV& producer : sch.get_producers(block)) {
    if (sch.get(producer)->reads.empty()) {
      sch.compute_inline(producer);
    } else {
      left.push_back(producer);
    }
  }
  check<ValueError>(left.size() == 1,
                    "the rule for Winograd: expected one producer of {} that reads a buffer, found "
                    "{}",
                    sch.get(block)->name_hint, left.size());
  return left[0];
}

inline std::vector<LoopRV> winograd_loops(Schedule& sch, BlockRV block, size_t expected) {
  std::vector<LoopRV> loops = sch.get_loops(block);
  check<ValueError>(loops.size() == expected,
                    "the rule for Winograd: expected {} loops around {}, found {}", expected,
                    sch.get(block)->name_hint, loops.size());
  return loops;
}

/// Tiles two of the six loops and unrolls the others, which come innermost; the innermost tile
/// loop.
inline LoopRV tile_two(Schedule& sch, BlockRV block, std::array<size_t, 2> tiled,
                       std::array<size_t, 4> unrolled) {
  constexpr int kMaxInnermost = 64;
  const std::vector<LoopRV> loops = winograd_loops(sch, block, 6);
  std::vector<LoopRV> outer, inner;
  for (const size_t i : tiled) {
    const std::vector<ExprRV> factors = sch.sample_perfect_tile(loops[i], 2, kMaxInnermost);
    const std::vector<LoopRV> parts = sch.split(loops[i], {factors[0], factors[1]});
    outer.push_back(parts[0]);
    inner.push_back(parts[1]);
  }
  std::vector<LoopRV> order = outer;
  order.insert(order.end(), inner.begin(), inner.end());
  for (const size_t i : unrolled) {
    sch.unroll(loops[i]);
    order.push_back(loops[i]);
  }
  sch.reorder(order);
  return inner[1];
}

inline LoopRV bind_for_winograd(Schedule& sch, LoopRV loop) {
  return bind_spatial_loop(sch, loop, 256, 1024,
                           sample_thread_extent(sch, {32, 64, 128, 256, 512, 1024}))
      .back();
}

inline void winograd_pack_cpu(Schedule& sch, BlockRV pack) {
  const BlockRV tile = inline_tables(sch, pack), padded = inline_tables(sch, tile);
  tile_two(sch, pack, {2, 3}, {0, 1, 4, 5});
  for (const BlockRV& block : {tile, padded})
    sch.compute_at(block, sch.sample_compute_location(block), /*preserve_unit_loops=*/true);
}

inline void winograd_inverse_nhwc_cpu(Schedule& sch, BlockRV inverse) {
  inline_tables(sch, inverse);
  tile_two(sch, inverse, {2, 3}, {0, 1, 4, 5});
}

inline void winograd_inverse_nchw_cpu(Schedule& sch, BlockRV inverse) {
  inline_tables(sch, inverse);
  tile_two(sch, inverse, {0, 1}, {2, 3, 4, 5});
}

/// What a thread packs, and reads for it, stays in its registers.
inline void keep_pack_local(Schedule& sch, BlockRV pack, BlockRV tile, BlockRV padded,
                            LoopRV thread) {
  sch.reverse_compute_at(sch.cache_write(pack, 0, "local"), thread, /*preserve_unit_loops=*/true);
  sch.compute_at(tile, thread, /*preserve_unit_loops=*/true);
  sch.set_scope(tile, 0, "local");
  sch.compute_inline(padded);
}

inline void bind_first_four(Schedule& sch, BlockRV block) {
  const std::vector<LoopRV> loops = winograd_loops(sch, block, 8);
  bind_for_winograd(sch, sch.fuse({loops[0], loops[1], loops[2], loops[3]}));
}

inline void winograd_pack_nhwc_cuda(Schedule& sch, BlockRV pack) {
  const BlockRV tile = inline_tables(sch, pack), padded = inline_tables(sch, tile);
  keep_pack_local(sch, pack, tile, padded, tile_two(sch, pack, {2, 3}, {0, 1, 4, 5}));
  bind_first_four(sch, pack);
}

inline void winograd_inverse_nhwc_cuda(Schedule& sch, BlockRV inverse) {
  inline_tables(sch, inverse);
  tile_two(sch, inverse, {2, 3}, {0, 1, 4, 5});
  bind_first_four(sch, inverse);
}

inline void winograd_pack_nchw_cuda(Schedule& sch, BlockRV pack) {
  const BlockRV tile = inline_tables(sch, pack), padded = inline_tables(sch, tile);
  const std::vector<LoopRV> loops = winograd_loops(sch, pack, 6);
  sch.reorder({loops[2], loops[3], loops[0], loops[1], loops[4], loops[5]});
  for (const size_t i : {0, 1, 4, 5}) sch.unroll(loops[i]);
  keep_pack_local(sch, pack, tile, padded, bind_for_winograd(sch, sch.fuse({loops[2], loops[3]})));
}

inline void winograd_inverse_nchw_cuda(Schedule& sch, BlockRV inverse) {
  inline_tables(sch, inverse);
  const std::optional<int64_t> tile = as_const_int(sch.get(inverse)->writes[0]->buffer->shape[2]);
  check<ValueError>(tile.has_value(), "the rule for Winograd: the side of a tile is not constant");
  const std::vector<BlockRV> consumers = sch.get_consumers(inverse);
  check<ValueError>(consumers.size() == 1,
                    "the rule for Winograd: expected one consumer of {}, found {}",
                    sch.get(inverse)->name_hint, consumers.size());
  const std::vector<LoopRV> outer = winograd_loops(sch, consumers[0], 4);
  const std::vector<LoopRV> h = sch.split(outer[2], {nullptr, i32(*tile)});
  const std::vector<LoopRV> w = sch.split(outer[3], {nullptr, i32(*tile)});
  sch.reorder({h[0], w[0], h[1], w[1]});
  sch.compute_at(inverse, w[0], /*preserve_unit_loops=*/true);
  sch.set_scope(inverse, 0, "local");
  const std::vector<LoopRV> loops = winograd_loops(sch, inverse, 10);
  for (size_t i = 6; i < loops.size(); ++i) sch.unroll(loops[i]);
}

inline constexpr std::pair<std::string_view, CustomRule> kCustomRules[] = {
    {"meta_schedule.cpu.conv2d_nhwc_winograd_data_pack", winograd_pack_cpu},
    {"meta_schedule.cpu.conv2d_nhwc_winograd_inverse", winograd_inverse_nhwc_cpu},
    {"meta_schedule.cpu.conv2d_nchw_winograd_data_pack", winograd_pack_cpu},
    {"meta_schedule.cpu.conv2d_nchw_winograd_inverse", winograd_inverse_nchw_cpu},
    {"meta_schedule.cuda.conv2d_nhwc_winograd_data_pack", winograd_pack_nhwc_cuda},
    {"meta_schedule.cuda.conv2d_nhwc_winograd_inverse", winograd_inverse_nhwc_cuda},
    {"meta_schedule.cuda.conv2d_nchw_winograd_data_pack", winograd_pack_nchw_cuda},
    {"meta_schedule.cuda.conv2d_nchw_winograd_inverse", winograd_inverse_nchw_cuda},
};

}  // namespace detail

METASCHEDULE_INLINE CustomRule custom_rule(std::string_view name) {
  for (const auto& [known, rule] : detail::kCustomRules)
    if (known == name) return rule;
  return nullptr;
}

METASCHEDULE_INLINE std::vector<std::string_view> custom_rule_names() {
  std::vector<std::string_view> out;
  for (const auto& [name, rule] : detail::kCustomRules) out.push_back(name);
  return out;
}

}  // namespace metaschedule
