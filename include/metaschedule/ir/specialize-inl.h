// SPDX-License-Identifier: Apache-2.0
// The body of specialize.h.
#pragma once

#include <algorithm>

#include "metaschedule/ir/op.h"
#include "metaschedule/ir/specialize.h"
#include "metaschedule/ir/structural.h"
#include "metaschedule/ir/walk.h"
#include "metaschedule/support/config.h"

namespace metaschedule {

namespace detail {

class Specializer {
 public:
  explicit Specializer(const PrimFunc& func) : func_(func) {}

  void know(const VarRef& param, const Ref<Node>& value) {
    auto is_param = [&](const VarRef& p) { return p == param; };
    check<ValueError>(param && std::any_of(func_.params.begin(), func_.params.end(), is_param),
                      "Specialize expects param to be in PrimFunc's params: found {}",
                      param ? param->name : "nothing");
    const BufferRef bound = func_.buffer_of(param);
    if (const Buffer* buffer = as<Buffer>(value)) {
      check<ValueError>(bound != nullptr, "specialize: parameter {} is no buffer", param->name);
      return fit(*bound, *buffer);
    }
    const ExprNode* expr = as<ExprNode>(value);
    check<ValueError>(expr && !bound, "specialize: parameter {}: expected {}", param->name,
                      bound ? "a buffer" : "an expression");
    set(param.get(), cast(param->dtype, Expr(expr)));
  }

  PrimFuncRef run() {
    auto out = mutate(func_);
    std::vector<VarRef> params;
    for (const VarRef& param : func_.params)
      if (!values_.contains(param.get())) params.push_back(param);
    out->params = params;
    for (auto& [param, buffer] : out->buffer_map) buffer = rebuilt(cast_to<Buffer>(buffer));
    collect(*func_.body);
    Stmt body = buffers_.empty() ? func_.body : replace_buffers(func_.body, buffers_);
    out->body = substitute(body, values_);
    return out;
  }

 private:
  void set(const Var* var, const Expr& value) {
    auto [it, added] = values_.try_emplace(var, value);
    check<ValueError>(added || expr_equal(it->second, value),
                      "specialize: {} would have two different values", var->name);
  }
  void fit(const Expr& have, const Expr& given, const Buffer& buffer) {
    if (const Var* var = as<Var>(have)) return set(var, cast(var->dtype, given));
    check<ValueError>(expr_equal(have, given), "specialize: the given buffer does not fit {}",
                      buffer.name);
  }
  void fit(const Buffer& have, const Buffer& given) {
    check<ValueError>(have.ndim() == given.ndim() && have.dtype == given.dtype,
                      "specialize: buffer {} has {} dimensions of {}, the given one {} of {}",
                      have.name, have.ndim(), to_string(have.dtype), given.ndim(),
                      to_string(given.dtype));
    for (size_t d = 0; d < have.ndim(); ++d) fit(have.shape[d], given.shape[d], have);
    if (have.has_strides() && given.has_strides())
      for (size_t d = 0; d < have.ndim(); ++d) fit(have.strides[d], given.strides[d], have);
    if (as<Var>(have.elem_offset)) fit(have.elem_offset, given.elem_offset, have);
  }

  Exprs known(const Exprs& exprs, bool& changed) const {
    std::vector<Expr> out;
    for (const Expr& e : exprs) {
      out.push_back(substitute(e, values_));
      changed = changed || out.back() != e;
    }
    return Exprs(out);
  }
  /// The buffer with what is known in its shape, strides and offset; itself where nothing is.
  BufferRef rebuilt(const BufferRef& buffer) {
    if (auto it = buffers_.find(buffer.get()); it != buffers_.end()) return it->second;
    bool changed = false;
    Exprs shape = known(buffer->shape, changed), strides = known(buffer->strides, changed);
    Expr offset = substitute(buffer->elem_offset, values_);
    if (!changed && offset == buffer->elem_offset) return buffer;
    auto out = mutate(buffer);
    out->shape = shape;
    out->strides = strides;
    out->elem_offset = offset;
    return buffers_[buffer.get()] = out;
  }
  void collect(const Node& body) {
    post_order(body, [&](const Node& node) {
      if (const BufferLoad* load = as<BufferLoad>(&node)) rebuilt(load->buffer);
      if (const BufferStore* store = as<BufferStore>(&node)) rebuilt(store->buffer);
      if (const DeclBuffer* decl = as<DeclBuffer>(&node)) rebuilt(decl->buffer);
      if (const BufferRegion* region = as<BufferRegion>(&node)) rebuilt(region->buffer);
      if (const Block* block = as<Block>(&node)) {
        for (const BufferRef& buffer : block->alloc_buffers) rebuilt(buffer);
        for (const Ref<MatchBufferRegion>& match : block->match_buffers) rebuilt(match->buffer);
      }
    });
  }

  const PrimFunc& func_;
  VarMap values_;
  BufferMap buffers_;
};

}  // namespace detail

METASCHEDULE_INLINE PrimFuncRef specialize(const PrimFunc& func,
                                           const std::vector<std::pair<VarRef, Ref<Node>>>& known) {
  detail::Specializer specializer(func);
  for (const auto& [param, value] : known) specializer.know(param, value);
  return specializer.run();
}

}  // namespace metaschedule
