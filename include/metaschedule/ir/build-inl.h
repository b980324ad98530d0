// SPDX-License-Identifier: Apache-2.0
// The bodies of build.h.
#pragma once

#include "metaschedule/ir/build.h"
#include "metaschedule/support/config.h"

namespace metaschedule::build {

namespace detail {
inline Exprs to_exprs(const Sizes& sizes) {
  std::vector<Expr> out;
  for (const Size& size : sizes) out.push_back(size.value);
  return out;
}
}  // namespace detail

METASCHEDULE_INLINE Stmt loop(const std::string& name, const Size& extent,
                              const std::function<Stmt(const Expr&)>& body,
                              const LoopOptions& options) {
  const DType dtype = extent.value->dtype;
  VarRef var = make<Var>(name, dtype);
  Ref<IterVar> thread;
  if (options.kind == ForKind::ThreadBinding) {
    check<ValueError>(!options.thread.empty(), "loop {}: expected the name of a thread", name);
    thread =
        make<IterVar>(nullptr, make<Var>("iter", dtype), IterType::ThreadIndex, options.thread);
  }
  return make<For>(var, cast(dtype, options.min.value), extent.value, options.kind, body(var),
                   thread, options.annotations);
}

METASCHEDULE_INLINE Stmt grid(const std::vector<std::pair<std::string, Size>>& loops,
                              const std::function<Stmt(const Indices&)>& body) {
  Indices vars;
  for (const auto& [name, extent] : loops) vars.push_back(make<Var>(name, extent.value->dtype));
  Stmt out = body(vars);
  for (size_t i = loops.size(); i-- > 0;) {
    const Expr& extent = loops[i].second.value;
    out = make<For>(as_ref<Var>(vars[i]), make_zero(extent->dtype), extent, ForKind::Serial, out);
  }
  return out;
}

METASCHEDULE_INLINE Stmt store(const BufferRef& buffer, const Sizes& indices, const Expr& value) {
  const DType dtype = buffer->dtype.with_lanes(value->dtype.lanes);
  return make<BufferStore>(buffer, cast(dtype, value), detail::to_exprs(indices));
}

METASCHEDULE_INLINE Stmt let(const std::string& name, const Expr& value,
                             const std::function<Stmt(const Expr&)>& body) {
  VarRef var = make<Var>(name, value->dtype);
  return make<LetStmt>(var, value, body(var));
}

METASCHEDULE_INLINE Ref<BufferRegion> region(const BufferRef& buffer, const Sizes& min,
                                             const Sizes& extent) {
  check<ValueError>(min.size() == extent.size(),
                    "a region of buffer {} has {} starts, but {} sizes", buffer->name, min.size(),
                    extent.size());
  std::vector<Ref<Range>> ranges;
  for (size_t i = 0; i < min.size(); ++i)
    ranges.push_back(make<Range>(min[i].value, extent[i].value));
  return make<BufferRegion>(buffer, ranges);
}

// ---- blocks

METASCHEDULE_INLINE Ref<Range> BlockBuilder::from_zero(const Size& extent) {
  return make<Range>(make_zero(extent.value->dtype), extent.value);
}

METASCHEDULE_INLINE Expr BlockBuilder::axis(const std::string& name, const Ref<Range>& domain,
                                            const Expr& binding, IterType type) {
  VarRef var = make<Var>(name, domain->extent->dtype);
  axes_.push_back(make<IterVar>(domain, var, type));
  values_.push_back(binding);
  return var;
}

METASCHEDULE_INLINE void BlockBuilder::where(const Expr& predicate) {
  predicate_ = predicate_ ? logical_and(predicate_, predicate) : predicate;
}

METASCHEDULE_INLINE void BlockBuilder::annotate(const std::string& key, const Ref<Node>& value) {
  annotations_ = annotations_.with(key, value);
}

METASCHEDULE_INLINE BufferRef BlockBuilder::alloc(const std::string& name, const Sizes& shape,
                                                  DType dtype, const std::string& scope) {
  allocated_.push_back(decl_buffer(detail::to_exprs(shape), dtype, name, scope));
  return allocated_.back();
}

METASCHEDULE_INLINE BufferRef BlockBuilder::match(const std::string& name,
                                                  const Ref<BufferRegion>& source) {
  std::vector<Expr> shape;
  for (const Ref<Range>& range : source->region) shape.push_back(range->extent);
  BufferRef view = decl_buffer(shape, source->buffer->dtype, name, source->buffer->scope());
  matched_.push_back(make<MatchBufferRegion>(view, source));
  return view;
}

METASCHEDULE_INLINE Stmt BlockBuilder::body(const Stmt& stmt) {
  const int unknown = (reads_ ? 0 : 1) | (writes_ ? 0 : 2);
  if (unknown) annotate(kDetectAccess, i32(unknown));
  BlockRef block =
      make<Block>(List<IterVar>(axes_), reads_.value_or(BufferRegions()),
                  writes_.value_or(BufferRegions()), name_, stmt, init_, List<Buffer>(allocated_),
                  List<MatchBufferRegion>(matched_), annotations_);
  return make<BlockRealize>(Exprs(values_), predicate_ ? predicate_ : true_(), block);
}

// ---- functions

METASCHEDULE_INLINE FuncBuilder::FuncBuilder(const std::string& name) {
  if (!name.empty()) annotate("global_symbol", make<String>(name));
}

METASCHEDULE_INLINE BufferRef FuncBuilder::buffer(const std::string& name, const Sizes& shape,
                                                  DType dtype) {
  params_.push_back(make<Var>(name + "_handle", DType::handle()));
  BufferRef out = decl_buffer(detail::to_exprs(shape), dtype, name);
  buffer_map_.emplace_back(params_.back(), out);
  return out;
}

METASCHEDULE_INLINE VarRef FuncBuilder::scalar(const std::string& name, DType dtype) {
  params_.push_back(make<Var>(name, dtype));
  return params_.back();
}

METASCHEDULE_INLINE BufferRef FuncBuilder::alloc(const std::string& name, const Sizes& shape,
                                                 DType dtype, const std::string& scope) {
  allocated_.push_back(decl_buffer(detail::to_exprs(shape), dtype, name, scope));
  return allocated_.back();
}

METASCHEDULE_INLINE PrimFuncRef FuncBuilder::finish() const {
  check<ValueError>(body_ != nullptr, "the function has no body");
  Stmt body = body_;
  if (!allocated_.empty()) {
    BlockRef root = make<Block>(List<IterVar>(), BufferRegions(), BufferRegions(), "root", body,
                                nullptr, List<Buffer>(allocated_));
    body = make<BlockRealize>(Exprs(), true_(), root);
  }
  return make<PrimFunc>(Vars(params_), body, buffer_map_, attrs_);
}

}  // namespace metaschedule::build
