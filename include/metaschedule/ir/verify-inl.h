// SPDX-License-Identifier: Apache-2.0
// The walk behind well-formedness: scopes of definitions, and the loops around the nearest block.
#pragma once

#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "metaschedule/ir/verify.h"
#include "metaschedule/ir/walk.h"

namespace metaschedule {

namespace detail {

class WellFormedChecker {
 public:
  void check_function(const PrimFunc& func) {
    size_t mark = scope_.size();
    for (const VarRef& param : func.params) define(*param);
    // Sizes, strides and offsets of parameter buffers are defined by being bound.
    for (const auto& [var, buffer] : func.buffer_map) define_buffer(cast_to<Buffer>(*buffer), true);
    visit(*func.body);
    close(mark);
  }

 private:
  enum class State : uint8_t { Open, Closed };

  void define(const Var& var, bool again = false) {
    auto [it, fresh] = defined_.emplace(&var, State::Open);
    check<VerifyError>(fresh || again,
                       "TIR is ill-formed, due to multiple definitions of variable {}", var.name);
    it->second = State::Open;
    scope_.push_back(&var);
  }
  void use(const Var& var) {
    auto it = defined_.find(&var);
    check<VerifyError>(it != defined_.end() && it->second == State::Open,
                       "Invalid use of undefined variable {}", var.name);
    check<VerifyError>(!hidden_.count(&var),
                       "Well-formedness check failed: Loop iterator var {} is defined outside of "
                       "any block, but is used inside the non-opaque current block \"{}\".",
                       var.name, blocks_.empty() ? std::string() : blocks_.back()->name_hint);
  }
  void close(size_t mark) {
    for (; scope_.size() > mark; scope_.pop_back()) defined_[scope_.back()] = State::Closed;
  }
  /// The data pointer of a buffer, and with `all` its sizes as well; each once.
  void define_buffer(const Buffer& buffer, bool all) {
    define_if_new(*buffer.data);
    auto each = [&](const Expr& e) {
      const Var* var = as<Var>(e);
      if (var && all) define_if_new(*var);
    };
    for (const Expr& e : buffer.shape) each(e);
    for (const Expr& e : buffer.strides) each(e);
    if (buffer.elem_offset) each(buffer.elem_offset);
  }
  void define_if_new(const Var& var) {
    auto it = defined_.find(&var);
    if (it == defined_.end() || it->second == State::Closed) define(var, true);
  }

  void visit_children(const Node& node) {
    for_each_child(node, [this](const Node& child) { visit(child); });
  }

  void visit(const Node& node) {
    size_t mark = scope_.size();
    switch (node.kind) {
      case Kind::Var:
      case Kind::SizeVar:
        use(static_cast<const Var&>(node));
        return;
      case Kind::For:
        visit_loop(static_cast<const For&>(node));
        break;
      case Kind::Block:
        visit_block(static_cast<const Block&>(node));
        break;
      case Kind::LetStmt: {
        auto& let = static_cast<const LetStmt&>(node);
        visit(*let.value);
        define(*let.var);
        visit(*let.body);
        break;
      }
      case Kind::Let: {
        auto& let = static_cast<const Let&>(node);
        visit(*let.value);
        // An expression may stand in several places of the tree; its variable is defined in each.
        define_if_new(*let.var);
        visit(*let.body);
        break;
      }
      case Kind::Allocate: {
        auto& allocate = static_cast<const Allocate&>(node);
        for (const Expr& e : allocate.extents) visit(*e);
        visit(*allocate.condition);
        define(*allocate.buffer_var);
        visit(*allocate.body);
        break;
      }
      case Kind::AllocateConst: {
        auto& allocate = static_cast<const AllocateConst&>(node);
        define(*allocate.buffer_var);
        visit(*allocate.body);
        break;
      }
      case Kind::AttrStmt: {
        auto& attr = static_cast<const AttrStmt&>(node);
        visit(*attr.value);
        const IterVar* thread = as<IterVar>(attr.node);
        if (thread && (attr.attr_key == "thread_extent" || attr.attr_key == "virtual_thread"))
          define(*thread->var, true);
        visit(*attr.body);
        break;
      }
      case Kind::ProducerLoad:
      case Kind::Reduce:
        fail<VerifyError>("a {} stands in a function; only tensor expressions have such",
                          kind_name(node.kind));
      default:
        visit_children(node);
        break;
    }
    close(mark);
  }

  void visit_loop(const For& loop) {
    visit(*loop.min);
    visit(*loop.extent);
    define(*loop.loop_var);
    loops_.push_back(loop.loop_var.get());
    visit(*loop.body);
    loops_.pop_back();
  }

  void visit_block(const Block& block) {
    for (const Ref<IterVar>& iter : block.iter_vars) {
      if (iter->dom) visit(*iter->dom);
      define(*iter->var);
    }
    std::vector<const Var*> newly_hidden;
    std::vector<const Var*> loops = std::move(loops_);
    loops_.clear();
    if (!block.iter_vars.empty()) {
      for (const Var* var : loops)
        if (hidden_.insert(var).second) newly_hidden.push_back(var);
    }
    blocks_.push_back(&block);
    for (const BufferRef& buffer : block.alloc_buffers) define_buffer(*buffer, false);
    for (const Ref<MatchBufferRegion>& match : block.match_buffers) {
      visit(*match->source);
      define_buffer(*match->buffer, true);
    }
    for (const Ref<BufferRegion>& region : block.reads) visit(*region);
    for (const Ref<BufferRegion>& region : block.writes) visit(*region);
    if (block.init) visit(*block.init);
    visit(*block.body);
    blocks_.pop_back();
    for (const Var* var : newly_hidden) hidden_.erase(var);
    loops_ = std::move(loops);
  }

  std::unordered_map<const Var*, State> defined_;
  std::vector<const Var*> scope_;  // open definitions, in order
  std::vector<const Var*> loops_;  // between here and the nearest block above
  std::unordered_set<const Var*> hidden_;
  std::vector<const Block*> blocks_;
};

}  // namespace detail

METASCHEDULE_INLINE void check_well_formed(const PrimFunc& func) {
  detail::WellFormedChecker().check_function(func);
}
METASCHEDULE_INLINE void check_well_formed(const IRModule& module) {
  detail::WellFormedChecker checker;
  for (const auto& [name, func] : module.functions)
    if (const PrimFunc* prim = as<PrimFunc>(func)) checker.check_function(*prim);
}
METASCHEDULE_INLINE std::optional<std::string> find_ill_formed(const Node& node) {
  try {
    if (const PrimFunc* func = as<PrimFunc>(&node))
      check_well_formed(*func);
    else
      check_well_formed(cast_to<IRModule>(node));
  } catch (const VerifyError& error) {
    return error.message();
  }
  return std::nullopt;
}
METASCHEDULE_INLINE bool is_well_formed(const PrimFunc& func) { return !find_ill_formed(func); }
METASCHEDULE_INLINE bool is_well_formed(const IRModule& module) { return !find_ill_formed(module); }

}  // namespace metaschedule
