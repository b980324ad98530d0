// SPDX-License-Identifier: Apache-2.0
// Inside inject_software_pipeline: what the statements of a pipeline touch, and the versions of
// what they touch.
#pragma once

#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "metaschedule/ir/op.h"
#include "metaschedule/ir/walk.h"
#include "metaschedule/lower/annotations.h"

namespace metaschedule::lower::detail {

/// What one statement of a pipeline touches, by data pointer.
class PipelineUses : public Walker {
 public:
  struct Use {
    bool read = false, written = false;
    /// Indices of every access; not complete where `opaque`.
    std::vector<Exprs> indices;
    bool opaque = false;
  };
  std::unordered_map<const Var*, Use> uses;
  /// Outputs that `double_buffer_scope` names.
  std::vector<const Var*> doubled;

  void visit(const Node& node) override {
    if (const BufferLoad* l = as<BufferLoad>(&node)) {
      Use& use = uses[l->buffer->data.get()];
      use.read = true;
      use.indices.push_back(l->indices);
    } else if (const BufferStore* s = as<BufferStore>(&node)) {
      Use& use = uses[s->buffer->data.get()];
      use.written = true;
      use.indices.push_back(s->indices);
    } else if (const Block* b = as<Block>(&node)) {
      block(*b);
    } else if (const Call* c = as<Call>(&node)) {
      const Op* op = as<Op>(c->op);
      const BufferLoad* at =
          op && op->name == "tir.address_of" ? as<BufferLoad>(c->args[0]) : nullptr;
      if (at) opaque(at->buffer->data.get());
    } else if (const Var* v = as<Var>(&node)) {
      if (v->dtype.is_handle()) opaque(v);
    }
    walk_children(node);
  }

  /// What an opaque use does is what blocks around it declare; without a word, both.
  void finish() {
    for (auto& [data, use] : uses) {
      if (!use.opaque) continue;
      const bool reads = declared_reads_.count(data), writes = declared_writes_.count(data);
      use.read = use.read || reads || !writes;
      use.written = use.written || writes || !reads;
    }
  }

 private:
  void opaque(const Var* data) { uses[data].opaque = true; }
  void block(const Block& b) {
    for (const auto& r : b.reads) declared_reads_.insert(r->buffer->data.get());
    for (const auto& w : b.writes) declared_writes_.insert(w->buffer->data.get());
    auto which = int_value(b.annotations.find("double_buffer_scope"));
    if (!which) return;
    check<BuildError>(*which >= 0 && *which < static_cast<int64_t>(b.writes.size()),
                      "lowering: block {} has {} outputs, double_buffer_scope names number {}",
                      b.name_hint, b.writes.size(), *which);
    doubled.push_back(b.writes[static_cast<size_t>(*which)]->buffer->data.get());
  }
  std::unordered_set<const Var*> declared_reads_, declared_writes_;
};

/// Accesses of versioned buffers go to the version of their iteration.
class VersionRewriter : public Rewriter {
 public:
  struct Versions {
    BufferRef buffer;
    Expr version;   // in terms of the loop variable
    Expr elements;  // of one version
  };
  std::unordered_map<const Buffer*, Versions> versions;
  std::unordered_map<const Var*, const Versions*> by_data;

  Ref<Node> visit(const Node& node) override {
    switch (node.kind) {
      case Kind::BufferLoad: {
        Ref<Node> inner = rewrite_children(node);
        return access(static_cast<const BufferLoad&>(inner ? *inner : node), inner);
      }
      case Kind::BufferStore: {
        Ref<Node> inner = rewrite_children(node);
        return access(static_cast<const BufferStore&>(inner ? *inner : node), inner);
      }
      case Kind::BufferRegion: {
        const BufferRegion& r = static_cast<const BufferRegion&>(node);
        auto it = versions.find(r.buffer.get());
        if (it == versions.end()) return rewrite_children(node);
        const Expr& at = it->second.version;
        std::vector<Ref<Range>> ranges = {make<Range>(at, int_imm(at->dtype, 1))};
        for (const auto& range : r.region) ranges.push_back(range);
        return make<BufferRegion>(it->second.buffer, Ranges(ranges));
      }
      case Kind::Call: {
        const Call& c = static_cast<const Call&>(node);
        const Op* op = as<Op>(c.op);
        const Var* data = op && op->name == "tir.tvm_access_ptr" ? as<Var>(c.args[1]) : nullptr;
        auto it = by_data.find(data);
        if (!data || it == by_data.end()) return rewrite_children(node);
        Exprs args = c.args;
        std::vector<Expr> list(args.begin(), args.end());
        Expr base = it->second->version * cast(it->second->version->dtype, it->second->elements);
        list[2] = cast(list[2]->dtype, base) + (*this)(list[2]);
        return make<Call>(c.dtype, c.op, Exprs(list));
      }
      case Kind::Var:
        check<BuildError>(!by_data.count(static_cast<const Var*>(&node)),
                          "lowering: {} has versions in a software pipeline, so that its pointer "
                          "cannot be used but through access_ptr",
                          static_cast<const Var&>(node).name);
        return nullptr;
      default:
        return rewrite_children(node);
    }
  }

 private:
  template <class T>
  Ref<Node> access(const T& now, const Ref<Node>& inner) {
    auto it = versions.find(now.buffer.get());
    if (it == versions.end()) return inner;
    std::vector<Expr> indices = {it->second.version};
    for (const Expr& i : now.indices) indices.push_back(i);
    auto made = mutate(now);
    made->buffer = it->second.buffer;
    made->indices = Exprs(indices);
    return Ref<Node>(made);
  }
};

}  // namespace metaschedule::lower::detail
