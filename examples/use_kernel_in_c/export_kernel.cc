// SPDX-License-Identifier: Apache-2.0
// export_kernel FOLDER [TARGET]: schedules a layer, relu(A * B + bias), by hand and writes it for
// C: layer.o, liblayer.a, layer.h, layer_test.c, layer.ll, and the schedule as Python and C++. The
// program that uses it, main.c, sees only layer.h and layer.o.
#include <fmt/format.h>

#include <filesystem>
#include <fstream>

#include "metaschedule/codegen/compile.h"
#include "metaschedule/codegen/export.h"
#include "metaschedule/ir/op.h"
#include "metaschedule/ir/target.h"
#include "metaschedule/schedule/schedule.h"
#include "metaschedule/schedule/trace_code.h"
#include "metaschedule/script/parser.h"

namespace ms = metaschedule;

namespace {

constexpr const char* kLayer = R"(
@T.prim_func
def main(A: T.Buffer((96, 64), "float32"), B: T.Buffer((64, 128), "float32"),
         bias: T.Buffer((128,), "float32"), D: T.Buffer((96, 128), "float32")):
    T.func_attr({"global_symbol": "layer", "tir.noalias": True})
    C = T.alloc_buffer((96, 128))
    for i, j, k in T.grid(96, 128, 64):
        with T.block("C"):
            vi, vj, vk = T.axis.remap("SSR", [i, j, k])
            with T.init():
                C[vi, vj] = T.float32(0)
            C[vi, vj] = C[vi, vj] + A[vi, vk] * B[vk, vj]
    for i, j in T.grid(96, 128):
        with T.block("D"):
            vi, vj = T.axis.remap("SS", [i, j])
            D[vi, vj] = T.max(C[vi, vj] + bias[vj], T.float32(0))
)";

void make_schedule(ms::Schedule& sch) {
  const ms::BlockRV product = sch.get_block("C"), relu = sch.get_block("D");
  const auto loops = sch.get_loops(product);
  const auto i = sch.split(loops[0], {nullptr, ms::i32(6)});
  const auto j = sch.split(loops[1], {nullptr, ms::i32(16)});
  sch.reorder({i[0], j[0], loops[2], i[1], j[1]});
  sch.reverse_compute_at(relu, j[0]);
  sch.vectorize(sch.get_loops(relu).back());
  sch.vectorize(j[1]);
  sch.parallel(i[0]);
  sch.decompose_reduction(product, loops[2]);
}

void write(const std::filesystem::path& path, const std::string& text) {
  std::ofstream(path) << text;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 2 || argc > 3) {
    fmt::print(stderr, "usage: export_kernel FOLDER [TARGET]\n");
    return 2;
  }
  try {
    const std::filesystem::path folder = argv[1];
    std::filesystem::create_directories(folder);
    const ms::ModuleRef module = ms::parse_module(kLayer);
    ms::Schedule sch(module, 1);
    make_schedule(sch);
    ms::codegen::CompileOptions options;
    options.opt_level = 2;
    options.alignment = 1;  // arrays of C need not be aligned to more than their elements
    std::string ir;
    options.llvm_ir = &ir;
    const auto artifact = ms::codegen::compile(
        *sch.mod(), *ms::make_target(argc > 2 ? argv[2] : "llvm -mcpu=native"), options);
    ms::codegen::export_artifact(artifact, folder / "layer.o", module);
    ms::codegen::export_artifact(artifact, folder / "liblayer.a");
    write(folder / "layer.ll", ir);
    write(folder / "layer_schedule.py", ms::python_function(sch.trace()));
    write(folder / "layer_schedule.cc", ms::cpp_function(sch.trace()));
    return 0;
  } catch (const ms::Error& e) {
    fmt::print(stderr, "{}\n", e.render());
    return 1;
  }
}
