// SPDX-License-Identifier: Apache-2.0
// Printing of blocks and buffer declarations.
#pragma once

#include "metaschedule/script/detail/print_stmt-inl.h"

namespace metaschedule::script {

METASCHEDULE_INLINE void Printer::regions(const char* what, const BufferRegions& list) {
  line(t_ + what + "(");
  for (size_t i = 0; i < list.size(); ++i) {
    if (i) out_ += ", ";
    region(*list[i]);
  }
  out_ += ')';
}

METASCHEDULE_INLINE void Printer::block_axes(const Block& b, const BlockRealize* realize) {
  auto mapped = [&](size_t i) {
    if (!realize || !options_.syntax_sugar) return false;
    const IterVar& iter = *b.iter_vars[i];
    if (iter.iter_type != IterType::DataPar && iter.iter_type != IterType::CommReduce) return false;
    const Var* binding = as<Var>(realize->iter_values[i]);
    auto it = binding ? loops_.find(binding) : loops_.end();
    if (it == loops_.end()) return false;
    return expr_equal(it->second->min, iter.dom->min) &&
           expr_equal(it->second->extent, iter.dom->extent) &&
           iter.var->dtype == iter.dom->extent->dtype;
  };
  // Values and domains do not see the axes: print them before their names exist.
  for (size_t i = 0; i < b.iter_vars.size();) {
    size_t end = i;
    while (end < b.iter_vars.size() && mapped(end)) ++end;
    line();
    if (end - i >= 2) {
      std::string kinds, bindings, names;
      std::swap(bindings, out_);
      for (size_t k = i; k < end; ++k) {
        if (k > i) out_ += ", ";
        expr(realize->iter_values[k]);
      }
      std::swap(bindings, out_);
      for (size_t k = i; k < end; ++k) {
        if (k > i) names += ", ";
        const IterVar& iter = *b.iter_vars[k];
        names += define(*iter.var, iter.var->name);
        kinds += iter.iter_type == IterType::DataPar ? 'S' : 'R';
      }
      out_ += names + " = " + t_ + "axis.remap(\"" + kinds + "\", [" + bindings + "])";
      i = end;
      continue;
    }
    const IterVar& iter = *b.iter_vars[i];
    std::string arguments;
    std::swap(arguments, out_);
    if (is_zero(iter.dom->min)) {
      expr(iter.dom->extent);
    } else {
      out_ += '(';
      expr(iter.dom->min);
      out_ += ", ";
      expr(iter.dom->min + iter.dom->extent);
      out_ += ')';
    }
    if (realize) {
      out_ += ", ";
      expr(realize->iter_values[i]);
    }
    std::swap(arguments, out_);
    out_ += define(*iter.var, iter.var->name) + " = " + t_ + "axis.";
    switch (iter.iter_type) {
      case IterType::DataPar:
        out_ += "spatial";
        break;
      case IterType::CommReduce:
        out_ += "reduce";
        break;
      case IterType::Ordered:
        out_ += "scan";
        break;
      default:
        out_ += "opaque";
    }
    out_ += '(' + arguments + ')';
    ++i;
  }
}

METASCHEDULE_INLINE void Printer::block_buffers(const Block& b) {
  const char* allocate =
      options_.dialect == ScriptDialect::Block ? "alloc_buffer" : "sblock_alloc_buffer";
  for (const BufferRef& buffer : b.alloc_buffers) {
    shape_vars(*buffer);
    define_buffer(*buffer);
    line();
    defined_name(*buffer);
    out_ += " = ";
    buffer_args(allocate, *buffer, "", false);
  }
  for (const Ref<MatchBufferRegion>& match : b.match_buffers) {
    std::string source;
    std::swap(source, out_);
    region(*match->source);
    std::swap(source, out_);
    define_buffer(*match->buffer);
    line();
    defined_name(*match->buffer);
    out_ += " = ";
    buffer_args("match_buffer", *match->buffer, source, false);
  }
}

METASCHEDULE_INLINE void Printer::block(const Block& b, const BlockRealize* realize) {
  Marked marked(*this, b, Remark::Above);
  bool old = options_.dialect == ScriptDialect::Block;
  line("with " + t_ + (old ? "block(" : "sblock("));
  string(b.name_hint);
  out_ += realize ? "):" : ", no_realize=True):";
  ++indent_;
  push_frame();
  block_axes(b, realize);
  if (realize && !is_const_int(realize->predicate, 1)) {
    line(t_ + "where(");
    expr(realize->predicate);
    out_ += ')';
  }
  regions("reads", b.reads);
  regions("writes", b.writes);
  if (!b.annotations.empty()) {
    line(t_ + (old ? "block_attr(" : "sblock_attr("));
    dict(b.annotations);
    out_ += ')';
  }
  block_buffers(b);
  if (b.init) {
    if (!placements_.empty()) declare_here(*b.init);
    line("with " + t_ + "init():");
    nested(b.init);
  }
  body(b.body);
  pop_frame();
  --indent_;
}

METASCHEDULE_INLINE void Printer::define_buffer(const Buffer& buffer) {
  const std::string name = define(buffer, buffer.name, "buffer");
  if (!find_name(buffer.data.get())) define_as(*buffer.data, name + ".data");
  auto part = [&](const Expr& e, const std::string& text) {
    const Var* v = as<Var>(e);
    if (v && !find_name(v)) define_as(*v, text);
  };
  for (size_t i = 0; i < buffer.strides.size(); ++i)
    part(buffer.strides[i], fmt::format("{}.strides[{}]", name, i));
  part(buffer.elem_offset, name + ".elem_offset");
}

METASCHEDULE_INLINE void Printer::shape_vars(const Buffer& buffer) {
  std::vector<const Var*> fresh;
  auto collect = [&](const Expr& e) {
    post_order(*e, [&](const Node& node) {
      const Var* v = as<Var>(&node);
      bool known = !v || find_name(v) || std::find(fresh.begin(), fresh.end(), v) != fresh.end();
      if (!known) fresh.push_back(v);
    });
  };
  for (const Expr& extent : buffer.shape)
    if (!as<IntImm>(extent)) collect(extent);
  // A stride or offset that is a variable of its own is written in the call; others need theirs.
  for (const Expr& stride : buffer.strides)
    if (!as<Var>(stride) && !as<IntImm>(stride)) collect(stride);
  if (!as<Var>(buffer.elem_offset) && !as<IntImm>(buffer.elem_offset)) collect(buffer.elem_offset);
  if (fresh.empty()) return;
  std::string names, values;
  for (const Var* v : fresh) {
    if (!names.empty()) names += ", ", values += ", ";
    names += define(*v, v->name);
    values += t_ + metaschedule::to_string(v->dtype) +
              (v->kind == Kind::SizeVar ? "(is_size_var=True)" : "()");
  }
  line(names + " = " + values);
}

METASCHEDULE_INLINE void Printer::buffer_args(const char* what, const Buffer& buffer,
                                              std::string_view first, bool with_data) {
  out_ += t_;
  out_ += what;
  out_ += '(';
  if (!first.empty()) {
    out_ += first;
    out_ += ", ";
  }
  list(buffer.shape, '(', ')', true);
  if (buffer.dtype != buffer_dtype_) {
    out_ += ", \"" + metaschedule::to_string(buffer.dtype) + '"';
  }
  if (with_data) {
    out_ += ", data=";
    var(*buffer.data);
  }
  // A variable that this buffer defines is written as a string, or implied.
  auto own = [&](const Expr& e) {
    const Var* v = as<Var>(e);
    const std::string* name = v ? find_name(v) : nullptr;
    return name && name->find('.') != std::string::npos &&
           name->starts_with(*find_name(&buffer) + ".");
  };
  if (!buffer.strides.empty()) {
    out_ += ", strides=(";
    for (size_t i = 0; i < buffer.strides.size(); ++i) {
      if (i) out_ += ", ";
      if (own(buffer.strides[i])) {
        string(as<Var>(buffer.strides[i])->name);
      } else {
        expr(buffer.strides[i]);
      }
    }
    out_ += buffer.strides.size() == 1 ? ",)" : ")";
  }
  bool own_offset = own(buffer.elem_offset);
  DType index = buffer.shape.empty() ? kInt64 : buffer.shape[0]->dtype;
  bool zero_offset = is_zero(buffer.elem_offset) && buffer.elem_offset->dtype == index;
  if (!own_offset && !zero_offset) {
    out_ += ", elem_offset=";
    expr(buffer.elem_offset);
  }
  if (buffer.scope() != "global") {
    out_ += ", scope=";
    string(buffer.scope());
  }
  if (buffer.data_alignment != 64) {
    out_ += fmt::format(", align={}", buffer.data_alignment);
  }
  if (own_offset || buffer.offset_factor != 1) {
    out_ += fmt::format(", offset_factor={}", buffer.offset_factor);
  }
  if (buffer.buffer_type == BufferType::AutoBroadcast) out_ += ", buffer_type=\"auto\"";
  if (!buffer.axis_separators.empty()) {
    out_ += ", axis_separators=";
    list(buffer.axis_separators, '[', ']');
  }
  out_ += ')';
}

}  // namespace metaschedule::script
