// SPDX-License-Identifier: Apache-2.0
// tune TRIALS FOLDER OBJECT: tunes a matrix product for this machine, keeps the records in FOLDER,
// and writes the best program to OBJECT, with a C header beside it.
#include <metaschedule/codegen/compile.h>
#include <metaschedule/codegen/export.h>
#include <metaschedule/ir/target.h>
#include <metaschedule/schedule/schedule.h>
#include <metaschedule/script/parser.h>
#include <metaschedule/tune/cost_model.h>
#include <metaschedule/tune/database.h>
#include <metaschedule/tune/tune.h>

#include <cstdio>
#include <cstdlib>
#include <string>

namespace ms = metaschedule;

namespace {

constexpr const char* kMatmul = R"(
@T.prim_func
def main(A: T.Buffer((64, 64), "float32"), B: T.Buffer((64, 64), "float32"),
         C: T.Buffer((64, 64), "float32")):
    T.func_attr({"global_symbol": "main", "tir.noalias": True})
    for i, j, k in T.grid(64, 64, 64):
        with T.block("C"):
            vi, vj, vk = T.axis.remap("SSR", [i, j, k])
            with T.init():
                C[vi, vj] = T.float32(0)
            C[vi, vj] = C[vi, vj] + A[vi, vk] * B[vk, vj]
)";

int run(int trials, const std::string& folder, const std::string& object) {
  const ms::ModuleRef mod = ms::parse_module(kMatmul);
  const ms::TargetRef target =
      ms::make_target("llvm -mcpu=native -num-cores=" + std::to_string(ms::available_cores()));
  ms::TuneOptions options;
  options.work_dir = folder;
  options.max_trials_global = trials;
  options.num_trials_per_iter = 16;
  options.cost_model = ms::CostModel::create("random");
  const ms::DatabasePtr database = ms::tune_tir(mod, target, options);
  const ms::SchedulePtr best = ms::compile_tir(database, mod, target);
  if (!best) {
    std::fprintf(stderr, "nothing ran; %s/logs says why\n", folder.c_str());
    return 1;
  }
  // A winner deserves the passes that would take too long for each candidate.
  const auto artifact = ms::codegen::compile(*best->mod(), *target, {.opt_level = 2});
  ms::codegen::export_artifact(artifact, object);
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 4) {
    std::fprintf(stderr, "usage: tune TRIALS FOLDER OBJECT\n");
    return 2;
  }
  try {
    return run(std::atoi(argv[1]), argv[2], argv[3]);
  } catch (const ms::Error& e) {
    std::fprintf(stderr, "%s\n", e.render().c_str());
    return 1;
  }
}
