// SPDX-License-Identifier: Apache-2.0
// Definitions: functions, modules, imports, macros.
#pragma once

#include "metaschedule/script/access_region.h"
#include "metaschedule/script/detail/parse_block-inl.h"
#include "metaschedule/script/detail/root_block.h"

namespace metaschedule::script {

METASCHEDULE_INLINE Parser::Decorator Parser::parse_decorators() {
  Decorator out;
  while (accept(Tok::At)) {
    // Of several decorators the last one counts.
    out = {};
    out.kind = spelling(expect_name("the name of a decorator"));
    const Token& where = peek();
    while (accept(Tok::Dot)) out.kind = spelling(expect_name("the name of a decorator"));
    if (at(Tok::LParen)) {
      Args args = parse_args(false);
      if (const Value* flag = args.keyword("private")) out.is_private = truth(*flag, where);
    }
    expect(Tok::Newline, "the end of the line");
  }
  return out;
}

METASCHEDULE_INLINE void Parser::parse_import() {
  // import tvm; from tvm.script import ir as I, tir as T
  bool from = at_word(kSym_from);
  take();
  auto dotted = [&] {
    std::string_view last = spelling(expect_name("the name of a module"));
    while (accept(Tok::Dot)) last = spelling(expect_name("the name of a module"));
    return last;
  };
  std::string_view package = dotted();
  if (from) expect_word(kSym_import, "'import'");
  for (bool first = true; first || accept(Tok::Comma); first = false) {
    std::string_view module = from || !first ? dotted() : package;
    int32_t alias = symbol_of(module);
    if (accept_word(kSym_as)) alias = expect_name("a name").symbol;
    if (module == "tir" || module == "tirx") tir_symbols_.push_back(alias);
    if (module == "ir") ir_symbols_.push_back(alias);
  }
  if (!at(Tok::End)) expect(Tok::Newline, "the end of the line");
}

METASCHEDULE_INLINE Ref<Node> Parser::parse_definition() {
  Decorator decorator = parse_decorators();
  if (at_word(kSym_class)) {
    if (decorator.kind != "ir_module") error_here("a class must be decorated with @I.ir_module");
    return parse_class();
  }
  if (!at_word(kSym_def)) error_here("expected a function or a class");
  if (decorator.kind.empty()) error_here("Function must be decorated");
  if (decorator.kind != "prim_func") {
    error_here(fmt::format("The parser does not understand the decorator '{}'", decorator.kind));
  }
  return parse_function(decorator.is_private);
}

METASCHEDULE_INLINE Type Parser::to_type(const Value& value) const {
  if (value.is(ValueType::None)) return nullptr;
  if (value.is(ValueType::DType)) {
    if (value.aux->dtype.is_void()) return nullptr;
    return make<PrimType>(value.aux->dtype);
  }
  if (value.is(ValueType::Builtin) && value.builtin->name == "handle") {
    return make<PrimType>(DType::handle());
  }
  if (const Var* var = as<Var>(value.node)) {
    return var->type_annotation ? var->type_annotation : Type(make<PrimType>(var->dtype));
  }
  if (Type type = as_ref<TypeNode>(value.node)) return type;
  fail<TypeError>("expected a type, found {}", detail::describe(value));
}

METASCHEDULE_INLINE Type Parser::parse_return_type() {
  if (!accept(Tok::Arrow)) return nullptr;
  where_ = &peek();
  return to_type(parse_expr());
}

METASCHEDULE_INLINE void Parser::parse_param() {
  const Token& token = expect_name("a parameter");
  if (!accept(Tok::Colon)) error(token, "Type annotation required for function parameters.");
  const Token& where = peek();
  Value value = parse_expr();
  where_ = &where;
  if (value.is(ValueType::DType)) {
    value = make<Var>("", value.aux->dtype);
  } else if (value.is(ValueType::Builtin)) {
    Args args;
    args.where = &where;
    value = value.builtin->call(*this, *value.builtin, args);
  }
  if (const Buffer* buffer = as<Buffer>(value.node)) {
    set_name(*buffer, spelling(token));
    VarRef handle = make<Var>(fmt::format("{}_handle", spelling(token)), DType::handle());
    function_->params.push_back(handle);
    function_->buffer_map.emplace_back(handle, BufferRef(buffer));
  } else if (const Var* var = as<Var>(value.node)) {
    set_name(*var, spelling(token));
    function_->params.push_back(VarRef(var));
  } else {
    error(where, fmt::format("Unexpected type for TIR Arg: {}", detail::describe(value)));
  }
  bind(token, value);
  if (accept(Tok::Assign)) parse_expr();  // a default: ignored, as in the original
}

METASCHEDULE_INLINE PrimFuncRef Parser::parse_function(bool is_private) {
  const Token& where = take();
  FunctionState state;
  state.is_private = is_private;
  state.name = std::string(spelling(expect_name("the name of the function")));
  function_ = &state;
  push_names();
  expect(Tok::LParen, "'('");
  while (!at(Tok::RParen)) {
    if (at(Tok::Star) || at(Tok::StarStar) || at(Tok::Slash)) {
      error_here("only plain parameters are supported");
    }
    parse_param();
    if (!accept(Tok::Comma)) break;
  }
  expect(Tok::RParen, "')' or ','");
  state.ret_type = parse_return_type();
  Stmt body = parse_in(Place::Function);
  pop_names();
  where_ = &where;
  PrimFuncRef func = finish_function(std::move(body));
  function_ = nullptr;
  return func;
}

METASCHEDULE_INLINE PrimFuncRef Parser::finish_function(Stmt body) {
  FunctionState& state = *function_;
  if (!state.is_private && !state.attrs.contains("global_symbol")) {
    state.attrs = state.attrs.with("global_symbol", make<String>(state.name));
  }
  if (detail::needs_root(body, !state.alloc_buffers.empty())) {
    BlockRef root = make<Block>(List<IterVar>(), BufferRegions(), BufferRegions(), "root",
                                std::move(body), nullptr, List<Buffer>(state.alloc_buffers));
    body = make<BlockRealize>(Exprs(), true_(), root);
  }
  // The outermost block keeps what it has.
  if (const BlockRealize* root = as<BlockRealize>(body)) to_infer_.erase(root->block.get());
  if (!to_infer_.empty()) {
    std::vector<BufferRef> buffers;
    for (const auto& [param, buffer] : state.buffer_map) buffers.push_back(cast_to<Buffer>(buffer));
    body = infer_access_regions(body, buffers, to_infer_);
    to_infer_.clear();
  }
  NodePairs buffer_map;  // in the order of the parameters
  for (const VarRef& param : state.params) {
    for (auto& [var, buffer] : state.buffer_map)
      if (var.node() == param.get()) buffer_map.emplace_back(var, buffer);
  }
  return make<PrimFunc>(Vars(state.params), std::move(body), std::move(buffer_map),
                        std::move(state.attrs), std::move(state.ret_type));
}

METASCHEDULE_INLINE void Parser::declare_functions() {
  size_t start = pos_;
  for (int level = 0; !at(Tok::End);) {
    if (at(Tok::Indent)) ++level;
    if (at(Tok::Dedent) && --level < 0) break;
    if (level == 0 && at_word(kSym_def) && peek(1).kind == Tok::Name &&
        peek(2).kind == Tok::LParen) {
      std::string_view name = spelling(peek(1));
      for (const auto& known : functions_) {
        if (known.first == name)
          error(peek(1), fmt::format("function '{}' is defined twice", name));
      }
      Declared declared;
      declared.var = make<GlobalVar>(std::string(name));
      pos_ = peek(2).match + 1;
      Type ret = parse_return_type();
      if (const PrimType* type = as<PrimType>(ret)) declared.ret_dtype = type->dtype;
      functions_.emplace_back(name, declared);
    } else {
      ++pos_;
    }
  }
  pos_ = start;
}

METASCHEDULE_INLINE void Parser::skip_definition() {
  auto skip_until = [&](std::initializer_list<Tok> ends) {
    while (!at(Tok::End) && std::find(ends.begin(), ends.end(), peek().kind) == ends.end()) {
      bool opens = at(Tok::LParen) || at(Tok::LBracket) || at(Tok::LBrace);
      pos_ = opens ? peek().match + 1 : pos_ + 1;
    }
  };
  while (at(Tok::At)) {
    skip_until({Tok::Newline});
    accept(Tok::Newline);
  }
  skip_until({Tok::Newline, Tok::Colon});
  if (at(Tok::Colon)) return skip_suite();
  // What is wrong with the header is said where it is read.
  accept(Tok::Newline);
  if (at(Tok::Indent)) skip_block();
}

METASCHEDULE_INLINE ModuleState& Parser::module(std::string_view what) {
  check<ValueError>(module_, "{} can only be used in a module: the class under @I.ir_module", what);
  return *module_;
}

METASCHEDULE_INLINE ModuleRef Parser::parse_class() {
  take();
  const Token& name = expect_name("the name of the class");
  if (at(Tok::LParen)) pos_ = peek().match + 1;
  expect(Tok::Colon, "':'");
  expect(Tok::Newline, "the end of the line");
  expect(Tok::Indent, "an indented block");
  push_names();
  Value proxy;
  proxy.type = ValueType::ModuleProxy;
  bind(name, proxy);
  declare_functions();
  ModuleState state;
  module_ = &state;
  NodePairs functions;
  // Functions are read last: all that is said about the module is known to them.
  std::vector<std::pair<size_t, size_t>> definitions;  // where, and the index in `functions`
  while (!at(Tok::Dedent) && !at(Tok::End)) {
    if (at_word(kSym_pass)) {
      take();
      expect(Tok::Newline, "the end of the line");
      continue;
    }
    if (at(Tok::Name) && peek(1).kind == Tok::Assign) {
      // name = a function of the host
      const Token& target = take();
      take();
      const Token& where = peek();
      Value value = parse_expr();
      if (!as<PrimFunc>(value.node)) error(where, "expected a function");
      functions.emplace_back(make<GlobalVar>(std::string(spelling(target))), value.node);
      if (!at(Tok::End)) expect(Tok::Newline, "the end of the line");
      continue;
    }
    if (!at(Tok::At) && !at_word(kSym_def)) {
      parse_expr();  // I.module_attrs(...), a docstring
      if (!at(Tok::End)) expect(Tok::Newline, "the end of the line");
      continue;
    }
    definitions.emplace_back(pos_, functions.size());
    functions.emplace_back();
    skip_definition();
  }
  size_t end = pos_;
  for (auto [start, index] : definitions) {
    pos_ = start;
    Decorator decorator = parse_decorators();
    if (!at_word(kSym_def)) error_here("expected a function");
    if (decorator.kind.empty()) error_here("Function must be decorated");
    if (decorator.kind != "prim_func") {
      error_here(fmt::format("The parser does not understand the decorator '{}'", decorator.kind));
    }
    std::string_view key = spelling(peek(1));
    PrimFuncRef func = parse_function(decorator.is_private);
    for (const auto& [known, declared] : functions_) {
      if (known == key) functions[index] = {declared.var, func};
    }
  }
  pos_ = end;
  accept(Tok::Dedent);
  pop_names();
  module_ = nullptr;
  return make<IRModule>(std::move(functions), std::move(state.attrs),
                        std::move(state.global_infos));
}

METASCHEDULE_INLINE bool Parser::parse_macro_call() {
  if (!options_.host || !at(Tok::Name) || find(peek().symbol)) return false;
  auto is_module = [&](const std::vector<int32_t>& symbols) {
    return std::find(symbols.begin(), symbols.end(), peek().symbol) != symbols.end();
  };
  // T.reads(...) is a builtin; asking the host about each of them would cost more than the rest.
  if (is_module(tir_symbols_) || is_module(ir_symbols_)) return false;
  size_t last = primary_end(pos_);
  if (ts_.tokens[last].kind != Tok::RParen || last + 1 >= ts_.tokens.size()) return false;
  size_t open_paren = pos_ + 1;
  while (ts_.tokens[open_paren].kind != Tok::LParen || ts_.tokens[open_paren].match != last)
    ++open_paren;
  const Token& first = peek();
  std::string_view name =
      ts_.text.substr(first.begin, ts_.tokens[open_paren - 1].end - first.begin);
  std::optional<ScriptMacro> macro = options_.host->macro(name);
  if (!macro) return false;
  pos_ = open_paren;
  Args args = parse_args(false);
  expand_macro(*macro, args);
  return true;
}

METASCHEDULE_INLINE void Parser::expand_macro(const ScriptMacro& macro, Args& args) {
  Depth depth(*this, detail::kMaxDepth);
  ParseOptions options = options_;
  options.file = macro.file;
  options.first_line = macro.first_line;
  if (macro.hygienic && macro.host) options.host = macro.host.get();
  if (macro.hygienic && !macro.tir_names.empty()) options.tir_names = macro.tir_names;
  if (macro.hygienic && !macro.ir_names.empty()) options.ir_names = macro.ir_names;
  Parser inner(macro.text, options);
  // The expansion stands where the call stands: it shares the function, blocks and loops.
  std::swap(inner.blocks_, blocks_);
  std::swap(inner.loops_, loops_);
  std::swap(inner.places_, places_);
  std::swap(inner.to_infer_, to_infer_);
  inner.function_ = function_;
  inner.module_ = module_;
  inner.suite_ = suite_;
  inner.depth_ = depth_;
  inner.nesting_ = nesting_;
  inner.tree_depth_ = tree_depth_;
  std::swap(inner.budget_, budget_);
  std::swap(inner.ifs_, ifs_);
  if (!macro.hygienic) {
    for (size_t i = 0; i < bindings_.size(); ++i) {
      const Binding& b = bindings_[i];
      std::string_view name = ts_.symbols[static_cast<size_t>(b.symbol)];
      int32_t symbol = inner.symbol_of(name);
      if (symbol != kNoSymbol) inner.bind_symbol(symbol, b.value);
    }
  }
  inner.parse_macro_body(args);
  std::swap(inner.budget_, budget_);
  std::swap(inner.ifs_, ifs_);
  std::swap(inner.blocks_, blocks_);
  std::swap(inner.loops_, loops_);
  std::swap(inner.places_, places_);
  std::swap(inner.to_infer_, to_infer_);
}

METASCHEDULE_INLINE void Parser::parse_macro_body(Args& args) {
  parse_decorators();
  expect_word(kSym_def, "'def'");
  const Token& name = expect_name("the name of the macro");
  push_names();
  expect(Tok::LParen, "'('");
  size_t index = 0;
  while (!at(Tok::RParen)) {
    if (accept(Tok::Star)) {
      const Token& rest = expect_name("a parameter");
      std::vector<Value> items;
      for (; index < args.size(); ++index) items.push_back(args.positional[index]);
      bind(rest, Value::sequence(std::move(items)));
    } else {
      const Token& param = expect_name("a parameter");
      if (accept(Tok::Colon)) parse_expr();
      const Value* given = args.get(index++, spelling(param));
      Value value;
      if (accept(Tok::Assign)) {
        Value fallback = parse_expr();
        if (!given) value = fallback, given = &value;
      }
      if (!given) {
        error(name,
              fmt::format("macro {}: argument '{}' is missing", spelling(name), spelling(param)));
      }
      bind(param, *given);
    }
    if (!accept(Tok::Comma)) break;
  }
  expect(Tok::RParen, "')' or ','");
  if (accept(Tok::Arrow)) parse_expr();
  Place place = places_.back();
  emit(parse_in(place));
  pop_names();
}

}  // namespace metaschedule::script
