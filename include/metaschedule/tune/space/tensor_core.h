// SPDX-License-Identifier: Apache-2.0
// Multi-level tiling onto tensor cores: the block is brought to the shape of a matrix product, its
// tiles to that of an instruction, operands and results go through shared memory and registers.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "metaschedule/schedule/analysis_tensorize.h"
#include "metaschedule/tune/space/multi_level_tiling.h"

namespace metaschedule {

/// The instructions of one kind of matrix product.
struct TensorCoreIntrinGroup {
  std::string init, load_a, load_b, compute, store;

  /// From the keys init, load_a, load_b, compute and store. Raises ValueError for a missing key and
  /// for an intrinsic that is not registered.
  static TensorCoreIntrinGroup make(const std::map<std::string, std::string>& names);
  bool is_mma() const { return compute.starts_with("mma_sync"); }
};
/// f16 and s8 products of 16 x 16 x 16 by warp matrices, through dynamic shared memory.
std::vector<TensorCoreIntrinGroup> default_wmma_groups();
/// f16 products of 16 x 8 x 8 by mma instructions.
std::vector<TensorCoreIntrinGroup> default_mma_groups();

struct TensorCoreParts {
  TensorCoreIntrinGroup group;
  AutoTensorizeMapping mapping;
  BlockRV store_reindex;
};

/// is: multi-level tiling would apply and the body is a product that a group computes. does: one
/// space for each such group.
class MultiLevelTilingTensorCore : public MultiLevelTiling {
 public:
  /// Raises ValueError for a bind to threadIdx.x, and for warp matrices without a write cache in
  /// shared memory.
  MultiLevelTilingTensorCore(std::vector<TensorCoreIntrinGroup> groups, Options options,
                             bool use_software_pipeline);
  void initialize_with_tune_context(const TuneContextPtr& context) override;
  std::vector<SchedulePtr> apply(const SchedulePtr& sch, const BlockRV& block) override;
  ScheduleRulePtr clone() const override {
    return std::make_shared<MultiLevelTilingTensorCore>(*this);
  }
  std::string name() const override { return "MultiLevelTilingTensorCore"; }
  const std::vector<TensorCoreIntrinGroup>& groups() const { return groups_; }
  bool use_software_pipeline() const { return use_software_pipeline_; }

 protected:
  std::vector<State> apply_sub_rules(std::vector<State> states) const override;

 private:
  std::vector<State> transform_for_tensorization(State state) const;
  std::vector<State> tile_nest(State state) const;
  std::vector<State> mma_tile_nest(State state) const;
  std::vector<State> transform_output_layout(State state) const;
  std::vector<State> add_write_reuse_tensor_core(State state) const;
  std::vector<State> read_reuse(State state) const;
  std::vector<State> add_read_reuse_tensor_core(State state) const;
  std::vector<State> add_software_pipeline(State state) const;
  /// Tiles a copying block by an intrinsic and annotates it with its name.
  BlockRV tile_and_annotate(Schedule& sch, const BlockRV& block, const std::string& intrin) const;

  std::vector<TensorCoreIntrinGroup> groups_;
  bool use_software_pipeline_;
  std::weak_ptr<TuneContext> context_;
};

}  // namespace metaschedule
