// SPDX-License-Identifier: Apache-2.0
// RewriteParallelVectorizeUnroll: how many loops of a block to fuse for threads and for vectors,
// then doing it.
#pragma once

#include <algorithm>

#include "metaschedule/arith/analyzer.h"
#include "metaschedule/ir/walk.h"
#include "metaschedule/tune/space/postprocs.h"
#include "metaschedule/tune/space/predicates.h"

namespace metaschedule {

namespace detail {

/// The annotations of one root block; -1 stands for absent.
struct ParallelPlan {
  int64_t max_parallel = -1, max_vectorize = -1;
  int64_t unroll_explicit = -1, unroll_implicit = -1;
  int num_parallel = -1, num_vectorize = -1;  // loops of one block to fuse
};

/// The step that `var` makes in an index made of sums and constant multiples; 0 when it does not
/// occur in such a way, the smaller of two where it occurs twice.
inline int64_t coefficient_of(const Expr& index, const Var* var) {
  switch (index->kind) {
    case Kind::Var:
    case Kind::SizeVar:
      return index.get() == var ? 1 : 0;
    case Kind::Add: {
      auto& add = cast_to<Add>(*index);
      int64_t a = coefficient_of(add.a, var), b = coefficient_of(add.b, var);
      return a == 0 ? b : b == 0 ? a : std::min(a, b);
    }
    case Kind::Mul: {
      auto& mul = cast_to<Mul>(*index);
      if (auto c = as_const_int(mul.b)) return coefficient_of(mul.a, var) * *c;
      if (auto c = as_const_int(mul.a)) return coefficient_of(mul.b, var) * *c;
      return 0;
    }
    default:
      return 0;
  }
}

/// An index as `step * loop + ...`, loop by loop.
class IndexSteps {
 public:
  IndexSteps(const Expr& index, const VarMap& bindings, const std::vector<const For*>& loops,
             arith::Analyzer& analyzer)
      : steps_(loops.size()) {
    // Sums of positive multiples come out of the simplifier as they are, term by term.
    bool plain = add(*index, 1, bindings, loops) && offset_ >= 0;
    for (int64_t step : steps_) plain = plain && step >= 0;
    if (plain) return;
    Expr simple = analyzer.simplify(substitute(index, bindings));
    for (size_t i = 0; i < loops.size(); ++i)
      steps_[i] = coefficient_of(simple, loops[i]->loop_var.get());
  }
  int64_t operator[](size_t loop) const { return steps_[loop]; }

 private:
  static bool small(int64_t x) { return x > -(int64_t{1} << 31) && x < int64_t{1} << 31; }

  bool add(const ExprNode& e, int64_t scale, const VarMap& bindings,
           const std::vector<const For*>& loops) {
    switch (e.kind) {
      case Kind::IntImm:
        offset_ += static_cast<const IntImm&>(e).value * scale;
        return small(static_cast<const IntImm&>(e).value) && small(offset_);
      case Kind::Var: {
        if (auto it = bindings.find(static_cast<const Var*>(&e)); it != bindings.end()) {
          // A binding is in terms of loops, not of other axes.
          static const VarMap none;
          return add(*it->second, scale, none, loops);
        }
        for (size_t i = 0; i < loops.size(); ++i) {
          if (loops[i]->loop_var.get() != &e) continue;
          steps_[i] += scale;
          return small(steps_[i]);
        }
        return false;
      }
      case Kind::Add: {
        const auto& sum = static_cast<const Add&>(e);
        return add(*sum.a, scale, bindings, loops) && add(*sum.b, scale, bindings, loops);
      }
      case Kind::Mul: {
        const auto& product = static_cast<const Mul&>(e);
        const IntImm* factor = as<IntImm>(product.b);
        if (!factor || !small(factor->value) || !small(scale * factor->value)) return false;
        return add(*product.a, scale * factor->value, bindings, loops);
      }
      default:
        return false;
    }
  }

