// SPDX-License-Identifier: Apache-2.0
// Generic rewriting, substitution and copying over the tables of fields.
#pragma once

#include "metaschedule/ir/walk.h"

namespace metaschedule {

METASCHEDULE_INLINE bool uses_var(const Node& node, const std::function<bool(const Var*)>& pred) {
  return any_node(node, [&](const Node& n) {
    const Var* var = as<Var>(&n);
    return var && pred(var);
  });
}
METASCHEDULE_INLINE bool uses_var(const Node& node, const Var* var) {
  return any_node(node, [&](const Node& n) { return &n == var; });
}

METASCHEDULE_INLINE bool Rewriter::rewrite_list(const ListBase& list, ListBase& out) {
  std::vector<RefBase> items;
  bool any = false;
  for (size_t i = 0; i < list.size(); ++i) {
    Ref<Node> changed = visit(*list.at_raw(i).node());
    if (changed && !any) {
      items.assign(list.raw_begin(), list.raw_begin() + i);
      items.reserve(list.size());
    }
    if (changed) {
      items.push_back(std::move(changed));
      any = true;
    } else if (any) {
      items.push_back(list.at_raw(i));
    }
  }
  if (!any) return false;
  out = ListBase(std::move(items));
  return true;
}

METASCHEDULE_INLINE Ref<Node> Rewriter::rewrite_children(const Node& node) {
  if (is_leaf_kind(node.kind)) return nullptr;
  const KindInfo& info = kind_info(node.kind);
  Node* copy = nullptr;
  Ref<Node> owner;
  auto writable = [&]() -> Node& {
    if (!copy) {
      copy = info.clone(node);
      owner = Ref<Node>(copy);
    }
    return *copy;
  };
  for (uint8_t i : info.children) {
    const FieldInfo& field = info.fields[i];
    if (field.type == FieldType::Node) {
      const RefBase& child = field.read<RefBase>(node);
      if (!child) continue;
      if (Ref<Node> changed = visit(*child.node())) {
        field.write<RefBase>(writable()) = std::move(changed);
      }
    } else {
      ListBase changed;
      if (rewrite_list(field.read<ListBase>(node), changed)) {
        field.write<ListBase>(writable()) = std::move(changed);
      }
    }
  }
  if (node.kind == Kind::IRModule) {
    const auto& functions = static_cast<const IRModule&>(node).functions;
    for (size_t i = 0; i < functions.size(); ++i) {
      if (Ref<Node> changed = visit(*functions[i].second)) {
        static_cast<IRModule&>(writable()).functions[i].second = std::move(changed);
      }
    }
  }
  // A sequence stays flat when one of its statements became a sequence or nothing.
  if (copy && node.kind == Kind::SeqStmt) {
    return flatten_seq(static_cast<SeqStmt*>(copy)->seq.vec());
  }
  return owner;
}

namespace detail {

class FunctionRewriter : public Rewriter {
 public:
  explicit FunctionRewriter(const std::function<Ref<Node>(const Node&)>& f) : f_(f) {}
  Ref<Node> visit(const Node& node) override {
    Ref<Node> inner = rewrite_children(node);
    Ref<Node> outer = f_(inner ? *inner : node);
    return outer ? outer : inner;
  }

 private:
  const std::function<Ref<Node>(const Node&)>& f_;
};

template <class Lookup>
class Substituter : public Rewriter {
 public:
  explicit Substituter(const Lookup& lookup) : lookup_(lookup) {}
  Ref<Node> visit(const Node& node) override {
    if (const Var* var = as<Var>(&node)) return lookup_(var);
    return rewrite_children(node);
  }

 private:
  const Lookup& lookup_;
};
template <class T, class Lookup>
T substitute_with(const T& value, const Lookup& lookup) {
  return Substituter<Lookup>(lookup)(value);
}
inline auto lookup_in(const VarMap& map) {
  return [&map](const Var* var) -> Expr {
    auto it = map.find(var);
    return it == map.end() ? nullptr : it->second;
  };
}

class BufferReplacer : public Rewriter {
 public:
  explicit BufferReplacer(const BufferMap& map) : map_(map) {}
  Ref<Node> visit(const Node& node) override {
    switch (node.kind) {
      case Kind::BufferLoad:
        return replace<BufferLoad>(node);
      case Kind::BufferStore:
        return replace<BufferStore>(node);
      case Kind::BufferRegion:
        return replace<BufferRegion>(node);
      case Kind::MatchBufferRegion:
        return replace<MatchBufferRegion>(node);
      case Kind::DeclBuffer:
        return replace<DeclBuffer>(node);
      case Kind::BufferRealize:
        return replace<BufferRealize>(node);
      case Kind::Block:
        return replace_in_block(cast_to<Block>(node));
      case Kind::Var:
        return replace_data(cast_to<Var>(node));
      default:
        return rewrite_children(node);
    }
  }

