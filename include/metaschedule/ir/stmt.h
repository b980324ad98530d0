// SPDX-License-Identifier: Apache-2.0
// Statements. A statement is executed once for each time control reaches it, in program order
// except under `Parallel` and `Vectorized` loops, whose iterations may run in any order or at once.
#pragma once

#include "metaschedule/ir/buffer.h"

namespace metaschedule {

struct StmtNode : Node {
  using Node::Node;
  StmtNode(const StmtNode& other) : Node(other) {}
  static constexpr bool is_kind(Kind k) { return is_stmt_kind(k); }
};
using Stmt = Ref<StmtNode>;

struct LetStmt : StmtNode {
  METASCHEDULE_NODE(LetStmt, StmtNode)
  LetStmt(VarRef v, Expr x, Stmt b);
  VarRef var;
  Expr value;
  Stmt body;
  static FieldList fields() {
    return {field("var", &LetStmt::var, kDef | kNoWalk), field("value", &LetStmt::value),
            field("body", &LetStmt::body)};
  }
};

/// `body` with a remark: `attr_key` of `node` is `value`.
struct AttrStmt : StmtNode {
  METASCHEDULE_NODE(AttrStmt, StmtNode)
  AttrStmt(Ref<Node> n, std::string key, Expr v, Stmt b);
  Ref<Node> node;
  std::string attr_key;
  Expr value;
  Stmt body;
  static FieldList fields() {
    return {field("node", &AttrStmt::node, kNoWalk), field("attr_key", &AttrStmt::attr_key),
            field("value", &AttrStmt::value), field("body", &AttrStmt::body)};
  }
};

struct AssertStmt : StmtNode {
  METASCHEDULE_NODE(AssertStmt, StmtNode)
  AssertStmt(Expr c, Expr m, Stmt b);
  Expr condition, message;
  Stmt body;
  static FieldList fields() {
    return {field("condition", &AssertStmt::condition), field("message", &AssertStmt::message),
            field("body", &AssertStmt::body)};
  }
};

/// Writes one element, or as many as the last index has lanes. Indices are evaluated before the
/// value is stored; where they alias is the program's business.
struct BufferStore : StmtNode {
  METASCHEDULE_NODE(BufferStore, StmtNode)
  BufferStore(BufferRef b, Expr v, Exprs i, Expr p = nullptr);
  BufferRef buffer;
  Expr value;
  Exprs indices;
  Expr predicate;
  static FieldList fields() {
    return {field("buffer", &BufferStore::buffer, kNoWalk), field("value", &BufferStore::value),
            field("indices", &BufferStore::indices),
            field("predicate", &BufferStore::predicate, kNoCompare)};
  }
};

struct BufferRealize : StmtNode {
  METASCHEDULE_NODE(BufferRealize, StmtNode)
  BufferRef buffer;
  Ranges bounds;
  Expr condition;
  Stmt body;
  static FieldList fields() {
    return {field("buffer", &BufferRealize::buffer, kDef | kNoWalk),
            field("bounds", &BufferRealize::bounds), field("condition", &BufferRealize::condition),
            field("body", &BufferRealize::body)};
  }
};

struct ProducerStore : StmtNode {
  METASCHEDULE_NODE(ProducerStore, StmtNode)
  Ref<Node> producer;
  Expr value;
  Exprs indices;
  static FieldList fields() {
    return {field("producer", &ProducerStore::producer, kNoWalk),
            field("value", &ProducerStore::value), field("indices", &ProducerStore::indices)};
  }
};

struct ProducerRealize : StmtNode {
  METASCHEDULE_NODE(ProducerRealize, StmtNode)
  Ref<Node> producer;
  Ranges bounds;
  Expr condition;
  Stmt body;
  std::string storage_scope;
  static FieldList fields() {
    return {field("producer", &ProducerRealize::producer, kNoWalk),
            field("bounds", &ProducerRealize::bounds),
            field("condition", &ProducerRealize::condition), field("body", &ProducerRealize::body),
            field("storage_scope", &ProducerRealize::storage_scope)};
  }
};

/// Memory for the time of `body`; not initialised.
struct Allocate : StmtNode {
  METASCHEDULE_NODE(Allocate, StmtNode)
  Allocate(VarRef v, DType t, Exprs e, Expr c, Stmt b, Dict a = {});
  VarRef buffer_var;
  DType dtype;
  Exprs extents;
  Expr condition;
  Stmt body;
  Dict annotations;
  static FieldList fields() {
    return {field("buffer_var", &Allocate::buffer_var, kDef | kNoWalk),
            field("dtype", &Allocate::dtype),
            field("extents", &Allocate::extents),
            field("condition", &Allocate::condition),
            field("body", &Allocate::body),
            field("annotations", &Allocate::annotations)};
  }
};

struct AllocateConst : StmtNode {
  METASCHEDULE_NODE(AllocateConst, StmtNode)
  VarRef buffer_var;
  Ref<NDArray> data;  // null when only its place in the module is known
  Expr irmod_storage_idx;
  DType dtype;
  Exprs extents;
  Stmt body;
  Dict annotations;
  static FieldList fields() {
    return {field("buffer_var", &AllocateConst::buffer_var, kDef | kNoWalk),
            field("data", &AllocateConst::data, kNoWalk),
            field("irmod_storage_idx", &AllocateConst::irmod_storage_idx),
            field("dtype", &AllocateConst::dtype),
            field("extents", &AllocateConst::extents),
            field("body", &AllocateConst::body),
            field("annotations", &AllocateConst::annotations)};
  }
};

struct DeclBuffer : StmtNode {
  METASCHEDULE_NODE(DeclBuffer, StmtNode)
  DeclBuffer(BufferRef b, Stmt s) : DeclBuffer() {
    buffer = std::move(b);
    body = std::move(s);
  }
  BufferRef buffer;
  Stmt body;
  static FieldList fields() {
    return {field("buffer", &DeclBuffer::buffer, kNoWalk), field("body", &DeclBuffer::body)};
  }
};

/// Two or more statements, none of them a SeqStmt; `seq()` makes one.
struct SeqStmt : StmtNode {
  METASCHEDULE_NODE(SeqStmt, StmtNode)
  explicit SeqStmt(List<StmtNode> s);
  List<StmtNode> seq;
  static FieldList fields() { return {field("seq", &SeqStmt::seq)}; }
};
using Stmts = List<StmtNode>;
/// Splices nested sequences, drops `Evaluate(0)`; nothing left gives `Evaluate(0)`, one statement
/// itself.
Stmt flatten_seq(const std::vector<Stmt>& stmts);

/// Evaluates for the effects; `Evaluate(0)` does nothing.
struct Evaluate : StmtNode {
  METASCHEDULE_NODE(Evaluate, StmtNode)
  explicit Evaluate(Expr v) : Evaluate() { value = std::move(v); }
  Expr value;
  static FieldList fields() { return {field("value", &Evaluate::value)}; }
};

struct IfThenElse : StmtNode {
  METASCHEDULE_NODE(IfThenElse, StmtNode)
  IfThenElse(Expr c, Stmt t, Stmt e = nullptr) : IfThenElse() {
    condition = std::move(c);
    then_case = std::move(t);
    else_case = std::move(e);
  }
  Expr condition;
  Stmt then_case, else_case;  // else_case may be null
  static FieldList fields() {
    return {field("condition", &IfThenElse::condition), field("then_case", &IfThenElse::then_case),
            field("else_case", &IfThenElse::else_case)};
  }
};

enum class ForKind : int32_t {
  Serial = 0,
  Parallel = 1,
  Vectorized = 2,
  Unrolled = 3,
  ThreadBinding = 4,
};
std::string_view to_string(ForKind kind);

/// A loop; `loop_var` is its identity in schedules.
struct For : StmtNode {
  METASCHEDULE_NODE(For, StmtNode)
  /// Constant bounds are promoted to the dtype of the variable; others must have it.
  For(VarRef v, Expr m, Expr e, ForKind k, Stmt b, Ref<IterVar> thread = nullptr, Dict a = {});
  VarRef loop_var;
  Expr min, extent;
  ForKind kind = ForKind::Serial;
  Stmt body;
  Ref<IterVar> thread_binding;  // only for ForKind::ThreadBinding
  Dict annotations;
  static FieldList fields() {
    return {field("loop_var", &For::loop_var, kDef | kNoWalk),
            field("min", &For::min),
            field("extent", &For::extent),
            field("kind", &For::kind),
            field("body", &For::body),
            field("thread_binding", &For::thread_binding, kNoWalk),
            field("annotations", &For::annotations)};
  }
};

struct While : StmtNode {
  METASCHEDULE_NODE(While, StmtNode)
  While(Expr c, Stmt b);
  Expr condition;
  Stmt body;
  static FieldList fields() {
    return {field("condition", &While::condition), field("body", &While::body)};
  }
};

struct Prefetch : StmtNode {
  METASCHEDULE_NODE(Prefetch, StmtNode)
  BufferRef buffer;
  Ranges bounds;
  static FieldList fields() {
    return {field("buffer", &Prefetch::buffer, kNoWalk), field("bounds", &Prefetch::bounds)};
  }
};

/// What names a block across edits. Copies of a node keep it; a second block made from a first one
/// takes a new one (`fresh_block_id()`).
using BlockId = int64_t;
BlockId fresh_block_id();

/// The unit of scheduling: a computation over its axes that sees the rest of the program through
/// its declared regions only. `init` runs before the first step of the reduction axes.
struct Block : StmtNode {
  METASCHEDULE_NODE(Block, StmtNode)
  Block(List<IterVar> iters, BufferRegions r, BufferRegions w, std::string name, Stmt b,
        Stmt i = nullptr, List<Buffer> alloc = {}, List<MatchBufferRegion> match = {},
        Dict ann = {});
  List<IterVar> iter_vars;
  BufferRegions reads, writes;
  std::string name_hint;
  Stmt body;
  Stmt init;  // may be null
  List<Buffer> alloc_buffers;
  List<MatchBufferRegion> match_buffers;
  Dict annotations;
  /// Identity, not part of the program: see BlockId.
  BlockId id = 0;
  static FieldList fields() {
    return {field("iter_vars", &Block::iter_vars, kDef),
            field("reads", &Block::reads),
            field("writes", &Block::writes),
            field("name_hint", &Block::name_hint, kIgnore),
            field("body", &Block::body),
            field("init", &Block::init),
            field("alloc_buffers", &Block::alloc_buffers, kDef | kNoWalk),
            field("match_buffers", &Block::match_buffers, kDef),
            field("annotations", &Block::annotations)};
  }
  static constexpr int compare_order[] = {0, 6, 7, 1, 2, 4, 5, 8, 3};
};
using BlockRef = Ref<Block>;

/// One instance of a block: values for its axes, run only where `predicate` holds.
struct BlockRealize : StmtNode {
  METASCHEDULE_NODE(BlockRealize, StmtNode)
  BlockRealize(Exprs values, Expr p, BlockRef b);
  Exprs iter_values;
  Expr predicate;
  BlockRef block;
  static FieldList fields() {
    return {field("iter_values", &BlockRealize::iter_values),
            field("predicate", &BlockRealize::predicate), field("block", &BlockRealize::block)};
  }
};

}  // namespace metaschedule
