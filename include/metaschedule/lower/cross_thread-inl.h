// SPDX-License-Identifier: Apache-2.0
// lower_cross_thread_reduction: a reduction block below reduction loops of which some are bound to
// threadIdx becomes, under the thread-bound ones: an accumulation in each thread (where the thread
// has several steps, or a predicate), a call that reduces across the threads, and a write of the
// result - by the first thread, unless the output is local to each.
//
//   for k0: for k1 in thread(threadIdx.x): B[i] += A[i, k0 * 32 + k1]
//   ->
//   for k1 in thread(threadIdx.x):
//     in_thread[0] = 0
//     for k0: in_thread[0] += A[i, k0 * 32 + k1]
//     cross_thread[0] = allreduce(+, in_thread[0], k1)
//     if k1 == 0: B[i] = cross_thread[0]
#pragma once

#include "metaschedule/ir/structural.h"
#include "metaschedule/lower/compact_regions.h"
#include "metaschedule/lower/init_block-inl.h"

namespace metaschedule::lower {
namespace detail {

class CrossThreadLowerer : public Rewriter {
 public:
  PrimFuncRef function(const PrimFuncRef& func) {
    Stmt body = (*this)(func->body);
    if (buffers_.empty()) return func;
    // The scalars belong to the root block.
    const BlockRealize* root = as<BlockRealize>(body);
    check<BuildError>(root != nullptr, "lowering: the function has no root block");
    auto block = mutate(root->block);
    std::vector<BufferRef> all = block->alloc_buffers.vec();
    all.insert(all.end(), buffers_.begin(), buffers_.end());
    block->alloc_buffers = all;
    auto realize = mutate(*root);
    realize->block = block;
    return with_body(func, Stmt(realize));
  }

  Ref<Node> visit(const Node& node) override {
    if (is_expr_kind(node.kind)) return nullptr;
    if (const For* loop = as<For>(&node)) {
      if (Stmt out = lowered(*loop)) return out;
    }
    return rewrite_children(node);
  }

 private:
  struct Nest {
    std::vector<const For*> threads, serial;
    const BlockRealize* realize = nullptr;
    const BufferStore* update = nullptr;
    const BufferStore* init = nullptr;
    Kind kind = Kind::Add;
    Expr term;
  };

  /// The nest when `top` is the first of its reduction loops, which are all loops from there on.
  std::optional<Nest> nest_at(const For& top) const {
    Nest nest;
    std::vector<const For*> loops;
    const StmtNode* at = &top;
    while (const For* l = as<For>(at)) {
      loops.push_back(l);
      at = l->body.get();
    }
    nest.realize = as<BlockRealize>(at);
    if (!nest.realize || !nest.realize->block->init) return std::nullopt;
    const Block& block = *nest.realize->block;
    auto reduces = [&](const For* l) {
      for (size_t i = 0; i < block.iter_vars.size(); ++i) {
        if (block.iter_vars[i]->iter_type == IterType::CommReduce &&
            uses_var(*nest.realize->iter_values[i], l->loop_var.get()))
          return true;
      }
      return false;
    };
    if (!reduces(loops[0])) return std::nullopt;
    bool spatial = false;
    for (const For* l : loops) {
      const bool thread = l->kind == ForKind::ThreadBinding;
      if (!reduces(l)) {
        spatial = true;
        nest.serial.push_back(l);
        continue;
      }
      (thread ? nest.threads : nest.serial).push_back(l);
    }
    if (nest.threads.empty()) return std::nullopt;
    check<BuildError>(
        !spatial,
        "lowering: block {} has loops over elements inside of its reduction loops, of "
        "which some are bound to threads",
        block.name_hint);
    for (const For* l : nest.threads) {
      const std::string& tag = l->thread_binding->thread_tag;
      check<BuildError>(tag.starts_with("threadIdx"),
                        "lowering: a reduction loop of block {} is bound to {}, not to threadIdx",
                        block.name_hint, tag);
    }
    nest.update = as<BufferStore>(block.body);
    nest.init = as<BufferStore>(block.init);
    check<BuildError>(nest.update && nest.init && recognised(nest),
                      "lowering: the reduction of block {} across threads is not one of +, *, min "
                      "and max",
                      block.name_hint);
    return nest;
  }

  static bool recognised(Nest& nest) {
    const BufferStore& s = *nest.update;
    nest.kind = s.value->kind;
    if (nest.kind != Kind::Add && nest.kind != Kind::Mul && nest.kind != Kind::Min &&
        nest.kind != Kind::Max)
      return false;
    const auto& b = static_cast<const BinaryExpr&>(*s.value);
    auto is_self = [&](const Expr& e) {
      const BufferLoad* l = as<BufferLoad>(e);
      if (!l || l->buffer != s.buffer) return false;
      for (size_t d = 0; d < s.indices.size(); ++d)
        if (!expr_equal(l->indices[d], s.indices[d])) return false;
      return true;
    };
    if (!is_self(b.a) && !is_self(b.b)) return false;
    nest.term = is_self(b.a) ? b.b : b.a;
    return true;
  }

