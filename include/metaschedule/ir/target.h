// SPDX-License-Identifier: Apache-2.0
// Targets: reading them from option strings, tags, JSON and dictionaries, and writing them.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "metaschedule/ir/function.h"

namespace metaschedule {

/// Reads `kind -key=value …`, the name of a tag, or a JSON object. Raises ValueError with what is
/// unknown and what there is. A `host` replaces the one that the text names.
TargetRef make_target(std::string_view text, TargetRef host = nullptr);
/// From a dictionary of `kind`, `keys`, `tag`, `device`, `host` (text or dictionary) and
/// attributes; numbers are IntImm, BoxInt or BoxBool.
TargetRef make_target(const Dict& config, TargetRef host = nullptr);
TargetRef with_host(const Target& target, TargetRef host);

/// `llvm -keys=cpu -num-cores=4`: attributes sorted by name, the host left out.
std::string to_string(const Target& target);
/// The dictionary that `make_target` reads back: kind, tag, keys, attributes, host.
Dict export_target(const Target& target);

std::vector<std::string> target_kinds();
/// Names of tags with their targets' configurations, sorted by name.
std::vector<std::string> target_tags();
/// Raises ValueError when the name is taken and `override_` is not set.
void register_target_tag(const std::string& name, const Dict& config, bool override_ = false);
/// The DLPack device type of a kind: 1 CPU, 2 CUDA, 4 OpenCL, 7 Vulkan, 8 Metal, …
int target_device_type(const Target& target);

/// An integer attribute, or nothing.
std::optional<int64_t> target_int(const Target& target, std::string_view name);
/// A string attribute, or "".
std::string target_string(const Target& target, std::string_view name);

/// Cores that this process may use: what affinity and control group leave of the machine.
int64_t available_cores();
/// The attribute `num-cores`; for a CPU without it, `available_cores()`.
int64_t num_cores(const Target& target);
/// The machine this runs on: `llvm -num-cores=N`.
TargetRef local_target();

}  // namespace metaschedule
