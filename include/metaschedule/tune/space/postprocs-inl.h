// SPDX-License-Identifier: Apache-2.0
// The short postprocs: dynamic loops, reductions, layouts.
#pragma once

#include <algorithm>
#include <optional>
#include <unordered_map>

#include "metaschedule/arith/analyzer.h"
#include "metaschedule/schedule/analysis_index_map.h"
#include "metaschedule/tune/space/postprocs.h"
#include "metaschedule/tune/space/predicates.h"

namespace metaschedule {

namespace detail {

/// Calls `f` on a statement and those below it, parents first; `f` returns false to stay out of
/// one.
template <class F>
void for_each_stmt(const StmtNode& stmt, F&& f) {
  if (!f(stmt)) return;
  if (const BlockRealize* realize = as<BlockRealize>(&stmt))
    return for_each_stmt(*realize->block, f);
  if (const Block* block = as<Block>(&stmt); block && block->init) for_each_stmt(*block->init, f);
  for_each_substmt(stmt, [&](const StmtNode& below) { for_each_stmt(below, f); });
}

}  // namespace detail

METASCHEDULE_INLINE bool DisallowDynamicLoop::apply(const SchedulePtr& sch) {
  bool dynamic = false;
  for (const auto& [name, func] : sch->mod()->functions) {
    const PrimFunc* prim = as<PrimFunc>(func);
    if (!prim) continue;
    detail::for_each_stmt(*prim->body, [&](const StmtNode& stmt) {
      const For* loop = as<For>(&stmt);
      dynamic = dynamic || (loop && !as<IntImm>(loop->extent));
      return !dynamic;
    });
  }
  return !dynamic;
}

namespace detail {

/// What kinds of axes use the loops of a function: `loop_iter_type` of all of them at once.
class LoopTypes {
 public:
  explicit LoopTypes(const PrimFunc& func) { visit(*func.body); }

  IterType of(const For& loop) const {
    auto it = uses_.find(loop.loop_var.get());
    const int uses = it == uses_.end() ? 0 : it->second;
    if ((uses & kOther) || uses == (kSpatial | kReduction)) return IterType::Opaque;
    return uses == kReduction ? IterType::CommReduce : IterType::DataPar;
  }

 private:
  static constexpr int kSpatial = 1, kReduction = 2, kOther = 4;

  void visit(const StmtNode& stmt) {
    if (const BlockRealize* realize = as<BlockRealize>(&stmt)) {
      note(*realize);
      std::vector<const Var*> outer = std::move(open_);
      open_.clear();
      visit(*realize->block->body);
      open_ = std::move(outer);
      return;
    }
    const For* loop = as<For>(&stmt);
    if (loop) open_.push_back(loop->loop_var.get());
    for_each_substmt(stmt, [&](const StmtNode& below) { visit(below); });
    if (loop) open_.pop_back();
  }
  /// Only the loops between a block and the next one around it count.
  void note(const BlockRealize& realize) {
    for (size_t i = 0; i < realize.iter_values.size(); ++i) {
      const IterType type = realize.block->iter_vars[i]->iter_type;
      const int use = type == IterType::DataPar      ? kSpatial
                      : type == IterType::CommReduce ? kReduction
                                                     : kOther;
      post_order(*realize.iter_values[i], [&](const Node& node) {
        const Var* var = as<Var>(&node);
        if (var && std::find(open_.begin(), open_.end(), var) != open_.end()) uses_[var] |= use;
      });
    }
  }

