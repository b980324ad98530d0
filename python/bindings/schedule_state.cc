// SPDX-License-Identifier: Apache-2.0
// The state of a schedule as the original's sref tree shows it: views that look into the program
// each time that they are asked.
#include "metaschedule/schedule/analysis.h"
#include "metaschedule/schedule/sref.h"
#include "schedule.h"

namespace metaschedule::bindings {

using namespace py::literals;

namespace {

using SchedulePtr = std::shared_ptr<Schedule>;

/// `tir.ScheduleState`: the schedule itself without its trace.
struct StateView {
  SchedulePtr schedule;
};
struct SRefView {
  SchedulePtr schedule;  // null for a mark
  StmtSRef sref;
  friend bool operator==(const SRefView&, const SRefView&) = default;

  Path path() const { return schedule ? find_sref(*schedule->mod(), sref) : Path{}; }
};
/// A statement that is gone names nothing, and so does a mark.
Path live_path(const StateView& state, const SRefView& sref, const char* expected) {
  check<ValueError>(sref.schedule == state.schedule, "the StmtSRef is of another schedule");
  Path path = sref.path();
  check<ValueError>(!path.empty(),
                    "the statement of the StmtSRef no longer exists in the IRModule");
  check<TypeError>(path.back()->kind == Kind::BlockRealize, "expected a StmtSRef of {}, found {}",
                   expected, type_key(path.back()->kind));
  return path;
}
SRefView view_of(const SchedulePtr& schedule, const StmtSRef& sref) {
  return {sref.block || sref.loop ? schedule : nullptr, sref};
}

SRefView sref_of_stmt(const SchedulePtr& schedule, const Ref<Node>& stmt) {
  bool fits = stmt && (stmt->kind == Kind::For || stmt->kind == Kind::Block ||
                       stmt->kind == Kind::BlockRealize);
  check<TypeError>(fits, "get_sref: expected a Block or a For, found {}",
                   stmt ? type_key(stmt->kind) : "None");
  Path path = find_sref_stmt(*schedule->mod(), stmt.get());
  check<IndexError>(!path.empty(), "The stmt doesn't exist in the IR");
  return {schedule, sref_of(*stmt)};
}

struct DependencyView {
  SRefView src, dst;
  DepKind kind;
};
/// The dependencies among the blocks of a scope when it was asked for.
struct BlockScopeView {
  std::vector<DependencyView> dependencies;

  std::vector<DependencyView> from(const SRefView& block) const {
    return matching([&](const DependencyView& d) { return d.src == block; });
  }
  std::vector<DependencyView> into(const SRefView& block) const {
    return matching([&](const DependencyView& d) { return d.dst == block; });
  }

