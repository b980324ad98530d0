// SPDX-License-Identifier: Apache-2.0
// Modules: their functions by name, and their global infos.
#pragma once

#include "metaschedule/ir/function.h"

namespace metaschedule {

METASCHEDULE_INLINE VDevice::VDevice(TargetRef t, int32_t id, std::string scope) : VDevice() {
  check<ValueError>(t != nullptr, "VDevice: expected a target, found none");
  target = std::move(t);
  vdevice_id = id;
  memory_scope = std::move(scope);
}

METASCHEDULE_INLINE void check_global_infos(const Dict& infos) {
  for (const auto& [name, value] : infos) {
    const Array* list = as<Array>(value);
    check<TypeError>(list, "global infos \"{}\": expected a list of global infos, found {}", name,
                     value ? fmt::format("a {}", kind_name(value->kind)) : "none");
    for (const Ref<Node>& item : list->items) {
      check<TypeError>(as<GlobalInfo>(item),
                       "global infos \"{}\": expected a VDevice or a DummyGlobalInfo, found {}",
                       name, item ? fmt::format("a {}", kind_name(item->kind)) : "none");
    }
  }
}

METASCHEDULE_INLINE IRModule::IRModule(NodePairs f, Dict a, Dict infos) : IRModule() {
  check_global_infos(infos);
  functions = std::move(f);
  attrs = std::move(a);
  global_infos = std::move(infos);
}
METASCHEDULE_INLINE const PrimFunc* IRModule::find(std::string_view name) const {
  for (const auto& [var, func] : functions)
    if (cast_to<GlobalVar>(*var).name_hint == name) return as<PrimFunc>(func);
  return nullptr;
}
METASCHEDULE_INLINE Ref<GlobalVar> IRModule::global_var(std::string_view name) const {
  for (const auto& [var, func] : functions)
    if (cast_to<GlobalVar>(*var).name_hint == name) return cast_to<GlobalVar>(var);
  return nullptr;
}
METASCHEDULE_INLINE PrimFuncRef IRModule::lookup(std::string_view name) const {
  if (const PrimFunc* func = find(name)) return PrimFuncRef(func);
  std::string names;
  for (const auto& [var, func] : functions) {
    names += (names.empty() ? "" : ", ") + cast_to<GlobalVar>(*var).name_hint;
  }
  fail<ValueError>("Cannot find global var \"{}\" in the Module; it has: {}", name, names);
}
METASCHEDULE_INLINE ModuleRef IRModule::with_function(std::string_view name,
                                                      PrimFuncRef func) const {
  auto copy = mutate(*this);
  for (auto& [var, old] : copy->functions) {
    if (cast_to<GlobalVar>(*var).name_hint == name) {
      old = func;
      return copy;
    }
  }
  copy->functions.emplace_back(make<GlobalVar>(std::string(name)), func);
  return copy;
}
METASCHEDULE_INLINE ModuleRef IRModule::with_global_info(std::string_view name,
                                                         const List<GlobalInfo>& infos) const {
  Dict changed = global_infos.with(name, make<Array>(infos));
  check_global_infos(changed);  // a list may hold null
  auto copy = mutate(*this);
  copy->global_infos = std::move(changed);
  return copy;
}
METASCHEDULE_INLINE ModuleRef IRModule::from_func(PrimFuncRef func) {
  const String* symbol = as<String>(func->attrs.find("global_symbol"));
  std::string name = symbol ? symbol->value : "main";
  return make<IRModule>(NodePairs{{make<GlobalVar>(std::move(name)), func}});
}

}  // namespace metaschedule
