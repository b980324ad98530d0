// SPDX-License-Identifier: Apache-2.0
// What one block accesses: a walk over its body that covers the accesses to each buffer by a box.
#pragma once

#include <algorithm>
#include <unordered_map>
#include <utility>
#include <vector>

#include "metaschedule/arith/analyzer.h"
#include "metaschedule/ir/op.h"
#include "metaschedule/ir/walk.h"
#include "metaschedule/script/access_region.h"

namespace metaschedule::detail {

/// The accesses to some buffers, each covered by one box, in the order of first occurrence.
struct AccessList {
  std::vector<BufferRef> buffers;
  std::vector<std::vector<arith::IntSet>> boxes;

  void add(const BufferRef& buffer, std::vector<arith::IntSet> box) {
    for (size_t i = 0; i < buffers.size(); ++i) {
      if (buffers[i] != buffer) continue;
      for (size_t d = 0; d < box.size(); ++d) {
        boxes[i][d] = arith::union_(std::vector<arith::IntSet>{boxes[i][d], box[d]});
      }
      return;
    }
    buffers.push_back(buffer);
    boxes.push_back(std::move(box));
  }

  bool has(const BufferRef& buffer) const {
    return std::find(buffers.begin(), buffers.end(), buffer) != buffers.end();
  }

  BufferRegions regions(const AccessList* without = nullptr) const {
    std::vector<Ref<BufferRegion>> out;
    arith::Analyzer analyzer;
    for (size_t i = 0; i < buffers.size(); ++i) {
      if (without && without->has(buffers[i])) continue;
      std::vector<Ref<Range>> ranges;
      for (size_t d = 0; d < boxes[i].size(); ++d) {
        const arith::IntSet& set = boxes[i][d];
        const Expr& extent = buffers[i]->shape[d];
        if (set.can_prove_single_point(analyzer)) {
          // As it is written, unless it was found by proof only.
          Expr point = set.is_single_point() ? set.min() : analyzer.simplify(set.min());
          ranges.push_back(make<Range>(point, int_imm(point->dtype, 1)));
        } else {
          ranges.push_back(set.cover_range(make<Range>(int_imm(extent->dtype, 0), extent)));
        }
      }
      out.push_back(make<BufferRegion>(buffers[i], ranges));
    }
    return out;
  }
};

/// Walks the body of one block.
class AccessFinder {
 public:
  explicit AccessFinder(const BufferVarMap& outer) : outer_(outer) {}

  AccessRegions run(const Block& block) {
    for (const Ref<MatchBufferRegion>& match : block.match_buffers) {
      const Var* data = match->source->buffer->data.get();
      if (outer_.contains(data)) matches_[match->buffer.get()] = match->source;
    }
    if (block.init) visit(*block.init);
    visit(*block.body);
    AccessRegions out;
    out.reads = reads_.regions(block.init ? &writes_ : nullptr);
    out.writes = writes_.regions();
    out.opaques = opaques_.regions();
    return out;
  }

 private:
  using Sets = std::vector<arith::IntSet>;

  void visit(const Node& node) {
    switch (node.kind) {
      case Kind::Var:
      case Kind::SizeVar:
        return opaque(static_cast<const Var&>(node));
      case Kind::BufferLoad: {
        const auto& load = static_cast<const BufferLoad&>(node);
        add(reads_, load.buffer, relaxed(load.indices));
        return walk(node);
      }
      case Kind::BufferStore: {
        const auto& store = static_cast<const BufferStore&>(node);
        add(writes_, store.buffer, relaxed(store.indices));
        return walk(node);
      }
      case Kind::For: {
        const auto& loop = static_cast<const For&>(node);
        visit(*loop.min);
        visit(*loop.extent);
        domains_[loop.loop_var.get()] = arith::IntSet::from_min_extent(loop.min, loop.extent);
        visit(*loop.body);
        domains_.erase(loop.loop_var.get());
        return;
      }
      case Kind::LetStmt: {
        const auto& let = static_cast<const LetStmt&>(node);
        return visit_let(*let.var, let.value, *let.body);
      }
      case Kind::Let: {
        const auto& let = static_cast<const Let&>(node);
        return visit_let(*let.var, let.value, *let.body);
      }
      case Kind::IfThenElse: {
        const auto& branch = static_cast<const IfThenElse&>(node);
        return visit_branches(branch.condition, branch.then_case.get(), branch.else_case.get());
      }
      case Kind::Call:
        return visit_call(static_cast<const Call&>(node));
      case Kind::BlockRealize:
        return visit_child(static_cast<const BlockRealize&>(node));
      default:
        return walk(node);
    }
  }
  void walk(const Node& node) {
    for_each_child(node, [this](const Node& child) { visit(child); });
  }

