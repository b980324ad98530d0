// SPDX-License-Identifier: Apache-2.0
// Writing of targets, tags, and what targets say.
#pragma once

#include <algorithm>
#include <mutex>
#include <thread>

#include "metaschedule/ir/target-inl.h"
#include "metaschedule/support/cgroup.h"
#ifdef __linux__
#include <sched.h>
#endif

namespace metaschedule {

METASCHEDULE_INLINE std::string to_string(const Target& target) {
  std::string attrs;
  auto text_of = [](auto&& self, const Node& value) -> std::string {
    if (const IntImm* imm = as<IntImm>(&value)) return fmt::format("{}", imm->value);
    if (const BoxInt* box = as<BoxInt>(&value)) return fmt::format("{}", box->value);
    if (const BoxBool* box = as<BoxBool>(&value)) return box->value ? "1" : "0";
    if (const String* s = as<String>(&value)) {
      if (s->value.find_first_of(" '\\") == std::string::npos) return s->value;
      std::string quoted = "'";
      for (char c : s->value) {
        if (c == '\'' || c == '\\') quoted += '\\';
        quoted += c;
      }
      return quoted + "'";
    }
    std::string out;
    if (const Array* list = as<Array>(&value)) {
      for (const Ref<Node>& item : list->items) out += (out.empty() ? "" : ",") + self(self, *item);
    }
    return out;
  };
  for (const auto& [name, value] : target.attrs) {
    std::string text = value ? text_of(text_of, *value) : "";
    if (!text.empty()) attrs += fmt::format("{}-{}={}", attrs.empty() ? "" : " ", name, text);
  }
  std::string out = target.target_kind + " ";
  std::string keys;
  for (const Ref<String>& key : target.keys) keys += (keys.empty() ? "" : ",") + key->value;
  if (!keys.empty()) out += "-keys=" + keys + " ";
  return out + attrs;
}

METASCHEDULE_INLINE Dict export_target(const Target& target) {
  std::vector<std::string> keys;
  for (const Ref<String>& key : target.keys) keys.push_back(key->value);
  Dict out = target.attrs;
  out = out.with("kind", make<String>(target.target_kind));
  out = out.with("tag", make<String>(target.tag));
  out = out.with("keys", detail::string_array(keys));
  if (target.host) out = out.with("host", make<Map>(export_target(*target.host)));
  return out;
}

METASCHEDULE_INLINE std::vector<std::string> target_kinds() {
  std::vector<std::string> out;
  for (const detail::TargetKindRow& row : detail::kTargetKinds) out.emplace_back(row.name);
  return out;
}
METASCHEDULE_INLINE std::vector<std::string> target_tags() {
  detail::TagRegistry& registry = detail::tag_registry();
  std::lock_guard lock(registry.mutex);
  std::vector<std::string> out;
  for (const auto& [name, config] : registry.tags) out.push_back(name);
  return out;
}
METASCHEDULE_INLINE void register_target_tag(const std::string& name, const Dict& config,
                                             bool override_) {
  make_target(config);  // refuses what is no target
  detail::TagRegistry& registry = detail::tag_registry();
  std::lock_guard lock(registry.mutex);
  check<ValueError>(override_ || !registry.tags.contains(name),
                    "Tag \"{}\" has been previously defined", name);
  registry.tags[name] = config;
}
METASCHEDULE_INLINE int target_device_type(const Target& target) {
  const detail::TargetKind* kind = detail::find_target_kind(target.target_kind);
  return static_cast<int>(
      target_int(target, "target_device_type").value_or(kind ? kind->row->device_type : 1));
}

METASCHEDULE_INLINE std::optional<int64_t> target_int(const Target& target, std::string_view name) {
  const Node* value = target.attrs.find(name);
  if (const IntImm* imm = as<IntImm>(value)) return imm->value;
  if (const BoxInt* box = as<BoxInt>(value)) return box->value;
  return std::nullopt;
}
METASCHEDULE_INLINE std::string target_string(const Target& target, std::string_view name) {
  const String* value = as<String>(target.attrs.find(name));
  return value ? value->value : "";
}

METASCHEDULE_INLINE int64_t available_cores() {
  int64_t cores = std::max(1u, std::thread::hardware_concurrency());
#ifdef __linux__
  cpu_set_t set;
  if (sched_getaffinity(0, sizeof set, &set) == 0) {
    cores = std::min<int64_t>(cores, std::max(1, CPU_COUNT(&set)));
  }
  cores = std::min(cores, cgroup_cores("/sys/fs/cgroup", "/proc/self/cgroup"));
#endif
  return cores;
}
METASCHEDULE_INLINE int64_t num_cores(const Target& target) {
  if (auto given = target_int(target, "num-cores")) return *given;
  check<ValueError>(target_device_type(target) == 1,
                    "target {} does not say how many cores it has: add -num-cores",
                    to_string(target));
  return available_cores();
}
METASCHEDULE_INLINE TargetRef local_target() {
  return make_target(fmt::format("llvm -num-cores={}", available_cores()));
}

}  // namespace metaschedule
