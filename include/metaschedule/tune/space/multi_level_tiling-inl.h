// SPDX-License-Identifier: Apache-2.0
// Multi-level tiling, sub-rule by sub-rule.
#pragma once

#include <algorithm>
#include <charconv>

#include "metaschedule/ir/op.h"
#include "metaschedule/tune/space/multi_level_tiling.h"
#include "metaschedule/tune/space/predicates.h"
#include "metaschedule/tune/tune_context.h"

namespace metaschedule {

METASCHEDULE_INLINE ReuseConfig ReuseConfig::make(std::string_view req, std::vector<int64_t> levels,
                                                  std::string scope) {
  Requirement requirement;
  if (req == "no")
    requirement = Requirement::No;
  else if (req == "may")
    requirement = Requirement::May;
  else if (req == "must")
    requirement = Requirement::Must;
  else
    fail<ValueError>("ReuseType: expected \"no\", \"may\" or \"must\", found \"{}\"", req);
  return {requirement, std::move(levels), std::move(scope)};
}

METASCHEDULE_INLINE MultiLevelTiling::MultiLevelTiling(Options options)
    : options_(std::move(options)) {
  for (size_t i = 0; i < options_.structure.size(); ++i) {
    char letter = options_.structure[i];
    check<ValueError>(letter == 'S' || letter == 'R',
                      "invalid tiling structure \"{}\": expected letters S and R only",
                      options_.structure);
    (letter == 'S' ? s_levels_ : r_levels_).push_back(i);
  }
}

METASCHEDULE_INLINE void MultiLevelTiling::initialize_with_tune_context(
    const TuneContextPtr& context) {
  check<ValueError>(static_cast<bool>(context->target),
                    "MultiLevelTiling: expected a context with a target");
  const Dict& attrs = context->target->attrs;
  max_threads_per_block_ = int_annotation(attrs, "max_threads_per_block").value_or(-1);
  thread_warp_size_ = -1;
  if (max_threads_per_block_ != -1) {
    thread_warp_size_ = int_annotation(attrs, "thread_warp_size").value_or(-1);
    if (thread_warp_size_ == -1)
      context->logger.info("MultiLevelTiling: the target has no thread_warp_size");
  }
  async_stages_.clear();
  const String* arch = as<String>(attrs.find("arch"));
  if (arch && arch->value.starts_with("sm_")) {
    int sm = 0;
    const char* digits = arch->value.data() + 3;
    auto [end, error] = std::from_chars(digits, arch->value.data() + arch->value.size(), sm);
    if (error != std::errc()) {
      context->logger.warning("MultiLevelTiling: cannot read the target's arch \"{}\"",
                              arch->value);
    } else if (sm >= 80) {
      async_stages_ = {4, 5};
    }
  }
}

METASCHEDULE_INLINE MultiLevelTiling::State MultiLevelTiling::State::copy() const {
  State out = *this;
  out.sch = std::make_shared<Schedule>(sch->copy());
  return out;
}

METASCHEDULE_INLINE std::vector<SchedulePtr> MultiLevelTiling::apply(const SchedulePtr& sch,
                                                                     const BlockRV& block) {
  bool applies = (options_.filter && options_.filter(*sch, block)) ||
                 needs_multi_level_tiling(place_of(*sch, block));
  if (!applies) return {sch};
  sch->annotate(block, "meta_schedule.tiling_structure", make<String>(options_.structure));
  State state;
  state.sch = sch;
  state.block = block;
  return schedules_of(apply_sub_rules({std::move(state)}));
}

METASCHEDULE_INLINE std::vector<SchedulePtr> MultiLevelTiling::schedules_of(
    std::vector<State> states) const {
  std::vector<SchedulePtr> out;
  for (State& state : states) out.push_back(std::move(state.sch));
  return out;
}

METASCHEDULE_INLINE std::vector<MultiLevelTiling::State> MultiLevelTiling::run_sub_rules(
    std::vector<State> states, const std::vector<SubRule>& rules) {
  for (const SubRule& rule : rules) {
    std::vector<State> next;
    for (State& state : states) {
      for (State& made : rule(std::move(state))) next.push_back(std::move(made));
    }
    states = std::move(next);
  }
  return states;
}

METASCHEDULE_INLINE std::vector<MultiLevelTiling::State> MultiLevelTiling::apply_sub_rules(
    std::vector<State> states) const {
  return run_sub_rules(std::move(states),
                       {[this](State s) { return tile_loop_nest(std::move(s)); },
                        [this](State s) { return add_write_reuse(std::move(s)); },
                        [this](State s) { return add_read_reuse(std::move(s)); },
                        [this](State s) { return add_async_pipeline(std::move(s)); }});
}

METASCHEDULE_INLINE std::vector<LoopRV> MultiLevelTiling::split_loop(
    State& state, LoopRV loop, size_t levels, std::vector<ExprRV>& factors) const {
  factors =
      state.sch->sample_perfect_tile(loop, static_cast<int>(levels), options_.max_innermost_factor);
  return state.sch->split(loop, factors);
}

METASCHEDULE_INLINE std::vector<MultiLevelTiling::State> MultiLevelTiling::tile_loop_nest(
    State state, size_t spatial_loops) const {
  Schedule& sch = *state.sch;
  std::vector<LoopRV> loops = sch.get_loops(state.block), skipped;
  std::vector<IterType> types;
  for (const Ref<IterVar>& iter : sch.get(state.block)->iter_vars) types.push_back(iter->iter_type);
  METASCHEDULE_CHECK(loops.size() == types.size());
  auto spatial_left =
      static_cast<size_t>(std::count(types.begin(), types.end(), IterType::DataPar));
  std::vector<std::vector<LoopRV>> tiles(options_.structure.size());
  state.factors.clear();
  int64_t spatial_product = 1;
  for (size_t i = 0; i < loops.size(); ++i) {
    const std::vector<size_t>* levels = nullptr;
    if (types[i] == IterType::DataPar) {
      levels = &s_levels_;
      const IntImm* extent = as<IntImm>(sch.get(loops[i])->extent);
      spatial_product = extent && spatial_product != -1 ? spatial_product * extent->value : -1;
      if (spatial_left-- > spatial_loops) {
        skipped.push_back(loops[i]);
        continue;
      }
    } else if (types[i] == IterType::CommReduce) {
      levels = &r_levels_;
    }
    if (!levels || levels->empty()) continue;
    if (levels->size() == 1) {
      tiles[levels->front()].push_back(loops[i]);
      continue;
    }
    std::vector<ExprRV> factors;
    std::vector<LoopRV> parts = split_loop(state, loops[i], levels->size(), factors);
    for (size_t j = 0; j < parts.size(); ++j) tiles[(*levels)[j]].push_back(parts[j]);
    if (types[i] == IterType::DataPar) state.factors.push_back(std::move(factors));
  }
  finish_tiles(state, std::move(tiles), skipped, spatial_product);
  std::vector<State> out;
  out.push_back(std::move(state));
  return out;
}

METASCHEDULE_INLINE void MultiLevelTiling::finish_tiles(State& state,
                                                        std::vector<std::vector<LoopRV>> tiles,
                                                        const std::vector<LoopRV>& skipped,
                                                        int64_t spatial_product) const {
  Schedule& sch = *state.sch;
  std::vector<LoopRV> order;
  for (const auto& level : tiles) order.insert(order.end(), level.begin(), level.end());
  sch.reorder(order);
  if (!options_.tile_binds.empty() && !tiles.empty())
    tiles[0].insert(tiles[0].begin(), skipped.begin(), skipped.end());
  for (size_t i = 0; i < std::min(options_.tile_binds.size(), tiles.size()); ++i) {
    LoopRV fused = sch.fuse(tiles[i]);
    sch.bind(fused, options_.tile_binds[i]);
    tiles[i] = {fused};
  }
  if (thread_warp_size_ != -1) {
    int64_t low = spatial_product > 2 * thread_warp_size_ ? thread_warp_size_ : 1;
    sch.annotate(state.block, "meta_schedule.thread_extent_low_inclusive", Ref<Node>(i32(low)));
    sch.annotate(state.block, "meta_schedule.thread_extent_high_inclusive",
                 Ref<Node>(i32(max_threads_per_block_)));
  }
  state.tiles = std::move(tiles);
}

METASCHEDULE_INLINE std::vector<MultiLevelTiling::State> MultiLevelTiling::add_write_reuse(
    State state) const {
  using Requirement = ReuseConfig::Requirement;
  ReuseConfig config = options_.reuse_write;
  std::vector<State> out;
  if (config.req == Requirement::No) {
    out.push_back(std::move(state));
    return out;
  }
  if (const Node* levels =
          state.sch->get(state.block)->annotations.find("meta_schedule.write_cache_level")) {
    const Array* list = as<Array>(levels);
    check<ValueError>(list, "meta_schedule.write_cache_level: expected a list of levels");
    config.req = Requirement::Must;
    config.levels.clear();
    for (const Ref<Node>& item : list->items) {
      auto level = as_const_int(item.get());
      check<ValueError>(level.has_value(), "meta_schedule.write_cache_level: expected integers");
      config.levels.push_back(*level);
    }
  }
  auto under = [](const State& s, int64_t level) {
    check<ValueError>(level >= 1 && level <= static_cast<int64_t>(s.tiles.size()),
                      "MultiLevelTiling: cache level {} is outside the {} levels of the structure",
                      level, s.tiles.size());
    return s.tiles[static_cast<size_t>(level - 1)].back();
  };
  if (config.req == Requirement::May) {
    std::vector<BlockRV> consumers = state.sch->get_consumers(state.block);
    if (consumers.size() == 1 && is_write_cache(*state.sch->get(consumers[0]))) {
      for (int64_t level : config.levels) {
        State next = state.copy();
        next.sch->reverse_compute_at(consumers[0], under(next, level), true);
        out.push_back(std::move(next));
      }
      out.push_back(std::move(state));
      return out;
    }
    out.push_back(state.copy());
  }
  BlockRV cache = state.sch->cache_write(state.block, 0, config.scope);
  for (int64_t level : config.levels) {
    State next = state.copy();
    next.sch->reverse_compute_at(cache, under(next, level), true);
    next.write_reuse[level] = cache;
    out.push_back(std::move(next));
  }
  return out;
}

METASCHEDULE_INLINE std::vector<MultiLevelTiling::State> MultiLevelTiling::add_read_reuse(
    State state) const {
  using Requirement = ReuseConfig::Requirement;
  const ReuseConfig& config = options_.reuse_read;
  std::vector<State> out;
  if (config.req == Requirement::No) {
    out.push_back(std::move(state));
    return out;
  }
  check<ValueError>(config.req == Requirement::Must,
                    "MultiLevelTiling: reuse_read is \"no\" or \"must\"; \"may\" is not defined");
  for (int64_t level : config.levels) {
    State next = state.copy();
    Schedule& sch = *next.sch;
    BlockRef block(sch.get(next.block));
    for (size_t i = 0; i < block->reads.size(); ++i) {
      const BufferRef& buffer = block->reads[i]->buffer;
      if (buffer.same_as(block->writes[0]->buffer)) continue;
      BlockRV cache = sch.cache_read(next.block, static_cast<int>(i), config.scope, {next.block});
      sch.compute_at(cache, next.tiles[static_cast<size_t>(level - 1)].back(), true);
      std::vector<LoopRV> loops = sch.get_loops(cache);
      size_t ndim = buffer->ndim();
      sch.fuse(std::vector<LoopRV>(loops.end() - static_cast<ptrdiff_t>(ndim), loops.end()));
      annotate_cooperative_fetching(sch, cache);
      next.read_reuse[i] = cache;
    }
    out.push_back(std::move(next));
  }
  return out;
}

METASCHEDULE_INLINE void MultiLevelTiling::annotate_cooperative_fetching(
    Schedule& sch, const BlockRV& block) const {
  DType dtype = sch.get(block)->writes[0]->buffer->dtype;
  std::vector<int64_t> lens;
  for (int64_t len : options_.vector_load_lens) {
    bool fits = true;
    if (dtype == kFloat32)
      fits = len <= 4;
    else if (dtype == DType::float_(16))
      fits = (len == 1 || len % 2 == 0) && len <= 8;
    else if (dtype == DType::int_(8))
      fits = len <= 16;
    if (fits) lens.push_back(len);
  }
  if (lens.empty()) return;
  std::vector<double> uniform(lens.size(), 1.0 / static_cast<double>(lens.size()));
  ExprRV length = sch.sample_categorical(lens, uniform);
  sch.annotate(block, "meta_schedule.cooperative_fetch", Ref<Node>(length));
}

METASCHEDULE_INLINE std::vector<MultiLevelTiling::State> MultiLevelTiling::add_async_pipeline(
    State state) const {
  std::vector<State> out;
  bool applies = !async_stages_.empty() && !r_levels_.empty();
  if (applies) {
    const For* loop = state.sch->get(state.tiles[r_levels_[0]].back());
    const SeqStmt* seq = as<SeqStmt>(loop->body);
    applies = seq && seq->seq.size() == 3 &&
              std::all_of(seq->seq.begin(), seq->seq.end(),
                          [](const Stmt& s) { return s->kind == Kind::For; });
  }
  if (!applies) {
    out.push_back(std::move(state));
    return out;
  }
  auto ints = [](std::vector<int64_t> values) {
    std::vector<Ref<Node>> items;
    for (int64_t v : values) items.push_back(Ref<Node>(i32(v)));
    return make<Array>(List<Node>(items));
  };
  out.push_back(state);  // the same schedule: each copy draws from its random state
  for (int64_t stage : async_stages_) {
    State next = state.copy();
    LoopRV fused = next.sch->fuse(next.tiles[r_levels_[0]]);
    next.sch->annotate(fused, "software_pipeline_stage", ints({0, 0, stage - 2}));
    next.sch->annotate(fused, "software_pipeline_order", ints({0, 1, 2}));
    next.sch->annotate(fused, "software_pipeline_async_stages", ints({0}));
    out.push_back(std::move(next));
  }
  return out;
}

}  // namespace metaschedule
