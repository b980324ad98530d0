// SPDX-License-Identifier: Apache-2.0
// Schedules as values: handles, traces, replay.
#include "metaschedule/schedule/schedule.h"

#include <gtest/gtest.h>

#include "metaschedule/ir/op.h"
#include "metaschedule/ir/structural.h"
#include "programs.h"

namespace metaschedule {
namespace {

using testing::matmul;
using testing::two_stages;

std::vector<int64_t> extents(const Schedule& sch, BlockRV block) {
  std::vector<int64_t> out;
  Schedule copy = sch;
  for (LoopRV loop : copy.get_loops(block)) out.push_back(*as_const_int(copy.get(loop)->extent));
  return out;
}

// The multi-level tiling of a matrix product, as the design space for CPUs has it.
void tile(Schedule& sch) {
  BlockRV block = sch.get_block("C");
  std::vector<LoopRV> loops = sch.get_loops(block);
  std::vector<LoopRV> i = sch.split(loops[0], sch.sample_perfect_tile(loops[0], 4, 64));
  std::vector<LoopRV> j = sch.split(loops[1], sch.sample_perfect_tile(loops[1], 4, 64));
  std::vector<LoopRV> k = sch.split(loops[2], sch.sample_perfect_tile(loops[2], 2, 64));
  sch.reorder({i[0], j[0], i[1], j[1], k[0], i[2], j[2], k[1], i[3], j[3]});
  ExprRV unroll = sch.sample_categorical({0, 16, 64, 512}, {0.25, 0.25, 0.25, 0.25});
  sch.annotate(block, "meta_schedule.unroll_explicit", unroll);
  sch.enter_postproc();
  LoopRV fused = sch.fuse({i[0], j[0]});
  sch.parallel(fused);
  sch.vectorize(j[3]);
  sch.unroll(i[3]);
}

TEST(Schedule, SplitGivesLoopsAndBindings) {
  Schedule sch(matmul(32, 32, 32), 1);
  BlockRV block = sch.get_block("C");
  LoopRV i = sch.get_loops(block)[0];
  auto parts = sch.split(i, {nullptr, i32(8)});
  EXPECT_EQ(parts.size(), 2u);
  EXPECT_EQ(extents(sch, block), (std::vector<int64_t>{4, 8, 32, 32}));
  EXPECT_EQ(sch.get(parts[1])->loop_var->name, "i_1");
}

TEST(Schedule, AHandleThatASplitConsumedNamesTheSplit) {
  Schedule sch(matmul(32, 32, 32), 1);
  LoopRV i = sch.get_loops(sch.get_block("C"))[0];
  sch.split(i, {nullptr, i32(8)});
  try {
    sch.unroll(i);
    FAIL() << "a dead loop was unrolled";
  } catch (const ValueError& error) {
    EXPECT_NE(error.message().find("The loop no longer exists in the IRModule"), std::string::npos);
    EXPECT_NE(error.message().find("l4, l5 = sch.split(loop=l1"), std::string::npos)
        << error.message();
  }
}

TEST(Schedule, HandlesOfOtherSchedulesAreRefused) {
  Schedule sch(matmul(32, 32, 32), 1), other(matmul(32, 32, 32), 1);
  BlockRV block = other.get_block("C");
  sch.get_block("C");
  EXPECT_THROW(sch.get_loops(block), IndexError);
}

TEST(Schedule, ACopyGoesItsOwnWay) {
  Schedule sch(matmul(32, 32, 32), 1);
  BlockRV block = sch.get_block("C");
  std::vector<LoopRV> loops = sch.get_loops(block);
  Schedule copy = sch.copy();
  copy.reorder({loops[2], loops[0]});
  EXPECT_EQ(sch.get(loops[0])->body.get(), sch.get(loops[1]));
  EXPECT_EQ(copy.get(loops[1])->body.get(), copy.get(loops[0]));
  sch.split(loops[0], {i32(4), nullptr});
  EXPECT_EQ(extents(copy, block), (std::vector<int64_t>{32, 32, 32}));
  EXPECT_EQ(sch.trace().size() + 0, copy.trace().size());
}

TEST(Schedule, ProgramsHandedOutDoNotChange) {
  Schedule sch(matmul(32, 32, 32), 1);
  BlockRV block = sch.get_block("C");
  sch.split(sch.get_loops(block)[0], {i32(4), nullptr});
  ModuleRef before = sch.mod();
  uint64_t hash = structural_hash(before);
  sch.split(sch.get_loops(block)[0], {i32(2), nullptr});
  sch.annotate(block, "key", i32(1));
  EXPECT_EQ(structural_hash(before), hash);
  EXPECT_NE(structural_hash(sch.mod()), hash);
}

TEST(Schedule, AFailedPrimitiveChangesNothing) {
  Schedule sch(matmul(32, 32, 32), 1);
  std::vector<LoopRV> loops = sch.get_loops(sch.get_block("C"));
  ModuleRef before = sch.mod();
  size_t steps = sch.trace().size();
  EXPECT_THROW(sch.parallel(loops[2]), ScheduleError);
  EXPECT_THROW(sch.fuse({loops[1], loops[0]}), ScheduleError);
  EXPECT_THROW(sch.split(loops[0], {i32(2), i32(3)}), ScheduleError);
  EXPECT_EQ(sch.mod(), before);
  EXPECT_EQ(sch.trace().size(), steps);
}

TEST(Trace, PrintsAsPython) {
  Schedule sch(matmul(128, 128, 128), 1);
  BlockRV block = sch.get_block("C");
  auto loops = sch.get_loops(block);
  auto factors = sch.sample_perfect_tile(loops[2], 2, 4, std::vector<int64_t>{32, 4});
  auto k = sch.split(loops[2], factors);
  sch.reorder({k[0], loops[0]});
  sch.annotate(block, "text", make<String>("SSR"));
  sch.enter_postproc();
  sch.vectorize(loops[1]);
  EXPECT_EQ(sch.trace().to_string(), R"(# from tvm import tir
def apply_trace(sch: tir.Schedule) -> None:
  b0 = sch.get_block(name="C", func_name="main")
  l1, l2, l3 = sch.get_loops(block=b0)
  v4, v5 = sch.sample_perfect_tile(loop=l3, n=2, max_innermost_factor=4, decision=[32, 4])
  l6, l7 = sch.split(loop=l3, factors=[v4, v5], preserve_unit_iters=True, disable_predication=False)
  sch.reorder(l6, l1)
  sch.annotate(block_or_loop=b0, ann_key="text", ann_val="SSR")
  sch.enter_postproc()
  sch.vectorize(loop=l2))");
  EXPECT_EQ(sch.trace().as_json().dump(),
            R"([[["GetBlock",[],["C","main"],["b0"]],["GetLoops",["b0"],[],["l1","l2","l3"]],)"
            R"(["SamplePerfectTile",["l3"],[2,4],["v4","v5"]],)"
            R"(["Split",["l3","v4","v5"],[1,0],["l6","l7"]],["Reorder",["l6","l1"],[],[]],)"
            R"(["Annotate",["b0","\"SSR\""],["text"],[]],["EnterPostproc",[],[],[]],)"
            R"(["Vectorize",["l2"],[],[]]],[[2,[32,4]]]])");
}

