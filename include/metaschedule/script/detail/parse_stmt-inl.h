// SPDX-License-Identifier: Apache-2.0
// Statements: suites, assignments, loops, branches, `with`.
#pragma once

#include "metaschedule/script/detail/parse_access-inl.h"

namespace metaschedule::script {

namespace detail {
/// How deep statements may nest, frames without a suite of their own included.
inline constexpr int kMaxNesting = 2000;

/// Puts `body` into a statement that was made without one.
inline void set_body(const StmtNode& stmt, Stmt body) {
  auto* node = const_cast<StmtNode*>(&stmt);
  switch (stmt.kind) {
#define METASCHEDULE_BODY(name)                       \
  case Kind::name:                                    \
    static_cast<name*>(node)->body = std::move(body); \
    return;
    METASCHEDULE_BODY(For)
    METASCHEDULE_BODY(While)
    METASCHEDULE_BODY(LetStmt)
    METASCHEDULE_BODY(AttrStmt)
    METASCHEDULE_BODY(AssertStmt)
    METASCHEDULE_BODY(Allocate)
    METASCHEDULE_BODY(AllocateConst)
    METASCHEDULE_BODY(DeclBuffer)
    METASCHEDULE_BODY(BufferRealize)
#undef METASCHEDULE_BODY
    default:
      fail<InternalError>("set_body: {} has no body", kind_name(stmt.kind));
  }
}

inline Stmt wrap(const std::vector<Ref<StmtNode>>& stmts, Stmt body) {
  for (size_t i = stmts.size(); i-- > 0;) {
    set_body(*stmts[i], std::move(body));
    body = stmts[i];
  }
  return body;
}
}  // namespace detail

METASCHEDULE_INLINE void Parser::open(std::vector<Ref<StmtNode>> stmts) {
  if (stmts.empty()) return;
  nesting_ += static_cast<int>(stmts.size());
  if (nesting_ > detail::kMaxNesting) error_here("statements are nested too deeply");
  suite_->opens.push_back({suite_->stmts.size(), std::move(stmts)});
}

METASCHEDULE_INLINE const Frame& Parser::take_frame(const Value& value, const Token& where) {
  // Its statements have one body each: a frame under two names is still one.
  if (std::exchange(value.aux->opened, true)) error(where, "this frame has been opened already");
  return value.aux->frame;
}
METASCHEDULE_INLINE void Parser::open_frame(const Value& frame) {
  open(take_frame(frame, where_ ? *where_ : peek()).stmts);
}

METASCHEDULE_INLINE Stmt Parser::close_suite(Suite& suite) {
  while (!suite.opens.empty()) {
    Suite::Open last = std::move(suite.opens.back());
    suite.opens.pop_back();
    auto begin = suite.stmts.begin() + static_cast<std::ptrdiff_t>(last.start);
    Stmt body = flatten_seq(std::vector<Stmt>(begin, suite.stmts.end()));
    suite.stmts.erase(begin, suite.stmts.end());
    suite.stmts.push_back(detail::wrap(last.stmts, std::move(body)));
    nesting_ -= static_cast<int>(last.stmts.size());
  }
  return flatten_seq(suite.stmts);
}

METASCHEDULE_INLINE Stmt Parser::parse_in(Place place) {
  places_.push_back(place);
  Stmt body = parse_suite();
  places_.pop_back();
  return body;
}

METASCHEDULE_INLINE Stmt Parser::parse_suite() {
  Depth depth(*this, detail::kMaxDepth);
  expect(Tok::Colon, "':'");
  Suite suite;
  Suite* outer = std::exchange(suite_, &suite);
  push_names();
  if (accept(Tok::Newline)) {
    expect(Tok::Indent, "an indented block");
    parse_statements();
    expect(Tok::Dedent, "the end of the block");
  } else {
    parse_simple_statement();
  }
  pop_names();
  Stmt body = close_suite(suite);
  suite_ = outer;
  return body;
}

METASCHEDULE_INLINE void Parser::parse_statements() {
  while (!at(Tok::Dedent) && !at(Tok::End)) {
    if (at(Tok::Indent)) error_here("unexpected indentation");
    parse_statement();
  }
}

METASCHEDULE_INLINE void Parser::skip_suite() {
  expect(Tok::Colon, "':'");
  if (!accept(Tok::Newline)) {
    while (!at(Tok::Newline) && !at(Tok::End)) ++pos_;
    accept(Tok::Newline);
    return;
  }
  skip_block();
}

METASCHEDULE_INLINE void Parser::skip_block() {
  expect(Tok::Indent, "an indented block");
  for (int level = 1; level > 0 && !at(Tok::End); ++pos_) {
    if (at(Tok::Indent)) ++level;
    if (at(Tok::Dedent)) --level;
  }
}

METASCHEDULE_INLINE void Parser::parse_statement() {
  tree_depth_ = 0;
  if (at(Tok::Name)) {
    switch (peek().symbol) {
      case kSym_for:
        return parse_for();
      case kSym_while:
        return parse_while();
      case kSym_if:
        return parse_if();
      case kSym_with:
        return parse_with();
      case kSym_def:
        error_here("Function must be decorated");
      default:
        break;
    }
  }
  if (at(Tok::At)) error_here("a function cannot be defined here");
  parse_simple_statement();
}

METASCHEDULE_INLINE void Parser::parse_simple_statement() {
  do {
    if (at(Tok::Newline)) break;
    if (at(Tok::Name) && peek().symbol < kFirstSymbol) {
      const Token& word = peek();
      switch (word.symbol) {
        case kSym_pass:
          take();
          continue;
        case kSym_assert:
          parse_assert();
          continue;
        case kSym_return:
          parse_return();
          continue;
        case kSym_None:
        case kSym_True:
        case kSym_False:
        case kSym_not:
        case kSym_lambda:
          break;
        default:
          error(word, fmt::format("a statement with '{}' is not supported here", spelling(word)));
      }
    }
    // What kind of statement this is shows at its own level of brackets.
    size_t assign = 0, augmented = 0;
    int assigns = 0;
    bool annotated = at(Tok::Name) && peek(1).kind == Tok::Colon;
    for (size_t i = pos_;; ++i) {
      Tok kind = ts_.tokens[i].kind;
      if (kind == Tok::Newline || kind == Tok::Semicolon || kind == Tok::End) break;
      if (kind == Tok::LParen || kind == Tok::LBracket || kind == Tok::LBrace) {
        i = ts_.tokens[i].match;
      } else if (kind == Tok::Assign) {
        if (assigns++ == 0) assign = i;
      } else if (kind >= Tok::PlusEq && kind <= Tok::OtherAssign && !augmented) {
        augmented = i;
      }
    }
    if (annotated) {
      parse_annotated();
    } else if (assigns > 1) {
      error_here("Consequential assignments like 'a = b = c' are not supported.");
    } else if (assigns == 1) {
      parse_assignment(assign);
    } else if (augmented) {
      parse_augmented(augmented);
    } else {
      parse_expression_statement();
    }
  } while (accept(Tok::Semicolon));
  if (!at(Tok::End)) expect(Tok::Newline, "the end of the statement");
}

METASCHEDULE_INLINE void Parser::parse_assignment(size_t assign) {
  size_t target = pos_;
  pos_ = assign + 1;
  Value value = parse_expr_list();
  size_t resume = std::exchange(pos_, target);
  parse_target(value, assign);
  pos_ = resume;
}

METASCHEDULE_INLINE void Parser::parse_target(const Value& value, size_t end) {
  // One target, or several separated by commas, perhaps in brackets.
  size_t begin = pos_;
  const Token& first = peek();
  bool bracketed =
      (first.kind == Tok::LParen || first.kind == Tok::LBracket) && first.match + 1 == end;
  if (bracketed) ++begin, --end;
  std::vector<std::pair<size_t, size_t>> parts;
  size_t start = begin;
  bool comma = bracketed && first.kind == Tok::LBracket;
  for (size_t i = begin; i <= end; ++i) {
    Tok kind = ts_.tokens[i].kind;
    if (i == end || kind == Tok::Comma) {
      if (i > start) parts.emplace_back(start, i);
      comma = comma || i < end;
      start = i + 1;
    } else if (kind == Tok::LParen || kind == Tok::LBracket || kind == Tok::LBrace) {
      i = ts_.tokens[i].match;
    }
  }
  if (parts.empty()) error(first, "expected something to assign to");
  auto assign_part = [&](std::pair<size_t, size_t> part, const Value& item) {
    auto [from, to] = part;
    const Token& token = ts_.tokens[from];
    if (token.kind == Tok::Name && to == from + 1 && token.symbol >= kFirstSymbol) {
      assign_name(token, item);
      return;
    }
    const Token& last = ts_.tokens[to - 1];
    if (last.kind != Tok::RBracket) error(token, "cannot assign to this expression");
    // The subscript is the last bracket; what is before it names the buffer.
    size_t open_bracket = from;
    while (ts_.tokens[open_bracket].kind != Tok::LBracket ||
           ts_.tokens[open_bracket].match != to - 1) {
      ++open_bracket;
      if (open_bracket >= to) error(token, "cannot assign to this expression");
    }
    pos_ = from;
    Value base = open_bracket == from + 1 && !find(token.symbol) && options_.host
                     ? host_value(from, from)
                     : Value();
    if (base.is(ValueType::None)) {
      base = parse_atom();
      while (pos_ < open_bracket) {
        if (accept(Tok::Dot)) {
          base = attribute(base, expect_name("the name of an attribute"));
        } else if (accept(Tok::LBracket)) {
          std::vector<Value> indices = parse_subscript();
          expect(Tok::RBracket, "']'");
          base = subscript(base, indices);
        } else {
          error_here("cannot assign to this expression");
        }
      }
    }
    pos_ = open_bracket + 1;
    std::vector<Value> indices = parse_subscript();
    where_ = &token;
    store(base, indices, item);
  };
  if (!comma && parts.size() == 1) return assign_part(parts[0], value);
  const Value* source = &value;
  Value vars;
  if (value.is(ValueType::Frame)) source = &(vars = Value::sequence(value.aux->frame.vars));
  if (value.is(ValueType::Frame)) {
    // The loops of a `for` are opened by it.
    if (value.aux->frame.kind != Frame::Kind::Other)
      error(first, "only 'with' or 'for' may open this");
    open_frame(value);
  }
  if (!source->is(ValueType::Sequence)) {
    error(first, fmt::format("cannot unpack {}", detail::describe(value)));
  }
  size_t count = source->items().size();
  for (size_t i = 0; i < parts.size(); ++i) {
    if (ts_.tokens[parts[i].first].kind != Tok::Star) continue;
    size_t after = parts.size() - i - 1;
    if (count + 1 < parts.size())
      error(first, fmt::format("not enough values to unpack ({})", count));
    for (size_t k = 0; k < i; ++k) assign_part(parts[k], source->items()[k]);
    std::vector<Value> rest(source->items().begin() + static_cast<std::ptrdiff_t>(i),
                            source->items().end() - static_cast<std::ptrdiff_t>(after));
    assign_name(ts_.tokens[parts[i].first + 1], Value::sequence(std::move(rest)));
    for (size_t k = 0; k < after; ++k)
      assign_part(parts[i + 1 + k], source->items()[count - after + k]);
    return;
  }
  if (count != parts.size()) {
    error(first, count < parts.size()
                     ? fmt::format("not enough values to unpack (expected {}, got {})",
                                   parts.size(), count)
                     : fmt::format("too many values to unpack (expected {})", parts.size()));
  }
  for (size_t i = 0; i < parts.size(); ++i) {
    for (size_t k = 0; k < i; ++k) {
      const Token &a = ts_.tokens[parts[i].first], &b = ts_.tokens[parts[k].first];
      bool names = parts[i].second - parts[i].first == 1 && parts[k].second - parts[k].first == 1;
      if (names && a.symbol == b.symbol && spelling(a) != "_") error(a, "Duplicate vars assigned.");
    }
    assign_part(parts[i], source->items()[i]);
  }
}

METASCHEDULE_INLINE void Parser::store(const Value& target, const std::vector<Value>& indices,
                                       const Value& value) {
  BufferRef buffer = to_buffer(target);
  Value place = subscript(target, indices);
  Expr load_expr = to_expr(place);
  const auto& load = *cast_to<BufferLoad>(load_expr);
  Expr stored = to_expr_as(value, buffer->dtype);
  if (stored->dtype != load.dtype) {
    check<TypeError>(stored->dtype.lanes == load.dtype.lanes,
                     "Incompatible types in BufferStore: LHS is `{}`, RHS is `{}`, indexing "
                     "lanes: {}",
                     metaschedule::to_string(load.dtype), metaschedule::to_string(stored->dtype),
                     load.dtype.lanes);
    stored = cast(load.dtype, stored);
  }
  emit(make<BufferStore>(buffer, stored, load.indices));
}

METASCHEDULE_INLINE Value Parser::name_value(std::string_view name, const Value& value) {
  // A variable that has no name yet is a new one: naming it makes no statement.
  bool fresh_var = as<Var>(value.node) && cast_to<Var>(*value.node).name.empty();
  if (as<Buffer>(value.node) || as<IterVar>(value.node) || fresh_var) {
    set_name(*value.node, name);
    return value;
  }
  bool is_value = as<ExprNode>(value.node) || value.is_number() || as<BufferRegion>(value.node);
  if (!is_value) return value;
  Expr expr = to_expr(value);
  VarRef var = make<Var>(std::string(name), expr->dtype);
  open({make<LetStmt>(var, expr, nullptr)});
  return var;
}

METASCHEDULE_INLINE void Parser::assign_name(const Token& token, const Value& value) {
  std::string_view name = spelling(token);
  where_ = &token;
  switch (value.type) {
    case ValueType::Meta:
      bind(token, value.items()[0]);
      return;
    case ValueType::Sequence: {
      for (size_t i = 0; i < value.items().size(); ++i) {
        const Value& item = value.items()[i];
        if (item.is(ValueType::Node)) name_value(fmt::format("{}_{}", name, i), item);
      }
      bind(token, value);
      return;
    }
    case ValueType::Frame: {
      const Frame& frame = value.aux->frame;
      if (frame.kind != Frame::Kind::Other) error(token, "only 'with' or 'for' may open this");
      open_frame(value);
      if (frame.vars.size() == 1) {
        const Value& var = frame.vars[0];
        set_name(*var.node, name);
        bind(token, var);
      }
      return;
    }
    case ValueType::Node:
    case ValueType::Int:
    case ValueType::Float:
    case ValueType::Bool:
      bind(token, name_value(name, value));
      return;
    default:
      bind(token, value);
  }
}

METASCHEDULE_INLINE void Parser::parse_augmented(size_t assign) {
  const Token& op = ts_.tokens[assign];
  Tok kind = Tok::Plus;
  switch (op.kind) {
    case Tok::PlusEq:
      break;
    case Tok::MinusEq:
      kind = Tok::Minus;
      break;
    case Tok::StarEq:
      kind = Tok::Star;
      break;
    case Tok::SlashEq:
      kind = Tok::Slash;
      break;
    case Tok::SlashSlashEq:
      kind = Tok::SlashSlash;
      break;
    case Tok::PercentEq:
      kind = Tok::Percent;
      break;
    default:
      error(op, fmt::format("'{}' is not supported", spelling(op)));
  }
  size_t target = pos_;
  Value left = parse_postfix();
  if (pos_ != assign) error(ts_.tokens[target], "cannot assign to this expression");
  take();
  Value right = parse_expr();
  where_ = &op;
  Value value = binary(kind, left, right);
  size_t resume = std::exchange(pos_, target);
  parse_target(value, assign);
  pos_ = resume;
}

METASCHEDULE_INLINE void Parser::parse_annotated() {
  const Token& name = take();
  take();
  const Token& where = peek();
  Value annotation = parse_expr();
  if (annotation.is(ValueType::DType)) {
    annotation = make<Var>("", annotation.aux->dtype);
  } else if (annotation.is(ValueType::Builtin)) {
    Args args;
    args.where = &where;
    annotation = annotation.builtin->call(*this, *annotation.builtin, args);
  }
  VarRef var = as_ref<Var>(annotation.node);
  if (!var) error(where, "Annotation should be Var");
  set_name(*var, spelling(name));
  if (!accept(Tok::Assign)) {
    bind(name, var);
    return;
  }
  Expr value = to_expr_as(parse_expr(), var->dtype);
  where_ = &name;
  open({make<LetStmt>(var, value, nullptr)});
  bind(name, var);
}

METASCHEDULE_INLINE void Parser::parse_expression_statement() {
  const Token& first = peek();
  if (parse_macro_call()) return;
  Value value = parse_expr_list();
  where_ = &first;
  switch (value.type) {
    case ValueType::None:
      return;
    case ValueType::Frame:
      if (value.aux->frame.kind != Frame::Kind::Other) error(first, "this needs a 'with' or 'for'");
      open_frame(value);
      for (const Value& var : value.aux->frame.vars) set_name(*var.node, "v");
      return;
    case ValueType::Int:
    case ValueType::Bool:
      emit(make<Evaluate>(to_expr(value)));
      return;
    case ValueType::Node:
      if (value.str()) return;  // a docstring
      if (as<StmtNode>(value.node)) return emit(cast_to<StmtNode>(value.node));
      if (as<ExprNode>(value.node) && !as<Var>(value.node)) {
        return emit(make<Evaluate>(to_expr(value)));
      }
      [[fallthrough]];
    default:
      error(first, fmt::format("Parsing resulted in unexpected type: {}", detail::describe(value)));
  }
}

METASCHEDULE_INLINE void Parser::parse_assert() {
  const Token& word = take();
  Expr condition = to_expr(parse_expr());
  if (!at(Tok::Comma)) error_here("expected ',' and the message of the assertion");
  take();
  Expr message = to_expr(parse_expr());
  where_ = &word;
  open({make<AssertStmt>(condition, message, nullptr)});
}

METASCHEDULE_INLINE void Parser::parse_return() {
  const Token& word = take();
  if (at(Tok::Newline) || at(Tok::Semicolon) || at(Tok::End)) {
    error(word, "a return needs a value");
  }
  Expr value = to_expr(parse_expr());
  emit(make<Evaluate>(metaschedule::call(value->dtype, "ret", {value})));
}

}  // namespace metaschedule::script
