// SPDX-License-Identifier: Apache-2.0
// Printing of statements.
#pragma once

#include "metaschedule/ir/walk.h"
#include "metaschedule/script/detail/print_value-inl.h"

namespace metaschedule::script {

METASCHEDULE_INLINE void Printer::line() {
  const bool first = out_.find_first_not_of(kUnderlineBegin) == std::string::npos;
  if (!first) out_ += '\n';
  out_.append(static_cast<size_t>(indent_ * options_.indent_spaces), ' ');
}
METASCHEDULE_INLINE void Printer::line(std::string_view text) {
  line();
  out_ += text;
}

METASCHEDULE_INLINE void Printer::body(const Stmt& s) {
  if (const SeqStmt* seq = as<SeqStmt>(s)) {
    Marked marked(*this, *seq, Remark::Above);
    for (size_t i = 0; i < seq->seq.size(); ++i) stmt(seq->seq[i], i + 1 == seq->seq.size());
  } else {
    stmt(s, true);
  }
}

METASCHEDULE_INLINE void Printer::nested(const Stmt& s) {
  ++indent_;
  push_frame();
  body(s);
  pop_frame();
  --indent_;
}

METASCHEDULE_INLINE void Printer::declare_here(const Node& statement) {
  auto it = placements_.find(&statement);
  if (it == placements_.end()) return;
  std::vector<const Node*> nodes = std::move(it->second);
  placements_.erase(it);
  for (const Node* node : nodes) {
    if (find_name(node)) continue;
    if (const Buffer* buffer = as<Buffer>(node)) {
      bool has_data = find_name(buffer->data.get()) != nullptr;
      shape_vars(*buffer);
      line();
      size_t at = out_.size();
      define_buffer(*buffer);
      out_.resize(at);
      out_ += *find_name(buffer) + " = ";
      buffer_args("Buffer", *buffer, "", has_data);
    } else {
      const Var& v = cast_to<Var>(*node);
      line();
      out_ += define(v, v.name) + " = ";
      if (v.type_annotation) {
        type(v.type_annotation.get());
      } else {
        dtype_call(v.dtype);
        out_ += v.kind == Kind::SizeVar ? "(is_size_var=True)" : "()";
      }
    }
  }
}

METASCHEDULE_INLINE void Printer::stmt(const Stmt& s, bool last) {
  if (!placements_.empty()) declare_here(*s);
  if (s->kind == Kind::Block) return block(cast_to<Block>(*s), nullptr);
  const bool one_line =
      s->kind == Kind::BufferStore || s->kind == Kind::Evaluate || s->kind == Kind::Prefetch;
  Marked marked(*this, *s, one_line ? Remark::AtEnd : Remark::Above);
  last = last && !marked.is_annotated();
  switch (s->kind) {
    case Kind::SeqStmt:
      return body(s);
    case Kind::For:
      return loop(cast_to<For>(*s));
    case Kind::BlockRealize: {
      const auto& realize = cast_to<BlockRealize>(*s);
      return block(*realize.block, &realize);
    }
    case Kind::BufferStore:
      return store(cast_to<BufferStore>(*s));
    case Kind::Evaluate:
      return evaluate(cast_to<Evaluate>(*s));
    case Kind::IfThenElse:
      return if_stmt(cast_to<IfThenElse>(*s));
    case Kind::LetStmt:
      return let(cast_to<LetStmt>(*s), last);
    case Kind::AttrStmt:
      return attr(cast_to<AttrStmt>(*s), last);
    case Kind::Allocate:
      return allocate(cast_to<Allocate>(*s), last);
    case Kind::AllocateConst:
      return allocate_const(cast_to<AllocateConst>(*s), last);
    case Kind::DeclBuffer:
      return buffer_decl(cast_to<DeclBuffer>(*s), last);
    case Kind::AssertStmt:
      return assert_stmt(cast_to<AssertStmt>(*s), last);
    case Kind::BufferRealize:
      return realize(cast_to<BufferRealize>(*s), last);
    case Kind::While: {
      const auto& loop_stmt = cast_to<While>(*s);
      line("while ");
      expr(loop_stmt.condition);
      out_ += ':';
      return nested(loop_stmt.body);
    }
    case Kind::Prefetch: {
      const auto& prefetch = cast_to<Prefetch>(*s);
      line(t_ + "prefetch(");
      buffer_name(*prefetch.buffer);
      out_ += ", [";
      for (size_t i = 0; i < prefetch.bounds.size(); ++i) {
        if (i) out_ += ", ";
        out_ += t_ + "Range(";
        expr(prefetch.bounds[i]->min);
        out_ += ", ";
        expr(prefetch.bounds[i]->min + prefetch.bounds[i]->extent);
        out_ += ')';
      }
      out_ += "])";
      return;
    }
    default:
      line();
      return metadata(*s);
  }
}

template <class F>
void Printer::frame(const std::string& name, bool last, const Stmt& inner, F&& head) {
  line(last ? "" : "with ");
  if (last) {
    if (!name.empty()) out_ += name + " = ";
    head();
    body(inner);
    return;
  }
  head();
  if (!name.empty()) out_ += " as " + name;
  out_ += ':';
  nested(inner);
}

// ---- loops

METASCHEDULE_INLINE void Printer::loop(const For& f) {
  // A chain of plain loops whose extents do not depend on one another.
  auto plain = [](const For& x) {
    return x.kind == ForKind::Serial && x.annotations.empty() && is_zero(x.min);
  };
  std::vector<const For*> chain{&f};
  if (options_.syntax_sugar && plain(f)) {
    for (const For* next = as<For>(f.body); next && plain(*next); next = as<For>(next->body)) {
      auto in_chain = [&](const Var* v) {
        return std::any_of(chain.begin(), chain.end(),
                           [&](const For* x) { return x->loop_var.get() == v; });
      };
      if (!as<IntImm>(next->extent) && uses_var(*next->extent, in_chain)) break;
      if (placements_.contains(next) || marks_.contains(next)) break;
      chain.push_back(next);
    }
  }
  line("for ");
  // The extents are outside of the frame of the variables.
  push_frame();
  std::string names;
  for (const For* x : chain) {
    if (!names.empty()) names += ", ";
    names += define(*x->loop_var, x->loop_var->name);
    loops_[x->loop_var.get()] = x;
  }
  out_ += names + " in ";
  if (chain.size() > 1) {
    out_ += t_ + "grid(";
    for (size_t i = 0; i < chain.size(); ++i) {
      if (i) out_ += ", ";
      expr(chain[i]->extent);
    }
    out_ += ')';
  } else {
    switch (f.kind) {
      case ForKind::Serial:
        out_ += f.annotations.empty() ? "range(" : t_ + "serial(";
        break;
      default:
        out_ += t_;
        out_ += to_string(f.kind);
        out_ += '(';
    }
    if (!is_zero(f.min)) {
      expr(f.min);
      out_ += ", ";
      expr(f.min + f.extent);
    } else {
      expr(f.extent);
    }
    if (f.kind == ForKind::ThreadBinding) {
      out_ += ", thread=";
      string(f.thread_binding ? f.thread_binding->thread_tag : "");
    }
    if (!f.annotations.empty()) {
      out_ += ", annotations=";
      dict(f.annotations);
    }
    out_ += ')';
  }
  out_ += ':';
  ++indent_;
  body(chain.back()->body);
  --indent_;
  for (const For* x : chain) loops_.erase(x->loop_var.get());
  pop_frame();
}

METASCHEDULE_INLINE void Printer::if_stmt(const IfThenElse& s) {
  line("if ");
  expr(s.condition);
  out_ += ':';
  nested(s.then_case);
  if (s.else_case) {
    line("else:");
    nested(s.else_case);
  }
}

// ---- frames

METASCHEDULE_INLINE void Printer::let(const LetStmt& s, bool last) {
  if (!last) push_frame();
  // The value does not see the variable, but the text defines it first.
  std::string value;
  std::swap(value, out_);
  expr(s.value);
  std::swap(value, out_);
  const std::string name = define(*s.var, s.var->name);
  if (last) {
    line(name + ": ");
    if (s.var->type_annotation) {
      type(s.var->type_annotation.get());
    } else {
      dtype_call(s.var->dtype);
    }
    out_ += " = " + value;
    body(s.body);
    return;
  }
  line("with " + t_ + "LetStmt(" + value);
  if (s.var->type_annotation) {
    out_ += ", type_annotation=";
    type(s.var->type_annotation.get());
  }
  out_ += ") as " + name + ":";
  nested(s.body);
  pop_frame();
}

METASCHEDULE_INLINE void Printer::attr(const AttrStmt& s, bool last) {
  const IterVar* thread = as<IterVar>(s.node);
  bool launches = thread && (s.attr_key == "thread_extent" || s.attr_key == "virtual_thread") &&
                  (s.attr_key == "virtual_thread") == (thread->thread_tag == "vthread");
  if (!launches) {
    frame("", last, s.body, [&] {
      out_ += t_ + "attr(";
      value(s.node.get());
      out_ += ", ";
      string(s.attr_key);
      out_ += ", ";
      expr(s.value);
      out_ += ')';
    });
    return;
  }
  bool known = find_name(thread->var.get()) != nullptr;
  if (!known && !launched_.insert(thread->var.get()).second) lacks_definition_ = true;
  if (!last) push_frame();
  std::string name = known ? "" : define(*thread->var, thread->var->name);
  frame(name, last, s.body, [&] {
    out_ += t_ + "launch_thread(";
    if (known) {
      var(*thread->var);
    } else {
      string(thread->thread_tag);
    }
    out_ += ", ";
    expr(s.value);
    out_ += ')';
  });
  if (!last) pop_frame();
}

METASCHEDULE_INLINE void Printer::allocate(const Allocate& s, bool last) {
  std::string scope = "";
  const PointerType* pointer = as<PointerType>(s.buffer_var->type_annotation);
  if (pointer) scope = pointer->storage_scope;
  // An allocation and the declaration of just that buffer are one line.
  const DeclBuffer* decl = as<DeclBuffer>(s.body);
  bool sugar = options_.syntax_sugar && decl && is_const_int(s.condition, 1) &&
               s.annotations.empty() && decl->buffer->data == s.buffer_var &&
               decl->buffer->dtype == s.dtype && decl->buffer->strides.empty() &&
               is_zero(decl->buffer->elem_offset) && decl->buffer->ndim() == s.extents.size() &&
               !placements_.contains(decl);
  for (size_t i = 0; sugar && i < s.extents.size(); ++i)
    sugar = expr_equal(s.extents[i], decl->buffer->shape[i]);
  if (sugar) {
    auto uses_pointer = [&](const Node& node) {
      if (node.kind == Kind::Var) return &node == s.buffer_var.get();
      const Buffer* buffer = nullptr;
      if (node.kind == Kind::BufferLoad) buffer = cast_to<BufferLoad>(node).buffer.get();
      if (node.kind == Kind::BufferStore) buffer = cast_to<BufferStore>(node).buffer.get();
      return buffer && buffer != decl->buffer.get() && buffer->data == s.buffer_var;
    };
    sugar = !any_node(*decl->body, uses_pointer);
  }
  if (!last) push_frame();
  if (sugar) {
    define_buffer(*decl->buffer);
    frame(*find_name(decl->buffer.get()), last, decl->body,
          [&] { buffer_args("decl_buffer", *decl->buffer, "", false); });
    if (!last) pop_frame();
    return;
  }
  std::string name = define(*s.buffer_var, s.buffer_var->name);
  frame(name, last, s.body, [&] {
    out_ += t_ + "allocate(";
    list(s.extents, '[', ']');
    out_ += ", \"" + metaschedule::to_string(s.dtype) + "\", ";
    string(scope);
    if (!is_const_int(s.condition, 1)) {
      out_ += ", ";
      expr(s.condition);
    }
    if (!s.annotations.empty()) {
      out_ += ", annotations=";
      dict(s.annotations);
    }
    out_ += ')';
  });
  if (!last) pop_frame();
}

namespace detail {
/// Element `i` of a constant tensor as text; false where its type has none.
inline bool append_element(std::string& out, const NDArray& array, size_t i) {
  auto size = static_cast<size_t>(array.dtype.bytes());
  const uint8_t* bytes = array.data.data() + i * size;
  if (array.dtype.is_integral()) {
    uint64_t bits = 0;
    for (size_t k = 0; k < size; ++k) bits |= static_cast<uint64_t>(bytes[k]) << (8 * k);
    if (array.dtype.is_int() && size < 8 && (bits >> (8 * size - 1)) != 0)
      bits |= ~uint64_t{0} << (8 * size);
    out += fmt::format("{}", static_cast<int64_t>(bits));
    return true;
  }
  double value = 0;
  if (array.dtype == kFloat32) {
    float single;
    std::memcpy(&single, bytes, sizeof single);
    value = single;
  } else if (array.dtype == DType::float_(64)) {
    std::memcpy(&value, bytes, sizeof value);
  } else {
    return false;
  }
  if (!std::isfinite(value)) return false;
  out += fmt::format("{:.17g}", value);
  return true;
}
}  // namespace detail

METASCHEDULE_INLINE void Printer::allocate_const(const AllocateConst& s, bool last) {
  std::string numbers = "[";
  bool plain = s.data != nullptr;
  size_t size = plain ? static_cast<size_t>(std::max(1, s.data->dtype.bytes())) : 1;
  for (size_t i = 0; plain && i < s.data->data.size() / size; ++i) {
    if (i) numbers += ", ";
    plain = detail::append_element(numbers, *s.data, i);
  }
  numbers += ']';
  if (!last) push_frame();
  std::string name = define(*s.buffer_var, s.buffer_var->name);
  frame(name, last, s.body, [&] {
    out_ += t_ + "allocate_const(";
    if (plain) {
      out_ += numbers;
    } else if (s.data) {
      metadata(*s.data);
    } else {
      expr(s.irmod_storage_idx);
    }
    out_ += ", \"" + metaschedule::to_string(s.dtype) + "\", ";
    list(s.extents, '[', ']');
    if (!s.annotations.empty()) {
      out_ += ", annotations=";
      dict(s.annotations);
    }
    out_ += ')';
  });
  if (!last) pop_frame();
}

METASCHEDULE_INLINE void Printer::buffer_decl(const DeclBuffer& s, bool last) {
  if (!last) push_frame();
  bool has_data = find_name(s.buffer->data.get()) != nullptr;
  if (!has_data) var(*s.buffer->data);  // notes that nothing defines it
  define_buffer(*s.buffer);
  if (!has_data) out_.resize(out_.size() - find_name(s.buffer->data.get())->size());
  frame(*find_name(s.buffer.get()), last, s.body,
        [&] { buffer_args("decl_buffer", *s.buffer, "", true); });
  if (!last) pop_frame();
}

METASCHEDULE_INLINE void Printer::assert_stmt(const AssertStmt& s, bool last) {
  if (last) {
    line("assert ");
    expr(s.condition);
    out_ += ", ";
    expr(s.message);
    body(s.body);
    return;
  }
  frame("", false, s.body, [&] {
    out_ += t_ + "Assert(";
    expr(s.condition);
    out_ += ", ";
    expr(s.message);
    out_ += ')';
  });
}

METASCHEDULE_INLINE void Printer::realize(const BufferRealize& s, bool last) {
  if (!last) push_frame();
  frame("", last, s.body, [&] {
    out_ += t_ + "realize(";
    region(BufferRegion(s.buffer, s.bounds));
    out_ += ", ";
    string(s.buffer->scope());
    if (!is_const_int(s.condition, 1)) {
      out_ += ", ";
      expr(s.condition);
    }
    out_ += ')';
  });
  if (!last) pop_frame();
}

// ---- simple statements

METASCHEDULE_INLINE void Printer::store(const BufferStore& s) {
  line();
  buffer_name(*s.buffer);
  if (s.predicate) {
    out_ += ".vstore(";
    list(s.indices, '[', ']');
    out_ += ", ";
    expr(s.value);
    out_ += ", predicate=";
    expr(s.predicate);
    out_ += ')';
    return;
  }
  indices(s.indices);
  out_ += " = ";
  expr(s.value);
}

METASCHEDULE_INLINE void Printer::evaluate(const Evaluate& s) {
  line();
  const Call* c = as<Call>(s.value);
  static const Op& ret = Op::get("ret");
  if (c && c->op.node() == &ret && options_.syntax_sugar && c->args.size() == 1 &&
      c->dtype == c->args[0]->dtype) {
    out_ += "return ";
    return expr(c->args[0]);
  }
  if (c) return expr(s.value);
  out_ += t_ + "evaluate(";
  expr(s.value);
  out_ += ')';
}

}  // namespace metaschedule::script