TEST(Trace, ReplaysFromJson) {
  ModuleRef mod = matmul(128, 128, 128);
  Schedule sch(mod, 7);
  tile(sch);
  nlohmann::json json = sch.trace().as_json();
  Schedule again(mod, 1);
  apply_json_to_schedule(json, again);
  EXPECT_TRUE(structural_equal(sch.mod(), again.mod()));
  EXPECT_EQ(again.trace().as_json(), json);
  EXPECT_EQ(again.trace().to_string(), sch.trace().to_string());
}

TEST(Trace, TryReplaySharesTheSteps) {
  ModuleRef mod = matmul(128, 128, 128);
  Schedule sch(mod, 7);
  tile(sch);
  ReplayResult result = try_replay(sch.trace(), mod, 3);
  ASSERT_TRUE(result) << result.failure.message;
  EXPECT_TRUE(structural_equal(sch.mod(), result.schedule->mod()));
  EXPECT_EQ(&result.schedule->trace().steps(), &sch.trace().steps());
  ReplayResult search = try_replay(sch.trace(), mod, 3, /*remove_postproc=*/true);
  EXPECT_EQ(search.schedule->trace().size(), sch.trace().postproc());
  // What follows is recorded on a copy of the steps.
  search.schedule->get_block("C");
  EXPECT_EQ(search.schedule->trace().size(), sch.trace().postproc() + 1);
}

TEST(Trace, LayoutsMayDependOnSampledNumbers) {
  Schedule sch(matmul(32, 32, 32), 1);
  BlockRV block = sch.get_block("C");
  ExprRV width = sch.sample_categorical({4, 8, 16}, {0, 1, 0});
  VarRef i = make<Var>("i", kInt32), j = make<Var>("j", kInt32);
  sch.transform_layout(block, BufferArg{0, true},
                       make<IndexMap>(Vars{i, j}, Exprs{floordiv(i, width), j, floormod(i, width)}),
                       nullptr, true);
  const BufferRef& buffer = sch.get(block)->writes[0]->buffer;
  ASSERT_EQ(buffer->ndim(), 3u);
  EXPECT_EQ(as_const_int(buffer->shape[0]), 4);
  EXPECT_EQ(as_const_int(buffer->shape[2]), 8);
  // The step keeps the number's name, so that another decision gives another layout.
  EXPECT_NE(sch.trace().to_string().find("i // v"), std::string::npos) << sch.trace().to_string();
  Trace other = Trace::from_json(sch.trace().as_json());
  auto replayed = try_replay(other, matmul(32, 32, 32), 1);
  ASSERT_TRUE(replayed) << replayed.failure.message;
  EXPECT_TRUE(structural_equal(sch.mod(), replayed.schedule->mod()));
}

