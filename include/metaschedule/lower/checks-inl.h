// SPDX-License-Identifier: Apache-2.0
// The bodies of checks.h.
#pragma once

#include <algorithm>
#include <unordered_set>

#include "metaschedule/arith/analyzer.h"
#include "metaschedule/ir/op.h"
#include "metaschedule/ir/walk.h"
#include "metaschedule/lower/checks.h"

namespace metaschedule::lower {

namespace detail {

/// Walks with what loops, blocks and conditions say about variables.
class BoundsFinder : public Walker {
 public:
  std::vector<OutOfBounds> found;

  void visit(const Node& node) override {
    switch (node.kind) {
      case Kind::BufferLoad: {
        const auto& load = static_cast<const BufferLoad&>(node);
        check_access(load, *load.buffer, load.indices);
        return walk_children(node);
      }
      case Kind::BufferStore: {
        const auto& store = static_cast<const BufferStore&>(node);
        check_access(store, *store.buffer, store.indices);
        return walk_children(node);
      }
      case Kind::For: {
        const auto& loop = static_cast<const For&>(node);
        analyzer_.bind(loop.loop_var, make<Range>(loop.min, loop.extent), true);
        return walk_children(node);
      }
      case Kind::LetStmt: {
        const auto& let = static_cast<const LetStmt&>(node);
        visit(*let.value);
        if (let.value->dtype.is_integral() && let.value->dtype.is_scalar())
          analyzer_.bind(let.var, let.value, true);
        return visit(*let.body);
      }
      case Kind::BlockRealize: {
        const auto& realize = static_cast<const BlockRealize&>(node);
        for (const Expr& value : realize.iter_values) visit(*value);
        visit(*realize.predicate);
        for (const Ref<IterVar>& axis : realize.block->iter_vars)
          if (axis->dom) analyzer_.bind(axis->var, axis->dom, true);
        auto holds = analyzer_.with_constraint(realize.predicate);
        if (realize.block->init) visit(*realize.block->init);
        return visit(*realize.block->body);
      }
      case Kind::IfThenElse: {
        const auto& branch = static_cast<const IfThenElse&>(node);
        return branches(branch.condition, branch.then_case.get(), branch.else_case.get());
      }
      case Kind::Select: {
        const auto& choice = static_cast<const Select&>(node);
        return branches(choice.condition, choice.true_value.get(), choice.false_value.get());
      }
      case Kind::Call: {
        const auto& call = static_cast<const Call&>(node);
        static const Op& choice = Op::get("if_then_else");
        if (call.op.node() == &choice && call.args.size() == 3)
          return branches(call.args[0], call.args[1].get(), call.args[2].get());
        return walk_children(node);
      }
      default:
        return walk_children(node);
    }
  }

 private:
  void branches(const Expr& condition, const Node* then_case, const Node* else_case) {
    visit(*condition);
    const bool scalar = condition->dtype == kBool;
    auto branch = [&](const Node* body, const Expr& known) {
      if (!body) return;
      if (!scalar) return visit(*body);
      auto holds = analyzer_.with_constraint(analyzer_.simplify(known));
      visit(*body);
    };
    branch(then_case, condition);
    if (else_case) branch(else_case, scalar ? logical_not(condition) : condition);
  }

