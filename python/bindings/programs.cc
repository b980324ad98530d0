// SPDX-License-Identifier: Apache-2.0
// Functions and modules: construction, attributes, structural equality and hash.
#include <map>

#include "bindings.h"
#include "metaschedule/ir/specialize.h"
#include "metaschedule/ir/target.h"
#include "metaschedule/ir/walk.h"

namespace metaschedule::bindings {

Ref<Node> as_attribute(const Ref<Node>& value) {
  if (!value) return value;
  if (const BoxInt* v = as<BoxInt>(value)) return make<IntImm>(kInt32, v->value);
  if (const BoxBool* v = as<BoxBool>(value)) return make<IntImm>(kBool, v->value);
  if (const BoxFloat* v = as<BoxFloat>(value)) return make<FloatImm>(kFloat32, v->value);
  if (const Array* array = as<Array>(value)) {
    std::vector<Ref<Node>> items;
    for (const Ref<Node>& item : array->items) items.push_back(as_attribute(item));
    return make<Array>(List<Node>(items));
  }
  return value;
}

namespace {

NodePairs functions_of(const py::dict& functions) {
  NodePairs out;
  for (auto [key, value] : functions) {
    Ref<Node> func(node_of(value));
    check<TypeError>(as<PrimFunc>(func), "IRModule: expected PrimFunc values");
    if (PyUnicode_Check(key.ptr())) {
      out.emplace_back(make<GlobalVar>(py::cast<std::string>(key)), func);
    } else {
      check<TypeError>(as<GlobalVar>(node_of(key)),
                       "IRModule: expected names or GlobalVars as keys");
      out.emplace_back(Ref<Node>(node_of(key)), func);
    }
  }
  return out;
}

template <class T>
Ref<T> with_attrs(const Ref<T>& node, const Dict& attrs) {
  auto copy = mutate(*node);
  for (const auto& [key, value] : attrs) copy->attrs = copy->attrs.with(key, as_attribute(value));
  return copy;
}
template <class T>
Ref<T> without_attr(const Ref<T>& node, const std::string& key) {
  auto copy = mutate(*node);
  copy->attrs = copy->attrs.without(key);
  return copy;
}

/// The functions under new names; calls follow.
ModuleRef renamed(const ModuleRef& mod, const std::map<std::string, std::string>& names) {
  std::map<const Node*, Ref<GlobalVar>> vars;
  for (const auto& [old, fresh] : names) {
    mod->lookup(old);
    vars[mod->global_var(old).get()] = make<GlobalVar>(fresh);
  }
  auto called = [&](const Node& node) -> Ref<Node> {
    const Call* call = as<Call>(&node);
    auto it = call ? vars.find(call->op.node()) : vars.end();
    return it == vars.end() ? nullptr : Ref<Node>(make<Call>(call->dtype, it->second, call->args));
  };
  NodePairs functions;
  for (const auto& [var, func] : mod->functions) {
    auto it = vars.find(var.get());
    Ref<Node> changed = rewrite_post_order(*func, called);
    functions.emplace_back(it == vars.end() ? var : Ref<Node>(it->second),
                           changed ? changed : func);
  }
  for (size_t i = 0; i < functions.size(); ++i) {
    for (size_t k = 0; k < i; ++k) {
      const std::string& name = cast_to<GlobalVar>(*functions[i].first).name_hint;
      check<ValueError>(name != cast_to<GlobalVar>(*functions[k].first).name_hint,
                        "replace_global_vars: two functions would be called {}", name);
    }
  }
  return make<IRModule>(functions, mod->attrs, mod->global_infos);
}

}  // namespace

void bind_programs(py::module_& m) {
  using namespace py::literals;
  m.def(
      "structural_equal",
      [](const Ref<Node>& a, const Ref<Node>& b, bool map_free_vars) {
        return structural_equal(a, b, {.map_free_vars = map_free_vars});
      },
      "lhs"_a, "rhs"_a, "map_free_vars"_a = false);
  m.def(
      "first_mismatch",
      [](const Ref<Node>& a, const Ref<Node>& b,
         bool map_free_vars) -> std::optional<std::pair<std::string, std::string>> {
        auto found = first_mismatch(a.get(), b.get(), {.map_free_vars = map_free_vars});
        if (!found) return std::nullopt;
        return std::make_pair(found->lhs, found->rhs);
      },
      "lhs"_a, "rhs"_a, "map_free_vars"_a = false);
  m.def(
      "structural_hash",
      [](const Ref<Node>& node, bool map_free_vars) {
        return static_cast<int64_t>(structural_hash(node, {.map_free_vars = map_free_vars}));
      },
      "node"_a, "map_free_vars"_a = false);

  m.def(
      "parse_target",
      [](const std::string& text, const OrNone<Target>& host) { return make_target(text, host); },
      "text"_a, "host"_a = py::none());
  m.def(
      "target_from_dict",
      [](const Dict& config, const OrNone<Target>& host) { return make_target(config, host); },
      "config"_a, "host"_a = py::none());
  m.def("target_with_host", [](const TargetRef& target, const OrNone<Target>& host) {
    return with_host(*target, host);
  });
  m.def("target_str", [](const TargetRef& target) { return to_string(*target); });
  m.def("target_export", [](const TargetRef& target) { return export_target(*target); });
  m.def("target_kind", [](const TargetRef& target) { return target->target_kind; });
  m.def("available_cores", &available_cores);
  m.def("target_kinds", &target_kinds);
  m.def("target_tags", &target_tags);
  m.def("register_target_tag", &register_target_tag);
  m.def("target_device_type", [](const TargetRef& target) { return target_device_type(*target); });

  m.def("make_global_var", [](const std::string& name) { return make<GlobalVar>(name); });
  m.def(
      "make_module",
      [](const py::dict& functions, const Dict& attrs, const Dict& global_infos) {
        return make<IRModule>(functions_of(functions), attrs, global_infos);
      },
      "functions"_a, "attrs"_a = Dict(), "global_infos"_a = Dict());
  m.def("module_with_global_info",
        [](const ModuleRef& mod, const std::string& name, const Ref<Node>& infos) {
          const Dict changed = mod->global_infos.with(name, infos);
          return make<IRModule>(mod->functions, mod->attrs, changed);
        });
  m.def("make_vdevice", [](const TargetRef& target, int id, const std::string& scope) {
    return make<VDevice>(target, id, scope);
  });
  m.def("make_dummy_global_info", [] { return make<DummyGlobalInfo>(); });
  m.def("module_from_func", &IRModule::from_func);
  m.def("module_lookup",
        [](const ModuleRef& mod, const std::string& name) { return mod->lookup(name); });
  m.def("module_global_var", [](const ModuleRef& mod, const std::string& name) {
    mod->lookup(name);
    return mod->global_var(name);
  });
  m.def("module_with_function", [](const ModuleRef& mod, const std::string& name,
                                   PrimFuncRef func) { return mod->with_function(name, func); });
  m.def("module_rename", &renamed);
  m.def("func_with_attrs", &with_attrs<PrimFunc>);
  m.def("func_without_attr", &without_attr<PrimFunc>);
  m.def("module_with_attrs", &with_attrs<IRModule>);
  m.def("module_without_attr", &without_attr<IRModule>);
  m.def("func_with_body", [](const PrimFuncRef& func, const Stmt& body) -> PrimFuncRef {
    auto copy = mutate(*func);
    copy->body = body;
    return copy;
  });
  m.def("func_specialize", [](const PrimFuncRef& func, const py::dict& given) {
    std::vector<std::pair<VarRef, Ref<Node>>> known;
    for (auto [key, value] : given) {
      const Var* param = as<Var>(node_of(key));
      check<TypeError>(param, "specialize: expected parameters as keys");
      const Buffer* buffer = as<Buffer>(node_of(value));
      known.emplace_back(VarRef(param), buffer ? Ref<Node>(buffer) : Ref<Node>(to_expr(value)));
    }
    return specialize(*func, known);
  });
  m.def("renew_defs", [](const PrimFuncRef& func) { return renew_definitions(*func); });
  m.def("substitute", [](const Ref<Node>& node, const py::dict& map) -> Ref<Node> {
    VarMap vars;
    for (auto [key, value] : map) {
      const Var* var = as<Var>(node_of(key));
      check<TypeError>(var, "substitute: expected variables as keys");
      vars.emplace(var, to_expr(value));
    }
    if (const StmtNode* stmt = as<StmtNode>(node)) return Ref<Node>(substitute(Stmt(stmt), vars));
    check<TypeError>(as<ExprNode>(node), "substitute: expected a statement or an expression");
    return Ref<Node>(substitute(as_ref<ExprNode>(node), vars));
  });
}

}  // namespace metaschedule::bindings