  std::vector<int64_t> steps_;
  int64_t offset_ = 0;
};

/// By loop: how far in memory a step of the loop moves the access; 0 when it does not.
inline std::vector<int64_t> region_strides(const BufferRegion& region, const VarMap& bindings,
                                           const std::vector<const For*>& loops,
                                           arith::Analyzer& analyzer) {
  std::vector<IndexSteps> indices;
  for (const Ref<Range>& range : region.region)
    indices.emplace_back(range->min, bindings, loops, analyzer);
  std::vector<int64_t> out;
  for (size_t i = 0; i < loops.size(); ++i) {
    int64_t inner = 1, stride = 0;
    for (size_t d = indices.size(); d-- > 0;) {
      stride = indices[d][i] * inner;
      auto extent = as_const_int(region.buffer->shape[d]);
      if (stride != 0 || !extent) break;
      inner *= *extent;
    }
    out.push_back(stride);
  }
  return out;
}

/// How many innermost loops walk a region without a gap.
inline int fusible_loops(const std::vector<int64_t>& strides,
                         const std::vector<const For*>& loops) {
  int count = 0;
  int64_t previous = -1;  // stride of the last loop that moves the access
  int64_t span = 0;
  for (size_t i = loops.size(); i-- > 0;) {
    if (strides[i] == 0) {
      ++count;
      continue;
    }
    if (previous == -1) {
      if (strides[i] != 1 && count > 0) return count;
    } else if (strides[i] != span) {
      return count;
    }
    ++count;
    auto extent = as_const_int(loops[i]->extent);
    previous = strides[i];
    span = extent ? strides[i] * *extent : -1;
  }
  return count;
}

inline bool is_free_loop(const For& loop) {
  return loop.annotations.empty() && !loop.thread_binding &&
         loop_iter_type(loop) == IterType::DataPar;
}

inline void adjust_plan(const BlockPlace& place, ParallelPlan& plan) {
  plan.num_parallel = plan.num_vectorize = -1;
  if (plan.max_parallel == -1 && plan.max_vectorize == -1) return;
  const std::vector<const For*>& loops = place.loops;
  int n = static_cast<int>(loops.size());
  VarMap bindings;
  for (size_t i = 0; i < place.realize->iter_values.size(); ++i)
    bindings[place.block().iter_vars[i]->var.get()] = place.realize->iter_values[i];
  arith::Analyzer analyzer;
  int max_fusible = INT32_MAX;
  for (const BufferRegions* regions : {&place.block().reads, &place.block().writes}) {
    for (const Ref<BufferRegion>& region : *regions) {
      std::vector<int64_t> strides = region_strides(*region, bindings, loops, analyzer);
      max_fusible = std::min(max_fusible, fusible_loops(strides, loops));
    }
  }
  std::vector<bool> is_free;
  for (const For* loop : loops) is_free.push_back(is_free_loop(*loop));
  auto extent_of = [](const For& loop) { return as_const_int(loop.extent); };
  auto has_single_body = [](const For& loop) { return loop.body->kind != Kind::SeqStmt; };
  int rewritable = 0;
  for (size_t i = 0; i < loops.size(); ++i) {
    if (is_free[i] && has_single_body(*loops[i]) && extent_of(*loops[i])) ++rewritable;
  }
  if (plan.max_parallel != -1) {
    int64_t product = 1;
    int count = 0;
    for (size_t i = 0; i < loops.size(); ++i) {
      auto extent = extent_of(*loops[i]);
      if (!is_free[i] || !extent) break;
      product *= *extent;
      ++count;
      if (product > plan.max_parallel || !has_single_body(*loops[i])) break;
    }
    plan.num_parallel = product == 1 ? -1 : count;
  }
  if (plan.max_vectorize != -1) {
    int64_t product = 1;
    int count = 0;
    for (int i = n; i-- > 0 && count < max_fusible;) {
      const For& loop = *loops[static_cast<size_t>(i)];
      auto extent = extent_of(loop);
      if (!is_free[static_cast<size_t>(i)] || !has_single_body(loop) || !extent) break;
      product *= *extent;
      if (product > plan.max_vectorize) break;
      ++count;
    }
    plan.num_vectorize = product == 1 ? -1 : count;
  }
  if (plan.num_parallel == -1 || plan.num_vectorize == -1) return;
  if (rewritable == n && max_fusible == n) {
    plan.num_parallel = plan.num_vectorize = n;
  } else {
    plan.num_parallel = std::min(plan.num_parallel, n - plan.num_vectorize);
  }
}

inline void carry_out(Schedule& sch, const ParallelPlan& plan, std::vector<LoopRV>& loops) {
  int n = static_cast<int>(loops.size());
  if (plan.num_parallel == n && plan.num_vectorize == n) {
    LoopRV fused = sch.fuse(loops);
    std::vector<LoopRV> parts = sch.split(fused, {nullptr, i32(plan.max_vectorize)});
    sch.parallel(parts[0]);
    sch.vectorize(parts[1]);
    loops = parts;
    return;
  }
  if (plan.num_parallel > 0) {
    auto end = loops.begin() + plan.num_parallel;
    LoopRV fused = sch.fuse(std::vector<LoopRV>(loops.begin(), end));
    sch.parallel(fused);
    loops.erase(loops.begin(), end);
    loops.insert(loops.begin(), fused);
  }
  if (plan.num_vectorize > 0) {
    auto begin = loops.end() - plan.num_vectorize;
    LoopRV fused = sch.fuse(std::vector<LoopRV>(begin, loops.end()));
    sch.vectorize(fused);
    loops.erase(begin, loops.end());
    loops.push_back(fused);
  }
}

inline void annotate_unrolling(Schedule& sch, const BlockRV& block, const ParallelPlan& plan,
                               const LoopRV& loop) {
  int64_t max_step = plan.unroll_explicit + plan.unroll_implicit + 1;
  if (max_step <= 0 || is_spatial(*sch.get(block))) return;
  sch.annotate(loop, "pragma_auto_unroll_max_step", Ref<Node>(i32(max_step)));
  sch.annotate(loop, "pragma_unroll_explicit", Ref<Node>(i32(plan.unroll_explicit != -1)));
}

struct AnnotatedRoot {
  std::string block, func;
  ParallelPlan plan;
};
inline std::optional<AnnotatedRoot> find_annotated_root(const IRModule& mod) {
  for (const auto& [name, func] : mod.functions) {
    const PrimFunc* prim = as<PrimFunc>(func);
    const BlockRealize* realize = prim ? as<BlockRealize>(prim->body) : nullptr;
    if (!realize) continue;
    const Dict& annotations = realize->block->annotations;
    auto read = [&](const char* key) { return int_annotation(annotations, key).value_or(-1); };
    ParallelPlan plan;
    plan.max_parallel = read("meta_schedule.parallel");
    plan.max_vectorize = read("meta_schedule.vectorize");
    plan.unroll_explicit = read("meta_schedule.unroll_explicit");
    plan.unroll_implicit = read("meta_schedule.unroll_implicit");
    if (plan.max_parallel == -1 && plan.max_vectorize == -1 && plan.unroll_explicit == -1 &&
        plan.unroll_implicit == -1)
      continue;
    check<ValueError>(plan.unroll_explicit == -1 || plan.unroll_implicit == -1,
                      "root block {} has both meta_schedule.unroll_explicit and "
                      "meta_schedule.unroll_implicit",
                      realize->block->name_hint);
    return AnnotatedRoot{realize->block->name_hint, cast_to<GlobalVar>(*name).name_hint, plan};
  }
  return std::nullopt;
}

}  // namespace detail

METASCHEDULE_INLINE bool RewriteParallelVectorizeUnroll::apply(const SchedulePtr& sch) {
  while (auto root = detail::find_annotated_root(*sch->mod())) {
    detail::ParallelPlan plan = root->plan;
    BlockRV root_rv = sch->get_block(root->block, root->func);
    if (plan.max_parallel != -1) sch->unannotate(root_rv, "meta_schedule.parallel");
    if (plan.max_vectorize != -1) sch->unannotate(root_rv, "meta_schedule.vectorize");
    if (plan.unroll_explicit != -1) sch->unannotate(root_rv, "meta_schedule.unroll_explicit");
    if (plan.unroll_implicit != -1) sch->unannotate(root_rv, "meta_schedule.unroll_implicit");
    for (const BlockRV& block : sch->get_child_blocks(root_rv)) {
      std::vector<LoopRV> loops = sch->get_loops(block);
      if (loops.empty()) continue;
      detail::adjust_plan(place_of(*sch, block), plan);
      detail::carry_out(*sch, plan, loops);
      if (plan.unroll_explicit != -1 || plan.unroll_implicit != -1)
        detail::annotate_unrolling(*sch, block, plan, loops[0]);
    }
  }
  return true;
}

}  // namespace metaschedule