  void visit_let(const Var& var, const Expr& value, const Node& body) {
    visit(*value);
    Expr known = substitute(value, lets_);
    if (is_large(*known)) {
      domains_[&var] = arith::IntSet::everything();
    } else {
      lets_[&var] = known;
    }
    visit(body);
    lets_.erase(&var);
    domains_.erase(&var);
  }

  void visit_branches(const Expr& condition, const Node* then_case, const Node* else_case) {
    visit(*condition);
    bool loads = any_node(*condition, [](const Node& n) { return n.kind == Kind::BufferLoad; });
    Expr known = loads ? condition : substitute(condition, lets_);
    // A condition on what has no domain here, the axes of the block for instance, narrows nothing.
    const bool narrows =
        !loads && !domains_.empty() && !is_large(*known) &&
        uses_var(*known, [this](const Var* var) { return domains_.contains(var); });
    auto branch = [&](const Node* body, bool holds) {
      if (!body) return;
      arith::DomMap saved;
      if (narrows) {
        saved = domains_;
        narrow(known, holds);
      }
      visit(*body);
      if (narrows) domains_ = std::move(saved);
    };
    branch(then_case, true);
    branch(else_case, false);
  }

  void visit_call(const Call& call) {
    static const Op& choice = Op::get("if_then_else");
    static const Op& pointer = Op::get("tvm_access_ptr");
    if (call.op.node() == &choice && call.args.size() == 3) {
      return visit_branches(call.args[0], call.args[1].get(), call.args[2].get());
    }
    const bool points = call.op.node() == &pointer && call.args.size() == 5;
    const Var* data = points ? as<Var>(call.args[1]) : nullptr;
    if (!data) return walk(call);
    auto it = outer_.find(data);
    if (it != outer_.end()) {
      int64_t mask = as_const_int(call.args[4]).value_or(3);
      AccessList& list = mask == 1 ? reads_ : mask == 2 ? writes_ : opaques_;
      add_whole(list, it->second);
    }
    for (size_t i : {0, 2, 3, 4}) visit(*call.args[i]);
  }

  /// A child block is known by its regions, with its axes replaced by their values.
  void visit_child(const BlockRealize& realize) {
    VarMap axes;
    const Block& block = *realize.block;
    for (size_t i = 0; i < block.iter_vars.size(); ++i) {
      axes[block.iter_vars[i]->var.get()] = substitute(realize.iter_values[i], lets_);
    }
    for (auto [list, regions] :
         {std::pair(&reads_, &block.reads), std::pair(&writes_, &block.writes)}) {
      for (const Ref<BufferRegion>& region : *regions) {
        Sets box;
        for (const Ref<Range>& range : region->region) {
          arith::Analyzer analyzer;
          Expr min = substitute(range->min, axes), extent = substitute(range->extent, axes);
          const bool large = is_large(*min) || is_large(*extent);
          box.push_back(large ? arith::IntSet::everything()
                              : arith::eval_set(arith::IntSet::from_min_extent(min, extent),
                                                domains_, analyzer));
        }
        add(*list, region->buffer, std::move(box));
      }
    }
  }

  Sets relaxed(const Exprs& indices) const {
    Sets out;
    for (const Expr& index : indices) {
      Expr known = substitute(index, lets_);
      out.push_back(is_large(*known) ? arith::IntSet::everything()
                                     : arith::eval_set(known, domains_));
    }
    return out;
  }

  /// What is larger is taken for unknown: from block to block, and from binding to binding, an
  /// index may double.
  static bool is_large(const Node& e) {
    constexpr int kLimit = 2000;
    int count = 0;
    return any_node(e, [&](const Node&) { return ++count > kLimit; });
  }

  void add(AccessList& list, const BufferRef& buffer, Sets box) {
    auto match = matches_.find(buffer.get());
    if (match != matches_.end()) {
      const BufferRegion& source = *match->second;
      return add(list, source.buffer, matched(source, *buffer, box));
    }
    if (outer_.contains(buffer->data.get())) list.add(buffer, std::move(box));
  }
  /// An access to a view as an access to what it is a view of.
  static Sets matched(const BufferRegion& source, const Buffer& view, const Sets& box) {
    Sets out;
    size_t leading = source.region.size() - box.size();
    for (size_t i = 0; i < source.region.size(); ++i) {
      const Range& range = *source.region[i];
      if (i < leading) {
        out.push_back(arith::IntSet::from_range(range));
        continue;
      }
      const Expr& extent = view.shape[i - leading];
      Ref<Range> part =
          box[i - leading].cover_range(make<Range>(int_imm(extent->dtype, 0), extent));
      out.push_back(arith::IntSet::from_min_extent(range.min + part->min, part->extent));
    }
    return out;
  }
  static void add_whole(AccessList& list, const BufferRef& buffer) {
    Sets box;
    for (const Expr& extent : buffer->shape)
      box.push_back(arith::IntSet::from_min_extent(int_imm(extent->dtype, 0), extent));
    list.add(buffer, std::move(box));
  }
  void opaque(const Var& var) {
    auto it = outer_.find(&var);
    if (it != outer_.end()) add_whole(opaques_, it->second);
  }

