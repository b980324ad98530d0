// SPDX-License-Identifier: Apache-2.0
// Passes of lowering one by one, visitors, and analyses of programs.
#include "bindings.h"
#include "metaschedule/ir/verify.h"
#include "metaschedule/ir/walk.h"
#include "metaschedule/lower/checks.h"
#include "metaschedule/lower/pass_table.h"
#include "metaschedule/script/access_region.h"

namespace metaschedule::bindings {

namespace {

using namespace py::literals;

ModuleRef run_pass(const ModuleRef& module, const std::string& name) {
  for (const lower::NamedPass& pass : lower::kPasses) {
    if (name == pass.name) return lower::map_functions(*module, pass.run);
  }
  fail<ValueError>("there is no pass {}", name);
}

py::list pass_table() {
  py::list out;
  for (const lower::NamedPass& pass : lower::kPasses) {
    out.append(py::make_tuple(pass.name, pass.doc));
  }
  return out;
}

/// `before` may give a node that stands for a statement and all below it, `after` one for the
/// statement with what is below it rewritten; null keeps it.
class CallbackRewriter : public Rewriter {
 public:
  CallbackRewriter(py::object before, py::object after, std::vector<std::string> only)
      : before_(std::move(before)), after_(std::move(after)), only_(std::move(only)) {}

  Ref<Node> visit(const Node& node) override {
    const bool asked = only_.empty() || std::find(only_.begin(), only_.end(),
                                                  kind_info(node.kind).type_key) != only_.end();
    if (asked) {
      if (Ref<Node> out = call(before_, Ref<Node>(&node))) return out;
    }
    Ref<Node> out = rewrite_children(node);
    if (!asked) return out;
    Ref<Node> last = call(after_, out ? out : Ref<Node>(&node));
    return last ? last : out;
  }

 private:
  static Ref<Node> call(const py::object& f, const Ref<Node>& node) {
    if (f.is_none()) return nullptr;
    py::object out = f(node);
    return out.is_none() ? nullptr : Ref<Node>(node_of(out));
  }
  py::object before_, after_;
  std::vector<std::string> only_;
};

py::list access_region(const BlockRef& block, const py::dict& buffers) {
  BufferVarMap map;
  for (auto [key, value] : buffers) {
    const Var* var = as<Var>(node_of(key));
    const Buffer* buffer = as<Buffer>(node_of(value));
    check<TypeError>(var && buffer, "get_block_access_region: expected Buffers by their data Vars");
    map.emplace(var, BufferRef(buffer));
  }
  AccessRegions found = block_access_region(*block, map);
  py::list out;
  for (const auto& regions : {found.reads, found.writes, found.opaques}) {
    py::list list;
    for (const auto& region : regions) list.append(Ref<Node>(region.get()));
    out.append(list);
  }
  return out;
}

/// Variables that occur and are neither defined in the tree nor among `defined`, in order of
/// occurrence.
std::vector<Ref<Var>> undefined_vars(const Ref<Node>& node, const std::vector<Ref<Var>>& defined) {
  std::unordered_set<const Var*> known;
  for (const auto& var : defined) known.insert(var.get());
  post_order(*node, [&](const Node& n) {
    if (const For* loop = as<For>(&n)) known.insert(loop->loop_var.get());
    if (const LetStmt* let = as<LetStmt>(&n)) known.insert(let->var.get());
    if (const Let* let = as<Let>(&n)) known.insert(let->var.get());
    if (const Allocate* allocate = as<Allocate>(&n)) known.insert(allocate->buffer_var.get());
    if (const AllocateConst* allocate = as<AllocateConst>(&n)) {
      known.insert(allocate->buffer_var.get());
    }
    if (const Block* block = as<Block>(&n)) {
      for (const auto& iter : block->iter_vars) known.insert(iter->var.get());
      for (const auto& buffer : block->alloc_buffers) known.insert(buffer->data.get());
      for (const auto& view : block->match_buffers) known.insert(view->buffer->data.get());
    }
    if (const AttrStmt* attr = as<AttrStmt>(&n)) {
      if (const IterVar* iter = as<IterVar>(attr->node)) known.insert(iter->var.get());
    }
  });
  std::vector<Ref<Var>> out;
  post_order(*node, [&](const Node& n) {
    const Var* var = as<Var>(&n);
    if (!var) {
      if (const BufferLoad* load = as<BufferLoad>(&n)) var = load->buffer->data.get();
      if (const BufferStore* store = as<BufferStore>(&n)) var = store->buffer->data.get();
    }
    if (var && known.insert(var).second) out.emplace_back(var);
  });
  return out;
}

}  // namespace

void bind_passes(py::module_& m) {
  m.def("pass_table", &pass_table);
  m.def("run_pass", &run_pass, "mod"_a, "name"_a);
  m.def(
      "vectorize_loop",
      [](const ModuleRef& mod, bool enable) {
        lower::LowerOptions options;
        options.vectorize = enable;
        return lower::map_functions(
            *mod, [&](const PrimFuncRef& f) { return lower::vectorize_loop(f, options); });
      },
      "mod"_a, "enable"_a);
  m.def(
      "lower",
      [](const ModuleRef& mod, bool vectorize) {
        lower::LowerOptions options;
        options.vectorize = vectorize;
        return lower::lower(*mod, options);
      },
      "mod"_a, "vectorize"_a = true);

  m.def("post_order_visit", [](const Ref<Node>& node, const py::function& visit) {
    post_order(*node, [&](const Node& n) { visit(Ref<Node>(&n)); });
  });
  m.def("pre_order_visit", [](const Ref<Node>& node, const py::function& visit) {
    pre_order(*node, [&](const Node& n) {
      py::object go_on = visit(Ref<Node>(&n));
      return !go_on.is(py::bool_(false));
    });
  });
  m.def(
      "ir_transform",
      [](const Ref<Node>& node, py::object before, py::object after,
         std::vector<std::string> only) {
        return CallbackRewriter(std::move(before), std::move(after), std::move(only))(node);
      },
      "node"_a, "preorder"_a, "postorder"_a, "only_enable"_a);

  m.def("find_ill_formed", [](const Ref<Node>& node) { return find_ill_formed(*node); });
  m.def("get_block_access_region", &access_region, "block"_a, "buffer_var_map"_a);
  m.def("describe_out_of_bounds",
        [](const PrimFuncRef& func) { return lower::describe(lower::find_out_of_bounds(*func)); });
  m.def("verify_memory", [](const PrimFuncRef& func) { return lower::verify_memory(*func); });
  m.def("undefined_vars", &undefined_vars, "node"_a, "defs"_a);
}

}  // namespace metaschedule::bindings