  Stmt lowered(const For& top) {
    auto found = nest_at(top);
    if (!found) return nullptr;
    const Nest& nest = *found;
    const Block& block = *nest.realize->block;
    const DType dtype = nest.update->buffer->dtype;
    const Expr zero = i32(0);
    const std::string& name = block.name_hint;
    auto scalar = [&](const char* prefix) {
      buffers_.push_back(decl_buffer({i32(1)}, dtype, prefix + nest.update->buffer->name, "local"));
      return buffers_.back();
    };
    const bool several = !nest.serial.empty() || !is_one(nest.realize->predicate);
    BufferRef cross = scalar("cross_thread_"), mine = several ? scalar("in_thread_") : nullptr;
    auto point = [&](const BufferRef& b) { return point_region(b, {zero}); };
    std::vector<Stmt> parts;
    if (several) {
      parts.push_back(opaque(name + "_in_thread_init", {}, {point(mine)},
                             make<BufferStore>(mine, nest.init->value, Exprs{zero})));
      Expr sum = make_binary(nest.kind, load(mine, {zero}), nest.term);
      auto made = mutate(block);
      made->name_hint = name + "_in_thread";
      made->init = nullptr;
      made->writes = BufferRegions{point(mine)};
      made->reads = with_point(block.reads, nest.update->buffer, point(mine));
      made->body = make<BufferStore>(mine, sum, Exprs{zero});
      Stmt inside =
          make<BlockRealize>(nest.realize->iter_values, nest.realize->predicate, BlockRef(made));
      for (size_t i = nest.serial.size(); i-- > 0;) {
        auto loop = mutate(*nest.serial[i]);
        loop->body = inside;
        inside = loop;
      }
      parts.push_back(inside);
    }
    parts.push_back(all_reduce(nest, several ? load(mine, {zero}) : nest.term, several, cross));
    parts.push_back(write_back(nest, cross));
    Stmt body = flatten_seq(parts);
    for (size_t i = nest.threads.size(); i-- > 0;) {
      auto loop = mutate(*nest.threads[i]);
      loop->body = body;
      body = loop;
    }
    return body;
  }

  static Stmt opaque(const std::string& name, BufferRegions reads, BufferRegions writes,
                     const Stmt& body) {
    return make<BlockRealize>(Exprs{}, true_(),
                              make<Block>(List<IterVar>{}, reads, writes, name, body));
  }
  static BufferRegions with_point(const BufferRegions& reads, const BufferRef& gone,
                                  const Ref<BufferRegion>& point) {
    std::vector<Ref<BufferRegion>> out;
    for (const Ref<BufferRegion>& r : reads)
      if (r->buffer != gone) out.push_back(r);
    out.push_back(point);
    return out;
  }

  static Stmt all_reduce(const Nest& nest, const Expr& value, bool several,
                         const BufferRef& cross) {
    const Block& block = *nest.realize->block;
    const DType dtype = cross->dtype;
    VarRef x = make<Var>("x", dtype), y = make<Var>("y", dtype);
    auto reducer = make<CommReducer>(Vars{x}, Vars{y}, Exprs{binary(nest.kind, x, y)},
                                     Exprs{nest.init->value});
    std::vector<Expr> args = {int_imm(DType::uint(32), 1), value, true_(), load(cross, {i32(0)})};
    for (const For* l : nest.threads) args.push_back(l->loop_var);
    Stmt body = make<Evaluate>(call(DType::handle(), "tvm_thread_allreduce", args));
    body =
        make<AttrStmt>(reducer, "reduce_scope",
                       call(DType::handle(), "reinterpret", {int_imm(DType::uint(64), 0)}), body);
    BufferRegions writes = {point_region(cross, {i32(0)})};
    const std::string name = block.name_hint + "_cross_thread";
    if (several) return opaque(name, {}, writes, body);
    auto made = mutate(block);
    made->name_hint = name;
    made->init = nullptr;
    made->writes = writes;
    made->body = body;
    return make<BlockRealize>(nest.realize->iter_values, true_(), BlockRef(made));
  }

  static Stmt write_back(const Nest& nest, const BufferRef& cross) {
    const Block& block = *nest.realize->block;
    std::vector<Ref<IterVar>> axes;
    std::vector<Expr> values;
    VarMap map;
    for (size_t i = 0; i < block.iter_vars.size(); ++i) {
      const IterVar& axis = *block.iter_vars[i];
      if (axis.iter_type == IterType::CommReduce) continue;
      auto made = mutate(axis);
      made->var = make<Var>(axis.var->name, axis.var->dtype);
      map[axis.var.get()] = made->var;
      axes.push_back(made);
      values.push_back(nest.realize->iter_values[i]);
    }
    std::vector<Expr> conjuncts, indices;
    split_conjunction(nest.realize->predicate, conjuncts);
    Expr predicate = true_();
    auto add = [&](const Expr& c) {
      predicate = is_one(predicate) ? c : logical_and(predicate, c);
    };
    for (const Expr& c : conjuncts) {
      const bool about_reduction = uses_var(*c, [&](const Var* v) {
        for (const auto* list : {&nest.threads, &nest.serial})
          for (const For* l : *list)
            if (l->loop_var.get() == v) return true;
        return false;
      });
      if (!about_reduction) add(c);
    }
    const BufferRef& to = nest.update->buffer;
    if (to->scope() != "local") {
      for (const For* l : nest.threads) add(eq(l->loop_var, l->min));
    }
    for (const Expr& i : nest.update->indices) indices.push_back(substitute(i, map));
    BlockRef made =
        make<Block>(List<IterVar>(axes), BufferRegions{point_region(cross, {i32(0)})},
                    BufferRegions{point_region(to, indices)}, block.name_hint + "_write_back",
                    make<BufferStore>(to, load(cross, {i32(0)}), indices));
    return make<BlockRealize>(values, predicate, made);
  }

  std::vector<BufferRef> buffers_;
};

}  // namespace detail

METASCHEDULE_INLINE PrimFuncRef lower_cross_thread_reduction(const PrimFuncRef& func) {
  return detail::CrossThreadLowerer().function(func);
}

}  // namespace metaschedule::lower