  // ---- conditions

  /// Narrows the domain of each loop variable that the condition bounds by constants on its own.
  void narrow(const Expr& condition, bool holds) {
    arith::Analyzer analyzer;
    narrow_by(analyzer.simplify(holds ? condition : logical_not(condition)));
  }
  void narrow_by(const Expr& condition) {
    static const Op& likely_op = Op::get("likely");
    if (const And* both = as<And>(condition)) {
      narrow_by(both->a);
      narrow_by(both->b);
      return;
    }
    if (is_call_to(condition.get(), likely_op)) return narrow_by(as<Call>(condition)->args[0]);
    if (!is_compare_kind(condition->kind)) return;
    const auto& compare = *static_cast<const BinaryExpr*>(condition.get());
    // scale * var + offset on the left of zero.
    const Var* var = nullptr;
    int64_t scale = 0, offset = 0;
    if (!linear(*compare.a, 1, var, scale, offset) || !linear(*compare.b, -1, var, scale, offset)) {
      return;
    }
    auto it = var && scale != 0 ? domains_.find(var) : domains_.end();
    if (it == domains_.end()) return;
    bound(it->second, compare.kind, var->dtype, scale, offset);
  }

  /// Adds `sign * e` to `scale * var + offset`; false when it is no such thing.
  static bool linear(const ExprNode& e, int64_t sign, const Var*& var, int64_t& scale,
                     int64_t& offset) {
    constexpr int64_t kLimit = int64_t{1} << 40;
    if (sign > kLimit || sign < -kLimit || !e.dtype.is_integral()) return false;
    if (const IntImm* imm = as<IntImm>(&e)) {
      if (imm->value > kLimit / 1024 || imm->value < -kLimit / 1024) return false;
      offset += sign * imm->value;
      return true;
    }
    if (const Var* v = as<Var>(&e)) {
      if (var && var != v) return false;
      var = v;
      scale += sign;
      return true;
    }
    if (const Add* add = as<Add>(&e)) {
      return linear(*add->a, sign, var, scale, offset) && linear(*add->b, sign, var, scale, offset);
    }
    if (const Sub* sub = as<Sub>(&e)) {
      return linear(*sub->a, sign, var, scale, offset) &&
             linear(*sub->b, -sign, var, scale, offset);
    }
    if (const Mul* mul = as<Mul>(&e)) {
      const IntImm* factor = as<IntImm>(mul->b);
      bool small = factor && factor->value > -(1 << 20) && factor->value < (1 << 20);
      return small && linear(*mul->a, sign * factor->value, var, scale, offset);
    }
    return false;
  }

  /// scale * x + offset (compare) 0, on the domain of x.
  static void bound(arith::IntSet& domain, Kind compare, DType dtype, int64_t scale,
                    int64_t offset) {
    if (scale < 0) {
      scale = -scale, offset = -offset;
      compare = compare == Kind::LT   ? Kind::GT
                : compare == Kind::LE ? Kind::GE
                : compare == Kind::GT ? Kind::LT
                : compare == Kind::GE ? Kind::LE
                                      : compare;
    }
    auto floor_of = [&](int64_t x) { return x >= 0 ? x / scale : -((-x + scale - 1) / scale); };
    auto constant = [&](int64_t x) { return int_imm(dtype, x); };
    int64_t low = -floor_of(offset);   // least x with scale * x + offset >= 0
    int64_t high = floor_of(-offset);  // greatest x with scale * x + offset <= 0
    arith::IntSet set;
    switch (compare) {
      case Kind::GE:
        set = arith::IntSet::interval(constant(low), nullptr);
        break;
      case Kind::GT:
        set = arith::IntSet::interval(constant(high + 1), nullptr);
        break;
      case Kind::LE:
        set = arith::IntSet::interval(nullptr, constant(high));
        break;
      case Kind::LT:
        set = arith::IntSet::interval(nullptr, constant(low - 1));
        break;
      case Kind::EQ:
        if (low != high) return;
        set = arith::IntSet::single_point(constant(low));
        break;
      default: {  // an end of the domain may be taken off
        if (low != high || domain.is_nothing()) return;
        bool at_min = is_const_int(domain.min(), low), at_max = is_const_int(domain.max(), low);
        if (at_min == at_max) return;
        set = at_min ? arith::IntSet::interval(constant(low + 1), nullptr)
                     : arith::IntSet::interval(nullptr, constant(low - 1));
      }
    }
    domain = arith::intersect(std::vector<arith::IntSet>{domain, set});
  }

  const BufferVarMap& outer_;
  std::unordered_map<const Buffer*, Ref<BufferRegion>> matches_;
  arith::DomMap domains_;
  VarMap lets_;
  AccessList reads_, writes_, opaques_;
};

}  // namespace metaschedule::detail
