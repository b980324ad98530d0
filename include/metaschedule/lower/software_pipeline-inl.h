// SPDX-License-Identifier: Apache-2.0
// inject_software_pipeline: the statements of a loop annotated with `software_pipeline_stage` run
// at different times. Statement c of stage s runs in step t for iteration t - s; within a step,
// statements go by `software_pipeline_order`. Buffers of the body that outlive a step get as many
// versions as there are iterations between their first writer and their last reader, in a leading
// dimension; a block annotated `double_buffer_scope = k` gives its k-th output at least two.
// (`software_pipeline_async_stages` asks for hardware that copies by itself; a CPU has none, and
// the copy is done where it stands.)
//
//   for i in n, stage [0, 1], order [0, 1]:        P(0) into B[0]
//     P: B = f(i)                            ->    for t in n - 1: P(t + 1) into B[(t + 1) % 2]
//     C: out[i] = g(B)                                             C(t) from B[t % 2]
//                                                  C(n - 1) from B[(n - 1) % 2]
//
// Refused: an order or stages that let a statement run before what it needs, and buffers from
// outside of the loop that statements of different stages share, unless each iteration has a part
// of its own.
#pragma once

#include "metaschedule/arith/analyzer.h"
#include "metaschedule/ir/renew.h"
#include "metaschedule/lower/init_block-inl.h"
#include "metaschedule/lower/linear.h"
#include "metaschedule/lower/pipeline_uses-inl.h"

namespace metaschedule::lower {
namespace detail {

inline constexpr const char* kPipelineStage = "software_pipeline_stage";
inline constexpr const char* kPipelineOrder = "software_pipeline_order";
inline constexpr const char* kPipelineAsync = "software_pipeline_async_stages";

/// One loop that is to become a pipeline.
class Pipeline {
 public:
  explicit Pipeline(const For& loop) : loop_(loop) {
    gather(loop.body, true);
    read_annotations();
    for (Child& c : children_) {
      c.uses.visit(*c.stmt);
      c.uses.finish();
    }
    check_dependences();
    make_versions();
  }

  Stmt build() {
    Stmt body = schedule();
    std::vector<BufferRef> buffers;
    for (const BufferRef& b : allocated_) {
      auto it = rewriter_.versions.find(b.get());
      buffers.push_back(it == rewriter_.versions.end() ? b : it->second.buffer);
    }
    if (buffers.empty()) return body;
    BlockRef block = make<Block>(List<IterVar>{}, BufferRegions{}, BufferRegions{}, "", body,
                                 nullptr, List<Buffer>(buffers));
    return make<BlockRealize>(Exprs{}, true_(), block);
  }

 private:
  struct Child {
    Stmt stmt;
    int64_t stage = 0, order = 0;
    PipelineUses uses;
  };

  static const Block* plain_block(const Stmt& s) {
    const BlockRealize* realize = as<BlockRealize>(s);
    if (!realize || !is_one(realize->predicate)) return nullptr;
    const Block& b = *realize->block;
    return b.iter_vars.empty() && !b.init && b.match_buffers.empty() ? &b : nullptr;
  }
  void gather(const Stmt& s, bool outermost) {
    const Block* block = plain_block(s);
    if (block && (outermost || block->body->kind == Kind::SeqStmt)) {
      for (const BufferRef& b : block->alloc_buffers) allocated_.push_back(b);
      return gather(block->body, false);
    }
    if (const SeqStmt* seq = as<SeqStmt>(s)) {
      for (const Stmt& item : seq->seq) gather(item, false);
      return;
    }
    children_.emplace_back();
    children_.back().stmt = s;
  }

  std::vector<int64_t> numbers(const char* key) const {
    const Array* list = as<Array>(loop_.annotations.find(key));
    check<BuildError>(list != nullptr, "lowering: loop {}: expected a list of numbers as {}",
                      loop_.loop_var->name, key);
    std::vector<int64_t> out;
    for (const auto& item : list->items) {
      auto n = int_value(item.get());
      check<BuildError>(n.has_value(), "lowering: loop {}: expected numbers in {}",
                        loop_.loop_var->name, key);
      out.push_back(*n);
    }
    return out;
  }
  void read_annotations() {
    const std::string& name = loop_.loop_var->name;
    check<BuildError>(loop_.kind == ForKind::Serial || loop_.kind == ForKind::Unrolled,
                      "lowering: loop {} is {}; only a serial one can be a software pipeline", name,
                      to_string(loop_.kind));
    std::vector<int64_t> stages = numbers(kPipelineStage), orders = numbers(kPipelineOrder);
    check<BuildError>(stages.size() == children_.size() && orders.size() == children_.size(),
                      "lowering: loop {} has {} statements, but {} numbers in {} and {} in {}",
                      name, children_.size(), stages.size(), kPipelineStage, orders.size(),
                      kPipelineOrder);
    std::vector<bool> seen(orders.size());
    for (size_t k = 0; k < orders.size(); ++k) {
      const bool fits = orders[k] >= 0 && orders[k] < static_cast<int64_t>(orders.size()) &&
                        !seen[static_cast<size_t>(orders[k])];
      check<BuildError>(fits, "lowering: loop {}: expected each of 0 to {} once in {}", name,
                        orders.size() - 1, kPipelineOrder);
      seen[static_cast<size_t>(orders[k])] = true;
      check<BuildError>(stages[k] >= 0, "lowering: loop {}: expected stages of at least 0", name);
      children_[k].stage = stages[k];
      children_[k].order = orders[k];
      last_stage_ = std::max(last_stage_, stages[k]);
    }
  }

