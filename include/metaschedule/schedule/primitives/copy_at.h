// SPDX-License-Identifier: Apache-2.0
// Primitives that copy a part of a buffer in each step of a loop.
#pragma once

#include "metaschedule/schedule/args.h"

namespace metaschedule {

struct ReadAt {
  static constexpr const char* kKind = "ReadAt";
  static constexpr const char* kMethod = "read_at";
  static constexpr const char* kDoc =
      "rewrite: for i: … X[…] …  →  for i: one block copies to X_<scope> what this step reads of "
      "X, "
      "before the first statement that reads it; … X_<scope>[…] …. The block, which it returns, is "
      "annotated with auto_copy.\n"
      "needs: a valid index; the scope is a pipeline of stages; the loop does not write X after it "
      "first reads it.";
  static constexpr OutputType kOutputs = OutputType::Block;
  LoopRV loop;
  BlockRV block;
  int64_t read_buffer_index = 0;
  std::string storage_scope;
  static auto args() {
    return std::tuple{input("loop", &ReadAt::loop), input("block", &ReadAt::block, kHandleOnly),
                      attr("read_buffer_index", &ReadAt::read_buffer_index),
                      attr("storage_scope", &ReadAt::storage_scope)};
  }
  void apply(ScheduleState& state, std::vector<TableEntry>& outputs);
};

struct WriteAt {
  static constexpr const char* kKind = "WriteAt";
  static constexpr const char* kMethod = "write_at";
  static constexpr const char* kDoc =
      "rewrite: for i: X[…] = …  →  for i: X_<scope>[…] = …; one block copies to X what this step "
      "writes, after the last statement that writes it. The block, which it returns, is annotated "
      "with auto_copy.\n"
      "needs: a valid index; the scope is a pipeline of stages; the loop does not read X after it "
      "last writes it.";
  static constexpr OutputType kOutputs = OutputType::Block;
  LoopRV loop;
  BlockRV block;
  int64_t write_buffer_index = 0;
  std::string storage_scope;
  static auto args() {
    return std::tuple{input("loop", &WriteAt::loop), input("block", &WriteAt::block, kHandleOnly),
                      attr("write_buffer_index", &WriteAt::write_buffer_index),
                      attr("storage_scope", &WriteAt::storage_scope)};
  }
  void apply(ScheduleState& state, std::vector<TableEntry>& outputs);
};

struct CopyAtMethods {
  BlockRV read_at(LoopRV loop, BlockRV block, int64_t read_buffer_index, std::string storage_scope);
  BlockRV write_at(LoopRV loop, BlockRV block, int64_t write_buffer_index,
                   std::string storage_scope);
};

}  // namespace metaschedule
