// SPDX-License-Identifier: Apache-2.0
// Calls of primitives by chance, kept for what looks at them, and the blocks and loops that they
// are about: taken by name, by query or from what earlier steps returned.
#pragma once

#include <map>
#include <random>
#include <string>
#include <vector>

#include "property/schedule/checks.h"
#include "property/schedule/exclusions.h"

namespace metaschedule::testing {

/// A step was left out for a reason of exclusions.h.
struct Excluded {
  const char* reason;
};

class StepCalls {
 public:
  StepCalls(Schedule& sch, uint64_t seed) : sch_(sch), random_(seed) {}

  /// The kind and the operands of the last call, also of one that failed.
  Opcode last = kUnknownOpcode;
  std::vector<Operand> last_operands;
  ModuleRef before_last;
  size_t trace_before_last = 0;
  /// The last call that is not pure, or null.
  const char* done = nullptr;

 protected:
  int range(int low, int high) {
    if (high < low) throw Excluded{"nothing to choose from"};
    return low + static_cast<int>(random_() % static_cast<uint64_t>(high - low + 1));
  }
  bool chance(int percent) { return range(1, 100) <= percent; }
  template <class T>
  const T& pick(const std::vector<T>& items) {
    if (items.empty()) throw Excluded{"nothing to choose from"};
    return items[static_cast<size_t>(range(0, static_cast<int>(items.size()) - 1))];
  }
  std::string memory() { return pick<std::string>({"global", "local", "shared", "global"}); }
  /// Mostly 0, at times one that may not be there.
  int64_t position() { return chance(70) ? 0 : range(0, 2); }

  template <class P>
  auto call(P primitive) {
    last = opcode_of<P>;
    before_last = sch_.mod();
    trace_before_last = sch_.trace().size();
    last_operands.clear();
    if (const char* reason = Exclusions{sch_}.of(primitive)) throw Excluded{reason};
    OperandWriter writer(sch_, last_operands);
    for_each_arg<P>([&](const auto& spec) { writer.write(primitive.*spec.member); });
    auto finish = [&] {
      before_last = sch_.mod();
      trace_before_last = sch_.trace().size();
      if constexpr (!is_pure<P>()) done = P::kKind;
    };
    if constexpr (P::kOutputs == OutputType::None) {
      sch_.run(std::move(primitive));
      finish();
    } else {
      auto out = sch_.run(std::move(primitive));
      finish();
      return out;
    }
  }

  // ---- where

  std::vector<std::string> unique_names() const {
    std::map<std::string, int> names;
    post_order(*sch_.mod()->lookup("main")->body, [&](const Node& n) {
      if (const Block* block = as<Block>(&n)) ++names[block->name_hint];
    });
    std::vector<std::string> out;
    for (const auto& [name, count] : names)
      if (count == 1 && name != "root") out.push_back(name);
    return out;
  }
  BlockRV some_block() {
    if (!old_blocks_.empty() && chance(10)) return pick(old_blocks_);
    BlockRV block = call(GetBlock{pick(unique_names()), std::string("main")});
    if (chance(5)) block = pick(call(GetProducers{block}));
    if (chance(5)) block = pick(call(GetConsumers{block}));
    if (chance(5)) block = pick(call(GetChildBlocks{block}));
    return block;
  }
  void find_place() {
    block_ = some_block();
    loops_ = call(GetLoops{block_});
    if (chance(3))
      block_ = pick(call(GetOutputBlocks{call(GetBlock{"root", std::string("main")})}));
    if (chance(2)) call(EnterPostproc{});
  }
  LoopRV other_loop() {
    if (!old_loops_.empty() && chance(15)) return pick(old_loops_);
    return pick(call(GetLoops{some_block()}));
  }
  const Block& node() const { return *sch_.get(block_); }
  void keep(BlockRV block) { old_blocks_.push_back(block); }

  Schedule& sch_;
  std::mt19937_64 random_;
  BlockRV block_;
  std::vector<LoopRV> loops_, old_loops_;
  std::vector<BlockRV> old_blocks_;
};

}  // namespace metaschedule::testing
