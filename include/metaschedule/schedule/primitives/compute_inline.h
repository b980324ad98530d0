// SPDX-License-Identifier: Apache-2.0
// Primitives that dissolve a block into its consumers or into its producer.
#pragma once

#include "metaschedule/schedule/args.h"

namespace metaschedule {

struct ComputeInline {
  static constexpr const char* kKind = "ComputeInline";
  static constexpr const char* kMethod = "compute_inline";
  static constexpr const char* kDoc =
      "rewrite: b: B[f(v)] = g(v); … B[x] …  ->  … g(f^-1(x)) …, and b and B are gone.\n"
      "needs: b has no init, is complete, not an output, not the only block of its scope, which is "
      "a pipeline of stages; its body is one store whose indices are a bijective affine map of its "
      "axes; B is accessed by loads only.";
  static constexpr OutputType kOutputs = OutputType::None;
  BlockRV block;
  static auto args() { return std::tuple{input("block", &ComputeInline::block)}; }
  void apply(ScheduleState& state, std::vector<TableEntry>& outputs);
};

struct ReverseComputeInline {
  static constexpr const char* kKind = "ReverseComputeInline";
  static constexpr const char* kMethod = "reverse_compute_inline";
  static constexpr const char* kDoc =
      "rewrite: p: B[i] = e; b: C[g(v)] = h(B[f(v)], v)  ->  p: C[g(f^-1(i))] = h(e, f^-1(i)) "
      "where "
      "the axes of b are inside their domains, and b and B are gone.\n"
      "needs: b has no init, no predicate, is complete, not the only block of its scope, which is "
      "a "
      "pipeline of stages; B is all that it reads of what the scope computes, at one place; f is "
      "affine and reaches all of b from p, the only producer, which is complete and not an output.";
  static constexpr OutputType kOutputs = OutputType::None;
  BlockRV block;
  static auto args() { return std::tuple{input("block", &ReverseComputeInline::block)}; }
  void apply(ScheduleState& state, std::vector<TableEntry>& outputs);
};

struct FuseReductionEpilogue {
  static constexpr const char* kKind = "FuseReductionEpilogue";
  static constexpr const char* kMethod = "fuse_reduction_epilogue";
  static constexpr const char* kDoc =
      "rewrite: r: init: C[i] = c; C[i] = C[i] + e; b: D[g(v)] = C[f(v)] + a(v)  ->  r: init: "
      "D[g(f^-1(i))] = c + a(f^-1(i)); D[g(f^-1(i))] = D[g(f^-1(i))] + e, and b is gone; C stays "
      "allocated. From later versions of TVM.\n"
      "needs: r is a reduction block that starts its nest, not an output, and b all that reads C; "
      "C is all that b reads of what the scope, a pipeline of stages, computes; b has no init and "
      "no predicate and is complete; f is affine and reaches all of b. Whatever is not a sum, "
      "before or after, is refused.";
  static constexpr OutputType kOutputs = OutputType::None;
  BlockRV reduction_block, epilogue_block;
  static auto args() {
    return std::tuple{input("reduction_block", &FuseReductionEpilogue::reduction_block),
                      input("epilogue_block", &FuseReductionEpilogue::epilogue_block)};
  }
  void apply(ScheduleState& state, std::vector<TableEntry>& outputs);
};

/// Refuses where ComputeInline of the block at the end of a path would.
void check_compute_inline(const ScheduleState& state, const Path& block);

struct InlineMethods {
  void compute_inline(BlockRV block);
  void reverse_compute_inline(BlockRV block);
  void fuse_reduction_epilogue(BlockRV reduction_block, BlockRV epilogue_block);
};

}  // namespace metaschedule
