// SPDX-License-Identifier: Apache-2.0
// The texts of errors that leave a schedule.
#pragma once

#include <fmt/format.h>

#include <algorithm>

#include "metaschedule/schedule/schedule.h"
#include "metaschedule/script/printer.h"

namespace metaschedule {

namespace detail {

// The message with {0}, {1}, … replaced by what `name` makes of them.
template <class F>
std::string fill_locations(const std::string& message, size_t count, const F& name) {
  std::string out;
  for (size_t i = 0; i < message.size(); ++i) {
    if (message[i] == '{' && i + 2 < message.size() && message[i + 2] == '}' &&
        message[i + 1] >= '0' && message[i + 1] <= '9' &&
        static_cast<size_t>(message[i + 1] - '0') < count) {
      out += name(static_cast<size_t>(message[i + 1] - '0'));
      i += 2;
    } else {
      out += message[i];
    }
  }
  return out;
}

inline std::string display_name(const PrimitiveInfo& info) {
  if (info.display) return info.display;
  std::string name = info.method;
  std::replace(name.begin(), name.end(), '_', '-');
  return name;
}

inline std::string short_name(const Node& node) {
  if (const Block* block = as<Block>(&node)) return "the block " + block->name_hint;
  if (const BlockRealize* realize = as<BlockRealize>(&node))
    return "the block " + realize->block->name_hint;
  if (const For* loop = as<For>(&node)) return "the loop " + loop->loop_var->name;
  if (const Buffer* buffer = as<Buffer>(&node)) return "the buffer " + buffer->name;
  return "the statement";
}

}  // namespace detail

METASCHEDULE_INLINE void Schedule::fail_refused(const Refusal& refusal, Opcode opcode) const {
  const auto& locations = refusal.locations();
  if (options.error_render_level == ErrorLevel::None)
    fail<ScheduleError>("ScheduleError: (not rendered)");
  if (options.error_render_level == ErrorLevel::Fast)
    fail<ScheduleError>("ScheduleError: {}",
                        detail::fill_locations(refusal.message(), locations.size(), [&](size_t i) {
                          return detail::short_name(*locations[i]);
                        }));
  auto label = [&](size_t i) { return fmt::format("{}#{}", type_key(locations[i]->kind), i); };
  PrintOptions print;
  print.syntax_sugar = false;
  std::string where;
  for (size_t i = 0; i < locations.size(); ++i)
    where += fmt::format("\n# {} is {}", label(i), detail::short_name(*locations[i]));
  fail<ScheduleError>(
      "ScheduleError: An error occurred in the schedule primitive '{}'.\n\nThe IR with diagnostic "
      "is:\n{}{}\nError message: {}",
      detail::display_name(primitives()[opcode]), to_script(*program, print), where,
      detail::fill_locations(refusal.message(), locations.size(), label));
}

METASCHEDULE_INLINE void Schedule::fail_dead(const DeadHandle& dead) const {
  // Runs the trace again, as it went, to see after which step the handle is dead.
  std::string culprit;
  if (options.traced && table.size() == trace_.num_outputs()) {
    ScheduleOptions quiet = options;
    quiet.debug_mask = 0;
    quiet.error_render_level = ErrorLevel::None;
    Schedule again(base_, 1, quiet, false);
    std::vector<uint32_t> entries;
    for (size_t i = 0; i < trace_.size() && culprit.empty(); ++i) {
      std::optional<Decision> choice = trace_.decision(i);
      auto range = again.replay_step(trace_, i, entries, choice ? &*choice : nullptr);
      for (uint32_t k = 0; k < range.count; ++k) entries.push_back(range.first + k);
      if (dead.index() >= again.table.size()) continue;
      const TableEntry& entry = again.table[dead.index()];
      bool alive = entry.kind == TableEntry::Kind::Block
                       ? !find_block(*again.program, entry.value).empty()
                       : !find_loop(*again.program, entry.var.get()).empty();
      if (!alive) culprit = fmt::format("; step {} consumed it: {}", i, trace_.as_python()[i]);
    }
  }
  fail<ValueError>("{}{}", dead.message(), culprit);
}

}  // namespace metaschedule
