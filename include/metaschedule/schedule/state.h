// SPDX-License-Identifier: Apache-2.0
// The state that primitives work on: a module, the table of handles, a random state. A value; a
// copy costs a few pointers.
#pragma once

#include <source_location>
#include <string>
#include <utility>
#include <vector>

#include "metaschedule/schedule/instruction.h"
#include "metaschedule/schedule/path.h"
#include "metaschedule/support/random.h"

namespace metaschedule {

/// How much an error of a primitive says: the program with the places of interest, one sentence,
/// nothing.
enum class ErrorLevel : uint8_t { Detail = 0, Fast = 1, None = 2 };

struct ScheduleOptions {
  /// What to check of a copy and after each primitive. Bit 0: the program is well formed and its
  /// blocks can be told apart. Bit 1: what is remembered of scopes holds.
  int debug_mask = 0;
  ErrorLevel error_render_level = ErrorLevel::Detail;
  /// False leaves out the checks that the reference lets go: see docs/schedule.md.
  bool enable_check = true;
  /// False records no trace.
  bool traced = true;
};

/// A primitive refuses. The message may name `locations` as {0}, {1}, …; it is rendered where the
/// error leaves the schedule.
class Refusal : public ScheduleError {
 public:
  Refusal(std::string message, std::vector<Ref<Node>> locations,
          std::source_location site = std::source_location::current())
      : ScheduleError(std::move(message)), locations_(std::move(locations)), site_(site) {}
  const std::vector<Ref<Node>>& locations() const { return locations_; }
  /// The check that refused, in the source of this library.
  const std::source_location& site() const { return site_; }

 private:
  std::vector<Ref<Node>> locations_;
  std::source_location site_;
};
[[noreturn]] void refuse(std::string message, std::initializer_list<const Node*> locations = {},
                         std::source_location site = std::source_location::current());
inline void refuse_unless(bool condition, const char* message,
                          std::initializer_list<const Node*> locations = {},
                          std::source_location site = std::source_location::current()) {
  if (!condition) [[unlikely]]
    refuse(message, locations, site);
}

/// A handle whose block or loop is gone. The schedule adds which step consumed it.
class DeadHandle : public ValueError {
 public:
  DeadHandle(std::string message, uint32_t index) : ValueError(std::move(message)), index_(index) {}
  uint32_t index() const { return index_; }

 private:
  uint32_t index_;
};

class ScheduleState {
 public:
  ScheduleState(ModuleRef module, int64_t seed, ScheduleOptions opts);

  ModuleRef program;
  SharedVector<TableEntry> table;
  Rand random;
  ScheduleOptions options;
  std::string func_working_on;  // empty: none

  /// The handle as it stands in this table: those of traces may have another position. Itself where
  /// it is of another schedule.
  Handle local(Handle handle) const;
  /// What a handle names. Raises IndexError when it is not of this schedule.
  const TableEntry& entry(Handle handle, TableEntry::Kind kind) const;
  /// The way to it in the program. Raises DeadHandle (a ValueError) when it is gone.
  Path path_of(BlockRV block) const;
  Path path_of(LoopRV loop) const;
  Path path_of(const std::variant<BlockRV, LoopRV>& rv) const;
  /// TableEntry::kInlineMark or kRootMark; 0 for a real loop.
  int64_t mark_of(LoopRV loop) const;
  /// An expression with sampled variables replaced by what they stand for, simplified.
  Expr evaluate(const Expr& expr) const;
  /// The same for the outputs of a map, not simplified; null stays null.
  Ref<IndexMap> evaluate(const Ref<IndexMap>& map) const;
  /// The position of the variable in the table; raises IndexError when it is not a sampled number.
  uint32_t find_number(const Var* var) const;
  /// Same as `path`, with the sub-statement at `level` replaced.
  void replace(const Path& path, size_t level, Stmt stmt) {
    replace_stmt(program, path, level, std::move(stmt));
  }
  void replace(const Path& path, Stmt stmt) { replace_stmt(program, path, std::move(stmt)); }
  const PrimFunc& function(const Path& path) const {
    return cast_to<PrimFunc>(*program->functions[path.function].second.node());
  }
};

/// The name of the function that a schedule works on first: the one with `tir.is_entry_func`, else
/// `main`, else the only one, else "".
std::string entry_function(const IRModule& module);

}  // namespace metaschedule
