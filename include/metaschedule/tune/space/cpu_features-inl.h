// SPDX-License-Identifier: Apache-2.0
// Processors by name.
#pragma once

#include <algorithm>
#include <initializer_list>
#include <string>
#include <string_view>

#include "metaschedule/ir/target.h"
#include "metaschedule/support/config.h"
#include "metaschedule/tune/space/cpu_features.h"

namespace metaschedule {

namespace detail {

inline bool is_one_of(std::string_view name, std::initializer_list<std::string_view> names) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

inline CpuFeatures x86_features(std::string_view cpu) {
  CpuFeatures out;
  if (cpu == "native") {
#if defined(__x86_64__) && (defined(__GNUC__) || defined(__clang__))
    out.vnni = __builtin_cpu_supports("avx512vnni");
    out.avx512 = __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw");
#endif
    return out;
  }
  bool avx512_vnni =
      is_one_of(cpu, {"cascadelake", "cooperlake", "icelake-client", "icelake-server", "rocketlake",
                      "tigerlake", "sapphirerapids", "emeraldrapids", "graniterapids",
                      "graniterapids-d", "diamondrapids", "znver4", "znver5"});
  out.avx512 = avx512_vnni || is_one_of(cpu, {"skylake-avx512", "skx", "cannonlake", "x86-64-v4"});
  out.vnni =
      avx512_vnni || is_one_of(cpu, {"alderlake", "raptorlake", "meteorlake", "gracemont",
                                     "sierraforest", "grandridge", "arrowlake", "arrowlake-s",
                                     "lunarlake", "pantherlake", "clearwaterforest"});
  return out;
}

inline CpuFeatures arm_features(std::string_view triple, std::string_view cpu) {
  CpuFeatures out;
  out.asimd = triple.starts_with("aarch64") || triple.starts_with("arm64");
  out.dotprod =
      is_one_of(cpu, {"cortex-a55",  "cortex-a75",   "cortex-a76",  "cortex-a76ae", "cortex-a77",
                      "cortex-a78",  "cortex-a78c",  "cortex-a710", "cortex-a715",  "cortex-a720",
                      "cortex-a510", "cortex-a520",  "cortex-x1",   "cortex-x1c",   "cortex-x2",
                      "cortex-x3",   "cortex-x4",    "neoverse-n1", "neoverse-n2",  "neoverse-v1",
                      "neoverse-v2", "neoverse-e1",  "apple-a13",   "apple-a14",    "apple-a15",
                      "apple-a16",   "apple-a17",    "apple-m1",    "apple-m2",     "apple-m3",
                      "apple-m4",    "apple-latest", "ampere1",     "ampere1a"});
  return out;
}

}  // namespace detail

METASCHEDULE_INLINE CpuFeatures cpu_features(const Target& target) {
  const std::string triple = target_string(target, "mtriple"), cpu = target_string(target, "mcpu");
  const bool arm = triple.starts_with("aarch64") || triple.starts_with("arm");
  if (!arm && !triple.empty() && !triple.starts_with("x86_64") && !triple.starts_with("i"))
    return {};
  CpuFeatures out = arm ? detail::arm_features(triple, cpu) : detail::x86_features(cpu);
  const Array* attrs = as<Array>(target.attrs.find("mattr"));
  if (!attrs) return out;
  bool f = out.avx512, bw = out.avx512;
  for (const Ref<Node>& item : attrs->items) {
    const String* text = as<String>(item);
    if (!text || text->value.size() < 2) continue;
    const bool on = text->value[0] == '+';
    std::string_view name = std::string_view(text->value).substr(1);
    if (arm) {
      if (name == "dotprod") out.dotprod = on;
      if (name == "neon") out.asimd = on;
    } else {
      if (name == "avx512vnni" || name == "avxvnni") out.vnni = on;
      if (name == "avx512f") f = on;
      if (name == "avx512bw") bw = on;
      if (on && (name == "avx512bw" || name == "avx512vnni")) f = true;
    }
  }
  out.avx512 = f && bw;
  return out;
}

}  // namespace metaschedule
