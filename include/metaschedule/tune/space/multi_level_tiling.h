// SPDX-License-Identifier: Apache-2.0
// The rule behind dense kernels: tile all loops by a structure such as "SSRSRS", then cache what is
// written and what is read at given levels.
#pragma once

#include <array>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "metaschedule/schedule/schedule.h"
#include "metaschedule/tune/schedule_rule.h"

namespace metaschedule {

/// Whether, and under which tile levels (from 1), a cache stage is added.
struct ReuseConfig {
  enum class Requirement { No, May, Must };
  Requirement req = Requirement::No;
  std::vector<int64_t> levels;
  std::string scope;

  /// From "no", "may" or "must"; raises ValueError for anything else.
  static ReuseConfig make(std::string_view req, std::vector<int64_t> levels, std::string scope);
};

/// What MultiLevelTilingTensorCore remembers of a block; see tensor_core.h.
struct TensorCoreParts;

class MultiLevelTiling : public ScheduleRule {
 public:
  struct Options {
    std::string structure;  // of 'S' and 'R', outer level first
    std::vector<std::string> tile_binds;
    int max_innermost_factor = -1;  // -1: unlimited
    std::vector<int64_t> vector_load_lens;
    ReuseConfig reuse_read, reuse_write;
    /// Lets the rule apply to more blocks than those with reuse.
    std::function<bool(const Schedule&, const BlockRV&)> filter;
  };
  /// Raises ValueError for a structure with other letters.
  explicit MultiLevelTiling(Options options);
  void initialize_with_tune_context(const TuneContextPtr& context) override;
  std::vector<SchedulePtr> apply(const SchedulePtr& sch, const BlockRV& block) override;
  ScheduleRulePtr clone() const override { return std::make_shared<MultiLevelTiling>(*this); }
  std::string name() const override { return "MultiLevelTiling"; }
  const Options& options() const { return options_; }

 protected:
  /// One schedule on its way through the sub-rules.
  struct State {
    SchedulePtr sch;
    BlockRV block;
    std::vector<std::vector<LoopRV>> tiles;             // by level
    std::vector<std::vector<ExprRV>> factors;           // of the tiles: one list a split loop
    std::map<size_t, BlockRV> read_reuse;               // by the read that it caches
    std::map<int64_t, BlockRV> write_reuse;             // by the level that it is under
    std::shared_ptr<const TensorCoreParts> parts = {};  // of MultiLevelTilingTensorCore

    State copy() const;
  };
  using SubRule = std::function<std::vector<State>(State)>;
  /// Each rule makes several states of one.
  static std::vector<State> run_sub_rules(std::vector<State> states,
                                          const std::vector<SubRule>& rules);
  /// The sub-rules in order.
  virtual std::vector<State> apply_sub_rules(std::vector<State> states) const;
  /// Tiles the loops of the block; of the spatial ones the innermost `spatial_loops` only, the
  /// others join the first bound level.
  std::vector<State> tile_loop_nest(State state, size_t spatial_loops = SIZE_MAX) const;
  /// Cuts one loop into as many parts as there are levels of its type.
  virtual std::vector<LoopRV> split_loop(State& state, LoopRV loop, size_t levels,
                                         std::vector<ExprRV>& factors) const;
  /// Orders, binds and annotates what was tiled.
  void finish_tiles(State& state, std::vector<std::vector<LoopRV>> tiles,
                    const std::vector<LoopRV>& skipped, int64_t spatial_product) const;
  std::vector<State> add_write_reuse(State state) const;
  virtual std::vector<State> add_read_reuse(State state) const;
  std::vector<State> add_async_pipeline(State state) const;
  void annotate_cooperative_fetching(Schedule& sch, const BlockRV& block) const;
  std::vector<SchedulePtr> schedules_of(std::vector<State> states) const;

  Options options_;
  std::vector<size_t> s_levels_, r_levels_;
  int64_t max_threads_per_block_ = -1, thread_warp_size_ = -1;
  std::vector<int64_t> async_stages_;
};

}  // namespace metaschedule
