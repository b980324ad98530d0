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

/// Refuses where ComputeInline of the block at the end of a path would.
void check_compute_inline(const ScheduleState& state, const Path& block);

struct InlineMethods {
  void compute_inline(BlockRV block);
  void reverse_compute_inline(BlockRV block);
};

}  // namespace metaschedule
