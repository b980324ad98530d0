// SPDX-License-Identifier: Apache-2.0
// Tunes a matrix product for this machine and shows what was found.
//
//   example_tune_matmul [trials = 128] [size = 512] [folder = matmul_tuned]
//
// Run it again with the same folder and it goes on from there.
#include <fmt/format.h>

#include <cstdlib>
#include <string>

#include "metaschedule/ir/target.h"
#include "metaschedule/schedule/schedule.h"
#include "metaschedule/script/parser.h"
#include "metaschedule/script/printer.h"
#include "metaschedule/tune/cost/xgb_model.h"
#include "metaschedule/tune/cost_model.h"
#include "metaschedule/tune/database.h"
#include "metaschedule/tune/measure/result_check.h"
#include "metaschedule/tune/tune.h"
#include "metaschedule/tune/tune_context.h"

namespace ms = metaschedule;

namespace {

ms::ModuleRef matmul(int size) {
  constexpr const char* kScript = R"(
@T.prim_func
def main(A: T.Buffer(({0}, {0}), "float32"), B: T.Buffer(({0}, {0}), "float32"),
         C: T.Buffer(({0}, {0}), "float32")):
    T.func_attr({{"global_symbol": "main", "tir.noalias": True}})
    for i, j, k in T.grid({0}, {0}, {0}):
        with T.block("C"):
            vi, vj, vk = T.axis.remap("SSR", [i, j, k])
            with T.init():
                C[vi, vj] = T.float32(0)
            C[vi, vj] = C[vi, vj] + A[vi, vk] * B[vk, vj]
)";
  return ms::parse_module(fmt::format(kScript, size));
}

void show(const ms::TuneProgress& progress) {
  fmt::print("{:5} of {} trials, best {:.1f} GFLOP/s, {:.0f} s passed, about {:.0f} s left\n",
             progress.trials_done, progress.trials_total, progress.best_gflops,
             progress.seconds_elapsed, progress.seconds_left);
}

int run(int trials, int size, const std::string& folder) {
  const ms::ModuleRef mod = matmul(size);
  const ms::TargetRef target =
      ms::make_target(fmt::format("llvm -mcpu=native -num-cores={}", ms::available_cores()));

  ms::TuneOptions options;
  options.work_dir = folder;
  options.max_trials_global = trials;
  options.result_check = std::make_shared<ms::LocalResultCheck>();
  options.on_progress = show;
#ifdef METASCHEDULE_WITH_XGBOOST
  ms::enable_xgb_model();
#else
  options.cost_model = ms::CostModel::create("random");
#endif
  const ms::DatabasePtr database = ms::tune_tir(mod, target, options);

  const ms::SchedulePtr best = ms::compile_tir(database, mod, target);
  if (!best) {
    fmt::print("nothing ran; {}/logs says why\n", folder);
    return 1;
  }
  // Tuning is of the function as `normalize_mod` makes it.
  const ms::TuningRecordPtr record =
      database->query_tuning_record(ms::normalize_mod(mod->lookup("main")), target, "main");
  fmt::print("{}\nbest of {} records: {:.3f} ms, {:.1f} GFLOP/s\n", ms::to_script(*best->mod()),
             database->size(), record->mean_seconds() * 1e3,
             2.0 * size * size * size / record->mean_seconds() / 1e9);
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  try {
    return run(argc > 1 ? std::atoi(argv[1]) : 128, argc > 2 ? std::atoi(argv[2]) : 512,
               argc > 3 ? argv[3] : "matmul_tuned");
  } catch (const ms::Error& e) {
    fmt::print(stderr, "{}\n", e.render());
    return 1;
  }
}
