// SPDX-License-Identifier: Apache-2.0
// The printer's names, functions, modules and entry point.
#pragma once

#include "metaschedule/script/detail/print_block-inl.h"
#include "metaschedule/script/detail/print_placement-inl.h"
#include "metaschedule/script/detail/root_block.h"
#include "metaschedule/script/json.h"
#include "metaschedule/script/printer.h"

namespace metaschedule {

namespace script {

METASCHEDULE_INLINE Printer::Printer(const PrintOptions& options)
    : options_(options),
      int_dtype_(DType::parse(options.int_dtype)),
      float_dtype_(DType::parse(options.float_dtype)),
      buffer_dtype_(DType::parse(options.buffer_dtype)),
      t_(options.tir_prefix + "."),
      i_(options.ir_prefix + ".") {
  for (const std::string& name :
       {options.tir_prefix, options.ir_prefix, std::string("R"), options.module_alias}) {
    taken_.insert(name);
  }
  push_frame();
  collect_marks();
}

// ---- names

METASCHEDULE_INLINE void Printer::pop_frame() {
  size_t begin = frames_.back();
  frames_.pop_back();
  while (defined_.size() > begin) {
    Named& last = defined_.back();
    if (last.takes_name) taken_.erase(last.name);
    names_.erase(last.node);
    defined_.pop_back();
  }
}

METASCHEDULE_INLINE std::string Printer::fresh_name(std::string_view hint,
                                                    std::string_view otherwise) {
  std::string name(hint.empty() ? otherwise : hint);
  for (char& c : name) {
    bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
    if (!plain) c = '_';
  }
  if (!taken_.contains(name)) return name;
  for (int k = 1;; ++k) {
    std::string numbered = fmt::format("{}_{}", name, k);
    if (!taken_.contains(numbered)) return numbered;
  }
}

METASCHEDULE_INLINE const std::string& Printer::define(const Node& node, std::string_view hint,
                                                       std::string_view otherwise) {
  auto [it, added] = names_.try_emplace(&node);
  if (!added) return it->second;
  it->second = options_.show_object_address
                   ? fresh_name(fmt::format("{}_{:#x}", hint.empty() ? otherwise : hint,
                                            reinterpret_cast<uintptr_t>(&node)),
                                otherwise)
                   : fresh_name(hint, otherwise);
  taken_.insert(it->second);
  defined_.push_back({&node, it->second, true});
  return it->second;
}

METASCHEDULE_INLINE void Printer::define_as(const Node& node, std::string text) {
  names_[&node] = text;
  defined_.push_back({&node, std::move(text), false});
}

METASCHEDULE_INLINE const std::string* Printer::find_name(const Node* node) const {
  auto it = names_.find(node);
  return it == names_.end() ? nullptr : &it->second;
}

// ---- functions

METASCHEDULE_INLINE bool Printer::is_plain_param(const PrimFunc& f, const Var& param,
                                                 const Buffer& buffer) const {
  bool plain = options_.syntax_sugar && !used_params_.contains(&param) && buffer.strides.empty() &&
               is_zero(buffer.elem_offset) && buffer.scope() == "global" &&
               buffer.data_alignment == 64 && buffer.offset_factor == 1 &&
               buffer.buffer_type == BufferType::Default && buffer.axis_separators.empty();
  if (!plain) return false;
  DType index = buffer.shape.empty() ? kInt64 : buffer.shape[0]->dtype;
  if (buffer.elem_offset->dtype != index || param.type_annotation) return false;
  for (const Expr& extent : buffer.shape)
    if (!as<IntImm>(extent) && !find_name(extent.get())) return false;
  for (const auto& [other, bound] : f.buffer_map) {
    bool shared = bound.node() != &buffer && cast_to<Buffer>(*bound).data == buffer.data;
    if (shared) return false;
  }
  return true;
}

METASCHEDULE_INLINE void Printer::function_header(const PrimFunc& f, std::string_view name) {
  const String* symbol = as<String>(f.attrs.find("global_symbol"));
  std::string options = symbol ? "" : "private=True";
  if (options_.dialect == ScriptDialect::SBlock) options += symbol ? "s_tir=True" : ", s_tir=True";
  line("@" + t_ + "prim_func" + (options.empty() ? "" : "(" + options + ")"));
  line("def ");
  out_ += name;
  out_ += '(';
  std::vector<const Buffer*> matched;
  std::vector<const Var*> handles;
  bool first = true;
  for (const VarRef& param : f.params) {
    if (!std::exchange(first, false)) out_ += ", ";
    BufferRef buffer = f.buffer_of(param);
    if (buffer && is_plain_param(f, *param, *buffer)) {
      define_buffer(*buffer);
      defined_name(*buffer);
      out_ += ": " + t_ + "Buffer(";
      list(buffer->shape, '(', ')', true);
      out_ += ", \"" + metaschedule::to_string(buffer->dtype) + "\")";
      continue;
    }
    out_ += define(*param, param->name) + ": ";
    if (param->type_annotation) {
      type(param->type_annotation.get());
    } else {
      dtype_call(param->dtype);
    }
    if (buffer) matched.push_back(buffer.get()), handles.push_back(param.get());
  }
  out_ += ')';
  if (f.ret_type && !(as<TupleType>(f.ret_type) && as<TupleType>(f.ret_type)->types.empty())) {
    out_ += " -> ";
    type(f.ret_type.get());
  }
  out_ += ':';
  ++indent_;
  Dict attrs = f.attrs;
  if (symbol && symbol->value == name) attrs = attrs.without("global_symbol");
  if (!attrs.empty()) {
    line(t_ + "func_attr(");
    dict(attrs);
    out_ += ')';
  }
  for (size_t i = 0; i < matched.size(); ++i) {
    shape_vars(*matched[i]);
    define_buffer(*matched[i]);
    line();
    defined_name(*matched[i]);
    out_ += " = ";
    bool aliased = *find_name(matched[i]->data.get()) != *find_name(matched[i]) + ".data";
    buffer_args("match_buffer", *matched[i], *find_name(handles[i]), aliased);
  }
  --indent_;
}

METASCHEDULE_INLINE void Printer::function_body(const PrimFunc& f) {
  for (const IterVar* thread : env_threads_) {
    line(define(*thread->var, thread->var->name) + " = " + t_ + "env_thread(");
    string(thread->thread_tag);
    if (thread->var->dtype != kInt32)
      out_ += ", dtype=\"" + metaschedule::to_string(thread->var->dtype) + '"';
    out_ += ')';
  }
  const BlockRealize* root = as<BlockRealize>(f.body);
  auto marked = [&](const Node* node) { return !marks_.empty() && marks_.contains(node); };
  bool implicit = options_.syntax_sugar && root && !marked(root) && !marked(root->block.get()) &&
                  root->iter_values.empty() && is_const_int(root->predicate, 1) &&
                  root->block->annotations.empty() && root->block->match_buffers.empty() &&
                  root->block->reads.empty() && root->block->writes.empty() && !root->block->init &&
                  detail::needs_root(root->block->body, !root->block->alloc_buffers.empty());
  if (!implicit) return body(f.body);
  if (!placements_.empty()) declare_here(*f.body);
  bool old = options_.dialect == ScriptDialect::Block;
  line("# with " + t_ + (old ? "block(\"root\"):" : "sblock(\"root\"):"));
  block_buffers(*root->block);
  body(root->block->body);
}

METASCHEDULE_INLINE void Printer::print_function(const PrimFunc& f, std::string_view name) {
  Marked marked(*this, f, Remark::Above);
  push_frame();
  function_header(f, name);
  ++indent_;
  function_body(f);
  --indent_;
  pop_frame();
}

METASCHEDULE_INLINE void Printer::find_placements(const PrimFunc& f) {
  detail::Placer placer;
  for (const VarRef& param : f.params)
    if (!f.buffer_of(param)) placer.define(param.get());
  for (const auto& [param, buffer] : f.buffer_map) placer.define_buffer(cast_to<Buffer>(*buffer));
  placer.visit_body(f.body);
  for (const Node* node : placer.undefined()) {
    auto is_param = [&](const VarRef& param) { return param.get() == node; };
    if (std::any_of(f.params.begin(), f.params.end(), is_param)) {
      used_params_.insert(node);
    } else {
      placements_[placer.statement_of(node)].push_back(node);
    }
  }
  env_threads_ = placer.shared_threads();
}

METASCHEDULE_INLINE void Printer::function(const PrimFunc& f, std::string_view name) {
  size_t begin = out_.size(), known_metadata = metadata_.size();
  lacks_definition_ = false;
  launched_.clear();
  print_function(f, name);
  if (!lacks_definition_) return;
  // Something is used that nothing defines: find out where to declare it, and start again.
  out_.resize(begin);
  metadata_.resize(known_metadata);
  find_placements(f);
  print_function(f, name);
  placements_.clear();
  used_params_.clear();
  env_threads_.clear();
}

METASCHEDULE_INLINE void Printer::module(const IRModule& m) {
  std::vector<std::pair<std::string, const PrimFunc*>> functions;
  for (const auto& [var, func] : m.functions) {
    const std::string& name = cast_to<GlobalVar>(*var).name_hint;
    functions.emplace_back(name, as<PrimFunc>(func));
    taken_.insert(name);
  }
  std::sort(functions.begin(), functions.end(), [](const auto& a, const auto& b) {
    return std::pair(a.first == "main", a.first) < std::pair(b.first == "main", b.first);
  });
  uses_ir_ = true;
  module_ = &m;
  Marked marked(*this, m, Remark::Above);
  module_name_ = options_.name.empty() ? "Module" : options_.name;
  taken_.insert(module_name_);
  line("@" + i_ + "ir_module");
  line("class " + module_name_ + ":");
  ++indent_;
  if (!m.attrs.empty()) {
    line(i_ + "module_attrs(");
    dict(m.attrs);
    out_ += ')';
  }
  if (!m.global_infos.empty()) {
    line(i_ + "module_global_infos(");
    dict(m.global_infos);
    out_ += ')';
  }
  for (size_t i = 0; i < functions.size(); ++i) {
    if (i) out_ += '\n';
    function(*functions[i].second, functions[i].first);
  }
  if (functions.empty() && m.attrs.empty() && m.global_infos.empty()) line("pass");
  --indent_;
}

METASCHEDULE_INLINE void Printer::free_statement(const Stmt& s) {
  detail::Placer placer;
  placer.visit_body(s);
  for (const Node* node : placer.undefined()) placements_[s.get()].push_back(node);
  stmt(s, false);
}

// ---- the text as a whole

METASCHEDULE_INLINE std::string Printer::finish() {
  std::string header;
  if (uses_ir_) header += "# from tvm.script import ir as " + options_.ir_prefix + "\n";
  const char* tir = options_.dialect == ScriptDialect::Block ? "tir" : "tirx";
  if (uses_tir_)
    header += fmt::format("# from tvm.script import {} as {}\n", tir, options_.tir_prefix);
  if (!header.empty()) header += '\n';
  if (!metadata_.empty()) {
    if (options_.show_meta) {
      std::vector<Dict::Item> groups;
      for (const Ref<Node>& node : metadata_) {
        std::string key(type_key(node->kind));
        auto same = [&](const Dict::Item& item) { return item.first == key; };
        auto it = std::find_if(groups.begin(), groups.end(), same);
        if (it == groups.end()) it = groups.insert(it, {key, make<Array>()});
        std::vector<Ref<Node>> items = cast_to<Array>(it->second)->items.vec();
        items.push_back(node);
        it->second = make<Array>(List<Node>(items));
      }
      std::string json;
      for (char c : save_json(Map(Dict(std::move(groups))))) {
        if (c == '"' || c == '\\') json += '\\';
        json += c;
      }
      header += "metadata = tvm.ir.load_json(\"\"\"" + json + "\"\"\")\n";
    } else {
      out_ += "\n# Metadata omitted. Use show_meta=True in script() method to show it.";
    }
  }
  std::string text = header + out_;
  while (!text.empty() && (text.back() == '\n' || text.back() == ' ')) text.pop_back();
  if (marks_.empty() && !options_.print_line_numbers) return text;
  return detail::lay_out(text, options_);
}

METASCHEDULE_INLINE std::string Printer::run(const Node& node) {
  out_.reserve(4096);
  if (const IRModule* mod = as<IRModule>(&node)) {
    uses_tir_ = true;
    module(*mod);
  } else if (const PrimFunc* func = as<PrimFunc>(&node)) {
    uses_tir_ = true;
    const String* symbol = as<String>(func->attrs.find("global_symbol"));
    std::string name = !options_.name.empty() ? options_.name : symbol ? symbol->value : "main";
    taken_.insert(name);
    function(*func, name);
  } else if (const StmtNode* s = as<StmtNode>(&node)) {
    free_statement(Stmt(s));
  } else {
    value(&node);
    uses_ir_ = false;
  }
  return finish();
}

}  // namespace script

METASCHEDULE_INLINE std::string to_script(const Node& node, const PrintOptions& options) {
  return script::Printer(options).run(node);
}

}  // namespace metaschedule
