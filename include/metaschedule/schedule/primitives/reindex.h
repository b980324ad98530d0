// SPDX-License-Identifier: Apache-2.0
// Primitives that put a copy between a block and a buffer, indexed as the block likes it.
#pragma once

#include "metaschedule/schedule/args.h"

namespace metaschedule {

struct ReIndex {
  static constexpr const char* kKind = "ReIndex";
  static constexpr const char* kMethod = "reindex";
  static constexpr const char* kDoc =
      "rewrite: b: … X[f(i, j)] …  →  a block copies X[f(v0, v1)] to X_reindex[v0, v1] before b "
      "(or "
      "from it after b, for a buffer that b writes); b: … X_reindex[i, j] …. The axes are those "
      "that "
      "occur in f. Returns the copying block.\n"
      "needs: the scope is a pipeline of stages; b has no blocks inside, its loops hold nothing "
      "else, and all its accesses of X have the same indices.";
  static constexpr OutputType kOutputs = OutputType::Block;
  BlockRV block;
  BufferArg buffer;
  static auto args() {
    return std::tuple{input("block", &ReIndex::block), attr("buffer", &ReIndex::buffer)};
  }
  void apply(ScheduleState& state, std::vector<TableEntry>& outputs);
};

struct ReindexCacheRead {
  static constexpr const char* kKind = "ReindexCacheRead";
  static constexpr const char* kMethod = "reindex_cache_read";
  static constexpr const char* kDisplay = "reverse-cache-read";
  static constexpr const char* kDoc =
      "rewrite: b: … X[f(i, j)] …  →  a block copies X[f(i, j)] to X_<scope>[index_map(i, j)]; b: "
      "… "
      "X_<scope>[index_map(i, j)] …. Returns the copying block.\n"
      "needs: a valid storage scope and index; the scope is a pipeline of stages; at most one "
      "block "
      "of it writes X; b reads one point of X; the map uses the axes that f uses, and keeps apart "
      "what f keeps apart.";
  static constexpr OutputType kOutputs = OutputType::Block;
  BlockRV block;
  int64_t read_buffer_index = 0;
  std::string storage_scope;
  Ref<IndexMap> index_map;
  static auto args() {
    return std::tuple{input("block", &ReindexCacheRead::block),
                      attr("read_buffer_index", &ReindexCacheRead::read_buffer_index),
                      attr("storage_scope", &ReindexCacheRead::storage_scope),
                      input("index_map", &ReindexCacheRead::index_map)};
  }
  void apply(ScheduleState& state, std::vector<TableEntry>& outputs);
};

struct ReindexCacheWrite {
  static constexpr const char* kKind = "ReindexCacheWrite";
  static constexpr const char* kMethod = "reindex_cache_write";
  static constexpr const char* kDisplay = "reverse-cache-write";
  static constexpr const char* kDoc =
      "rewrite: b: X[f(i, j)] = …  →  b: X_<scope>[index_map(i, j)] = …; a block copies that to "
      "X[f(i, j)]. Returns the copying block.\n"
      "needs: as reindex_cache_read; b is the only block of the scope that writes X and does not "
      "read it otherwise.";
  static constexpr OutputType kOutputs = OutputType::Block;
  BlockRV block;
  int64_t write_buffer_index = 0;
  std::string storage_scope;
  Ref<IndexMap> index_map;
  static auto args() {
    return std::tuple{input("block", &ReindexCacheWrite::block),
                      attr("write_buffer_index", &ReindexCacheWrite::write_buffer_index),
                      attr("storage_scope", &ReindexCacheWrite::storage_scope),
                      input("index_map", &ReindexCacheWrite::index_map)};
  }
  void apply(ScheduleState& state, std::vector<TableEntry>& outputs);
};

struct ReindexMethods {
  BlockRV reindex(BlockRV block, BufferArg buffer);
  BlockRV reindex_cache_read(BlockRV block, int64_t read_buffer_index, std::string storage_scope,
                             Ref<IndexMap> index_map);
  BlockRV reindex_cache_write(BlockRV block, int64_t write_buffer_index, std::string storage_scope,
                              Ref<IndexMap> index_map);
};

}  // namespace metaschedule
