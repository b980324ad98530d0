// SPDX-License-Identifier: Apache-2.0
// Expressions. An expression has no side effects but those of opaque calls; evaluation order is
// unspecified except that `if_then_else` and `Let` evaluate what they need, when they need it.
// Integers wrap at the width of their dtype; floats follow IEEE 754 without assuming anything.
#pragma once

#include "metaschedule/ir/type.h"

namespace metaschedule {

struct ExprNode : Node {
  using Node::Node;
  static constexpr bool is_kind(Kind k) { return is_expr_kind(k); }
  DType dtype;
};
using Expr = Ref<ExprNode>;
using Exprs = List<ExprNode>;

/// A variable. Its identity is the node; the name is for people only.
struct Var : ExprNode {
  static constexpr Kind kKind = Kind::Var;
  static constexpr bool is_kind(Kind k) { return k == Kind::Var || k == Kind::SizeVar; }
  Var() : ExprNode(kKind) {}
  explicit Var(Kind k) : ExprNode(k) {}
  Var(std::string n, DType t) : Var() {
    name = std::move(n);
    dtype = t;
  }
  /// A variable of a given type; pointers have dtype `handle`.
  Var(std::string n, Type t);
  std::string name;
  /// Null stands for PrimType(dtype), the usual case.
  Type type_annotation;
  static FieldList fields() {
    return {field("name", &Var::name, kIgnore), field("dtype", &Var::dtype),
            field("type_annotation", &Var::type_annotation, kNoWalk)};
  }
};
using VarRef = Ref<Var>;
using Vars = List<Var>;

/// A variable that is known not to be negative: sizes of buffers.
struct SizeVar : Var {
  static constexpr Kind kKind = Kind::SizeVar;
  static constexpr bool is_kind(Kind k) { return k == kKind; }
  SizeVar() : Var(kKind) {}
  SizeVar(std::string n, DType t) : SizeVar() {
    name = std::move(n);
    dtype = t;
  }
  static FieldList fields() {
    return {field("name", &SizeVar::name, kIgnore), field("dtype", &SizeVar::dtype),
            field("type_annotation", &SizeVar::type_annotation, kNoWalk)};
  }
};

/// An integer constant; the value fits the dtype (unsigned 64-bit values above 2^63 do not exist).
struct IntImm : ExprNode {
  METASCHEDULE_NODE(IntImm, ExprNode)
  /// Raises ValueError when the value does not fit.
  IntImm(DType t, int64_t v);
  int64_t value = 0;
  static FieldList fields() {
    return {field("dtype", &IntImm::dtype), field("value", &IntImm::value)};
  }
};

/// A float constant; stored as a double, never rounded to its dtype.
struct FloatImm : ExprNode {
  METASCHEDULE_NODE(FloatImm, ExprNode)
  /// Raises ValueError when a finite value is outside the range of the dtype.
  FloatImm(DType t, double v);
  double value = 0;
  static FieldList fields() {
    return {field("dtype", &FloatImm::dtype), field("value", &FloatImm::value)};
  }
};

struct StringImm : ExprNode {
  METASCHEDULE_NODE(StringImm, ExprNode)
  explicit StringImm(std::string v) : StringImm() {
    dtype = DType::handle();
    value = std::move(v);
  }
  std::string value;
  static FieldList fields() {
    return {field("dtype", &StringImm::dtype), field("value", &StringImm::value)};
  }
};

/// Conversion of a value lane by lane: float to int truncates, int to narrower int wraps.
struct Cast : ExprNode {
  METASCHEDULE_NODE(Cast, ExprNode)
  Cast(DType t, Expr v) : Cast() {
    check<ValueError>(t.lanes == v->dtype.lanes,
                      "Cast: expected {} lanes as in the value, found {}", v->dtype.lanes, t.lanes);
    dtype = t;
    value = std::move(v);
  }
  Expr value;
  static FieldList fields() { return {field("dtype", &Cast::dtype), field("value", &Cast::value)}; }
};

/// Common shape of two-operand nodes; both operands have the same dtype.
struct BinaryExpr : ExprNode {
  using ExprNode::ExprNode;
  static constexpr bool is_kind(Kind k) { return is_binary_kind(k); }
  Expr a, b;

