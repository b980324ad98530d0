// SPDX-License-Identifier: Apache-2.0
// read_at and write_at.
#pragma once

#include <fmt/format.h>

#include <algorithm>

#include "metaschedule/arith/analyzer.h"
#include "metaschedule/ir/op.h"
#include "metaschedule/ir/walk.h"
#include "metaschedule/schedule/analysis.h"
#include "metaschedule/schedule/buffers.h"
#include "metaschedule/schedule/primitives/copy_at.h"
#include "metaschedule/schedule/primitives/stage_place.h"
#include "metaschedule/schedule/primitives/views.h"
#include "metaschedule/schedule/run-inl.h"
#include "metaschedule/schedule/scope_root.h"

namespace metaschedule {

namespace detail {

class CopyAt {
 public:
  CopyAt(ScheduleState& state, LoopRV loop, BlockRV block, int64_t index, const std::string& memory,
         bool is_read)
      : state_(state), path_(state.path_of(loop)), is_read_(is_read) {
    const Block& user = block_of(*state.path_of(block).back());
    original_ = nth_region(user, index, !is_read).buffer;
    check_storage_scope(memory);
    scope_ = scope_root(state, path_, true);
    copy_ = cache_buffer(*original_, memory);
    if (const SeqStmt* seq = as<SeqStmt>(self().body))
      members_ = seq->seq.vec();
    else
      members_.push_back(self().body);
    look_at_members();
  }

  void run(std::vector<TableEntry>& outputs) {
    Stmt stage = make_stage();
    // Reads are redirected from the stage on, writes up to it.
    size_t at = is_read_ ? first_read_ : last_write_ + 1;
    for (size_t i = is_read_ ? at : 0; i < (is_read_ ? members_.size() : at); ++i)
      members_[i] = redirect(members_[i]);
    members_.insert(members_.begin() + static_cast<std::ptrdiff_t>(at), stage);
    auto loop = mutate(self());
    loop->body = flatten_seq(members_);
    BlockId scope_id = scope_.block().id;
    ModuleRef program = state_.program;
    replace_stmt(program, path_, Stmt(loop));
    add_to_block(program, scope_id, 0, {}, {copy_});
    state_.program = std::move(program);
    outputs.push_back(TableEntry::block(stage_id_));
  }

 private:
  const For& self() const { return static_cast<const For&>(*path_.back()); }

  static constexpr size_t kNone = SIZE_MAX;

  void look_at_members() {
    size_t first_write = kNone, last_read = kNone;
    for (size_t i = 0; i < members_.size(); ++i) {
      bool reads = false, writes = false;
      for (const BlockRealize* realize : top_blocks(*members_[i])) {
        bool r = reads_buffer(*realize->block, original_.get());
        bool w = writes_buffer(*realize->block, original_.get());
        reads = reads || r;
        if (is_read_ ? r : w) relax(*realize);
        refuse_unless(is_read_ || !r || first_write != kNone || writes,
                      "The block {0} reads the buffer before the loop {1} writes it",
                      {realize->block.get(), &self()});
        writes = writes || w;
      }
      if (reads) last_read = i;
      if (reads && first_read_ == kNone) first_read_ = i;
      if (writes) last_write_ = i;
      if (writes && first_write == kNone) first_write = i;
    }
    if (is_read_) {
      refuse_unless(first_read_ != kNone, "The loop {0} does not read the buffer {1}",
                    {&self(), original_.get()});
      refuse_unless(last_write_ == kNone || last_write_ < first_read_,
                    "The loop {0} writes the buffer {1} after it reads it",
                    {&self(), original_.get()});
    } else {
      refuse_unless(last_write_ != kNone, "The loop {0} does not write the buffer {1}",
                    {&self(), original_.get()});
      refuse_unless(last_read == kNone || last_read <= last_write_,
                    "The loop {0} reads the buffer {1} after it last writes it",
                    {&self(), original_.get()});
    }
  }

  /// Adds what all steps of the loops between this loop and a block touch.
  void relax(const BlockRealize& realize) {
    Path path = path_;
    path.nodes.pop_back();
    find_block_below(self(), realize.block->id, path);
    arith::DomMap domains;
    size_t level = path_.size() - 1;
    for (size_t i = 0; i + 1 < path.size(); ++i) {
      const For* loop = as<For>(path.nodes[i]);
      if (!loop) continue;
      bool relaxed =
          i > level || (loop->kind == ForKind::ThreadBinding &&
                        relaxes_thread_axis(copy_->scope(), loop->thread_binding->thread_tag));
      if (!relaxed) continue;
      domains.emplace(loop->loop_var.get(),
                      arith::IntSet::from_range(Range(loop->min, loop->extent)));
    }
    VarMap bindings = axis_values(realize);
    const BufferRegions& regions = is_read_ ? realize.block->reads : realize.block->writes;
    for (const auto& region : regions) {
      if (region->buffer != original_) continue;
      std::vector<Ref<Range>> bound;
      for (const auto& range : region->region) bound.push_back(substitute(range, bindings));
      touched_.push_back(arith::eval_set(Ranges(bound), domains, analyzer_));
    }
  }

