// SPDX-License-Identifier: Apache-2.0
// The texts of errors that leave a schedule.
#pragma once

#include <fmt/format.h>

#include <cstring>

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
      out += name(static_cast<size_t>(message[i + 1] - '0'), std::string_view(out));
      i += 2;
    } else {
      out += message[i];
    }
  }
  return out;
}

// What a location is called in one sentence. `before` is the sentence so far: its last word may be
// the kind already.
inline std::string short_name(const Node& node, std::string_view before) {
  auto named = [&](const char* kind, const std::string& name) {
    for (std::string_view known : {"block ", "loop ", "buffer ", "scope ", "Block ", "Loop "})
      if (before.ends_with(known)) return name;
    return fmt::format("{}{} {}", before.ends_with("the ") ? "" : "the ", kind, name);
  };
  if (const Block* block = as<Block>(&node)) return named("block", block->name_hint);
  if (const BlockRealize* realize = as<BlockRealize>(&node))
    return named("block", realize->block->name_hint);
  if (const For* loop = as<For>(&node)) return named("loop", loop->loop_var->name);
  if (const Buffer* buffer = as<Buffer>(&node)) return named("buffer", buffer->name);
  if (!as<StmtNode>(&node)) return to_script(node);
  return before.ends_with("the ") ? "statement" : "the statement";
}

// A place has a name in the program; what else a message speaks of, for instance an index, is told
// in its own words.
inline bool is_place(const Node& node) { return as<StmtNode>(&node) || as<Buffer>(&node); }

// The program with each location underlined and under the name that the message gives it.
inline std::string program_with_places(const IRModule& program,
                                       const std::vector<Ref<Node>>& locations,
                                       const std::vector<std::string>& labels) {
  PrintOptions print;
  print.syntax_sugar = false;
  print.obj_to_underline = locations;
  for (size_t i = 0; i < locations.size(); ++i)
    if (is_place(*locations[i])) print.obj_to_annotate.emplace_back(locations[i], labels[i]);
  std::string text = to_script(program, print);
  // What is not in the program by itself is told after it.
  for (size_t i = 0; i < locations.size(); ++i)
    if (is_place(*locations[i]) && text.find(labels[i]) == std::string::npos)
      text += fmt::format("\n# {} is {}", labels[i], short_name(*locations[i], ""));
  return text;
}

}  // namespace detail

METASCHEDULE_INLINE void Schedule::fail_refused(const Refusal& refusal, Opcode opcode) const {
  const auto& locations = refusal.locations();
  // Some messages begin with the word already, as in the original.
  std::string message = refusal.message();
  auto render = [&](auto&& name) {
    return detail::fill_locations(message, locations.size(), name);
  };
  std::string text;
  if (options.error_render_level == ErrorLevel::None) {
    text = "ScheduleError: (not rendered)";
  } else if (options.error_render_level == ErrorLevel::Fast) {
    if (message.starts_with("ScheduleError: ")) message.erase(0, std::strlen("ScheduleError: "));
    text = "ScheduleError: " + render([&](size_t i, std::string_view before) {
             return detail::short_name(*locations[i], before);
           });
  } else {
    std::vector<std::string> labels;
    for (const Ref<Node>& node : locations)
      labels.push_back(fmt::format("{}#{}", type_key(node->kind), labels.size()));
    text = fmt::format(
        "ScheduleError: An error occurred in the schedule primitive '{}'.\n\nThe IR with "
        "diagnostic is:\n{}\nError message: {}",
        primitives()[opcode].shown_name(), detail::program_with_places(*program, locations, labels),
        render([&](size_t i, std::string_view) {
          return detail::is_place(*locations[i]) ? labels[i] : to_script(*locations[i]);
        }));
  }
  throw Refusal(std::move(text), locations, refusal.site());
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