 private:
  template <class T>
  Ref<Node> replace(const Node& node) {
    Ref<Node> inner = rewrite_children(node);
    const T& current = cast_to<T>(inner ? *inner : node);
    auto it = map_.find(current.buffer.get());
    if (it == map_.end()) return inner;
    auto copy = mutate(current);
    copy->buffer = it->second;
    return Ref<Node>(Ref<T>(copy));
  }
  Ref<Node> replace_in_block(const Block& block) {
    Ref<Node> inner = rewrite_children(block);
    std::vector<BufferRef> buffers = block.alloc_buffers.vec();
    bool changed = false;
    for (BufferRef& buffer : buffers) {
      auto it = map_.find(buffer.get());
      if (it == map_.end()) continue;
      buffer = it->second;
      changed = true;
    }
    if (!changed) return inner;
    auto copy = mutate(cast_to<Block>(inner ? *inner : block));
    copy->alloc_buffers = buffers;
    return Ref<Node>(BlockRef(copy));
  }
  /// A direct use of a buffer's data pointer follows the buffer.
  Ref<Node> replace_data(const Var& var) {
    if (!var.dtype.is_handle()) return nullptr;
    for (const auto& [from, to] : map_)
      if (from->data.get() == &var && !to->data.same_as(from->data)) return to->data;
    return nullptr;
  }
  const BufferMap& map_;
};

/// Copies everything that is reached, each shared node once.
class Copier {
 public:
  Copier(bool keep_global_vars, bool fresh_ids)
      : keep_global_vars_(keep_global_vars), fresh_ids_(fresh_ids) {}

  Ref<Node> copy(const Node& node) {
    bool shared = node.refs.load(std::memory_order_relaxed) >= Node::kImmortal;
    if (shared || (keep_global_vars_ && node.kind == Kind::GlobalVar)) return Ref<Node>(&node);
    if (auto it = memo_.find(&node); it != memo_.end()) return it->second;
    const KindInfo& info = kind_info(node.kind);
    Node* fresh = info.clone(node);
    Ref<Node> owner(fresh);
    for (const FieldInfo& field : info.fields) {
      switch (field.type) {
        case FieldType::Node: {
          RefBase& ref = field.write<RefBase>(*fresh);
          if (ref) ref = copy(*ref.node());
          break;
        }
        case FieldType::List: {
          ListBase& list = field.write<ListBase>(*fresh);
          std::vector<RefBase> items;
          for (size_t i = 0; i < list.size(); ++i) items.push_back(copy(*list.at_raw(i).node()));
          list = ListBase(std::move(items));
          break;
        }
        case FieldType::Dict: {
          Dict& dict = field.write<Dict>(*fresh);
          std::vector<Dict::Item> items;
          for (const auto& [key, value] : dict)
            items.emplace_back(key, value ? copy(*value) : nullptr);
          dict = Dict(std::move(items));
          break;
        }
        case FieldType::Pairs:
          for (auto& [key, value] : field.write<NodePairs>(*fresh)) {
            key = copy(*key);
            value = copy(*value);
          }
          break;
        default:
          break;
      }
    }
    if (fresh_ids_ && node.kind == Kind::Block) static_cast<Block*>(fresh)->id = fresh_block_id();
    memo_.emplace(&node, owner);
    return owner;
  }

 private:
  bool keep_global_vars_, fresh_ids_;
  std::unordered_map<const Node*, Ref<Node>> memo_;
};

}  // namespace detail

METASCHEDULE_INLINE Ref<Node> rewrite_post_order(const Node& node,
                                                 const std::function<Ref<Node>(const Node&)>& f) {
  Ref<Node> out = detail::FunctionRewriter(f).visit(node);
  return out ? out : Ref<Node>(&node);
}

METASCHEDULE_INLINE Expr substitute(const Expr& expr, const VarMap& map) {
  return detail::substitute_with(expr, detail::lookup_in(map));
}
METASCHEDULE_INLINE Stmt substitute(const Stmt& stmt, const VarMap& map) {
  return detail::substitute_with(stmt, detail::lookup_in(map));
}
METASCHEDULE_INLINE Ref<Range> substitute(const Ref<Range>& range, const VarMap& map) {
  return detail::substitute_with(range, detail::lookup_in(map));
}
METASCHEDULE_INLINE Ref<BufferRegion> substitute(const Ref<BufferRegion>& region,
                                                 const VarMap& map) {
  return detail::substitute_with(region, detail::lookup_in(map));
}
METASCHEDULE_INLINE Expr substitute(const Expr& expr, const std::function<Expr(const Var*)>& map) {
  return detail::substitute_with(expr, map);
}
METASCHEDULE_INLINE Stmt substitute(const Stmt& stmt, const std::function<Expr(const Var*)>& map) {
  return detail::substitute_with(stmt, map);
}

METASCHEDULE_INLINE Stmt replace_buffers(const Stmt& stmt, const BufferMap& map) {
  return map.empty() ? stmt : detail::BufferReplacer(map)(stmt);
}
METASCHEDULE_INLINE Expr replace_buffers(const Expr& expr, const BufferMap& map) {
  return map.empty() ? expr : detail::BufferReplacer(map)(expr);
}

METASCHEDULE_INLINE ModuleRef deep_copy(const IRModule& module) {
  return cast_to<IRModule>(detail::Copier(false, false).copy(module));
}
METASCHEDULE_INLINE PrimFuncRef renew_definitions(const PrimFunc& func) {
  return cast_to<PrimFunc>(detail::Copier(true, true).copy(func));
}

}  // namespace metaschedule