  bool is_allocated(const Var* data) const {
    return std::any_of(allocated_.begin(), allocated_.end(),
                       [&](const BufferRef& b) { return b->data.get() == data; });
  }
  void check_dependences() {
    for (size_t a = 0; a < children_.size(); ++a) {
      for (size_t b = a + 1; b < children_.size(); ++b) {
        const Child &first = children_[a], &second = children_[b];
        for (const auto& [data, use] : first.uses.uses) {
          auto other = second.uses.uses.find(data);
          if (other == second.uses.uses.end()) continue;
          if (!use.written && !other->second.written) continue;
          const bool in_order = first.stage < second.stage ||
                                (first.stage == second.stage && first.order < second.order);
          check<BuildError>(in_order,
                            "lowering: loop {}: statement {} comes before statement {}, which "
                            "shares {} with it: stages {} and {}, order {} and {}",
                            loop_.loop_var->name, a, b, data->name, first.stage, second.stage,
                            first.order, second.order);
          check<BuildError>(first.stage == second.stage || is_allocated(data) || apart(data),
                            "lowering: loop {}: statements {} and {}, of different stages, share "
                            "{}, which is not allocated in the loop",
                            loop_.loop_var->name, a, b, data->name);
        }
      }
    }
  }

  /// Whether iterations of the loop touch different parts of a buffer: in one dimension every index
  /// is a multiple of the loop variable and a rest that runs over less than that.
  bool apart(const Var* data) const {
    std::vector<Exprs> accesses;
    for (const Child& c : children_) {
      auto it = c.uses.uses.find(data);
      if (it == c.uses.uses.end()) continue;
      if (it->second.opaque) return false;
      accesses.insert(accesses.end(), it->second.indices.begin(), it->second.indices.end());
    }
    arith::Analyzer analyzer;
    std::unordered_set<const Var*> inner;
    pre_order(*loop_.body, [&](const Node& n) {
      if (const For* l = as<For>(&n)) {
        analyzer.bind(l->loop_var, make<Range>(l->min, l->extent), true);
        inner.insert(l->loop_var.get());
      }
      if (const LetStmt* l = as<LetStmt>(&n)) inner.insert(l->var.get());
      return !is_expr_kind(n.kind);
    });
    for (size_t d = 0; d < accesses[0].size(); ++d) {
      std::optional<Linear> common;  // what does not change in the loop, of the first index
      int64_t factor = 0, low = 0, high = 0;
      bool good = true;
      for (const Exprs& indices : accesses) {
        good = good && d < indices.size() && indices[d]->dtype.lanes == 1;
        if (!good) break;
        Linear outside, rest;
        int64_t here = 0;
        const Linear l = linear_of(indices[d]);
        for (const Linear::Term& t : l.terms) {
          if (t.atom.get() == loop_.loop_var.get())
            here = t.coefficient;
          else if (uses_var(*t.atom, [&](const Var* v) { return inner.count(v) != 0; }))
            rest.add(t.atom, t.coefficient);
          else
            outside.add(t.atom, t.coefficient);
        }
        const bool first = !common;
        if (first) common = outside, factor = here;
        outside.add(*common, -1);
        const arith::ConstIntBound bound =
            analyzer.const_int_bound(to_expr(rest, indices[d]->dtype));
        good = here == factor && outside.is_constant() && bound.min_value > -kFar &&
               bound.max_value < kFar && !uses_var(*to_expr(rest, indices[d]->dtype), loop_var()) &&
               !uses_var(*to_expr(*common, indices[d]->dtype), loop_var());
        low = first ? bound.min_value + l.constant : std::min(low, bound.min_value + l.constant);
        high = first ? bound.max_value + l.constant : std::max(high, bound.max_value + l.constant);
      }
      if (good && high - low < std::abs(factor)) return true;
    }
    return false;
  }
  const Var* loop_var() const { return loop_.loop_var.get(); }

