// SPDX-License-Identifier: Apache-2.0
// blockize of a list of blocks.
#pragma once

#include "metaschedule/ir/structural.h"
#include "metaschedule/schedule/primitives/blockize-inl.h"

namespace metaschedule::detail {

// Regions by buffer, each the hull of all those seen.
class RegionUnion {
 public:
  void add(const BufferRegions& regions, const VarMap& rename) {
    for (const Ref<BufferRegion>& given : regions) {
      Ref<BufferRegion> region = substitute(given, rename);
      std::vector<arith::IntSet> sets;
      for (const auto& range : region->region) sets.push_back(arith::IntSet::from_range(*range));
      auto it = std::find_if(all_.begin(), all_.end(),
                             [&](const auto& item) { return item.first == region->buffer; });
      if (it == all_.end()) it = all_.insert(all_.end(), {region->buffer, {}});
      it->second.push_back(std::move(sets));
    }
  }
  BufferRegions regions() const {
    std::vector<Ref<BufferRegion>> out;
    for (const auto& [buffer, sets] : all_) {
      std::vector<arith::IntSet> hull = arith::union_region(sets);
      std::vector<Ref<Range>> ranges;
      for (size_t d = 0; d < hull.size(); ++d) {
        const Expr& extent = buffer->shape[d];
        ranges.push_back(hull[d].cover_range(make<Range>(int_imm(extent->dtype, 0), extent)));
      }
      out.push_back(make<BufferRegion>(buffer, Ranges(ranges)));
    }
    return out;
  }

 private:
  std::vector<std::pair<BufferRef, std::vector<std::vector<arith::IntSet>>>> all_;
};

// Where the paths part: the number of nodes that all have in common.
inline size_t common_length(const std::vector<Path>& paths) {
  size_t common = paths[0].size();
  for (const Path& path : paths) {
    refuse_unless(path.function == paths[0].function,
                  "The blocks are in different functions: {0} and {1}",
                  {paths[0].back(), path.back()});
    size_t n = 0;
    while (n < std::min(common, path.size()) && path.nodes[n] == paths[0].nodes[n]) ++n;
    common = n;
  }
  return common;
}

METASCHEDULE_INLINE BlockId blockize_list(ScheduleState& state, std::vector<Path> paths,
                                          bool preserve_unit_iters) {
  refuse_unless(!paths.empty(),
                "blockize expects a loop or at least one block, but got an empty list");
  size_t common = common_length(paths);
  const bool single = common == paths[0].size();
  if (single) --common;  // one block: what is around it
  const StmtNode& parent = *paths[0].nodes[common - 1];
  const SeqStmt* seq = as<SeqStmt>(&parent);
  refuse_unless(seq != nullptr || paths.size() == 1,
                "The blocks are not neighbours of one sequence of statements", {&parent});
  // The nests in the order of the program.
  auto nest_of = [&](const Path& path) { return path.nodes[common]; };
  size_t first = 0;
  if (seq) {
    auto position = [&](const Path& path) {
      for (size_t i = 0; i < seq->seq.size(); ++i)
        if (seq->seq[i].get() == nest_of(path)) return i;
      return seq->seq.size();
    };
    std::sort(paths.begin(), paths.end(),
              [&](const Path& a, const Path& b) { return position(a) < position(b); });
    first = position(paths[0]);
    for (size_t i = 0; i < paths.size(); ++i)
      refuse_unless(
          position(paths[i]) == first + i,
          "The block {0} is not a neighbour of the other blocks in their sequence of statements",
          {paths[i].back()});
  }
  std::string name = "outer_";
  std::vector<Stmt> nests;
  RegionUnion reads, writes;
  std::vector<Ref<IterVar>> iters;
  std::vector<Expr> values;
  Expr predicate;
  arith::Analyzer analyzer;
  for (const Path& path : paths) {
    for (size_t i = common; i + 1 < path.size(); ++i)
      refuse_unless(path.nodes[i]->kind == Kind::For, "Block {0} is not alone in its nest",
                    {path.back()});
    Blockizer blockizer(path, *nest_of(path), preserve_unit_iters);
    refuse_unless(!blockizer.block().init || !blockizer.outer_reduces(),
                  "Block {0} has an init and reduces outside", {path.back()});
    Blockizer::Parts parts = blockizer.run_inner(false);
    VarMap rename;
    if (nests.empty()) {
      iters = blockizer.outer_iters();
      values = blockizer.outer_values();
      predicate = blockizer.outer_predicate();
    } else {
      bool same = iters.size() == blockizer.outer_iters().size() &&
                  expr_equal(predicate, blockizer.outer_predicate());
      for (size_t i = 0; same && i < iters.size(); ++i) {
        const IterVar& other = *blockizer.outer_iters()[i];
        same = iters[i]->iter_type == other.iter_type &&
               expr_equal(iters[i]->dom->extent, other.dom->extent) &&
               analyzer.can_prove_equal(values[i], blockizer.outer_values()[i]);
        rename[other.var.get()] = iters[i]->var;
      }
      refuse_unless(same, "The outer axes of block {0} differ from those of the first block",
                    {path.back()});
    }
    name += blockizer.block().name_hint + "_";
    reads.add(parts.reads, rename);
    writes.add(parts.writes, rename);
    nests.push_back(substitute(parts.nest, rename));
  }
  BlockRef outer = make<Block>(List<IterVar>(iters), reads.regions(), writes.regions(), name,
                               flatten_seq(nests));
  Stmt realize = make<BlockRealize>(values, predicate, outer);
  if (seq && paths.size() < seq->seq.size()) {
    std::vector<Stmt> members = seq->seq.vec();
    members.erase(members.begin() + static_cast<ptrdiff_t>(first),
                  members.begin() + static_cast<ptrdiff_t>(first + paths.size()));
    members.insert(members.begin() + static_cast<ptrdiff_t>(first), realize);
    state.replace(paths[0], common - 1, flatten_seq(members));
  } else {
    state.replace(paths[0], seq ? common - 1 : common, realize);
  }
  return outer->id;
}

}  // namespace metaschedule::detail
