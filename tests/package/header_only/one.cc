// SPDX-License-Identifier: Apache-2.0
// Derives the design space of a program, searches it, and has the interpreter compare what was
// found.
#include <cstdio>
#include <vector>

#include "metaschedule/metaschedule.h"

namespace ms = metaschedule;

ms::ModuleRef program();

namespace {

std::vector<float> run(const ms::ModuleRef& mod) {
  std::vector<float> a(16 * 16), b(16 * 16), c(16 * 16, -1);
  for (int i = 0; i < 256; ++i) {
    a[i] = static_cast<float>(i % 7);
    b[i] = static_cast<float>(i % 5);
  }
  auto view = [](std::vector<float>& data) {
    return ms::interp::NDArrayView{data.data(), ms::DType::parse("float32"), {16, 16}};
  };
  ms::interp::run(*mod->lookup("main"), {view(a), view(b), view(c)});
  return c;
}

}  // namespace

int main() {
  const ms::ModuleRef mod = program();
  const std::vector<float> expected = run(mod);
  const ms::TuneContextPtr context = ms::TuneContext::create({
      .mod = mod,
      .target = ms::make_target("llvm -num-cores=2"),
      .space_generator = std::make_shared<ms::PostOrderApply>(),
      .search_strategy = ms::SearchStrategy::create("replay-trace"),
      .num_threads = 1,
      .rand_state = 1,
  });
  context->search_strategy->pre_tuning(4, 4, context->generate_design_space(),
                                       std::make_shared<ms::MemoryDatabase>(),
                                       ms::CostModel::create("random"));
  const auto candidates = context->search_strategy->generate_measure_candidates();
  if (!candidates || candidates->size() != 4) return std::puts("no candidates"), 1;
  for (const ms::MeasureCandidate& candidate : *candidates)
    if (run(candidate.sch->mod()) != expected) return std::puts("another result"), 1;
  return 0;
}