  void make_versions() {
    for (const BufferRef& b : allocated_) {
      const Var* data = b->data.get();
      int64_t first = INT64_MAX, last = -1;
      bool doubled = false, overlaps = false;
      for (const Child& c : children_) {
        doubled = doubled || std::count(c.uses.doubled.begin(), c.uses.doubled.end(), data);
        auto it = c.uses.uses.find(data);
        if (it == c.uses.uses.end()) continue;
        if (it->second.written) first = std::min(first, c.stage);
        if (it->second.read) last = std::max(last, c.stage);
        for (const Child& r : children_) {
          auto reader = r.uses.uses.find(data);
          overlaps = overlaps || (it->second.written && reader != r.uses.uses.end() &&
                                  reader->second.read && c.order < r.order && c.stage < r.stage);
        }
      }
      int64_t count = first <= last ? last - first + 1 : 1;
      // A reader one step later that comes first in the step is done before the writer overwrites.
      if (count == 2 && !overlaps) count = 1;
      if (count == 1 && doubled) count = 2;
      if (count == 1) continue;
      auto made = mutate(*b);
      const DType t = b->shape.empty() ? kInt32 : b->shape[0]->dtype;
      Expr elements = int_imm(t, 1);
      for (const Expr& n : b->shape) elements = elements * n;
      if (b->has_strides()) elements = b->shape[0] * b->strides[0];
      std::vector<Expr> shape = {int_imm(t, count)};
      for (const Expr& n : b->shape) shape.push_back(n);
      made->shape = Exprs(shape);
      if (b->has_strides()) {
        std::vector<Expr> strides = {elements};
        for (const Expr& n : b->strides) strides.push_back(n);
        made->strides = Exprs(strides);
      }
      Expr version = cast(
          t, floormod(Expr(loop_.loop_var) - loop_.min, int_imm(loop_.loop_var->dtype, count)));
      rewriter_.versions[b.get()] = {made, version, elements};
      rewriter_.by_data[data] = &rewriter_.versions[b.get()];
    }
  }

  /// Statement `c` for iteration `at`, counted from 0.
  Stmt instance(const Child& c, const Expr& at) {
    Stmt s = rewriter_(c.stmt);
    return renewed(substitute(s, VarMap{{loop_.loop_var.get(), loop_.min + at}}));
  }

  Stmt schedule() {
    std::vector<const Child*> sorted;
    for (const Child& c : children_) sorted.push_back(&c);
    std::sort(sorted.begin(), sorted.end(),
              [](const Child* a, const Child* b) { return a->order < b->order; });
    const DType t = loop_.loop_var->dtype;
    auto number = [&](int64_t v) { return int_imm(t, v); };
    VarRef step = make<Var>(loop_.loop_var->name, t);
    auto loop_of = [&](const Expr& steps, const std::vector<Stmt>& body) -> Stmt {
      auto made = mutate(loop_);
      made->loop_var = step;
      made->min = number(0);
      made->extent = steps;
      made->body = flatten_seq(body);
      std::vector<Dict::Item> kept;
      for (const Dict::Item& item : loop_.annotations)
        if (!is_pipeline_key(item.first)) kept.push_back(item);
      made->annotations = Dict(kept);
      return made;
    };
    std::vector<Stmt> out;
    auto extent = as_const_int(loop_.extent);
    if (!extent || *extent < last_stage_) {
      // All in one loop, where each statement asks whether its iteration exists.
      std::vector<Stmt> body;
      for (const Child* c : sorted) {
        Expr at = Expr(step) - c->stage;
        Expr exists = logical_and(ge(step, number(c->stage)), lt(at, loop_.extent));
        body.push_back(make<IfThenElse>(exists, instance(*c, at)));
      }
      return loop_of(loop_.extent + last_stage_, body);
    }
    for (int64_t k = 0; k < last_stage_; ++k)
      for (const Child* c : sorted)
        if (c->stage <= k) out.push_back(instance(*c, number(k - c->stage)));
    if (*extent > last_stage_) {
      std::vector<Stmt> body;
      for (const Child* c : sorted)
        body.push_back(instance(*c, Expr(step) + (last_stage_ - c->stage)));
      out.push_back(loop_of(number(*extent - last_stage_), body));
    }
    for (int64_t k = 0; k < last_stage_; ++k)
      for (const Child* c : sorted)
        if (c->stage > k) out.push_back(instance(*c, number(*extent + k - c->stage)));
    return flatten_seq(out);
  }

 public:
  static bool is_pipeline_key(const std::string& key) {
    return key == kPipelineStage || key == kPipelineOrder || key == kPipelineAsync;
  }

 private:
  static constexpr int64_t kFar = int64_t{1} << 40;
  const For& loop_;
  std::vector<Child> children_;
  std::vector<BufferRef> allocated_;
  int64_t last_stage_ = 0;
  VersionRewriter rewriter_;
};

class SoftwarePipeliner : public Rewriter {
 public:
  Ref<Node> visit(const Node& node) override {
    if (is_expr_kind(node.kind)) return nullptr;
    Ref<Node> inner = rewrite_children(node);
    const For* loop = as<For>(inner ? inner.node() : &node);
    if (!loop || !loop->annotations.contains(kPipelineStage)) return inner;
    return Pipeline(*loop).build();
  }
};

}  // namespace detail

METASCHEDULE_INLINE PrimFuncRef inject_software_pipeline(const PrimFuncRef& func) {
  return detail::with_body(func, detail::SoftwarePipeliner()(func->body));
}

}  // namespace metaschedule::lower
