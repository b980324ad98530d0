// SPDX-License-Identifier: Apache-2.0
// Design spaces for tensor cores: programs on warp matrices and on mma, tensorized, compute what
// the matrix product does.
#include <gtest/gtest.h>

#include "fakes.h"
#include "metaschedule/interp/interpreter.h"
#include "metaschedule/interp/value.h"
#include "metaschedule/ir/op.h"
#include "metaschedule/ir/target.h"
#include "metaschedule/ir/walk.h"
#include "metaschedule/lower/passes.h"
#include "metaschedule/script/parser.h"
#include "metaschedule/tune/space/defaults.h"
#include "metaschedule/tune/space/tensor_core.h"

namespace metaschedule::testing {
namespace {

constexpr int64_t kSize = 64;

ModuleRef product(const std::string& result) {
  std::string text = R"(@T.prim_func
def main(A: T.Buffer((64, 64), "float16"), B: T.Buffer((64, 64), "float16"), C: T.Buffer((64, 64), "$R")):
    T.func_attr({"global_symbol": "main", "tir.noalias": True})
    for i, j, k in T.grid(64, 64, 64):
        with T.block("C"):
            vi, vj, vk = T.axis.remap("SSR", [i, j, k])
            with T.init():
                C[vi, vj] = T.$R(0)
            C[vi, vj] = C[vi, vj] + $A * $B
)";
  const bool same = result == "float16";
  const std::pair<const char*, std::string> values[] = {
      {"$R", result},
      {"$A", same ? "A[vi, vk]" : "T.Cast(\"float32\", A[vi, vk])"},
      {"$B", same ? "B[vk, vj]" : "T.Cast(\"float32\", B[vk, vj])"}};
  for (const auto& [name, value] : values)
    for (size_t at = text.find(name); at != std::string::npos; at = text.find(name))
      text.replace(at, 2, value);
  return parse_module(text);
}

/// C for small integers in A and B, whose sums are exact.
std::vector<uint8_t> run(const PrimFuncRef& func, DType result) {
  std::vector<std::vector<uint8_t>> memory;
  std::vector<interp::NDArrayView> views;
  for (size_t p = 0; p < 3; ++p) {
    const DType dtype = p < 2 ? DType::float_(16) : result;
    const auto width = static_cast<size_t>(dtype.bytes());
    memory.emplace_back(static_cast<size_t>(kSize * kSize) * width);
    for (size_t i = 0; i < static_cast<size_t>(kSize * kSize); ++i)
      interp::storer(dtype)(memory[p].data() + i * width,
                            interp::of_float(static_cast<double>((i * 7 + i / 64 + p) % 5) - 2));
  }
  for (size_t p = 0; p < 3; ++p)
    views.push_back({memory[p].data(), p < 2 ? DType::float_(16) : result, {kSize, kSize}});
  interp::RunOptions options;
  options.max_steps = 2'000'000'000;
  interp::run(*func, views, options);
  return memory[2];
}

bool calls(const PrimFunc& func, const std::string& name) {
  bool found = false;
  pre_order(*func.body, [&](const Node& node) {
    const Call* call = as<Call>(&node);
    const Op* op = call ? as<Op>(call->op) : nullptr;
    found = found || (op && op->name == "tir." + name);
    return true;
  });
  return found;
}

/// Runs the programs of some spaces and counts those that call the instruction.
int check_spaces(const std::string& result, const SpaceGeneratorPtr& generator,
                 const std::string& instruction) {
  const ModuleRef mod = product(result);
  const DType dtype = DType::parse(result);
  const auto expected = run(mod->lookup("main"), dtype);
  int found = 0;
  for (int64_t seed : {1, 2, 3}) {
    TuneContext::Options options;
    options.mod = mod;
    options.target = make_target("nvidia/nvidia-a100");
    options.space_generator = generator->clone();
    options.rand_state = seed;
    options.num_threads = 1;
    TuneContextPtr context = TuneContext::create(options);
    for (const SchedulePtr& sch : context->generate_design_space()) {
      for (const PostprocPtr& postproc : *context->space_generator->postprocs)
        if (postproc->name() != "VerifyGPUCode") postproc->apply(sch);
      PrimFuncRef func = sch->mod()->lookup("main");
      found += calls(*func, instruction);
      // Tiles in registers are those of a buffer that is no larger than what a thread uses of it.
      func = lower::plan_buffer_allocation(lower::lower_init_block(func));
      func = lower::compact_buffer_allocation(lower::convert_blocks_to_opaque(func));
      EXPECT_TRUE(run(func, dtype) == expected) << sch->trace().to_string();
    }
  }
  return found;
}

class TensorCoreSpace : public ::testing::TestWithParam<const char*> {};

TEST_P(TensorCoreSpace, ComputesTheProductOnWarpMatrices) {
  EXPECT_GT(check_spaces(GetParam(), std::make_shared<PostOrderApply>(), "tvm_mma_sync"), 0);
}

TEST_P(TensorCoreSpace, ComputesTheProductByMma) {
  MultiLevelTiling::Options tiling;
  tiling.structure = "SSSRRSRS";
  tiling.tile_binds = {"blockIdx.y", "blockIdx.x", "threadIdx.y"};
  tiling.max_innermost_factor = 4;
  tiling.vector_load_lens = {1, 2, 3, 4, 8, 16};
  tiling.reuse_read = ReuseConfig::make("must", {4}, "shared.dyn");
  tiling.reuse_write = ReuseConfig::make("no", {2}, "shared.dyn");
  auto generator = std::make_shared<PostOrderApply>();
  generator->sch_rules = ScheduleRules{
      std::make_shared<MultiLevelTilingTensorCore>(default_mma_groups(), tiling, true)};
  generator->postprocs = default_postprocs("cuda-tensorcore");
  generator->mutator_probs = MutatorProbs{};
  EXPECT_GT(check_spaces(GetParam(), generator, "ptx_mma"), 0);
}
INSTANTIATE_TEST_SUITE_P(Results, TensorCoreSpace, ::testing::Values("float16", "float32"));

}  // namespace
}  // namespace metaschedule::testing
