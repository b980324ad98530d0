// SPDX-License-Identifier: Apache-2.0
// The default sets, kind by kind.
#pragma once

#include <charconv>

#include "metaschedule/ir/target.h"
#include "metaschedule/tune/search/mutators.h"
#include "metaschedule/tune/space/cpu_features.h"
#include "metaschedule/tune/space/defaults.h"
#include "metaschedule/tune/space/gpu_postprocs.h"
#include "metaschedule/tune/space/gpu_rules.h"
#include "metaschedule/tune/space/intrin_tiling.h"
#include "metaschedule/tune/space/multi_level_tiling.h"
#include "metaschedule/tune/space/packed_tiling.h"
#include "metaschedule/tune/space/postprocs.h"
#include "metaschedule/tune/space/row_reduction.h"
#include "metaschedule/tune/space/rules.h"
#include "metaschedule/tune/space/tensor_core.h"
#include "metaschedule/tune/space/verify_gpu_code.h"

namespace metaschedule {

METASCHEDULE_INLINE std::string rule_kind(const Target& target) {
  const std::string& kind = target.target_kind;
  if (kind == "llvm") {
    CpuFeatures cpu = cpu_features(target);
    if (cpu.vnni) return "vnni";
    if (cpu.avx512) return "avx512";
    if (cpu.dotprod) return "dotprod";
    return cpu.asimd ? "asimd" : "llvm";
  }
  if (kind == "hexagon") return "hexagon";
  if (kind == "cuda") {
    std::string arch = target_string(target, "arch");
    int sm = 0;
    if (arch.starts_with("sm_")) std::from_chars(arch.data() + 3, arch.data() + arch.size(), sm);
    return sm >= 75 ? "cuda-tensorcore" : "cuda";
  }
  if (kind == "rocm" || kind == "vulkan" || kind == "metal" || kind == "opencl") return "cuda";
  fail<ValueError>("no default rules for targets of kind \"{}\"", kind);
}

namespace detail {

/// The kinds of rules, by what they share.
enum class RuleFamily { Cpu, Gpu, Hexagon };
inline RuleFamily rule_family(std::string_view kind, const char* what) {
  for (const char* cpu : {"llvm", "native", "vnni", "avx512", "asimd", "dotprod"})
    if (kind == cpu) return RuleFamily::Cpu;
  if (kind == "cuda" || kind == "cuda-tensorcore") return RuleFamily::Gpu;
  check<ValueError>(kind == "hexagon",
                    "unknown kind of default {}: expected \"llvm\", \"native\", \"cuda\", "
                    "\"cuda-tensorcore\" or \"hexagon\", found \"{}\"",
                    what, kind);
  return RuleFamily::Hexagon;
}

inline MultiLevelTiling::Options cpu_tiling(int max_innermost_factor) {
  MultiLevelTiling::Options tiling;
  tiling.structure = "SSRSRS";
  tiling.max_innermost_factor = max_innermost_factor;
  tiling.reuse_write = ReuseConfig::make("may", {1, 2}, "global");
  return tiling;
}
inline ScheduleRulePtr cpu_inlining() {
  AutoInline::Options inlining;
  inlining.disallow_op = {"tir.exp"};
  return std::make_shared<AutoInline>(inlining);
}

/// Fewer levels than the generic tiling has: those of a blocked matrix product around its kernel.
inline MultiLevelTiling::Options packed_tiling(int max_innermost_factor) {
  MultiLevelTiling::Options tiling;
  tiling.structure = "SRSRS";
  tiling.max_innermost_factor = max_innermost_factor;
  tiling.reuse_write = ReuseConfig::make("may", {1}, "global");
  return tiling;
}

inline ScheduleRules cpu_rules(std::string_view kind, bool native) {
  const bool arm = kind == "asimd" || kind == "dotprod";
  const int jobs = arm ? 8 : 16, innermost = arm ? 32 : 64;
  ScheduleRules out{std::make_shared<ApplyCustomRule>(), std::make_shared<InlineConstantScalars>(),
                    cpu_inlining(), std::make_shared<AddRFactor>(jobs, innermost)};
  auto with_intrin = [&](const char* intrin) {
    out.push_back(std::make_shared<MultiLevelTilingWithIntrin>(intrin, cpu_tiling(innermost)));
  };
  if (kind == "vnni") with_intrin("dot_16x4_vnni");
  if (kind == "avx512") with_intrin("dot_16x4_avx512");
  if (kind == "asimd") with_intrin("dot_4x4_i8i8s32_neon");
  if (kind == "dotprod") {
    with_intrin("dot_4x4_i8i8s32_sdot");
    with_intrin("dot_4x4_u8u8u32_udot");
    with_intrin("dot_4x4_u8u8i32_hdot");
  }
  if (native) out.push_back(std::make_shared<MultiLevelTilingPacked>(packed_tiling(innermost)));
  out.push_back(std::make_shared<MultiLevelTiling>(cpu_tiling(innermost)));
  if (native) out.push_back(std::make_shared<RowReduction>());
  out.push_back(std::make_shared<ParallelizeVectorizeUnroll>(
      jobs, innermost,
      arm ? std::vector<int64_t>{0, 8, 32, 256} : std::vector<int64_t>{0, 16, 64, 512}, true));
  out.push_back(std::make_shared<RandomComputeLocation>());
  return out;
}

inline ScheduleRules hexagon_rules() {
  MultiLevelTiling::Options tiling;
  tiling.structure = "SRSRS";
  tiling.max_innermost_factor = 128;
  tiling.reuse_write = ReuseConfig::make("may", {1, 2}, "global");
  return {
      std::make_shared<ApplyCustomRule>(),
      std::make_shared<InlineConstantScalars>(),
      cpu_inlining(),
      std::make_shared<MultiLevelTilingWideVector>(1024, tiling),
      std::make_shared<ParallelizeVectorizeUnroll>(16, 128, std::vector<int64_t>{0, 16, 64, 512},
                                                   true),
  };
}

inline ScheduleRules gpu_rules(bool tensor_cores) {
  ScheduleRules out{std::make_shared<ApplyCustomRule>()};
  if (tensor_cores) {
    MultiLevelTiling::Options tiling;
    tiling.structure = "SSSRRSRS";
    tiling.tile_binds = {"blockIdx.y", "blockIdx.x", "threadIdx.y"};
    tiling.max_innermost_factor = 4;
    tiling.vector_load_lens = {1, 2, 3, 4, 8, 16};
    tiling.reuse_read = ReuseConfig::make("must", {4}, "shared.dyn");
    tiling.reuse_write = ReuseConfig::make("must", {2}, "shared.dyn");
    out.push_back(
        std::make_shared<MultiLevelTilingTensorCore>(default_wmma_groups(), tiling, false));
    tiling.reuse_write = ReuseConfig::make("no", {2}, "shared.dyn");
    out.push_back(std::make_shared<MultiLevelTilingTensorCore>(default_mma_groups(), tiling, true));
  }
  MultiLevelTiling::Options tiling;
  tiling.structure = "SSSRRSRS";
  tiling.tile_binds = {"blockIdx.x", "vthread.x", "threadIdx.x"};
  tiling.max_innermost_factor = 64;
  tiling.vector_load_lens = {1, 2, 3, 4, 8, 16};
  tiling.reuse_read = ReuseConfig::make("must", {4}, "shared");
  tiling.reuse_write = ReuseConfig::make("must", {3}, "local");
  AutoInline::Options inlining;
  inlining.into_producer = true;
  inlining.disallow_if_then_else = inlining.require_injective = inlining.require_ordered = false;
  out.push_back(std::make_shared<MultiLevelTiling>(tiling));
  out.push_back(std::make_shared<InlineConstantScalars>());
  out.push_back(std::make_shared<AutoInline>(inlining));
  out.push_back(std::make_shared<CrossThreadReduction>(
      std::vector<int64_t>{4, 8, 16, 32, 64, 128, 256, 512}));
  out.push_back(std::make_shared<ParallelizeVectorizeUnroll>(
      -1, -1, std::vector<int64_t>{0, 16, 64, 512, 1024}, true));
  out.push_back(std::make_shared<AutoBind>());
  return out;
}

}  // namespace detail

METASCHEDULE_INLINE ScheduleRules default_schedule_rules(std::string_view kind) {
  switch (detail::rule_family(kind, "schedule rules")) {
    case detail::RuleFamily::Cpu:
      return detail::cpu_rules(kind, kind == "native");
    case detail::RuleFamily::Hexagon:
      return detail::hexagon_rules();
    case detail::RuleFamily::Gpu:
      break;
  }
  return detail::gpu_rules(kind == "cuda-tensorcore");
}

METASCHEDULE_INLINE ScheduleRules native_schedule_rules(std::string_view kind) {
  const bool cpu = detail::rule_family(kind, "schedule rules") == detail::RuleFamily::Cpu;
  return cpu ? detail::cpu_rules(kind, true) : default_schedule_rules(kind);
}

METASCHEDULE_INLINE Postprocs default_postprocs(std::string_view kind) {
  const detail::RuleFamily family = detail::rule_family(kind, "postprocs");
  Postprocs out{std::make_shared<DisallowDynamicLoop>()};
  if (family == detail::RuleFamily::Gpu) {
    out.push_back(std::make_shared<RewriteCooperativeFetch>());
    out.push_back(std::make_shared<RewriteUnboundBlock>(256));
  }
  out.push_back(std::make_shared<RewriteParallelVectorizeUnroll>());
  out.push_back(std::make_shared<RewriteReductionBlock>());
  if (family == detail::RuleFamily::Gpu) {
    out.push_back(std::make_shared<VerifyGPUCode>());
    if (kind == "cuda-tensorcore") out.push_back(std::make_shared<RewriteTensorize>(false));
    return out;
  }
  if (family == detail::RuleFamily::Cpu && kind != "llvm" && kind != "native")
    out.push_back(std::make_shared<RewriteTensorize>(true));
  out.push_back(std::make_shared<RewriteLayout>());
  if (family == detail::RuleFamily::Hexagon) out.push_back(std::make_shared<VerifyVTCMLimit>());
  return out;
}

METASCHEDULE_INLINE MutatorProbs default_mutators(std::string_view kind) {
  if (detail::rule_family(kind, "mutators") == detail::RuleFamily::Gpu) {
    return {
        {std::make_shared<MutateTileSize>(), 0.9},
        {std::make_shared<MutateUnroll>(), 0.08},
        {std::make_shared<MutateThreadBinding>(), 0.02},
    };
  }
  return {
      {std::make_shared<MutateTileSize>(), 0.9},
      {std::make_shared<MutateComputeLocation>(), 0.05},
      {std::make_shared<MutateUnroll>(), 0.03},
      {std::make_shared<MutateParallel>(16), 0.02},
  };
}

}  // namespace metaschedule
