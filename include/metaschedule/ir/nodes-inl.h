// SPDX-License-Identifier: Apache-2.0
// Constructors of nodes that check what they are given, and small functions on nodes.
#pragma once

#include <atomic>
#include <cmath>
#include <limits>

#include "metaschedule/ir/dtype_format.h"
#include "metaschedule/ir/function.h"
#include "metaschedule/ir/op.h"

namespace metaschedule {

METASCHEDULE_INLINE Var::Var(std::string n, Type t) : Var() {
  name = std::move(n);
  if (const PrimType* prim = as<PrimType>(t)) {
    dtype = prim->dtype;
  } else {
    dtype = as<PointerType>(t) ? DType::handle() : DType::void_();
    type_annotation = std::move(t);
  }
}

METASCHEDULE_INLINE IntImm::IntImm(DType t, int64_t v) : IntImm() {
  check<ValueError>(t.is_integral() && t.is_scalar(),
                    "IntImm: expected a scalar integer type, found {}", t);
  if (t.is_uint()) {
    check<ValueError>(v >= 0, "Literal value {} is negative for unsigned integer type {}", v, t);
    check<ValueError>(t.bits >= 63 || v < (int64_t{1} << t.bits),
                      "Literal value {} exceeds maximum of {}", v, t);
  } else if (t.bits < 64) {
    int64_t limit = int64_t{1} << (t.bits - 1);
    // A one-bit int holds 0 and 1, as it does wherever it stands for a boolean.
    check<ValueError>(v < limit || t.bits == 1, "Literal value {} exceeds maximum of {}", v, t);
    check<ValueError>(v >= -limit, "Literal value {} exceeds minimum of {}", v, t);
  }
  dtype = t;
  value = v;
}

METASCHEDULE_INLINE FloatImm::FloatImm(DType t, double v) : FloatImm() {
  check<ValueError>(t.is_floating() && t.is_scalar(),
                    "FloatImm: expected a scalar float type, found {}", t);
  if (std::isfinite(v)) {
    double limit = std::numeric_limits<double>::max();
    if (t.is_float() && t.bits == 32) limit = std::numeric_limits<float>::max();
    if (t.is_float() && t.bits == 16) limit = 65504.0;
    if (t.is_bfloat16()) limit = 3.8953138925152563e38;
    if (t.code == TypeCode::E4M3Float) limit = 448.0;
    if (t.code == TypeCode::E5M2Float) limit = 57344.0;
    check<ValueError>(v <= limit, "Literal value {} exceeds maximum of {}", v, t);
    check<ValueError>(v >= -limit, "Literal value {} exceeds minimum of {}", v, t);
  }
  dtype = t;
  value = v;
}

METASCHEDULE_INLINE void BinaryExpr::init(const char* what, Expr lhs, Expr rhs) {
  check<ValueError>(lhs && rhs, "{}: expected two operands, found none", what);
  check<TypeError>(lhs->dtype == rhs->dtype, "{}: mismatched types. {} vs. {}", what, lhs->dtype,
                   rhs->dtype);
  if (kind == Kind::And || kind == Kind::Or) {
    check<TypeError>(lhs->dtype.is_bool(), "{}: expected bool operands, found {}", what,
                     lhs->dtype);
  }
  dtype = is_compare_kind(kind) ? DType::boolean(lhs->dtype.lanes) : lhs->dtype;
  a = std::move(lhs);
  b = std::move(rhs);
}

METASCHEDULE_INLINE Not::Not(Expr v) : Not() {
  check<TypeError>(v->dtype.is_bool(), "Not: expected a bool operand, found {}", v->dtype);
  dtype = v->dtype;
  a = std::move(v);
}

METASCHEDULE_INLINE Select::Select(Expr c, Expr t, Expr f) : Select() {
  check<TypeError>(c->dtype.is_bool(), "Select: expected a bool condition, found {}", c->dtype);
  check<TypeError>(t->dtype == f->dtype, "Select: values have types {} and {}", t->dtype, f->dtype);
  check<TypeError>(c->dtype.lanes == 1 || c->dtype.lanes == t->dtype.lanes,
                   "Select: condition has {} lanes, values {}", c->dtype.lanes, t->dtype.lanes);
  dtype = t->dtype;
  condition = std::move(c);
  true_value = std::move(t);
  false_value = std::move(f);
}

namespace detail {
/// Checks the number of indices and gives the lanes that the access moves.
inline int access_lanes(const char* what, const Buffer& buffer, const Exprs& indices) {
  check<ValueError>(indices.size() == buffer.ndim(),
                    "{}: buffer {} is {}-dimensional, but is indexed with {} indices", what,
                    buffer.name, buffer.ndim(), indices.size());
  for (size_t i = 0; i + 1 < indices.size(); ++i) {
    check<ValueError>(indices[i]->dtype.is_scalar(),
                      "{}: only the last index of buffer {} may be a vector", what, buffer.name);
  }
  return indices.empty() ? 1 : indices.back()->dtype.lanes;
}
}  // namespace detail

METASCHEDULE_INLINE BufferLoad::BufferLoad(BufferRef b, Exprs i, Expr p) : BufferLoad() {
  dtype = b->dtype.with_lanes(detail::access_lanes("BufferLoad", *b, i) * b->dtype.lanes);
  buffer = std::move(b);
  indices = std::move(i);
  predicate = std::move(p);
}

namespace detail {
/// The lanes that an expression `n` or `vscale() * factor` stands for.
inline int lanes_of(const char* what, const Expr& n) {
  if (const IntImm* imm = as<IntImm>(n)) {
    check<ValueError>(imm->value > 1 && imm->value < 32768,
                      "{}: expected 2 to 32767 lanes, found {}", what, imm->value);
    return static_cast<int>(imm->value);
  }
  const Op& vscale = Op::get("vscale");
  if (const Mul* mul = as<Mul>(n)) {
    const IntImm* factor = as<IntImm>(mul->b);
    const Node* scale = mul->a.get();
    if (!factor) factor = as<IntImm>(mul->a), scale = mul->b.get();
    if (factor && factor->value > 1 && is_call_to(scale, vscale))
      return -static_cast<int>(factor->value);
  }
  fail<ValueError>("{}: expected a constant number of lanes or vscale() * constant", what);
}
}  // namespace detail

METASCHEDULE_INLINE Ramp::Ramp(Expr b, Expr s, Expr n) : Ramp() {
  check<ValueError>(b->dtype.is_scalar() && s->dtype.is_scalar(),
                    "Ramp: expected scalar base and stride, found {} and {}", b->dtype, s->dtype);
  stride = s->dtype == b->dtype ? s : cast(b->dtype, s);
  dtype = b->dtype.with_lanes(detail::lanes_of("Ramp", n));
  base = std::move(b);
  lanes = as<IntImm>(n) ? cast(kInt32, n) : n;
}

METASCHEDULE_INLINE Broadcast::Broadcast(Expr v, Expr n) : Broadcast() {
  check<ValueError>(v->dtype.is_scalar(), "Broadcast: expected a scalar value, found {}", v->dtype);
  dtype = v->dtype.with_lanes(detail::lanes_of("Broadcast", n));
  value = std::move(v);
  lanes = as<IntImm>(n) ? cast(kInt32, n) : n;
}

METASCHEDULE_INLINE Shuffle::Shuffle(Exprs v, Exprs i) : Shuffle() {
  check<ValueError>(!v.empty() && !i.empty(), "Shuffle: expected vectors and indices");
  int total = 0;
  for (const Expr& e : v) {
    check<TypeError>(e->dtype.element() == v[0]->dtype.element(),
                     "Shuffle: vectors have element types {} and {}", v[0]->dtype.element(),
                     e->dtype.element());
    total += e->dtype.lanes;
  }
  check<ValueError>(static_cast<int>(i.size()) <= total,
                    "Shuffle: {} lanes are asked for, {} are there", i.size(), total);
  dtype = v[0]->dtype.with_lanes(static_cast<int>(i.size()));
  vectors = std::move(v);
  indices = std::move(i);
}

METASCHEDULE_INLINE Reduce::Reduce(Ref<CommReducer> c, Exprs s, List<IterVar> ax, Expr cond,
                                   int index, Exprs start)
    : Reduce() {
  check<ValueError>(index >= 0 && index < static_cast<int>(s.size()),
                    "Reduce: value index {} is outside the {} sources", index, s.size());
  check<ValueError>(start.empty() || start.size() == s.size(),
                    "Reduce: {} initial values for {} sources", start.size(), s.size());
  for (const Ref<IterVar>& axis_var : ax) {
    check<ValueError>(axis_var->iter_type == IterType::CommReduce,
                      "Reduce: axis {} is not a reduction axis", axis_var->var->name);
  }
  dtype = s[static_cast<size_t>(index)]->dtype;
  combiner = std::move(c);
  source = std::move(s);
  axis = std::move(ax);
  condition = std::move(cond);
  value_index = index;
  init = std::move(start);
}

METASCHEDULE_INLINE std::string_view to_string(IterType type) {
  constexpr std::string_view names[] = {"DataPar",    "ThreadIndex",  "CommReduce",
                                        "Ordered",    "Opaque",       "Unrolled",
                                        "Vectorized", "Parallelized", "Tensorized"};
  return names[static_cast<size_t>(type)];
}
METASCHEDULE_INLINE std::string_view to_string(ForKind kind) {
  constexpr std::string_view names[] = {"serial", "parallel", "vectorized", "unroll",
                                        "thread_binding"};
  return names[static_cast<size_t>(kind)];
}

METASCHEDULE_INLINE std::string Buffer::scope() const {
  const PointerType* pointer = data ? as<PointerType>(data->type_annotation) : nullptr;
  return !pointer || pointer->storage_scope.empty() ? "global" : pointer->storage_scope;
}
METASCHEDULE_INLINE DType storage_dtype(DType dtype) {
  return dtype.is_bool() ? DType::int_(8, dtype.lanes) : dtype;
}
namespace detail {
inline VarRef buffer_data(const std::string& name, DType dtype, const std::string& scope) {
  return make<Var>(name, Type(make<PointerType>(make<PrimType>(storage_dtype(dtype)),
                                                scope == "global" ? "" : scope)));
}
}  // namespace detail
METASCHEDULE_INLINE BufferRef decl_buffer(Exprs shape, DType dtype, std::string name,
                                          std::string scope) {
  Mutable<Buffer> buffer(new Buffer());
  buffer->data = detail::buffer_data(name, dtype, scope);
  buffer->dtype = dtype;
  buffer->elem_offset = int_imm(shape.empty() ? kInt64 : shape[0]->dtype, 0);
  buffer->shape = std::move(shape);
  buffer->name = std::move(name);
  return buffer;
}
METASCHEDULE_INLINE BufferRef with_scope(const Buffer& buffer, const std::string& scope) {
  auto copy = mutate(buffer);
  copy->data = detail::buffer_data(buffer.data->name, buffer.dtype, scope);
  return copy;
}

METASCHEDULE_INLINE BufferRegion::BufferRegion(BufferRef b, Ranges r) : BufferRegion() {
  check<ValueError>(r.size() == b->ndim(),
                    "BufferRegion: buffer {} has {} dimensions, the region {}", b->name, b->ndim(),
                    r.size());
  buffer = std::move(b);
  region = std::move(r);
}
METASCHEDULE_INLINE Ref<BufferRegion> full_region(const BufferRef& buffer) {
  std::vector<Ref<Range>> ranges;
  for (const Expr& extent : buffer->shape)
    ranges.push_back(make<Range>(int_imm(extent->dtype, 0), extent));
  return make<BufferRegion>(buffer, ranges);
}
METASCHEDULE_INLINE Ref<BufferRegion> point_region(const BufferRef& buffer, const Exprs& indices) {
  std::vector<Ref<Range>> ranges;
  for (const Expr& index : indices)
    ranges.push_back(make<Range>(index, int_imm(index->dtype.element(), 1)));
  return make<BufferRegion>(buffer, ranges);
}

METASCHEDULE_INLINE LetStmt::LetStmt(VarRef v, Expr x, Stmt b) : LetStmt() {
  check<TypeError>(v->dtype == x->dtype, "LetStmt: variable {} has type {}, its value {}", v->name,
                   v->dtype, x->dtype);
  var = std::move(v);
  value = std::move(x);
  body = std::move(b);
}
METASCHEDULE_INLINE AttrStmt::AttrStmt(Ref<Node> n, std::string key, Expr v, Stmt b) : AttrStmt() {
  node = std::move(n);
  attr_key = std::move(key);
  value = std::move(v);
  body = std::move(b);
}
METASCHEDULE_INLINE AssertStmt::AssertStmt(Expr c, Expr m, Stmt b) : AssertStmt() {
  check<TypeError>(c->dtype.is_bool(), "AssertStmt: expected a bool condition, found {}", c->dtype);
  condition = std::move(c);
  message = std::move(m);
  body = std::move(b);
}
METASCHEDULE_INLINE BufferStore::BufferStore(BufferRef b, Expr v, Exprs i, Expr p) : BufferStore() {
  int lanes = detail::access_lanes("BufferStore", *b, i) * b->dtype.lanes;
  check<TypeError>(v->dtype == b->dtype.with_lanes(lanes),
                   "dtype mismatch on BufferStore: buffer {} takes {}, the value is {}", b->name,
                   b->dtype.with_lanes(lanes), v->dtype);
  buffer = std::move(b);
  value = std::move(v);
  indices = std::move(i);
  predicate = std::move(p);
}
METASCHEDULE_INLINE Allocate::Allocate(VarRef v, DType t, Exprs e, Expr c, Stmt b, Dict a)
    : Allocate() {
  buffer_var = std::move(v);
  dtype = t;
  extents = std::move(e);
  condition = std::move(c);
  body = std::move(b);
  annotations = std::move(a);
}

METASCHEDULE_INLINE SeqStmt::SeqStmt(Stmts s) : SeqStmt() {
  check<ValueError>(s.size() >= 2, "SeqStmt: expected at least two statements, found {}", s.size());
  for (const Stmt& stmt : s) METASCHEDULE_CHECK(stmt->kind != Kind::SeqStmt);
  seq = std::move(s);
}
namespace detail {
inline void flatten_into(std::vector<Stmt>& out, const Stmt& stmt) {
  if (const SeqStmt* nested = as<SeqStmt>(stmt)) {
    for (const Stmt& s : nested->seq) flatten_into(out, s);
  } else if (const Evaluate* eval = as<Evaluate>(stmt); !eval || !is_const_int(eval->value, 0)) {
    out.push_back(stmt);
  }
}
}  // namespace detail
METASCHEDULE_INLINE Stmt flatten_seq(const std::vector<Stmt>& stmts) {
  std::vector<Stmt> flat;
  flat.reserve(stmts.size());
  for (const Stmt& stmt : stmts)
    if (stmt) detail::flatten_into(flat, stmt);
  if (flat.empty()) return make<Evaluate>(int_imm(kInt32, 0));
  if (flat.size() == 1) return flat[0];
  return make<SeqStmt>(Stmts(flat));
}

METASCHEDULE_INLINE For::For(VarRef v, Expr m, Expr e, ForKind k, Stmt b, Ref<IterVar> thread,
                             Dict a)
    : For() {
  auto promote = [&](const char* what, Expr x) {
    if (x->dtype == v->dtype) return x;
    const IntImm* imm = as<IntImm>(x);
    check<TypeError>(imm && imm->dtype.bits <= v->dtype.bits,
                     "For: the {} of loop {} has type {}, the loop variable {}", what, v->name,
                     x->dtype, v->dtype);
    return Expr(make<IntImm>(v->dtype, imm->value));
  };
  check<TypeError>(v->dtype.is_integral() && v->dtype.is_scalar(),
                   "For: expected a scalar integer loop variable, {} is {}", v->name, v->dtype);
  min = promote("min", std::move(m));
  extent = promote("extent", std::move(e));
  loop_var = std::move(v);
  kind = k;
  body = std::move(b);
  thread_binding = std::move(thread);
  annotations = std::move(a);
}
METASCHEDULE_INLINE While::While(Expr c, Stmt b) : While() {
  check<ValueError>(!as<IntImm>(c), "While: the condition must not be a constant");
  condition = std::move(c);
  body = std::move(b);
}

METASCHEDULE_INLINE BlockId fresh_block_id() {
  // Threads take ids in chunks so that they do not share a cache line.
  static std::atomic<BlockId> next_chunk{1};
  constexpr BlockId chunk = 1024;
  thread_local BlockId next = 0, end = 0;
  if (next == end) {
    next = next_chunk.fetch_add(1, std::memory_order_relaxed) * chunk;
    end = next + chunk;
  }
  return next++;
}
METASCHEDULE_INLINE Block::Block(List<IterVar> iters, BufferRegions r, BufferRegions w,
                                 std::string name, Stmt b, Stmt i, List<Buffer> alloc,
                                 List<MatchBufferRegion> match, Dict ann)
    : Block() {
  iter_vars = std::move(iters);
  reads = std::move(r);
  writes = std::move(w);
  name_hint = std::move(name);
  body = std::move(b);
  init = std::move(i);
  alloc_buffers = std::move(alloc);
  match_buffers = std::move(match);
  annotations = std::move(ann);
  id = fresh_block_id();
}
METASCHEDULE_INLINE BlockRealize::BlockRealize(Exprs values, Expr p, BlockRef b) : BlockRealize() {
  check<ValueError>(values.size() == b->iter_vars.size(),
                    "BlockRealize: block {} has {} axes, but {} values are bound", b->name_hint,
                    b->iter_vars.size(), values.size());
  iter_values = std::move(values);
  predicate = std::move(p);
  block = std::move(b);
}

METASCHEDULE_INLINE PrimFunc::PrimFunc(Vars p, Stmt b, NodePairs map, Dict a, Type ret)
    : PrimFunc() {
  params = std::move(p);
  body = std::move(b);
  buffer_map = std::move(map);
  attrs = std::move(a);
  ret_type = std::move(ret);
}
METASCHEDULE_INLINE BufferRef PrimFunc::buffer_of(const VarRef& param) const {
  for (const auto& [var, buffer] : buffer_map)
    if (var.same_as(param)) return cast_to<Buffer>(buffer);
  return nullptr;
}

}  // namespace metaschedule
