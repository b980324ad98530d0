// SPDX-License-Identifier: Apache-2.0
// Primitives that give one block caches of its own: of a buffer that it changes, of indices that it
// computes.
#pragma once

#include "metaschedule/schedule/args.h"

namespace metaschedule {

struct CacheInplace {
  static constexpr const char* kKind = "CacheInplace";
  static constexpr const char* kMethod = "cache_inplace";
  static constexpr const char* kDisplay = "cache-buffer";
  static constexpr const char* kDoc =
      "rewrite: b: X[…] = f(X[…])  →  a block copies what b reads of X to X_<scope>; b: "
      "X_<scope>[…] "
      "= f(X_<scope>[…]); a block copies what b wrote back. Returns both copying blocks.\n"
      "needs: a valid storage scope and index; b reads and writes X; what blocks of the scope read "
      "of X is covered by its producers.";
  static constexpr OutputType kOutputs = OutputType::Blocks;
  BlockRV block;
  int64_t read_buffer_index = 0;
  std::string storage_scope;
  static auto args() {
    return std::tuple{input("block", &CacheInplace::block),
                      attr("read_buffer_index", &CacheInplace::read_buffer_index),
                      attr("storage_scope", &CacheInplace::storage_scope)};
  }
  void apply(ScheduleState& state, std::vector<TableEntry>& outputs);
};

struct CacheIndex {
  static constexpr const char* kKind = "CacheIndex";
  static constexpr const char* kMethod = "cache_index";
  static constexpr const char* kDoc =
      "rewrite: b: … A[e(i)] … B[e(i)] …  →  a block computes index_var_0[v0] = e(v0); b: … "
      "A[index_var_0[i]] … B[index_var_0[i]] …, for each expression of axes that occurs at least "
      "`cse_thresh` times in a value that b stores. Returns the computing blocks.\n"
      "needs: there is such an expression.";
  static constexpr OutputType kOutputs = OutputType::Blocks;
  BlockRV block;
  std::string storage_scope;
  int64_t cse_thresh = 0;
  static auto args() {
    return std::tuple{input("block", &CacheIndex::block),
                      attr("storage_scope", &CacheIndex::storage_scope),
                      attr("cse_thresh", &CacheIndex::cse_thresh, kOptional)};
  }
  void apply(ScheduleState& state, std::vector<TableEntry>& outputs);
};

struct CacheBlockMethods {
  std::vector<BlockRV> cache_inplace(BlockRV block, int64_t read_buffer_index,
                                     std::string storage_scope);
  std::vector<BlockRV> cache_index(BlockRV block, std::string storage_scope,
                                   int64_t cse_thresh = 0);
};

}  // namespace metaschedule