 private:
  template <class F>
  std::vector<DependencyView> matching(const F& f) const {
    std::vector<DependencyView> out;
    std::copy_if(dependencies.begin(), dependencies.end(), std::back_inserter(out), f);
    return out;
  }
};
BlockScopeView scope_of(const StateView& state, const SRefView& block) {
  BlockScope scope = BlockScope::of(*live_path(state, block, "a block").back());
  BlockScopeView out;
  auto child = [&](int i) { return SRefView{state.schedule, sref_of(scope.block(i))}; };
  for (const Dependency& d : scope.dependencies)
    out.dependencies.push_back({child(d.src), child(d.dst), d.kind});
  return out;
}

py::tuple flags_of(const StateView& state, const SRefView& block) {
  BlockFlags flags = block_flags(live_path(state, block, "a block"));
  return py::make_tuple(flags.affine_binding, flags.region_cover, flags.stage_pipeline);
}

void replace(const StateView& state, const SRefView& src, const Ref<Node>& target,
             const py::object& reuse) {
  check<ValueError>(src.schedule == state.schedule, "the StmtSRef is of another schedule");
  const StmtNode* stmt = as<StmtNode>(target);
  check<TypeError>(stmt, "replace: expected a statement, found {}",
                   target ? type_key(target->kind) : "None");
  std::vector<std::pair<BlockRef, BlockRef>> pairs;
  if (!reuse.is_none())
    for (auto [before, after] : py::reinterpret_borrow<py::dict>(reuse))
      pairs.emplace_back(py::cast<BlockRef>(before), py::cast<BlockRef>(after));
  replace_sref(*state.schedule, src.sref, Stmt(stmt), pairs);
}

void bind_srefs(py::module_& m) {
  py::class_<SRefView>(m, "StmtSRef",
                       "A block or a loop of a schedule that it names through all edits.")
      .def_property_readonly(
          "stmt",
          [](const SRefView& v) -> Ref<Node> {
            Path path = v.path();
            return path.empty() ? nullptr : sref_stmt(path);
          },
          "The Block or For as it is now; None once it is gone.")
      .def_property_readonly(
          "parent",
          [](const SRefView& v) -> std::optional<SRefView> {
            Path path = v.path();
            auto parent = path.empty() ? std::nullopt : sref_parent(path);
            if (!parent) return std::nullopt;
            return SRefView{v.schedule, *parent};
          },
          "The nearest block or loop around it; None for a root block and once it is gone.")
      .def_property_readonly(
          "seq_index",
          [](const SRefView& v) {
            Path path = v.path();
            const SeqStmt* seq =
                path.size() < 2 ? nullptr : as<SeqStmt>(path.nodes[path.size() - 2]);
            for (size_t i = 0; seq && i < seq->seq.size(); ++i)
              if (seq->seq[i].get() == path.back()) return static_cast<int64_t>(i);
            return int64_t{-1};
          },
          "Its position where it stands in a sequence; -1 elsewhere.")
      .def_static("inline_mark",
                  [] { return SRefView{nullptr, {0, nullptr, TableEntry::kInlineMark}}; })
      .def_static("root_mark",
                  [] { return SRefView{nullptr, {0, nullptr, TableEntry::kRootMark}}; })
      .def("same_as",
           [](const SRefView& a, py::handle b) {
             return py::isinstance<SRefView>(b) && a == py::cast<const SRefView&>(b);
           })
      .def("__eq__",
           [](const SRefView& a, py::handle b) {
             return py::isinstance<SRefView>(b) && a == py::cast<const SRefView&>(b);
           })
      .def("__hash__",
           [](const SRefView& v) {
             return std::hash<const void*>()(v.sref.loop.get()) ^
                    std::hash<int64_t>()(v.sref.block * 4 + v.sref.mark);
           })
      .def("__repr__", [](const SRefView& v) -> std::string {
        if (v.sref.mark)
          return v.sref.mark == TableEntry::kRootMark ? "<RootMark>" : "<InlineMark>";
        Path path = v.path();
        if (path.empty()) return "<StmtSRef of a statement that is gone>";
        Ref<Node> stmt = sref_stmt(path);
        if (const For* loop = as<For>(stmt))
          return "<StmtSRef of loop " + loop->loop_var->name + ">";
        return "<StmtSRef of block " + cast_to<Block>(*stmt).name_hint + ">";
      });
  py::class_<DependencyView>(m, "Dependency", "`dst` must come after `src`.")
      .def_readonly("src", &DependencyView::src)
      .def_readonly("dst", &DependencyView::dst)
      .def_property_readonly("kind",
                             [](const DependencyView& d) { return static_cast<int>(d.kind); });
  py::class_<BlockScopeView>(m, "BlockScope",
                             "The dependencies between the child blocks of a block.")
      .def("get_deps_by_src", &BlockScopeView::from, "block"_a)
      .def("get_deps_by_dst", &BlockScopeView::into, "block"_a);
}

}  // namespace

void bind_schedule_state(py::module_& m) {
  bind_srefs(m);
  py::class_<StateView>(m, "ScheduleState", "The program of a schedule, by its blocks and loops.")
      .def(py::init([](const Ref<Node>& mod, int debug_mask, bool check) {
        return StateView{
            make_schedule(mod, -1, {debug_mask, ErrorLevel::Detail, check, /*traced=*/false})};
      }))
      .def_property_readonly("mod", [](const StateView& v) { return v.schedule->mod(); })
      .def_property_readonly("debug_mask",
                             [](const StateView& v) { return v.schedule->options.debug_mask; })
      .def_property_readonly("enable_check",
                             [](const StateView& v) { return v.schedule->options.enable_check; })
      .def(
          "get_sref",
          [](const StateView& v, const Ref<Node>& stmt) -> std::optional<SRefView> {
            if (find_sref_stmt(*v.schedule->mod(), stmt.get()).empty()) return std::nullopt;
            return SRefView{v.schedule, sref_of(*stmt)};
          },
          "stmt"_a, "The StmtSRef of a Block or For of the program; None for any other.")
      .def("get_block_scope", &scope_of, "block_sref"_a,
           "What the blocks inside a block do to each other.")
      .def("_flags", &flags_of, "block_sref"_a)
      .def("replace", &replace, "src_sref"_a, "tgt_stmt"_a, "block_sref_reuse"_a = py::none(),
           "Puts a block in place of a block, or a loop or block realize in place of a loop. "
           "`block_sref_reuse` maps old blocks to new ones that their StmtSRefs are to name.")
      .def("same_as",
           [](const StateView& a, const StateView& b) { return a.schedule == b.schedule; })
      .def("__eq__",
           [](const StateView& a, py::handle b) {
             return py::isinstance<StateView>(b) &&
                    a.schedule == py::cast<const StateView&>(b).schedule;
           })
      .def("__hash__", [](const StateView& v) { return std::hash<SchedulePtr>()(v.schedule); });
  m.def("schedule_state", [](SchedulePtr schedule) { return StateView{std::move(schedule)}; });
  m.def("schedule_sref", [](SchedulePtr schedule, py::handle value) {
    if (py::isinstance<BlockRV>(value)) {
      BlockRV block = local_handle(*schedule, py::cast<BlockRV>(value));
      schedule->get(block);  // says so where it is gone
      return view_of(schedule, sref_of(*schedule, block));
    }
    if (py::isinstance<LoopRV>(value)) {
      LoopRV loop = local_handle(*schedule, py::cast<LoopRV>(value));
      if (!schedule->mark_of(loop)) schedule->get(loop);
      return view_of(schedule, sref_of(*schedule, loop));
    }
    return sref_of_stmt(schedule, Ref<Node>(node_of(value)));
  });
}

}  // namespace metaschedule::bindings
