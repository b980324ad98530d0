// SPDX-License-Identifier: Apache-2.0
// Traces as functions. The C++ that is written stands in generated_schedule.inc, which is compiled
// here; METASCHEDULE_UPDATE=1 writes it anew.
#include "metaschedule/schedule/trace_code.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>

#include "metaschedule/ir/structural.h"
#include "metaschedule/script/parser.h"
#include "metaschedule/script/printer.h"
#include "paths.h"
#include "programs.h"

#include "generated_schedule.inc"

namespace metaschedule {
namespace {

using testing::matmul;

/// Steps of many kinds: every type of argument, decisions, lists of outputs.
Schedule make_schedule() {
  Schedule sch(matmul(32, 48, 64), 7);
  BlockRV block = sch.get_block("C", "main");
  std::vector<LoopRV> loops = sch.get_loops(block);
  std::vector<ExprRV> tiles = sch.sample_perfect_tile(loops[0], 3, 8);
  std::vector<LoopRV> i = sch.split(loops[0], {tiles[0], tiles[1], tiles[2]});
  std::vector<LoopRV> j = sch.split(loops[1], {nullptr, i32(16)}, true, true);
  std::vector<LoopRV> k = sch.split(loops[2], {i32(4), nullptr});
  sch.reorder({i[0], j[0], k[0], i[1], k[1], i[2], j[1]});
  ExprRV unroll = sch.sample_categorical({0, 16, 64}, {0.25, 0.5, 0.25});
  sch.annotate(block, "meta_schedule.unroll_explicit", unroll);
  sch.annotate(
      k[0], "list",
      make<Array>(List<Node>(std::vector<Ref<Node>>{i32(1), make<String>("a \"quoted\" word"),
                                                    true_(), make<FloatImm>(kFloat32, 0.5)})));
  sch.annotate(k[0], "map", make<Map>(Dict({{"key", make<String>("value")}, {"number", i32(3)}})));
  sch.unannotate(k[0], "map");
  BlockRV cache = sch.cache_write(block, 0, "global");
  sch.reverse_compute_at(cache, j[0], true);
  BlockRV read = sch.cache_read(block, 0, "global", {block});
  sch.compute_at(read, k[0], false, -1);
  VarRef a = make<Var>("a", kInt32), b = make<Var>("b", kInt32);
  sch.transform_layout(read, {0, true},
                       make<IndexMap>(Vars{a, b}, Exprs{floordiv(b, 4), a, floormod(b, 4)}));
  sch.storage_align(read, 0, 0, 32, 4);
  LoopRV unit = sch.add_unit_loop(block);
  sch.unroll(unit);
  sch.enter_postproc();
  sch.parallel(sch.fuse({i[0], j[0]}));
  sch.vectorize(j[1]);
  sch.decompose_reduction(block, k[0]);
  return sch;
}

TEST(TraceCode, TheCppFunctionMakesTheSameSchedule) {
  Schedule sch = make_schedule();
  const std::string text = "// Written by test_trace_code.cc.\n" + cpp_function(sch.trace());
  const std::string path = testing::source_dir() + "/tests/cpp/schedule/generated_schedule.inc";
  if (std::getenv("METASCHEDULE_UPDATE")) std::ofstream(path) << text;
  std::ifstream file(path);
  EXPECT_EQ(text, std::string((std::istreambuf_iterator<char>(file)), {}));
  Schedule again(matmul(32, 48, 64), 1);
  apply_schedule(again);
  EXPECT_EQ(to_script(*again.mod()), to_script(*sch.mod()));
  EXPECT_EQ(again.trace().as_json(), sch.trace().as_json());
}

TEST(TraceCode, ThePythonFunctionNamesAllSteps) {
  Schedule sch = make_schedule();
  const std::string text = python_function(sch.trace(), "tile");
  EXPECT_NE(text.find("def tile(sch: tir.Schedule) -> None:\n"
                      "    b0 = sch.get_block(name=\"C\", func_name=\"main\")\n"
                      "    l1, l2, l3 = sch.get_loops(block=b0)\n"),
            std::string::npos)
      << text;
  EXPECT_NE(text.find("ann_val=[1, \"a \\\"quoted\\\" word\", True, 0.5])"), std::string::npos)
      << text;
  EXPECT_NE(text.find("index_map=lambda a, b: (b // 4, a, b % 4,)"), std::string::npos) << text;
  EXPECT_NE(text.find(", decision="), std::string::npos);
}

TEST(TraceCode, RefusesWhatIsNoFunction) {
  EXPECT_THROW(python_function(Trace(), "no name"), ValueError);
  EXPECT_THROW(cpp_function(Trace(), "1st"), ValueError);
  EXPECT_NE(python_function(Trace()).find("    pass\n"), std::string::npos);
  Trace unknown = Trace::from_json(nlohmann::json::parse(R"([[["FutureStep", [], [], []]], []])"));
  EXPECT_THROW(python_function(unknown), ValueError);
  EXPECT_THROW(cpp_function(unknown), ValueError);
}

}  // namespace
}  // namespace metaschedule
