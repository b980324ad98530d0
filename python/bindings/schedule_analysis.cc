// SPDX-License-Identifier: Apache-2.0
// Questions about schedules that no primitive asks, and sequences of primitives.
#include "metaschedule/arith/analyzer.h"
#include "metaschedule/schedule/analysis_index_map.h"
#include "metaschedule/schedule/analysis_module.h"
#include "metaschedule/schedule/analysis_tensorize.h"
#include "metaschedule/schedule/bindings.h"
#include "metaschedule/schedule/reducer.h"
#include "metaschedule/schedule/scope_root.h"
#include "metaschedule/schedule/transform.h"
#include "metaschedule/tune/space/predicates.h"
#include "python_error.h"
#include "schedule.h"

namespace metaschedule::bindings {

using namespace py::literals;

namespace {

Ref<IndexMap> suggest(const BufferRef& buffer, const Exprs& indices, const List<For>& loops,
                      const Expr& predicate) {
  arith::Analyzer analyzer;
  std::vector<const For*> nest;
  for (const Ref<For>& loop : loops) nest.push_back(loop.get());
  return suggest_index_map(*buffer, indices.vec(), nest, predicate, analyzer);
}

/// (pairs of a loop of the block and one of the description, loops of the description, paddings).
py::object loop_mapping(const Schedule& sch, BlockRV block, const PrimFuncRef& desc,
                        bool allow_padding) {
  auto info = tensorize_loop_mapping(sch.path_of(local_handle(sch, block)), *desc, allow_padding);
  if (!info) return py::none();
  py::list pairs, desc_loops;
  for (const auto& [loop, desc_loop] : info->loop_map)
    pairs.append(py::make_tuple(Ref<For>(loop), Ref<For>(desc_loop)));
  for (const For* loop : info->desc_loops) desc_loops.append(Ref<For>(loop));
  py::object paddings = py::none();
  if (!info->paddings.empty()) paddings = py::cast(info->paddings);
  return py::make_tuple(pairs, desc_loops, paddings);
}

/// (mapping, buffers by buffers, indices by buffers of the description, axes, axes).
py::object auto_mapping(const Schedule& sch, BlockRV block, const PrimFuncRef& desc) {
  auto info = auto_tensorize_mapping(*sch.get(local_handle(sch, block)), *desc);
  if (!info) return py::none();
  py::dict buffers, indices;
  for (size_t i = 0; i < info->buffers.size(); ++i) {
    const auto& [left, right] = info->buffers[i];
    buffers[py::cast(left)] = py::cast(right);
    indices[py::cast(right)] = py::cast(info->indices[i].second);
  }
  return py::make_tuple(info->mapping, buffers, indices, List<IterVar>(info->block_iters),
                        List<IterVar>(info->desc_iters));
}

bool has_block(const Schedule& sch, const std::string& name) {
  const PrimFunc* func = find_entry_func(*sch.mod());
  if (!func) return false;
  for (const BlockRealize* realize : all_blocks(*func->body))
    if (realize->block->name_hint == name) return true;
  return false;
}

bool is_output(const Schedule& sch, BlockRV block) {
  Path path = sch.path_of(local_handle(sch, block));
  int level = path.enclosing_block();
  check<ScheduleError>(level >= 0,
                       "ScheduleError: The primitive does not operate on the root block");
  return is_output_block(block_of(*path.back()), block_of(*path.nodes[static_cast<size_t>(level)]));
}

bool is_reduction_block(const Schedule& sch, BlockRV block, BlockRV scope) {
  Path path = sch.path_of(local_handle(sch, block));
  Path root = sch.path_of(local_handle(sch, scope));
  return reduction_block_violation(block_of(*path.back()), BlockScope::of(*root.back()),
                                   is_affine_binding(path)) == 0;
}

py::object normalize(Schedule& sch) {
  auto blocks = normalize_prim_func(sch);
  if (!blocks) return py::none();
  py::list handles, loops, iters, reductions;
  for (const NormalizedBlock& block : *blocks) {
    handles.append(block.block);
    loops.append(block.loops);
    iters.append(block.iters);
    reductions.append(block.is_reduction);
  }
  py::list out;
  for (const py::list& part : {handles, loops, iters, reductions}) out.append(part);
  return out;
}

/// Python functions as a reducer of `n` buffers: `combiner(x, y)` over lists of variables, and
/// `identity(values)` of the values that the buffers start with, return lists of expressions.
void register_python_reducer(size_t n, py::function combiner, py::function identity) {
  // Kept to the end of the process: the list of reducers outlives the interpreter.
  auto* kept = new std::pair<py::function, py::function>(std::move(combiner), std::move(identity));
  register_reducer([n, kept](const std::vector<Expr>& identities) -> Ref<CommReducer> {
    if (identities.size() != n) return nullptr;
    return with_python([&]() -> Ref<CommReducer> {
      std::vector<VarRef> x, y;
      for (size_t i = 0; i < n; ++i) {
        x.push_back(make<Var>(fmt::format("x{}", i), identities[i]->dtype));
        y.push_back(make<Var>(fmt::format("y{}", i), identities[i]->dtype));
      }
      auto exprs = [&](const py::object& result, const char* what) {
        std::vector<Expr> out;
        for (py::handle item : py::iter(result)) out.push_back(to_expr(item));
        check<ValueError>(out.size() == n, "the {} of a reducer of {} buffers gave {} expressions",
                          what, n, out.size());
        return out;
      };
      return make<CommReducer>(x, y, exprs(kept->first(x, y), "combiner"),
                               exprs(kept->second(identities), "identity"));
    });
  });
}

}  // namespace

void bind_schedule_analysis(py::module_& m) {
  m.def("suggest_index_map", &suggest);
  m.def("tensorize_loop_mapping", &loop_mapping);
  m.def("auto_tensorize_mapping", &auto_mapping);
  m.def("schedule_has_block", &has_block);
  m.def("schedule_is_output_block", &is_output);
  m.def("schedule_is_reduction_block", &is_reduction_block);
  m.def("schedule_is_trivial_binding", [](const Schedule& sch, BlockRV block) {
    return is_trivial_binding(place_of(sch, local_handle(sch, block)));
  });
  m.def("schedule_block_realize", [](const Schedule& sch, BlockRV block) {
    Path path = sch.path_of(local_handle(sch, block));
    return Ref<BlockRealize>(static_cast<const BlockRealize*>(path.back()));
  });
  m.def("schedule_loop_iter_type", [](const Schedule& sch, LoopRV loop) -> std::string {
    IterType type = loop_iter_type(*sch.get(local_handle(sch, loop)));
    return type == IterType::DataPar ? "S" : type == IterType::CommReduce ? "R" : "O";
  });
  m.def("is_spatial_prim_func", [](const PrimFuncRef& func) { return is_spatial_func(*func); });
  m.def("has_if_then_else", [](const Ref<Node>& stmt) {
    const StmtNode* s = as<StmtNode>(stmt);
    check<TypeError>(s, "expected a statement");
    for (const BlockRealize* realize : all_blocks(*s))
      if (has_if_then_else(*realize)) return true;
    return any_node(*s, [](const Node& n) { return n.kind == Kind::IfThenElse; });
  });
  m.def("estimate_tir_flops", [](const Ref<Node>& node) {
    if (const IRModule* mod = as<IRModule>(node)) return estimate_tir_flops(*mod);
    check<TypeError>(as<StmtNode>(node) || as<PrimFunc>(node),
                     "estimate_tir_flops: expected a statement, a PrimFunc or an IRModule");
    return estimate_tir_flops(*node);
  });
  m.def("find_anchor_block",
        [](const ModuleRef& mod) { return BlockRef(find_anchor_block(*mod)); });
  m.def("tile_with_tensor_intrin",
        [](Schedule& sch, BlockRV block, const std::string& intrin, bool allow_padding) {
          return tile_with_tensor_intrin(sch, local_handle(sch, block), intrin, allow_padding);
        });
  m.def("normalize_prim_func", &normalize);
  m.def("register_reducer", &register_python_reducer);
}

}  // namespace metaschedule::bindings