  std::vector<const Var*> open_;
  std::unordered_map<const Var*, int> uses_;
};

/// A reduction block whose init can still be taken out, and the loop to take it out of.
struct Decomposition {
  std::string block, func;
  int loop = 0;
};

inline std::optional<Decomposition> find_decomposition(const std::string& func,
                                                       const LoopTypes& types, const StmtNode& stmt,
                                                       std::vector<const Var*>& threads,
                                                       std::vector<const For*>& loops) {
  if (const For* loop = as<For>(&stmt)) {
    bool bound =
        loop->thread_binding && (loop->thread_binding->thread_tag.starts_with("threadIdx") ||
                                 loop->thread_binding->thread_tag.starts_with("blockIdx"));
    if (bound) threads.push_back(loop->loop_var.get());
    loops.push_back(loop);
    auto found = find_decomposition(func, types, *loop->body, threads, loops);
    loops.pop_back();
    return found;
  }
  if (const BlockRealize* realize = as<BlockRealize>(&stmt)) {
    const Block& block = *realize->block;
    bool crosses_threads = false;
    for (size_t i = 0; i < block.iter_vars.size(); ++i) {
      if (block.iter_vars[i]->iter_type != IterType::CommReduce) continue;
      crosses_threads = crosses_threads || uses_var(*realize->iter_values[i], [&](const Var* var) {
                          return std::find(threads.begin(), threads.end(), var) != threads.end();
                        });
    }
    if (block.init && !crosses_threads) {
      for (size_t i = 0; i < loops.size(); ++i) {
        if (types.of(*loops[i]) != IterType::DataPar)
          return Decomposition{block.name_hint, func, static_cast<int>(i)};
      }
    }
    std::vector<const For*> inner;
    return find_decomposition(func, types, *block.body, threads, inner);
  }
  std::optional<Decomposition> found;
  for_each_substmt(stmt, [&](const StmtNode& child) {
    if (!found) found = find_decomposition(func, types, child, threads, loops);
  });
  return found;
}

}  // namespace detail

METASCHEDULE_INLINE bool RewriteReductionBlock::apply(const SchedulePtr& sch) {
  constexpr const char* key = "meta_schedule.auto_tensorize";
  constexpr const char* init_key = "meta_schedule.auto_tensorize_init";
  while (true) {
    std::optional<detail::Decomposition> found;
    for (const auto& [name, func] : sch->mod()->functions) {
      const PrimFunc* prim = as<PrimFunc>(func);
      std::vector<const Var*> threads;
      std::vector<const For*> loops;
      if (prim && !found) {
        found = detail::find_decomposition(cast_to<GlobalVar>(*name).name_hint,
                                           detail::LoopTypes(*prim), *prim->body, threads, loops);
      }
    }
    if (!found) return true;
    BlockRV block = sch->get_block(found->block, found->func);
    LoopRV loop = sch->get_loops(block)[static_cast<size_t>(found->loop)];
    BlockRV init = sch->decompose_reduction(block, loop);
    Dict annotations = sch->get(block)->annotations;
    if (!annotations.contains(key)) continue;
    sch->unannotate(init, key);
    const String* intrin = as<String>(annotations.find(init_key));
    sch->annotate(init, key, make<String>(intrin ? intrin->value : ""));
    if (!intrin) continue;
    sch->unannotate(block, init_key);
    sch->unannotate(init, init_key);
  }
}

namespace detail {

/// Where a buffer is read last in a function, and how.
struct LayoutUse {
  const BlockRealize* realize = nullptr;
  const BufferLoad* load = nullptr;
  std::vector<const For*> loops;
};

inline void find_use(const Node& node, const Buffer* buffer, std::vector<const For*>& loops,
                     const BlockRealize* realize, LayoutUse& use) {
  if (const For* loop = as<For>(&node)) {
    loops.push_back(loop);
    find_use(*loop->body, buffer, loops, realize, use);
    loops.pop_back();
    return;
  }
  if (const BlockRealize* inner = as<BlockRealize>(&node)) realize = inner;
  const BufferLoad* load = as<BufferLoad>(&node);
  if (load && load->buffer.get() == buffer) use = {realize, load, loops};
  for_each_child(node, [&](const Node& child) { find_use(child, buffer, loops, realize, use); });
}

/// Blocks that copy the buffer, each the one before it, from `buffer` on.
inline std::vector<const Block*> copy_chain(const PrimFunc& func, const Buffer* buffer) {
  std::vector<const Block*> chain;
  pre_order(*func.body, [&](const Node& node) {
    const Block* block = as<Block>(&node);
    if (block && !block->init && block->reads.size() == 1 && block->writes.size() == 1 &&
        block->reads[0]->buffer.get() == buffer) {
      chain.push_back(block);
      buffer = block->writes[0]->buffer.get();
    }
    return true;
  });
  return chain;
}

inline int read_index(const Block& block, const Buffer* buffer) {
  for (size_t i = 0; i < block.reads.size(); ++i)
    if (block.reads[i]->buffer.get() == buffer) return static_cast<int>(i);
  return -1;
}

/// The map that stores the elements in the order in which the loops read them; null when the access
/// has no such order.
inline Ref<IndexMap> map_by_use(const LayoutUse& use) {
  if (!use.realize) return nullptr;
  VarMap bindings;
  for (size_t i = 0; i < use.realize->iter_values.size(); ++i)
    bindings[use.realize->block->iter_vars[i]->var.get()] = use.realize->iter_values[i];
  std::vector<Expr> indices;
  for (const Expr& index : use.load->indices) indices.push_back(substitute(index, bindings));
  arith::Analyzer analyzer;
  return suggest_index_map(*use.load->buffer, indices, use.loops, use.realize->predicate, analyzer);
}

inline void insert_layout_stage(Schedule& sch, const BlockRV& consumer, int index) {
  BlockRV stage = sch.cache_read(consumer, index, "global");
  sch.annotate(stage, "meta_schedule.layout_rewrite_preproc", Ref<Node>(true_()));
}

inline void rewrite_layout_of(Schedule& sch, const std::string& func_name,
                              const BufferRef& buffer) {
  PrimFuncRef func = sch.mod()->lookup(func_name);
  std::vector<std::string> chain;
  const Buffer* last = buffer.get();
  for (const Block* block : copy_chain(*func, last)) {
    chain.push_back(block->name_hint);
    last = block->writes[0]->buffer.get();
  }
  LayoutUse use;
  std::vector<const For*> loops;
  find_use(*func->body, last, loops, nullptr, use);
  Ref<IndexMap> map = map_by_use(use);
  if (!map) return;
  int index = read_index(*use.realize->block, last);
  check<ScheduleError>(index >= 0, "RewriteLayout: block {} does not declare that it reads {}",
                       use.realize->block->name_hint, last->name);
  BlockRV consumer = sch.get_block(use.realize->block->name_hint, func_name);
  if (chain.empty()) insert_layout_stage(sch, consumer, index);
  sch.transform_layout(consumer, BufferArg{index, false}, map);
  for (size_t i = chain.size(); i-- > 0;) {
    BlockRV block = sch.get_block(chain[i], func_name);
    if (i == 0) insert_layout_stage(sch, block, 0);
    sch.transform_layout(block, BufferArg{0, false}, map);
  }
}

}  // namespace detail

METASCHEDULE_INLINE bool RewriteLayout::apply(const SchedulePtr& sch) {
  // The list is taken before the first edit: edits replace functions, not their parameters.
  std::vector<std::pair<std::string, BufferRef>> buffers;
  for (const auto& [name, func] : sch->mod()->functions) {
    const PrimFunc* prim = as<PrimFunc>(func);
    if (!prim) continue;
    std::vector<BufferRef> free;
    if (const Array* list = as<Array>(prim->attrs.find("layout_free_buffers"))) {
      for (const Ref<Node>& item : list->items) {
        auto index = as_const_int(item.get());
        check<ValueError>(
            index && *index >= 0 && *index < static_cast<int64_t>(prim->params.size()),
            "layout_free_buffers: expected positions of parameters");
        BufferRef buffer = prim->buffer_of(prim->params[static_cast<size_t>(*index)]);
        if (buffer) free.push_back(buffer);
      }
    }
    detail::for_each_stmt(*prim->body, [&](const StmtNode& stmt) {
      const Block* block = as<Block>(&stmt);
      const Array* list =
          block ? as<Array>(block->annotations.find("layout_free_placeholders")) : nullptr;
      if (list) {
        for (const Ref<Node>& item : list->items) {
          BufferRef buffer = as_ref<Buffer>(item);
          if (buffer && std::find(free.begin(), free.end(), buffer) == free.end())
            free.push_back(buffer);
        }
      }
      return true;
    });
    for (BufferRef& buffer : free)
      buffers.emplace_back(cast_to<GlobalVar>(*name).name_hint, std::move(buffer));
  }
  try {
    for (const auto& [func, buffer] : buffers) detail::rewrite_layout_of(*sch, func, buffer);
  } catch (const Error&) {
    return false;
  }
  return true;
}

}  // namespace metaschedule
