// SPDX-License-Identifier: Apache-2.0
// Looking up handles.
#pragma once

#include "metaschedule/ir/op.h"
#include "metaschedule/ir/walk.h"
#include "metaschedule/schedule/state.h"

namespace metaschedule {

METASCHEDULE_INLINE void refuse(std::string message, std::initializer_list<const Node*> locations,
                                std::source_location site) {
  std::vector<Ref<Node>> kept;
  for (const Node* node : locations) kept.emplace_back(node);
  throw Refusal(std::move(message), std::move(kept), site);
}

METASCHEDULE_INLINE std::string entry_function(const IRModule& module) {
  auto name = [](const auto& item) { return cast_to<GlobalVar>(item.first)->name_hint; };
  for (const auto& item : module.functions) {
    const PrimFunc* func = as<PrimFunc>(item.second);
    const Node* entry = func ? func->attrs.find("tir.is_entry_func") : nullptr;
    const IntImm* flag = as<IntImm>(entry);
    if (flag && flag->value) return name(item);
  }
  if (module.find("main")) return "main";
  return module.functions.size() == 1 ? name(module.functions[0]) : "";
}

METASCHEDULE_INLINE ScheduleState::ScheduleState(ModuleRef module, int64_t seed,
                                                 ScheduleOptions opts)
    : program(std::move(module)), random(seed), options(opts) {
  if (program) func_working_on = entry_function(*program);
}

namespace detail {
inline const char* entry_kind_name(TableEntry::Kind kind) {
  if (kind == TableEntry::Kind::Block) return "BlockRV";
  return kind == TableEntry::Kind::Loop ? "LoopRV" : "ExprRV";
}
}  // namespace detail

METASCHEDULE_INLINE Handle ScheduleState::local(Handle handle) const {
  if (handle.index < table.size() && table[handle.index].stamp == handle.stamp) return handle;
  for (size_t i = table.size(); i-- > 0;)
    if (table[i].stamp == handle.stamp) return {static_cast<uint32_t>(i), handle.stamp};
  return handle;
}

METASCHEDULE_INLINE const TableEntry& ScheduleState::entry(Handle handle,
                                                           TableEntry::Kind kind) const {
  bool known = handle.index < table.size() && table[handle.index].stamp == handle.stamp &&
               table[handle.index].kind == kind;
  if (!known) [[unlikely]]
    fail<IndexError>("Cannot find corresponding {}: it was not made by this schedule",
                     detail::entry_kind_name(kind));
  return table[handle.index];
}

METASCHEDULE_INLINE Path ScheduleState::path_of(BlockRV block) const {
  Path path = find_block(*program, entry(block, TableEntry::Kind::Block).value);
  if (path.empty()) throw DeadHandle("The block no longer exists in the IRModule", block.index);
  return path;
}
METASCHEDULE_INLINE Path ScheduleState::path_of(LoopRV loop) const {
  const TableEntry& found = entry(loop, TableEntry::Kind::Loop);
  if (found.is_mark())
    fail<TypeError>("expected a loop, found the mark that sample_compute_location gives for {}",
                    found.value == TableEntry::kInlineMark ? "inlining" : "the root");
  Path path = find_loop(*program, found.var.get());
  if (path.empty()) throw DeadHandle("The loop no longer exists in the IRModule", loop.index);
  return path;
}
METASCHEDULE_INLINE Path ScheduleState::path_of(const std::variant<BlockRV, LoopRV>& rv) const {
  return std::visit([this](auto handle) { return path_of(handle); }, rv);
}
METASCHEDULE_INLINE int64_t ScheduleState::mark_of(LoopRV loop) const {
  const TableEntry& found = entry(loop, TableEntry::Kind::Loop);
  return found.is_mark() ? found.value : 0;
}

METASCHEDULE_INLINE uint32_t ScheduleState::find_number(const Var* var) const {
  for (size_t i = table.size(); i-- > 0;)
    if (table[i].var.get() == var && table[i].kind == TableEntry::Kind::Int)
      return static_cast<uint32_t>(i);
  fail<IndexError>("Cannot find corresponding ExprRV: {}", var->name);
}

METASCHEDULE_INLINE Expr ScheduleState::evaluate(const Expr& expr) const {
  // Every variable is a number, so folding leaves nothing to simplify.
  Ref<Node> out = rewrite_post_order(*expr, [this](const Node& node) -> Ref<Node> {
    if (const Var* var = as<Var>(&node)) return int_imm(var->dtype, table[find_number(var)].value);
    if (is_binary_kind(node.kind)) {
      const auto& op = static_cast<const BinaryExpr&>(node);
      return binary(node.kind, op.a, op.b);
    }
    if (const Cast* c = as<Cast>(&node)) return cast(c->dtype, c->value);
    return nullptr;
  });
  return cast_to<ExprNode>(out);
}
METASCHEDULE_INLINE Ref<IndexMap> ScheduleState::evaluate(const Ref<IndexMap>& map) const {
  if (!map) return map;
  auto value = [&](const Node& node) -> Ref<Node> {
    const Var* var = as<Var>(&node);
    for (size_t i = 0; var && i < table.size(); ++i)
      if (table[i].var.get() == var && table[i].kind == TableEntry::Kind::Int)
        return int_imm(var->dtype, table[i].value);
    return nullptr;
  };
  return cast_to<IndexMap>(rewrite_post_order(*map, value));
}

}  // namespace metaschedule
