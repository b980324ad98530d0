// SPDX-License-Identifier: Apache-2.0
// loop_partition.
#pragma once

#include <fmt/format.h>

#include <unordered_map>

#include "metaschedule/ir/op.h"
#include "metaschedule/ir/renew.h"
#include "metaschedule/ir/walk.h"
#include "metaschedule/schedule/bindings.h"
#include "metaschedule/schedule/primitives/loop_checks.h"
#include "metaschedule/schedule/primitives/loop_partition.h"
#include "metaschedule/schedule/run-inl.h"

namespace metaschedule {

namespace detail {

/// The ends of the ranges that factors cut a loop into, each but the last the start of the next.
inline std::vector<int64_t> partition_ends(const ScheduleState& state, const For& loop,
                                           const std::vector<Factor>& factors) {
  const IntImm *min = as<IntImm>(loop.min), *extent = as<IntImm>(loop.extent);
  refuse_unless(min && extent,
                "The min and extent of loop {0} are required to be constant, but are {1} and {2}",
                {&loop, loop.min.get(), loop.extent.get()});
  bool inferred = false;
  int64_t sum = 0;
  std::vector<std::optional<int64_t>> sizes;
  for (size_t i = 0; i < factors.size(); ++i) {
    sizes.push_back(factors[i].is_none() ? std::nullopt : factors[i].constant(state));
    if (factors[i].is_none()) {
      refuse_unless(!inferred, "Only one factor can be specified as -1 or none");
      inferred = true;
      continue;
    }
    if (!sizes[i] || *sizes[i] <= 0)
      refuse(
          fmt::format("All the constant factors are required to be positive. However, the "
                      "factor at position {} is {}",
                      i, sizes[i] ? fmt::to_string(*sizes[i]) : "not constant"));
    bool fits = !__builtin_add_overflow(sum, *sizes[i], &sum);
    refuse_unless(fits && sum < extent->value,
                  "The sum of factors is larger than or equal to the extent of loop {0}, which is "
                  "{1}",
                  {&loop, extent});
  }
  refuse_unless(!factors.empty() && extent->value > 0,
                "At least one factor and a loop with steps are required, but got {1} steps of loop "
                "{0}",
                {&loop, extent});
  std::vector<int64_t> ends;
  int64_t at = min->value;
  for (const auto& size : sizes) ends.push_back(at += size.value_or(extent->value - sum));
  if (!inferred) ends.push_back(min->value + extent->value);
  return ends;
}

/// The body of a loop for a part of its range. Regions of blocks bound to the loop are taken from
/// the whole domains of their axes.
class PartitionRewriter : public Rewriter {
 public:
  PartitionRewriter(const VarRef& loop_var, const VarRef& part_var, Ref<Range> range,
                    std::string suffix)
      : loop_var_(loop_var),
        part_var_(part_var),
        range_(std::move(range)),
        suffix_(std::move(suffix)) {}

  Ref<Node> visit(const Node& node) override {
    if (&node == loop_var_.get()) return part_var_;
    if (node.kind != Kind::BlockRealize) return rewrite_children(node);
    const auto& realize = static_cast<const BlockRealize&>(node);
    auto out = mutate(realize);
    out->iter_values = (*this)(realize.iter_values);
    out->predicate = (*this)(realize.predicate);
    BlockRef inner = realize.block;
    if (Ref<Node> changed = rewrite_children(*inner)) inner = cast_to<Block>(changed);
    auto block = mutate(inner);
    block->name_hint += suffix_;
    narrow(realize, *block);
    out->block = block;
    return Ref<BlockRealize>(out);
  }

 private:
  void narrow(const BlockRealize& realize, Block& block) {
    bool bound = false;
    std::vector<Ref<IterVar>> axes = block.iter_vars.vec();
    for (size_t i = 0; i < axes.size(); ++i) {
      if (realize.iter_values[i].get() != loop_var_.get()) continue;
      auto axis = mutate(axes[i]);
      axis->dom = range_;
      axes[i] = axis;
      bound = true;
    }
    if (!bound) return;
    block.iter_vars = axes;
    std::unordered_map<const Var*, Ref<Range>> domains;
    for (const auto& axis : axes) domains.emplace(axis->var.get(), axis->dom);
    std::unordered_map<const Buffer*, Exprs> accesses;
    collect(block, accesses);
    block.reads = widened(block.reads, accesses, domains);
    block.writes = widened(block.writes, accesses, domains);
  }