  void check_access(const Node& access, const Buffer& buffer, const Exprs& indices) {
    for (size_t d = 0; d < indices.size(); ++d) {
      Expr low = indices[d], high = indices[d];
      if (const Ramp* ramp = as<Ramp>(indices[d])) {
        const auto lanes = as_const_int(ramp->lanes), stride = as_const_int(ramp->stride);
        if (!lanes || !stride) continue;
        Expr last = ramp->base + *stride * (*lanes - 1);
        low = *stride < 0 ? last : ramp->base;
        high = *stride < 0 ? ramp->base : last;
      } else if (!indices[d]->dtype.is_scalar()) {
        continue;
      }
      const int64_t min = analyzer_.const_int_bound(low).min_value;
      const int64_t max = analyzer_.const_int_bound(high).max_value;
      const int64_t size = analyzer_.const_int_bound(buffer.shape[d]).max_value;
      // What only the type of an index bounds is not known.
      constexpr int64_t kKnown = int64_t{1} << 30;
      const bool below = min < 0 && min > -kKnown;
      const bool above = max >= size && max < kKnown;
      // Bounds take each variable by itself; a proof may know better.
      if ((below && !analyzer_.can_prove_greater_equal(low, 0)) ||
          (above && !analyzer_.can_prove(lt(high, cast(high->dtype, buffer.shape[d]))))) {
        found.push_back({Ref<Node>(&access), d, min, max, size});
      }
    }
  }

  arith::Analyzer analyzer_;
};

/// Whether statements outside of threads access buffers of parameters.
class HostAccessFinder : public Walker {
 public:
  explicit HostAccessFinder(const PrimFunc& func) {
    for (const VarRef& param : func.params) from_params_.insert(param.get());
    for (const auto& [param, buffer] : func.buffer_map)
      from_params_.insert(cast_to<Buffer>(*buffer).data.get());
  }
  bool found = false;

  void visit(const Node& node) override {
    if (found) return;
    const BufferLoad* load = as<BufferLoad>(&node);
    const BufferStore* store = as<BufferStore>(&node);
    if (load || store) {
      const Buffer& buffer = load ? *load->buffer : *store->buffer;
      found = !in_thread_ && from_params_.contains(buffer.data.get());
      return walk_children(node);
    }
    if (const LetStmt* let = as<LetStmt>(&node)) {
      const Var* value = as<Var>(let->value);
      if (value && from_params_.contains(value)) from_params_.insert(let->var.get());
    }
    const AttrStmt* attr = as<AttrStmt>(&node);
    const For* loop = as<For>(&node);
    const bool threads =
        (attr && (attr->attr_key == "thread_extent" || attr->attr_key == "pipeline_exec_scope")) ||
        (loop && loop->kind == ForKind::ThreadBinding);
    const bool outer = std::exchange(in_thread_, in_thread_ || threads);
    walk_children(node);
    in_thread_ = outer;
  }

 private:
  std::unordered_set<const Var*> from_params_;
  bool in_thread_ = false;
};

}  // namespace detail

METASCHEDULE_INLINE std::vector<OutOfBounds> find_out_of_bounds(const PrimFunc& func) {
  detail::BoundsFinder finder;
  finder.visit(*func.body);
  return std::move(finder.found);
}

METASCHEDULE_INLINE std::string describe(const std::vector<OutOfBounds>& accesses) {
  std::string out;
  for (const OutOfBounds& access : accesses) {
    const BufferLoad* load = as<BufferLoad>(access.access);
    const Buffer& buffer = load ? *load->buffer : *as<BufferStore>(access.access)->buffer;
    out += fmt::format(
        "{}{} of buffer {} in dimension {}: the index goes from {} to {}, the size is {}",
        out.empty() ? "" : "\n", load ? "a load" : "a store", buffer.name, access.dimension,
        access.min, access.max, access.size);
  }
  return out;
}

METASCHEDULE_INLINE bool verify_memory(const PrimFunc& func) {
  const Target* target = as<Target>(func.attrs.find("target"));
  check<ValueError>(target != nullptr, "verify_memory: the function has no attribute `target`");
  constexpr std::string_view kinds[] = {"cuda",   "nvptx", "rocm",  "opencl",
                                        "vulkan", "metal", "webgpu"};
  if (std::find(std::begin(kinds), std::end(kinds), target->target_kind) == std::end(kinds))
    return true;
  detail::HostAccessFinder finder(func);
  finder.visit(*func.body);
  return !finder.found;
}

}  // namespace metaschedule::lower
