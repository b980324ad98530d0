// SPDX-License-Identifier: Apache-2.0
// Multi-level tiling for vector machines: around a tensor intrinsic, or with whole vectors
// innermost.
#pragma once

#include <optional>
#include <string>

#include "metaschedule/schedule/transform.h"
#include "metaschedule/tune/space/multi_level_tiling.h"

namespace metaschedule {

/// is: multi-level tiling would apply and the body is what the intrinsic computes. does: tiles the
/// loops around a block of the intrinsic's size; RewriteTensorize puts the instruction in.
class MultiLevelTilingWithIntrin : public MultiLevelTiling {
 public:
  /// Raises ValueError when the intrinsic is not registered.
  MultiLevelTilingWithIntrin(std::string intrin_name, Options options);
  void initialize_with_tune_context(const TuneContextPtr& context) override;
  std::vector<SchedulePtr> apply(const SchedulePtr& sch, const BlockRV& block) override;
  ScheduleRulePtr clone() const override {
    return std::make_shared<MultiLevelTilingWithIntrin>(*this);
  }
  std::string name() const override { return "MultiLevelTilingWithIntrin"; }
  const std::string& intrin_name() const { return intrin_name_; }

 protected:
  std::vector<State> apply_sub_rules(std::vector<State> states) const override;

 private:
  void log(const std::string& message) const;
  std::string intrin_name_;
  std::weak_ptr<TuneContext> context_;
};

/// Multi-level tiling whose innermost part of the loop along the last dimension of the output is
/// one vector of `vector_length_in_bits`.
class MultiLevelTilingWideVector : public MultiLevelTiling {
 public:
  MultiLevelTilingWideVector(int64_t vector_length_in_bits, Options options)
      : MultiLevelTiling(std::move(options)), vector_length_in_bits_(vector_length_in_bits) {}
  ScheduleRulePtr clone() const override {
    return std::make_shared<MultiLevelTilingWideVector>(*this);
  }
  std::string name() const override { return "MultiLevelTilingWideVector"; }
  int64_t vector_length_in_bits() const { return vector_length_in_bits_; }

 protected:
  std::vector<LoopRV> split_loop(State& state, LoopRV loop, size_t levels,
                                 std::vector<ExprRV>& factors) const override;

 private:
  int64_t vector_length_in_bits_;
};

}  // namespace metaschedule
