// SPDX-License-Identifier: Apache-2.0
// Tiling around intrinsics and vectors.
#pragma once

#include "metaschedule/arith/analyzer.h"
#include "metaschedule/schedule/analysis_tensorize.h"
#include "metaschedule/schedule/tensor_intrin.h"
#include "metaschedule/tune/space/intrin_tiling.h"
#include "metaschedule/tune/space/predicates.h"
#include "metaschedule/tune/tune_context.h"

namespace metaschedule {

METASCHEDULE_INLINE MultiLevelTilingWithIntrin::MultiLevelTilingWithIntrin(std::string intrin_name,
                                                                           Options options)
    : MultiLevelTiling(std::move(options)), intrin_name_(std::move(intrin_name)) {
  get_tensor_intrin(intrin_name_);
}

METASCHEDULE_INLINE void MultiLevelTilingWithIntrin::initialize_with_tune_context(
    const TuneContextPtr& context) {
  MultiLevelTiling::initialize_with_tune_context(context);
  context_ = context;
}

METASCHEDULE_INLINE void MultiLevelTilingWithIntrin::log(const std::string& message) const {
  if (TuneContextPtr context = context_.lock()) context->logger.info("{}", message);
}

METASCHEDULE_INLINE std::vector<SchedulePtr> MultiLevelTilingWithIntrin::apply(
    const SchedulePtr& sch, const BlockRV& block) {
  std::string no = "The workload cannot be tensorized with " + intrin_name_ + ".";
  TensorIntrinRef intrin = get_tensor_intrin(intrin_name_);
  if (!tensorize_correspondence(*sch->get(block), *intrin->desc)) {
    log(no);
    return {sch};
  }
  std::vector<SchedulePtr> out =
      MultiLevelTiling::apply(std::make_shared<Schedule>(sch->copy()), block);
  if (out.empty()) {
    log(no);
    return {sch};
  }
  log("Tensorizing with " + intrin_name_);
  return out;
}

METASCHEDULE_INLINE std::vector<MultiLevelTiling::State>
MultiLevelTilingWithIntrin::apply_sub_rules(std::vector<State> states) const {
  states = run_sub_rules(std::move(states), {[this](State state) {
                           std::vector<State> out;
                           Schedule& sch = *state.sch;
                           auto loop = tile_with_tensor_intrin(sch, state.block, intrin_name_);
                           if (!loop) return out;
                           state.block = sch.blockize(*loop);
                           sch.annotate(state.block, "meta_schedule.auto_tensorize",
                                        make<String>(intrin_name_));
                           out.push_back(std::move(state));
                           return out;
                         }});
  return MultiLevelTiling::apply_sub_rules(std::move(states));
}

METASCHEDULE_INLINE std::vector<LoopRV> MultiLevelTilingWideVector::split_loop(
    State& state, LoopRV loop, size_t levels, std::vector<ExprRV>& factors) const {
  Schedule& sch = *state.sch;
  BlockPlace place = place_of(sch, state.block);
  const BufferRegion& output = *place.block().writes[0];
  const int64_t vector = vector_length_in_bits_ / output.buffer->dtype.bits;
  const size_t last = output.region.size() - 1;
  arith::Analyzer analyzer;
  const For* stmt = sch.get(loop);
  bool innermost = last < place.realize->iter_values.size() &&
                   analyzer.can_prove_equal(stmt->loop_var, place.realize->iter_values[last]);
  if (!innermost) return MultiLevelTiling::split_loop(state, loop, levels, factors);
  const IntImm* extent = as<IntImm>(stmt->extent);
  if (extent && extent->value > vector) {
    std::vector<LoopRV> halves = sch.split(loop, {nullptr, i32(vector)});
    factors = sch.sample_perfect_tile(halves[0], static_cast<int>(levels) - 1,
                                      options_.max_innermost_factor);
    std::vector<LoopRV> parts = sch.split(halves[0], factors);
    parts.push_back(halves[1]);
    factors.push_back(i32(vector));
    return parts;
  }
  factors.assign(levels - 1, i32(1));
  factors.push_back(stmt->extent);
  return sch.split(loop, factors);
}

}  // namespace metaschedule
