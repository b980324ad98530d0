// SPDX-License-Identifier: Apache-2.0
// The roof of this machine: fused multiply-adds of single precision that hit registers only, on one
// core and on all. Prints two lines, "single_core_gflops X" and "all_cores_gflops X threads N".
#include <chrono>
#include <cstdio>
#include <vector>

#include "metaschedule/codegen/compile.h"
#include "metaschedule/ir/op.h"
#include "metaschedule/runtime/kernel_pool.h"
#include "metaschedule/runtime/module.h"

using namespace metaschedule;

namespace {

constexpr int kLanes = 16;
constexpr int kChains = 24;  // more than latency times width of any core, fewer than 32 registers
constexpr int64_t kSteps = 1 << 16;

/// for t in parallel(tasks): `kChains` vectors x = x * a + b, `kSteps` times, as one statement
/// each.
PrimFuncRef peak_program(int64_t tasks) {
  BufferRef in = decl_buffer({i32(2 * kLanes)}, kFloat32, "In");
  BufferRef out = decl_buffer({i32(tasks * kChains * kLanes)}, kFloat32, "Out");
  BufferRef acc = decl_buffer({i32(kChains * kLanes)}, kFloat32, "acc");
  auto lanes = [](Expr base) -> Expr { return make<Ramp>(base, i32(1), i32(kLanes)); };
  Expr a = make<BufferLoad>(in, Exprs{lanes(i32(0))});
  Expr b = make<BufferLoad>(in, Exprs{lanes(i32(kLanes))});
  VarRef t = make<Var>("t", kInt32), k = make<Var>("k", kInt32);
  std::vector<Stmt> init, step, write;
  for (int c = 0; c < kChains; ++c) {
    Expr place = lanes(i32(c * kLanes));
    Expr value = make<BufferLoad>(acc, Exprs{place});
    init.push_back(make<BufferStore>(acc, make<Broadcast>(make_const(kFloat32, c), i32(kLanes)),
                                     Exprs{place}));
    step.push_back(make<BufferStore>(acc, value * a + b, Exprs{place}));
    write.push_back(
        make<BufferStore>(out, value, Exprs{lanes(t * (kChains * kLanes) + c * kLanes)}));
  }
  Stmt steps =
      make<For>(k, i32(0), i32(kSteps), ForKind::Serial, make<SeqStmt>(List<StmtNode>(step)));
  init.push_back(steps);
  init.insert(init.end(), write.begin(), write.end());
  Stmt body =
      make<Allocate>(acc->data, kFloat32, acc->shape, true_(), make<SeqStmt>(List<StmtNode>(init)));
  body = make<For>(t, i32(0), i32(tasks), ForKind::Parallel, body);
  VarRef p_in = make<Var>("in", DType::handle()), p_out = make<Var>("out", DType::handle());
  return make<PrimFunc>(Vars{p_in, p_out}, body, NodePairs{{p_in, in}, {p_out, out}});
}

double gflops(int64_t tasks) {
  auto target = mutate(*make<Target>());
  target->target_kind = "llvm";
  auto artifact = codegen::compile(*IRModule::from_func(peak_program(tasks)), *TargetRef(target));
  auto module = runtime::Module::from_object(artifact.object);
  runtime::Tensor in = runtime::Tensor::empty(kFloat32, {2 * kLanes});
  runtime::Tensor out = runtime::Tensor::empty(kFloat32, {tasks * kChains * kLanes});
  for (int i = 0; i < 2 * kLanes; ++i) static_cast<float*>(in.data())[i] = 0.5f;
  double best = 1e9;
  for (int repeat = 0; repeat < 300; ++repeat) {
    auto start = std::chrono::steady_clock::now();
    module.call("main", {in, out});
    best = std::min(
        best, std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count());
  }
  return 2.0 * static_cast<double>(tasks * kChains * kLanes * kSteps) / best * 1e-9;
}

}  // namespace

int main() {
  int threads = runtime::KernelPool::global().num_threads();
  std::printf("single_core_gflops %.1f\n", gflops(1));
  std::printf("all_cores_gflops %.1f threads %d\n", gflops(threads), threads);
  return 0;
}