  std::vector<Ref<Range>> domain() {
    std::vector<arith::IntSet> sets =
        touched_.size() == 1 ? touched_[0] : arith::union_region(touched_);
    std::vector<Ref<Range>> out;
    for (const arith::IntSet& set : sets) {
      refuse_unless(set.has_lower_bound() && set.has_upper_bound(),
                    "What the loop {0} touches of the buffer {1} is not bounded",
                    {&self(), original_.get()});
      Expr min = analyzer_.simplify(set.min());
      out.push_back(make<Range>(min, analyzer_.simplify(set.max() + 1 - min)));
    }
    return out;
  }

  Stmt make_stage() {
    // One axis for each loop outside that the part depends on.
    std::vector<const For*> outside;
    for (size_t i = static_cast<size_t>(path_.enclosing_block() + 1); i < path_.size(); ++i)
      if (const For* loop = as<For>(path_.nodes[i])) outside.push_back(loop);
    std::vector<Ref<IterVar>> axes;
    std::vector<Expr> values;
    VarMap known;
    auto bind = [&](const Var* var) -> Expr {
      if (auto it = known.find(var); it != known.end()) return it->second;
      for (const For* loop : outside) {
        if (loop->loop_var.get() != var) continue;
        VarRef axis = make<Var>(fmt::format("v{}", axes.size()), var->dtype);
        axes.push_back(
            make<IterVar>(make<Range>(loop->min, loop->extent), axis, IterType::DataPar));
        values.push_back(loop->loop_var);
        return known.emplace(var, axis).first->second;
      }
      return nullptr;
    };
    std::vector<VarRef> loops;
    std::vector<Ref<Range>> part, steps;
    std::vector<Expr> at;
    for (const auto& range : domain()) {
      Expr min = substitute(range->min, bind), extent = substitute(range->extent, bind);
      part.push_back(make<Range>(min, extent));
      loops.push_back(make<Var>(fmt::format("ax{}", loops.size()), kInt32));
      steps.push_back(make<Range>(i32(0), extent));
      at.push_back(min + loops.back());
    }
    const BufferRef &from = is_read_ ? original_ : copy_, &to = is_read_ ? copy_ : original_;
    Stmt body = loop_nest(loops, steps, make<BufferStore>(to, load(from, at), at));
    BlockRef block =
        make<Block>(axes, BufferRegions{make<BufferRegion>(from, Ranges(part))},
                    BufferRegions{make<BufferRegion>(to, Ranges(part))}, copy_->name, body, nullptr,
                    List<Buffer>{}, List<MatchBufferRegion>{}, Dict{{"auto_copy", i32(1)}});
    stage_id_ = block->id;
    return make<BlockRealize>(values, true_(), block);
  }

  Stmt redirect(const Stmt& stmt) const { return use_copy(stmt, original_, copy_); }

  ScheduleState& state_;
  Path path_;
  bool is_read_;
  ScopeRoot scope_;
  BufferRef original_, copy_;
  std::vector<Stmt> members_;
  size_t first_read_ = kNone, last_write_ = kNone;
  std::vector<std::vector<arith::IntSet>> touched_;
  arith::Analyzer analyzer_;
  BlockId stage_id_ = 0;
};

}  // namespace detail

METASCHEDULE_INLINE void ReadAt::apply(ScheduleState& state, std::vector<TableEntry>& outputs) {
  detail::CopyAt(state, loop, block, read_buffer_index, storage_scope, true).run(outputs);
}
METASCHEDULE_INLINE void WriteAt::apply(ScheduleState& state, std::vector<TableEntry>& outputs) {
  detail::CopyAt(state, loop, block, write_buffer_index, storage_scope, false).run(outputs);
}

METASCHEDULE_INLINE BlockRV CopyAtMethods::read_at(LoopRV loop, BlockRV block,
                                                   int64_t read_buffer_index,
                                                   std::string storage_scope) {
  return static_cast<Schedule*>(this)->run(
      ReadAt{loop, block, read_buffer_index, std::move(storage_scope)});
}
METASCHEDULE_INLINE BlockRV CopyAtMethods::write_at(LoopRV loop, BlockRV block,
                                                    int64_t write_buffer_index,
                                                    std::string storage_scope) {
  return static_cast<Schedule*>(this)->run(
      WriteAt{loop, block, write_buffer_index, std::move(storage_scope)});
}

}  // namespace metaschedule