  /// The indices of the first access to each buffer.
  static void collect(const Block& block, std::unordered_map<const Buffer*, Exprs>& out) {
    auto look = [&](const Node& node) {
      if (const BufferStore* store = as<BufferStore>(&node))
        out.emplace(store->buffer.get(), store->indices);
      if (const BufferLoad* load = as<BufferLoad>(&node))
        out.emplace(load->buffer.get(), load->indices);
      return true;
    };
    if (block.init) pre_order(*block.init, look);
    pre_order(*block.body, look);
  }
  static BufferRegions widened(const BufferRegions& regions,
                               const std::unordered_map<const Buffer*, Exprs>& accesses,
                               const std::unordered_map<const Var*, Ref<Range>>& domains) {
    std::vector<Ref<BufferRegion>> out;
    for (const auto& region : regions) {
      auto access = accesses.find(region->buffer.get());
      std::vector<Ref<Range>> ranges;
      if (access != accesses.end()) {
        for (const Expr& index : access->second) {
          auto it = domains.find(as<Var>(index));
          if (it == domains.end()) break;
          ranges.push_back(it->second);
        }
      }
      bool plain = access != accesses.end() && ranges.size() == region->region.size();
      out.push_back(plain ? make<BufferRegion>(region->buffer, Ranges(ranges)) : region);
    }
    return out;
  }

  const VarRef &loop_var_, &part_var_;
  Ref<Range> range_;
  std::string suffix_;
};

inline Stmt opaque_block(const std::string& name, Stmt body) {
  return make<BlockRealize>(
      Exprs{}, true_(),
      make<Block>(List<IterVar>{}, BufferRegions{}, BufferRegions{}, name, std::move(body)));
}

}  // namespace detail

METASCHEDULE_INLINE void LoopPartition::apply(ScheduleState& state,
                                              std::vector<TableEntry>& outputs) {
  Path path = state.path_of(loop);
  const For& old = static_cast<const For&>(*path.back());
  std::vector<int64_t> ends = detail::partition_ends(state, old, factors);
  detail::check_plain(old);
  const StmtNode* first = old.body.get();
  while (const For* below = as<For>(first)) first = below->body.get();
  refuse_unless(first->kind == Kind::BlockRealize,
                "The loop {0} is required to hold one block only", {&old});
  const std::string& block = block_of(*first).name_hint;
  const std::string& name = old.loop_var->name;

  DType dtype = old.loop_var->dtype;
  std::vector<Stmt> parts;
  int64_t begin = as<IntImm>(old.min)->value;
  for (size_t i = 0; i < ends.size(); ++i) {
    VarRef var = make<Var>(fmt::format("{}{}", name, i), dtype);
    Ref<Range> range = make<Range>(int_imm(dtype, begin), int_imm(dtype, ends[i] - begin));
    Stmt body = detail::PartitionRewriter(old.loop_var, var, range,
                                          fmt::format("_{}{}", name, i))(renewed(old.body));
    parts.push_back(
        detail::opaque_block(fmt::format("{}_{}{}_partition", block, name, i),
                             make<For>(var, range->min, range->extent, ForKind::Serial, body)));
    outputs.push_back(TableEntry::loop(var));
    begin = ends[i];
  }
  state.replace(path,
                detail::opaque_block(fmt::format("{}_{}_common", block, name), flatten_seq(parts)));
}

METASCHEDULE_INLINE LoopRV LoopPartitionMethods::merge(std::vector<LoopRV> loops) {
  return static_cast<Schedule*>(this)->run(Merge{std::move(loops)});
}
METASCHEDULE_INLINE std::vector<LoopRV> LoopPartitionMethods::loop_partition(
    LoopRV loop, const std::vector<ExprRV>& factors, bool preserve_unit_iters) {
  return static_cast<Schedule*>(this)->run(
      LoopPartition{loop, {factors.begin(), factors.end()}, preserve_unit_iters});
}

}  // namespace metaschedule
