// SPDX-License-Identifier: Apache-2.0
// Primitives that put a copy of a buffer between a block and its neighbours.
#pragma once

#include "metaschedule/schedule/args.h"

namespace metaschedule {

struct CacheRead {
  static constexpr const char* kKind = "CacheRead";
  static constexpr const char* kMethod = "cache_read";
  static constexpr const char* kDoc =
      "rewrite: a block copies what is read of a buffer X into X_<scope> before the first "
      "consumer; "
      "consumers (by default all) read the copy. Returns the copying block.\n"
      "needs: a valid storage scope and index; at most one block of the scope writes X; every "
      "block "
      "that reads X is covered by its producers.";
  static constexpr OutputType kOutputs = OutputType::Block;
  BlockRV block;
  int64_t read_buffer_index = 0;
  std::string storage_scope;
  std::vector<BlockRV> consumer_blocks;
  static auto args() {
    return std::tuple{
        input("block", &CacheRead::block), attr("read_buffer_index", &CacheRead::read_buffer_index),
        attr("storage_scope", &CacheRead::storage_scope),
        input("consumer_blocks", &CacheRead::consumer_blocks, kOptional | kOmitEmpty)};
  }
  void apply(ScheduleState& state, std::vector<TableEntry>& outputs);
};

struct CacheWrite {
  static constexpr const char* kKind = "CacheWrite";
  static constexpr const char* kMethod = "cache_write";
  static constexpr const char* kDoc =
      "rewrite: the block (and the consumers given) use X_<scope> in place of a buffer X that it "
      "writes; another block copies it to X before the other readers. Returns the copying block.\n"
      "needs: a valid storage scope and index; no other block of the scope writes X.";
  static constexpr OutputType kOutputs = OutputType::Block;
  BlockRV block;
  int64_t write_buffer_index = 0;
  std::string storage_scope;
  std::vector<BlockRV> consumer_blocks;
  static auto args() {
    return std::tuple{
        input("block", &CacheWrite::block),
        attr("write_buffer_index", &CacheWrite::write_buffer_index),
        attr("storage_scope", &CacheWrite::storage_scope),
        input("consumer_blocks", &CacheWrite::consumer_blocks, kOptional | kOmitEmpty)};
  }
  void apply(ScheduleState& state, std::vector<TableEntry>& outputs);
};

struct CacheMethods {
  BlockRV cache_read(BlockRV block, int64_t read_buffer_index, std::string storage_scope,
                     std::vector<BlockRV> consumer_blocks = {});
  BlockRV cache_write(BlockRV block, int64_t write_buffer_index, std::string storage_scope,
                      std::vector<BlockRV> consumer_blocks = {});
};

}  // namespace metaschedule
