// SPDX-License-Identifier: Apache-2.0
// The parser's entry points, its tokens and its names.
#pragma once

#include "metaschedule/ir/verify.h"
#include "metaschedule/script/detail/builtins-inl.h"
#include "metaschedule/script/detail/parse_func-inl.h"
#include "metaschedule/script/lexer.h"
#include "metaschedule/script/parser.h"

namespace metaschedule {

namespace script {

METASCHEDULE_INLINE Parser::Parser(std::string_view text, const ParseOptions& options)
    : ts_(tokenize(text, options.file, options.first_line)), options_(options) {
  budget_ = (uint64_t{1} << 22) + 16 * ts_.tokens.size();
  bound_.assign(ts_.symbols.size(), -1);
  for (size_t i = 0; i < ts_.symbols.size(); ++i) {
    auto is_in = [&](const std::vector<std::string>& names) {
      return std::find(names.begin(), names.end(), ts_.symbols[i]) != names.end();
    };
    if (is_in(options.tir_names)) tir_symbols_.push_back(static_cast<int32_t>(i));
    if (is_in(options.ir_names)) ir_symbols_.push_back(static_cast<int32_t>(i));
  }
}

METASCHEDULE_INLINE bool Parser::accept(Tok kind) {
  if (!at(kind)) return false;
  ++pos_;
  return true;
}
METASCHEDULE_INLINE bool Parser::accept_word(int32_t symbol) {
  if (!at_word(symbol)) return false;
  ++pos_;
  return true;
}
METASCHEDULE_INLINE const Token& Parser::expect(Tok kind, const char* what) {
  if (!at(kind)) error_here(fmt::format("expected {}", what));
  return take();
}
METASCHEDULE_INLINE void Parser::expect_word(int32_t symbol, const char* what) {
  if (!accept_word(symbol)) error_here(fmt::format("expected {}", what));
}
METASCHEDULE_INLINE const Token& Parser::expect_name(const char* what) {
  if (!at(Tok::Name) || peek().symbol < kFirstSymbol) error_here(fmt::format("expected {}", what));
  return take();
}
METASCHEDULE_INLINE void Parser::error(const Token& token, const std::string& message) const {
  throw ts_.error(token.begin, message);
}

METASCHEDULE_INLINE const Value* Parser::find(int32_t symbol) const {
  int32_t index = symbol < 0 ? -1 : bound_[static_cast<size_t>(symbol)];
  return index < 0 ? nullptr : &bindings_[static_cast<size_t>(index)].value;
}
METASCHEDULE_INLINE void Parser::spend(uint64_t steps) const {
  check<ValueError>(steps <= budget_, "what the text stands for is too large");
  budget_ -= steps;
}
METASCHEDULE_INLINE const Value& Parser::shared(const Value& value) {
  if (!value.node || !is_expr_kind(value.node->kind) || is_leaf_kind(value.node->kind))
    return value;
  TreeSize size = sizes_.of(*value.node);
  spend(size.nodes);
  tree_depth_ += size.depth;
  return value;
}
METASCHEDULE_INLINE int32_t Parser::symbol_of(std::string_view name) const {
  auto it = std::find(ts_.symbols.begin(), ts_.symbols.end(), name);
  return it == ts_.symbols.end() ? kNoSymbol : static_cast<int32_t>(it - ts_.symbols.begin());
}
METASCHEDULE_INLINE void Parser::bind_symbol(int32_t symbol, Value value) {
  int32_t& top = bound_[static_cast<size_t>(symbol)];
  bindings_.push_back({symbol, top, name_frame_, std::move(value)});
  top = static_cast<int32_t>(bindings_.size() - 1);
}
METASCHEDULE_INLINE void Parser::bind(const Token& token, const Value& value) {
  int32_t top = bound_[static_cast<size_t>(token.symbol)];
  if (top >= 0) {
    const Binding& old = bindings_[static_cast<size_t>(top)];
    if (old.frame == name_frame_) {
      bool same = value.type == old.value.type && value.node == old.value.node &&
                  (value.node || (value.is_number() && value.i == old.value.i));
      if (same) return;
      // "_" is for values that nobody reads.
      if (spelling(token) != "_") {
        error(token, fmt::format("Variable {} already defined in current scope", spelling(token)));
      }
    }
  }
  bind_symbol(token.symbol, value);
}
METASCHEDULE_INLINE void Parser::pop_names() {
  while (!bindings_.empty() && bindings_.back().frame == name_frame_) {
    bound_[static_cast<size_t>(bindings_.back().symbol)] = bindings_.back().previous;
    bindings_.pop_back();
  }
  --name_frame_;
}

METASCHEDULE_INLINE Ref<Node> Parser::run() {
  try {
    while (at_word(kSym_import) || at_word(kSym_from)) parse_import();
    Ref<Node> out = parse_definition();
    while (at(Tok::Newline) || at(Tok::Dedent)) ++pos_;
    if (!at(Tok::End)) error_here("expected one function or module, found more text");
    return out;
  } catch (const ParseError&) {
    throw;
  } catch (const Error& e) {
    // A builder refused its operands: that is the text's fault, and where_ says which part's.
    bool refused = dynamic_cast<const ValueError*>(&e) || dynamic_cast<const TypeError*>(&e) ||
                   dynamic_cast<const IndexError*>(&e) || dynamic_cast<const KeyError*>(&e);
    if (!refused) throw;
    throw ts_.error(where_ ? where_->begin : 0, e.message());
  }
}

}  // namespace script

METASCHEDULE_INLINE Ref<Node> parse_script(std::string_view text, const ParseOptions& options) {
  Ref<Node> out = script::Parser(text, options).run();
  if (options.check_well_formed) {
    if (std::optional<std::string> problem = find_ill_formed(*out)) {
      fail<VerifyError>("{}: Program is not well-formed: {}", options.file, *problem);
    }
  }
  return out;
}
METASCHEDULE_INLINE ModuleRef parse_module(std::string_view text, const ParseOptions& options) {
  Ref<Node> out = parse_script(text, options);
  if (ModuleRef mod = as_ref<IRModule>(out)) return mod;
  return IRModule::from_func(cast_to<PrimFunc>(out));
}
METASCHEDULE_INLINE PrimFuncRef parse_func(std::string_view text, const ParseOptions& options) {
  Ref<Node> out = parse_script(text, options);
  if (PrimFuncRef func = as_ref<PrimFunc>(out)) return func;
  const IRModule& mod = *as<IRModule>(out);
  check<ValueError>(mod.functions.size() == 1, "expected one function, found {}",
                    mod.functions.size());
  return cast_to<PrimFunc>(mod.functions[0].second);
}

}  // namespace metaschedule