TEST(Trace, TryReplayMendsDecisionsAndRecordsThem) {
  ModuleRef mod = matmul(128, 128, 128);
  Schedule sch(mod, 7);
  tile(sch);
  Trace changed = sch.trace().with_decision(2, std::vector<int64_t>{3, 5, 1, 4}, true);
  ReplayResult result = try_replay(changed, mod, 3);
  ASSERT_TRUE(result) << result.failure.message;
  EXPECT_EQ(std::get<std::vector<int64_t>>(*result.schedule->trace().decision(2)),
            (std::vector<int64_t>{1, 32, 1, 4}));
}

TEST(Trace, TryReplayReportsTheStepThatRefuses) {
  Schedule sch(matmul(128, 128, 128), 7);
  tile(sch);
  ReplayResult result = try_replay(sch.trace(), two_stages(128), 3);
  EXPECT_FALSE(result);
  EXPECT_EQ(result.failure.primitive, "GetLoops");
  EXPECT_EQ(result.failure.step, 1u);
}

TEST(Trace, SimplifiedDropsUnusedQueries) {
  Schedule sch(matmul(128, 128, 128), 7);
  BlockRV block = sch.get_block("C");
  sch.get_consumers(block);
  sch.sample_categorical({1, 2}, {0.5, 0.5});
  LoopRV loop = sch.get_loops(block)[0];
  sch.unroll(loop);
  sch.enter_postproc();
  EXPECT_EQ(sch.trace().simplified(true).as_json().dump(),
            R"([[["GetBlock",[],["C","main"],["b0"]],["GetLoops",["b0"],[],["l1","l2","l3"]],)"
            R"(["Unroll",["l1"],[],[]]],[]])");
}

TEST(Trace, KnowsTheKindsOfInstructions) {
  for (const char* kind : {"SampleCategorical",
                           "SamplePerfectTile",
                           "SamplePartitionedTile",
                           "SampleComputeLocation",
                           "GetBlock",
                           "GetLoops",
                           "GetChildBlocks",
                           "GetProducers",
                           "GetConsumers",
                           "GetOutputBlocks",
                           "Merge",
                           "Fuse",
                           "Split",
                           "LoopPartition",
                           "Reorder",
                           "ReorderBlockIterVar",
                           "AddUnitLoop",
                           "Parallel",
                           "Vectorize",
                           "Unroll",
                           "Bind",
                           "CacheRead",
                           "CacheWrite",
                           "ReindexCacheRead",
                           "ReindexCacheWrite",
                           "CacheInplace",
                           "CacheIndex",
                           "ReIndex",
                           "ReadAt",
                           "WriteAt",
                           "ComputeAt",
                           "ReverseComputeAt",
                           "ComputeInline",
                           "ReverseComputeInline",
                           "DecomposeReduction",
                           "RFactor",
                           "StorageAlign",
                           "SetScope",
                           "UnsafeSetDType",
                           "Blockize",
                           "Tensorize",
                           "Annotate",
                           "Unannotate",
                           "TransformLayout",
                           "TransformBlockLayout",
                           "SetAxisSeparator",
                           "DecomposePadding",
                           "PadEinsum",
                           "RollingBuffer",
                           "EnterPostproc",
                           "UnsafeHideBufferAccess",
                           "AnnotateBufferAccess"})
    EXPECT_NE(find_primitive(kind), kUnknownOpcode) << kind;
}

TEST(Schedule, AsksWhetherPaddingCanBeDecomposed) {
  Schedule sch(matmul(16, 16, 16), 1);
  BlockRV block = sch.get_block("C");
  LoopRV loop = sch.get_loops(block)[0];
  size_t steps = sch.trace().size();
  EXPECT_FALSE(sch.can_decompose_padding(block, loop));
  EXPECT_EQ(sch.trace().size(), steps);
}

TEST(Trace, UnknownInstructionsAreKept) {
  auto json = nlohmann::json::parse(
      R"([[["GetSBlock",[],["C","main"],["b0"]],["Mystery",["b0","\"x\""],[1,"y"],["l1"]],)"
      R"(["Unroll",["l1"],[],[]]],[]])");
  Trace trace = Trace::from_json(json);
  json[0][0][0] = "GetBlock";
  EXPECT_EQ(trace.as_json(), json);
  ReplayResult result = try_replay(trace, matmul(16, 16, 16), 1);
  EXPECT_FALSE(result);
  EXPECT_NE(result.failure.message.find("Mystery"), std::string::npos);
}

}  // namespace
}  // namespace metaschedule
