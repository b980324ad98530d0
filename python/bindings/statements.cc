// SPDX-License-Identifier: Apache-2.0
// Constructors of statements.
#include "bindings.h"

namespace metaschedule::bindings {

namespace {

Dict annotations_of(const Dict& given) {
  Dict out;
  for (const auto& [key, value] : given) out = out.with(key, as_attribute(value));
  return out;
}

ForKind for_kind(int64_t kind) {
  check<ValueError>(kind >= 0 && kind <= 4, "For: expected a kind from 0 to 4, found {}", kind);
  return static_cast<ForKind>(kind);
}

}  // namespace

void bind_statements(py::module_& m) {
  m.def("make_let_stmt", [](VarRef v, Expr x, const Stmt& b) { return make<LetStmt>(v, x, b); });
  m.def("make_attr_stmt", [](Ref<Node> node, const std::string& key, Expr value, const Stmt& b) {
    return make<AttrStmt>(node, key, value, b);
  });
  m.def("make_assert_stmt",
        [](Expr c, Expr message, const Stmt& b) { return make<AssertStmt>(c, message, b); });
  m.def("make_buffer_store",
        [](BufferRef b, Expr value, Exprs indices, OrNone<ExprNode> predicate) {
          return make<BufferStore>(b, value, indices, predicate);
        });
  m.def("make_allocate",
        [](VarRef v, DType dtype, Exprs extents, Expr condition, const Stmt& b, const Dict& notes) {
          return make<Allocate>(v, dtype, extents, condition, b, annotations_of(notes));
        });
  m.def("make_decl_buffer",
        [](BufferRef b, const Stmt& body) { return make<DeclBuffer>(b, body); });
  m.def("make_seq_stmt", [](const List<StmtNode>& items) { return flatten_seq(items.vec()); });
  m.def("make_evaluate", [](Expr value) { return make<Evaluate>(value); });
  m.def("make_if_then_else", [](Expr c, const Stmt& then_case, const OrNone<StmtNode>& else_case) {
    return make<IfThenElse>(c, then_case, else_case);
  });
  m.def("make_for", [](VarRef v, Expr lo, Expr extent, int64_t kind, const Stmt& body,
                       OrNone<IterVar> thread, const Dict& notes) {
    return make<For>(v, lo, extent, for_kind(kind), body, thread, annotations_of(notes));
  });
  m.def("make_while", [](Expr c, const Stmt& body) { return make<While>(c, body); });
  m.def("make_block", [](List<IterVar> iters, BufferRegions reads, BufferRegions writes,
                         const std::string& name, const Stmt& body, const OrNone<StmtNode>& init,
                         List<Buffer> alloc, List<MatchBufferRegion> matched, const Dict& notes) {
    return make<Block>(iters, reads, writes, name, body, init, alloc, matched,
                       annotations_of(notes));
  });
  m.def("make_block_realize", [](Exprs values, Expr predicate, BlockRef block) {
    check<ValueError>(values.size() == block->iter_vars.size(),
                      "BlockRealize: expected {} values for the axes of block {}, found {}",
                      block->iter_vars.size(), block->name_hint, values.size());
    return make<BlockRealize>(values, predicate, block);
  });
  m.def("make_match_buffer_region", [](BufferRef buffer, Ref<BufferRegion> source) {
    return make<MatchBufferRegion>(buffer, source);
  });
  m.def("make_prim_func", [](Vars params, const Stmt& body, const OrNone<TypeNode>& ret,
                             const py::dict& map, const Dict& attrs) {
    NodePairs buffers;
    for (auto [key, value] : map) {
      Ref<Node> var(node_of(key)), buffer(node_of(value));
      check<TypeError>(as<Var>(var) && as<Buffer>(buffer),
                       "PrimFunc: buffer_map: expected Buffers by Vars");
      buffers.emplace_back(var, buffer);
    }
    return make<PrimFunc>(params, body, buffers, annotations_of(attrs), ret);
  });
}

}  // namespace metaschedule::bindings
