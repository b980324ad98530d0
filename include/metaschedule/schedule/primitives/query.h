// SPDX-License-Identifier: Apache-2.0
// Primitives that only look: they name blocks and loops.
#pragma once

#include "metaschedule/schedule/args.h"

namespace metaschedule {

struct GetBlock {
  static constexpr const char* kKind = "GetBlock";
  static constexpr const char* kMethod = "get_block";
  static constexpr const char* kDoc =
      "rewrite: nothing. Gives the block of this name.\n"
      "needs: exactly one block of the function (by default the one that is worked on) has it.";
  static constexpr OutputType kOutputs = OutputType::Block;
  static constexpr bool kPure = true;
  std::string name, func_name;
  static auto args() {
    return std::tuple{attr("name", &GetBlock::name),
                      attr("func_name", &GetBlock::func_name, kOptional)};
  }
  void apply(ScheduleState& state, std::vector<TableEntry>& outputs);
};

struct GetLoops {
  static constexpr const char* kKind = "GetLoops";
  static constexpr const char* kMethod = "get_loops";
  static constexpr const char* kDoc =
      "rewrite: nothing. Gives the loops between a block and the block around it, outermost "
      "first.\n"
      "needs: nothing.";
  static constexpr OutputType kOutputs = OutputType::Loops;
  static constexpr bool kPure = true;
  BlockRV block;
  static auto args() { return std::tuple{input("block", &GetLoops::block)}; }
  void apply(ScheduleState& state, std::vector<TableEntry>& outputs);
};

struct GetChildBlocks {
  static constexpr const char* kKind = "GetChildBlocks";
  static constexpr const char* kMethod = "get_child_blocks";
  static constexpr const char* kDoc =
      "rewrite: nothing. Gives the blocks directly inside a block or loop, in program order; not "
      "those inside them.\n"
      "needs: nothing.";
  static constexpr OutputType kOutputs = OutputType::Blocks;
  static constexpr bool kPure = true;
  BlockOrLoopRV block_or_loop;
  static auto args() {
    return std::tuple{input("block_or_loop", &GetChildBlocks::block_or_loop, kPositional)};
  }
  void apply(ScheduleState& state, std::vector<TableEntry>& outputs);
};

struct GetProducers {
  static constexpr const char* kKind = "GetProducers";
  static constexpr const char* kMethod = "get_producers";
  static constexpr const char* kDoc =
      "rewrite: nothing. Gives the blocks of the same scope that write what a block reads or "
      "writes.\n"
      "needs: the block is not the root.";
  static constexpr OutputType kOutputs = OutputType::Blocks;
  static constexpr bool kPure = true;
  BlockRV block;
  static auto args() { return std::tuple{input("block", &GetProducers::block)}; }
  void apply(ScheduleState& state, std::vector<TableEntry>& outputs);
};

struct GetConsumers {
  static constexpr const char* kKind = "GetConsumers";
  static constexpr const char* kMethod = "get_consumers";
  static constexpr const char* kDoc =
      "rewrite: nothing. Gives the blocks of the same scope that read or overwrite what a block "
      "writes.\n"
      "needs: the block is not the root.";
  static constexpr OutputType kOutputs = OutputType::Blocks;
  static constexpr bool kPure = true;
  BlockRV block;
  static auto args() { return std::tuple{input("block", &GetConsumers::block)}; }
  void apply(ScheduleState& state, std::vector<TableEntry>& outputs);
};

struct GetOutputBlocks {
  static constexpr const char* kKind = "GetOutputBlocks";
  static constexpr const char* kMethod = "get_output_blocks";
  static constexpr const char* kDoc =
      "rewrite: nothing. Gives the blocks inside a block, nested ones too, that write a buffer "
      "which the block around them does not allocate.\n"
      "needs: nothing.";
  static constexpr OutputType kOutputs = OutputType::Blocks;
  static constexpr bool kPure = true;
  BlockRV scope_block;
  static auto args() {
    return std::tuple{input("scope_block", &GetOutputBlocks::scope_block, 0, "block")};
  }
  void apply(ScheduleState& state, std::vector<TableEntry>& outputs);
};

struct QueryMethods {
  BlockRV get_block(std::string name, std::optional<std::string> func_name = {});
  std::vector<LoopRV> get_loops(BlockRV block);
  std::vector<BlockRV> get_child_blocks(BlockOrLoopRV block_or_loop);
  std::vector<BlockRV> get_producers(BlockRV block);
  std::vector<BlockRV> get_consumers(BlockRV block);
  std::vector<BlockRV> get_output_blocks(BlockRV scope_block);
};

}  // namespace metaschedule
