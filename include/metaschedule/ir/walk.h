// SPDX-License-Identifier: Apache-2.0
// Walking and rewriting programs. Walks go into expressions and statements, ranges and regions;
// they do not go into buffers, definitions of variables and attributes (fields marked kNoWalk).
#pragma once

#include <functional>
#include <unordered_map>

#include "metaschedule/ir/function.h"

namespace metaschedule {

/// True for the common nodes that have no children.
constexpr bool is_leaf_kind(Kind k) { return k >= Kind::Var && k <= Kind::StringImm; }

/// Calls `f(const Node&)` on each child in the order of the fields.
template <class F>
void for_each_child(const Node& node, F&& f) {
  // Most of what is walked is arithmetic, which does without the tables.
  if (is_leaf_kind(node.kind)) return;
  if (is_binary_kind(node.kind)) {
    const auto& binary = static_cast<const BinaryExpr&>(node);
    f(*binary.a);
    f(*binary.b);
    return;
  }
  const KindInfo& info = kind_info(node.kind);
  for (uint8_t i : info.children) {
    const FieldInfo& field = info.fields[i];
    if (field.type == FieldType::Node) {
      if (const Node* child = field.read<RefBase>(node).node()) f(*child);
    } else {
      const ListBase& list = field.read<ListBase>(node);
      for (size_t k = 0; k < list.size(); ++k) f(*list.at_raw(k).node());
    }
  }
  if (node.kind == Kind::IRModule) {
    for (const auto& [var, func] : static_cast<const IRModule&>(node).functions) f(*func);
  }
}

/// Children before parents.
template <class F>
void post_order(const Node& node, F&& f) {
  for_each_child(node, [&](const Node& child) { post_order(child, f); });
  f(node);
}
/// Parents before children; `f` returns false to stay out of a node's children.
template <class F>
void pre_order(const Node& node, F&& f) {
  if (!f(node)) return;
  for_each_child(node, [&](const Node& child) { pre_order(child, f); });
}
/// True when `f` holds for a node of the tree; stops at the first.
template <class F>
bool any_node(const Node& node, F&& f) {
  if (f(node)) return true;
  bool found = false;
  for_each_child(node, [&](const Node& child) { found = found || any_node(child, f); });
  return found;
}
/// True when the variable is used (not merely defined) in the tree.
bool uses_var(const Node& node, const Var* var);
bool uses_var(const Node& node, const std::function<bool(const Var*)>& pred);

/// A walk with a method to override; call `walk_children` to go on.
class Walker {
 public:
  virtual ~Walker() = default;
  virtual void visit(const Node& node) { walk_children(node); }

 protected:
  void walk_children(const Node& node) {
    for_each_child(node, [this](const Node& child) { visit(child); });
  }
};

/// A rewrite with a method to override. `visit` returns null for "unchanged"; `rewrite_children`
/// visits the children and returns null, or a copy with the new ones. Nothing is folded.
class Rewriter {
 public:
  virtual ~Rewriter() = default;

  template <class T>
  Ref<T> operator()(const Ref<T>& node) {
    if (!node) return node;
    Ref<Node> out = visit(*node);
    if (!out) return node;
    if constexpr (std::is_same_v<T, Node>)
      return out;
    else
      return cast_to<T>(out);
  }
  template <class T>
  List<T> operator()(const List<T>& list) {
    ListBase out = list;
    return rewrite_list(list, out) ? List<T>(std::move(out)) : list;
  }
  virtual Ref<Node> visit(const Node& node) { return rewrite_children(node); }

 protected:
  Ref<Node> rewrite_children(const Node& node);
  /// True when an element changed; `out` is then the new list.
  bool rewrite_list(const ListBase& list, ListBase& out);
};

/// Applies `f` to each node after its children; `f` returns null to keep it.
Ref<Node> rewrite_post_order(const Node& node, const std::function<Ref<Node>(const Node&)>& f);

/// Variables by what replaces them.
using VarMap = std::unordered_map<const Var*, Expr>;
/// Replaces uses of variables; does not fold, does not touch buffers. Returns the same node when
/// nothing changes.
Expr substitute(const Expr& expr, const VarMap& map);
Stmt substitute(const Stmt& stmt, const VarMap& map);
Ref<Range> substitute(const Ref<Range>& range, const VarMap& map);
Ref<BufferRegion> substitute(const Ref<BufferRegion>& region, const VarMap& map);
/// The same with a function that returns null to keep a variable.
Expr substitute(const Expr& expr, const std::function<Expr(const Var*)>& map);
Stmt substitute(const Stmt& stmt, const std::function<Expr(const Var*)>& map);

/// Buffers by what replaces them, in loads, stores, regions and declarations.
using BufferMap = std::unordered_map<const Buffer*, BufferRef>;
Stmt replace_buffers(const Stmt& stmt, const BufferMap& map);
Expr replace_buffers(const Expr& expr, const BufferMap& map);

/// A deep copy that shares no counted node with the original, for use by another thread. Variables
/// and buffers are new ones; blocks keep their ids.
ModuleRef deep_copy(const IRModule& module);
/// A copy of the function or statement with new variables, buffers and block ids at all
/// definitions.
PrimFuncRef renew_definitions(const PrimFunc& func);

}  // namespace metaschedule