 protected:
  /// Checks the operands and sets the dtype; `what` names the node in errors.
  void init(const char* what, Expr lhs, Expr rhs);
};

#define METASCHEDULE_BINARY(name)                                                        \
  struct name : BinaryExpr {                                                             \
    METASCHEDULE_NODE(name, BinaryExpr)                                                  \
    name(Expr lhs, Expr rhs) : name() { init(#name, std::move(lhs), std::move(rhs)); }   \
    static FieldList fields() {                                                          \
      return {field("dtype", &name::dtype), field("a", &name::a), field("b", &name::b)}; \
    }                                                                                    \
  };
METASCHEDULE_BINARY(Add)
METASCHEDULE_BINARY(Sub)
METASCHEDULE_BINARY(Mul)
METASCHEDULE_BINARY(Div)  // truncates towards zero; division by zero is an error of the program
METASCHEDULE_BINARY(Mod)  // sign of the dividend, as in C
METASCHEDULE_BINARY(FloorDiv)  // rounds towards minus infinity
METASCHEDULE_BINARY(FloorMod)  // a - floordiv(a, b) * b: sign of the divisor
METASCHEDULE_BINARY(Min)
METASCHEDULE_BINARY(Max)
METASCHEDULE_BINARY(EQ)
METASCHEDULE_BINARY(NE)
METASCHEDULE_BINARY(LT)
METASCHEDULE_BINARY(LE)
METASCHEDULE_BINARY(GT)
METASCHEDULE_BINARY(GE)
METASCHEDULE_BINARY(And)  // may or may not evaluate its right side when the left one decides
METASCHEDULE_BINARY(Or)
#undef METASCHEDULE_BINARY

struct Not : ExprNode {
  METASCHEDULE_NODE(Not, ExprNode)
  explicit Not(Expr v);
  Expr a;
  static FieldList fields() { return {field("dtype", &Not::dtype), field("a", &Not::a)}; }
};

/// A choice that evaluates both sides.
struct Select : ExprNode {
  METASCHEDULE_NODE(Select, ExprNode)
  Select(Expr c, Expr t, Expr f);
  Expr condition, true_value, false_value;
  static FieldList fields() {
    return {field("dtype", &Select::dtype), field("condition", &Select::condition),
            field("true_value", &Select::true_value), field("false_value", &Select::false_value)};
  }
};

/// Reads one element, or as many as the last index has lanes.
struct BufferLoad : ExprNode {
  METASCHEDULE_NODE(BufferLoad, ExprNode)
  BufferLoad(Ref<Buffer> b, Exprs i, Expr p = nullptr);
  Ref<Buffer> buffer;
  Exprs indices;
  Expr predicate;
  static FieldList fields() {
    return {field("dtype", &BufferLoad::dtype), field("buffer", &BufferLoad::buffer, kNoWalk),
            field("indices", &BufferLoad::indices),
            field("predicate", &BufferLoad::predicate, kNoCompare)};
  }
};

/// Reads an element of a tensor expression; exists in te only.
struct ProducerLoad : ExprNode {
  METASCHEDULE_NODE(ProducerLoad, ExprNode)
  ProducerLoad(Ref<Node> t, DType type, Exprs i) : ProducerLoad() {
    producer = std::move(t);
    dtype = type;
    indices = std::move(i);
  }
  Ref<Node> producer;
  Exprs indices;
  static FieldList fields() {
    return {field("dtype", &ProducerLoad::dtype),
            field("producer", &ProducerLoad::producer, kNoWalk),
            field("indices", &ProducerLoad::indices)};
  }
};

/// base, base + stride, …: `lanes` of them.
struct Ramp : ExprNode {
  METASCHEDULE_NODE(Ramp, ExprNode)
  Ramp(Expr b, Expr s, Expr n);
  Expr base, stride, lanes;
  static FieldList fields() {
    return {field("dtype", &Ramp::dtype), field("base", &Ramp::base),
            field("stride", &Ramp::stride), field("lanes", &Ramp::lanes)};
  }
};

struct Broadcast : ExprNode {
  METASCHEDULE_NODE(Broadcast, ExprNode)
  Broadcast(Expr v, Expr n);
  Expr value, lanes;
  static FieldList fields() {
    return {field("dtype", &Broadcast::dtype), field("value", &Broadcast::value),
            field("lanes", &Broadcast::lanes)};
  }
};

struct Let : ExprNode {
  METASCHEDULE_NODE(Let, ExprNode)
  Let(VarRef v, Expr x, Expr in) : Let() {
    check<ValueError>(v->dtype == x->dtype, "Let: variable {} has dtype {}, its value {}", v->name,
                      to_string(v->dtype), to_string(x->dtype));
    dtype = in->dtype;
    var = std::move(v);
    value = std::move(x);
    body = std::move(in);
  }
  VarRef var;
  Expr value, body;
  static FieldList fields() {
    return {field("dtype", &Let::dtype), field("var", &Let::var, kDef | kNoWalk),
            field("value", &Let::value), field("body", &Let::body)};
  }
};

/// A call of an intrinsic (`op` is an Op) or of another function of the module (a GlobalVar).
struct Call : ExprNode {
  METASCHEDULE_NODE(Call, ExprNode)
  Call(DType t, Ref<Node> callee, Exprs arguments) : Call() {
    dtype = t;
    op = std::move(callee);
    args = std::move(arguments);
  }
  Ref<Node> op;
  Exprs args;
  static FieldList fields() {
    return {field("dtype", &Call::dtype), field("op", &Call::op, kNoWalk),
            field("args", &Call::args)};
  }
};

/// Picks lanes from the concatenation of `vectors`.
struct Shuffle : ExprNode {
  METASCHEDULE_NODE(Shuffle, ExprNode)
  Shuffle(Exprs v, Exprs i);
  Exprs vectors, indices;
  static FieldList fields() {
    return {field("dtype", &Shuffle::dtype), field("vectors", &Shuffle::vectors),
            field("indices", &Shuffle::indices)};
  }
};

/// A commutative, associative combination of tuples: result(lhs, rhs), with its identity.
struct CommReducer : Node {
  METASCHEDULE_NODE(CommReducer, Node)
  CommReducer(Vars l, Vars r, Exprs res, Exprs identity) : CommReducer() {
    check<ValueError>(l.size() == r.size() && l.size() == res.size() && l.size() == identity.size(),
                      "CommReducer: expected as many results and identities as variables on each "
                      "side, found {}, {}, {}, {}",
                      l.size(), r.size(), res.size(), identity.size());
    lhs = std::move(l);
    rhs = std::move(r);
    result = std::move(res);
    identity_element = std::move(identity);
  }
  Vars lhs, rhs;
  Exprs result, identity_element;
  static FieldList fields() {
    return {field("lhs", &CommReducer::lhs, kDef | kNoWalk),
            field("rhs", &CommReducer::rhs, kDef | kNoWalk), field("result", &CommReducer::result),
            field("identity_element", &CommReducer::identity_element)};
  }
};

/// A reduction over `axis` in a tensor expression; `value_index` picks one of a tuple.
struct Reduce : ExprNode {
  METASCHEDULE_NODE(Reduce, ExprNode)
  Reduce(Ref<CommReducer> c, Exprs s, List<IterVar> ax, Expr cond, int index, Exprs start);
  Ref<CommReducer> combiner;
  Exprs source, init;
  List<IterVar> axis;
  Expr condition;
  int32_t value_index = 0;
  static FieldList fields() {
    return {field("dtype", &Reduce::dtype),
            field("combiner", &Reduce::combiner, kNoWalk),
            field("source", &Reduce::source),
            field("init", &Reduce::init),
            field("axis", &Reduce::axis, kDef),
            field("condition", &Reduce::condition),
            field("value_index", &Reduce::value_index)};
  }
  static constexpr int compare_order[] = {0, 4, 1, 2, 3, 5, 6};
};

/// An unknown size, as old scripts have it.
struct AnyExpr : ExprNode {
  METASCHEDULE_NODE(AnyExpr, ExprNode)
  static FieldList fields() { return {field("dtype", &AnyExpr::dtype)}; }
};

/// What a call may do besides giving a value, from harmless to opaque.
enum class CallEffect : uint8_t {
  ExprAnnotation = 0,
  Pure = 1,
  ReadState = 2,
  UpdateState = 3,
  Opaque = 3,
  SpecialCallArg = 4,
  EmbedInfo = 5,
  ControlJump = 6,
};

/// An intrinsic. One object a name, immortal: compare by identity with `op::exp()` or by name.
struct Op : Node {
  METASCHEDULE_NODE(Op, Node)
  std::string name;         // with the prefix: "tir.exp"
  int32_t num_inputs = -1;  // -1: any
  CallEffect effect = CallEffect::Opaque;
  bool vectorizable = false;
  /// The name in scripts (`T.<script_name>`); empty: none.
  std::string script_name;
  /// Where the dtype stands in a script call.
  enum class DTypeArg : uint8_t { None, First, Last } dtype_arg = DTypeArg::None;
  static FieldList fields() { return {field("name", &Op::name)}; }

  /// Raises ValueError for an unknown name; `tir.` may be left out.
  static const Op& get(std::string_view name);
  static const Op* find(std::string_view name);
  static const std::vector<const Op*>& all();
};
/// True for a call of the intrinsic `name` (with prefix).
inline bool is_call_to(const Node* node, const Op& op) {
  const Call* call = as<Call>(node);
  return call && call->op.node() == &op;
}

/// A function of a module, by name.
struct GlobalVar : Node {
  METASCHEDULE_NODE(GlobalVar, Node)
  explicit GlobalVar(std::string n) : GlobalVar() { name_hint = std::move(n); }
  std::string name_hint;
  static FieldList fields() { return {field("name_hint", &GlobalVar::name_hint)}; }
};

/// min, min + 1, …, min + extent - 1.
struct Range : Node {
  METASCHEDULE_NODE(Range, Node)
  Range(Expr m, Expr e) : Range() {
    min = std::move(m);
    extent = std::move(e);
  }
  Expr min, extent;
  static FieldList fields() { return {field("min", &Range::min), field("extent", &Range::extent)}; }
};
using Ranges = List<Range>;

enum class IterType : int32_t {
  DataPar = 0,
  ThreadIndex = 1,
  CommReduce = 2,
  Ordered = 3,
  Opaque = 4,
  Unrolled = 5,
  Vectorized = 6,
  Parallelized = 7,
  Tensorized = 8,
};
std::string_view to_string(IterType type);

/// A variable with its domain and role: a block axis, a reduction axis, a thread.
struct IterVar : Node {
  METASCHEDULE_NODE(IterVar, Node)
  IterVar(Ref<Range> d, VarRef v, IterType t, std::string tag = "") : IterVar() {
    dom = std::move(d);
    var = std::move(v);
    iter_type = t;
    thread_tag = std::move(tag);
  }
  Ref<Range> dom;  // null for a thread of unknown extent
  VarRef var;
  IterType iter_type = IterType::DataPar;
  std::string thread_tag;
  static FieldList fields() {
    return {field("dom", &IterVar::dom), field("var", &IterVar::var, kDef | kNoWalk),
            field("iter_type", &IterVar::iter_type), field("thread_tag", &IterVar::thread_tag)};
  }
};

/// A map of index tuples; `inverse` may be given for maps that cannot be inverted by analysis.
struct IndexMap : Node {
  METASCHEDULE_NODE(IndexMap, Node)
  IndexMap(Vars initial, Exprs final_, Ref<IndexMap> inv = nullptr) : IndexMap() {
    initial_indices = std::move(initial);
    final_indices = std::move(final_);
    inverse_index_map = std::move(inv);
  }
  Vars initial_indices;
  Exprs final_indices;
  Ref<IndexMap> inverse_index_map;
  static FieldList fields() {
    return {field("initial_indices", &IndexMap::initial_indices, kDef | kNoWalk),
            field("final_indices", &IndexMap::final_indices),
            field("inverse_index_map", &IndexMap::inverse_index_map, kIgnore | kNoWalk)};
  }
};

}  // namespace metaschedule
