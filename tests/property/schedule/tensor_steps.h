// SPDX-License-Identifier: Apache-2.0
// The way of a block to a tensor intrinsic: tiles, an order of loops, the init taken out, and
// tensorize, with what is open in it left to chance.
#pragma once

#include <algorithm>

#include "metaschedule/schedule/analysis_tensorize.h"
#include "property/schedule/intrins.h"
#include "property/schedule/step_calls.h"

namespace metaschedule::testing {

class TensorSteps : public StepCalls {
 public:
  using StepCalls::StepCalls;

 protected:
  /// One that may fit the block by its types.
  std::string some_intrin() {
    const BufferRegions& writes = node().writes;
    if (writes.empty()) throw Excluded{"nothing to choose from"};
    const std::string dtype = to_string(writes[0]->buffer->dtype);
    if (node().reads.size() == 2 && node().reads[0]->buffer->dtype.is_uint()) return kDotIntrin;
    return pick(intrins_for(dtype));
  }

  /// The first of the intrinsics that fit the block, from a random one on.
  void tensorize() {
    const std::string first = some_intrin();
    std::vector<std::string> names{first};
    if (first != kDotIntrin) names = intrins_for(to_string(node().writes[0]->buffer->dtype));
    std::rotate(names.begin(), std::find(names.begin(), names.end(), first), names.end());
    for (const std::string& name : names) {
      TensorIntrinRef intrin = get_tensor_intrin(name);
      if (!tensorize_correspondence(node(), *intrin->desc)) continue;
      auto mapping = tensorize_loop_mapping(sch_.path_of(block_), *intrin->desc, false);
      if (mapping && !mapping->loop_map.empty()) return tensorize(name, *mapping);
    }
    throw Excluded{"no intrinsic fits"};
  }

 private:
  void tensorize(const std::string& name, const TensorizeInfo& mapping) {
    struct Part {
      VarRef var;
      int extent;
      const For* described;
      LoopRV inner;
    };
    std::vector<Part> parts;
    for (const auto& [loop, described] : mapping.loop_map)
      parts.push_back({loop->loop_var,
                       static_cast<int>(cast_to<IntImm>(*described->extent).value),
                       described,
                       {}});
    for (Part& part : parts) {
      for (LoopRV loop : call(GetLoops{block_})) {
        if (sch_.get(loop)->loop_var != part.var) continue;
        std::vector<LoopRV> halves =
            call(Split{loop, {Factor(), Factor::number(part.extent)}, true, false});
        old_loops_.push_back(halves[0]);
        part.inner = halves[1];
        break;
      }
    }
    std::vector<LoopRV> order;
    std::vector<const For*> inner_stmts;
    for (const For* described : mapping.desc_loops)
      for (const Part& part : parts)
        if (part.described == described) order.push_back(part.inner);
    for (LoopRV loop : order) inner_stmts.push_back(sch_.get(loop));
    std::vector<LoopRV> outer;
    for (LoopRV loop : call(GetLoops{block_}))
      if (std::find(inner_stmts.begin(), inner_stmts.end(), sch_.get(loop)) == inner_stmts.end())
        outer.push_back(loop);
    const LoopRV inner = order[0];
    if (chance(30)) std::shuffle(outer.begin(), outer.end(), random_);
    std::vector<LoopRV> all = outer;
    all.insert(all.end(), order.begin(), order.end());
    call(Reorder{all});
    if (node().init) {
      if (outer.empty()) throw Excluded{"nothing to choose from"};
      keep(call(DecomposeReduction{block_, chance(50) ? outer[0] : pick(outer)}));
    }
    if (chance(50)) {
      const BlockRV tile = call(Blockize{inner, chance(70)});
      keep(tile);
      return call(Tensorize{tile, name, true});
    }
    call(Tensorize{inner, name, chance(70)});
  }
};

}  // namespace metaschedule::testing
