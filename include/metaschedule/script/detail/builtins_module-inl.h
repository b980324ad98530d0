// SPDX-License-Identifier: Apache-2.0
// Builtins of modules: attributes, global infos, virtual devices.
#pragma once

#include "metaschedule/script/detail/convert-inl.h"

namespace metaschedule::script::detail {

/// The argument at a position under either of two keywords: the one of TVM, and a plain one.
inline const Value* either(const Args& args, size_t index, std::string_view name,
                           std::string_view plain) {
  const Value* found = args.get(index, name);
  return found ? found : args.keyword(plain);
}
inline std::string attr_key(Parser& p, const Args& args) {
  const Value* key = either(args, 0, "attr_key", "key");
  return p.to_string(key ? *key : args.need(0, "attr_key"));
}
inline bool may_overwrite(Parser& p, const Args& args, size_t index) {
  const Value* flag = args.get(index, "allow_overwrite");
  return flag && p.to_bool(*flag);
}
inline std::string names_of(const Dict& dict) {
  std::string out;
  for (const auto& [key, value] : dict) out += (out.empty() ? "" : ", ") + key;
  return out;
}

inline Value module_attrs(Parser& p, const Builtin&, Args& args) {
  ModuleState& module = p.module("I.module_attrs");
  Dict attrs = p.to_dict(args.need(0, "attrs"), true);
  check<ValueError>(module.attrs.empty() || may_overwrite(p, args, 1),
                    "Duplicate module attrs: there are {} already", names_of(module.attrs));
  module.attrs = std::move(attrs);
  return {};
}
inline Value module_set_attr(Parser& p, const Builtin&, Args& args) {
  ModuleState& module = p.module("I.module_set_attr");
  std::string key = attr_key(p, args);
  const Value* value = either(args, 1, "attr_value", "value");
  if (!value) {  // None takes an attribute away
    module.attrs = module.attrs.without(key);
    return {};
  }
  check<ValueError>(!module.attrs.contains(key) || may_overwrite(p, args, 2),
                    "Duplicate module attr {}", key);
  module.attrs = module.attrs.with(key, p.to_attr(*value, true));
  return {};
}
inline Value module_get_attr(Parser& p, const Builtin&, Args& args) {
  return p.from_host(p.module("I.module_get_attr").attrs.get(attr_key(p, args)));
}

inline Value module_global_infos(Parser& p, const Builtin&, Args& args) {
  ModuleState& module = p.module("I.module_global_infos");
  Dict infos = p.to_dict(args.need(0, "global_infos"));
  check_global_infos(infos);
  check<ValueError>(module.global_infos.empty(),
                    "Duplicate module global_infos: there are {} already",
                    names_of(module.global_infos));
  module.global_infos = std::move(infos);
  return {};
}

inline Value vdevice(Parser& p, const Builtin&, Args& args) {
  TargetRef target = p.to_target(args.need(0, "target"));
  const Value* given = args.get(1, "vdevice_id");
  const Value* scope = args.get(2, "memory_scope");
  int64_t id = given ? p.to_int(*given) : 0;
  check<ValueError>(id == static_cast<int32_t>(id), "I.vdevice: the id {} does not fit 32 bits",
                    id);
  return make<VDevice>(target, static_cast<int32_t>(id), scope ? p.to_string(*scope) : "global");
}
inline Value dummy_global_info(Parser&, const Builtin&, Args&) { return make<DummyGlobalInfo>(); }

/// A device of the module: number `device_index` of those of a kind, or of all of them. Without an
/// index the only one.
inline Value lookup_vdevice(Parser& p, const Builtin&, Args& args) {
  const Dict& infos = p.module("I.lookup_vdevice").global_infos;
  const Value *wanted = args.get(0, "target_kind"), *given = args.get(1, "device_index");
  std::string kind = wanted ? p.to_string(*wanted) : "vdevice";
  int64_t index = given ? p.to_int(*given) : -1;
  const Array* devices = as<Array>(infos.find("vdevice"));
  check<ValueError>(devices,
                    "I.lookup_vdevice: the module has no vdevices; I.module_global_infos "
                    "must give them, under \"vdevice\"");
  std::vector<VDeviceRef> found;
  std::string kinds;
  for (const Ref<Node>& item : devices->items) {
    VDeviceRef device = as_ref<VDevice>(item);
    check<TypeError>(device != nullptr, "I.lookup_vdevice: one of the module's vdevices is a {}",
                     kind_name(item->kind));
    kinds += (kinds.empty() ? "" : ", ") + device->target->target_kind;
    if (kind == "vdevice" || device->target->target_kind == kind) found.push_back(device);
  }
  std::string what = kind == "vdevice" ? "vdevices" : fmt::format("vdevices of kind {}", kind);
  check<ValueError>(!found.empty(), "I.lookup_vdevice: the module has no {}; its kinds are: {}",
                    what, kinds.empty() ? "none" : kinds);
  if (index == -1) {
    check<ValueError>(found.size() == 1,
                      "I.lookup_vdevice: the module has {} {}; device_index must say which",
                      found.size(), what);
    index = 0;
  }
  check<ValueError>(index >= 0 && static_cast<size_t>(index) < found.size(),
                    "I.lookup_vdevice: there is no device {}; the module has {} {}", index,
                    found.size(), what);
  return found[static_cast<size_t>(index)];
}

}  // namespace metaschedule::script::detail
