// SPDX-License-Identifier: Apache-2.0
// Who writes a buffer in a scope, and who reads what is written.
#pragma once

#include <fmt/format.h>

#include <utility>
#include <vector>

#include "metaschedule/schedule/scope.h"
#include "metaschedule/schedule/state.h"

namespace metaschedule::detail {

/// The child that writes the buffer; -1 when none does. Refuses several.
inline int only_writer(const BlockScope& graph, const Buffer& buffer) {
  const std::vector<int>& writers = graph.writers_of(&buffer);
  if (writers.size() > 1) {
    std::vector<Ref<Node>> locations;
    for (int child : writers) locations.emplace_back(&graph.block(child));
    throw Refusal(fmt::format("The buffer {} is expected to be written by a single block, but got "
                              "{} blocks who write it.",
                              buffer.name, writers.size()),
                  std::move(locations));
  }
  return writers.empty() ? -1 : writers[0];
}
/// The blocks that read what a child writes.
inline std::vector<BlockId> raw_dependents(const BlockScope& graph, int writer) {
  std::vector<BlockId> out;
  for (const Dependency& d : graph.dependencies)
    if (d.src == writer && d.kind == DepKind::RAW) out.push_back(graph.block(d.dst).id);
  return out;
}

}  // namespace metaschedule::detail
