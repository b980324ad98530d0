// SPDX-License-Identifier: Apache-2.0
// Expressions: from the conditional down to names and literals.
#pragma once

#include <charconv>
#include <cstdlib>

#include "metaschedule/script/detail/operators-inl.h"

namespace metaschedule::script {

namespace detail {
/// Python's own limits are of this size; they keep the stack bounded on any input.
inline constexpr int kMaxDepth = 120;
/// How deep expressions may be. `a + b + c + …` is as deep as it is long.
inline constexpr uint32_t kMaxTreeDepth = 2000;

inline int precedence(Tok kind) {
  switch (kind) {
    case Tok::Pipe:
      return 1;
    case Tok::Caret:
      return 2;
    case Tok::Amp:
      return 3;
    case Tok::Shl:
    case Tok::Shr:
      return 4;
    case Tok::Plus:
    case Tok::Minus:
      return 5;
    case Tok::Star:
    case Tok::Slash:
    case Tok::SlashSlash:
    case Tok::Percent:
      return 6;
    default:
      return 0;
  }
}
}  // namespace detail

METASCHEDULE_INLINE Parser::Depth::Depth(Parser& p, int limit) : parser(p) {
  if (++parser.depth_ > limit) {
    --parser.depth_;
    parser.error_here("the text is nested too deeply");
  }
}

METASCHEDULE_INLINE void Parser::Operands::join(const Token& where) {
  next();
  if (start_ + ++deepest_ > detail::kMaxTreeDepth) {
    parser_.error(where, "the expression is nested too deeply");
  }
}

METASCHEDULE_INLINE Value Parser::parse_expr_list() {
  Operands operands(*this);
  Value first = parse_expr();
  if (!at(Tok::Comma)) return first;
  std::vector<Value> items{std::move(first)};
  while (accept(Tok::Comma)) {
    operands.next();
    if (at(Tok::Newline) || at(Tok::Assign) || at(Tok::Semicolon) || at(Tok::Colon)) break;
    items.push_back(parse_expr());
  }
  return Value::sequence(std::move(items));
}

METASCHEDULE_INLINE Value Parser::parse_expr() {
  Depth depth(*this, detail::kMaxDepth);
  if (at_word(kSym_lambda)) return parse_lambda();
  size_t first = pos_;
  Value value = parse_or();
  if (!at_word(kSym_if)) return value;
  take();
  const Token& where = peek();
  Value condition = parse_or();
  expect_word(kSym_else, "'else' of the conditional expression");
  Value other = parse_expr();
  if (options_.host && !condition.is(ValueType::Bool)) {
    if (condition.is_number()) condition = Value::of_bool(detail::as_double(condition) != 0);
  }
  if (!condition.is(ValueType::Bool)) {
    where_ = &ts_.tokens[first];
    error(where,
          "the condition of `a if c else b` must be known to the parser; "
          "T.if_then_else(c, a, b) chooses at run time");
  }
  return condition.i ? value : other;
}

METASCHEDULE_INLINE Value Parser::parse_or() {
  Operands operands(*this);
  Value left = parse_and();
  while (at_word(kSym_or)) {
    const Token& op = take();
    operands.next();
    Value right = parse_and();
    operands.join(op);
    where_ = &op;
    left = logical(false, left, right);
  }
  return left;
}

METASCHEDULE_INLINE Value Parser::parse_and() {
  Operands operands(*this);
  Value left = parse_not();
  while (at_word(kSym_and)) {
    const Token& op = take();
    operands.next();
    Value right = parse_not();
    operands.join(op);
    where_ = &op;
    left = logical(true, left, right);
  }
  return left;
}

METASCHEDULE_INLINE Value Parser::parse_not() {
  if (!at_word(kSym_not)) return parse_comparison();
  Depth depth(*this, detail::kMaxDepth);
  const Token& op = take();
  Value value = parse_not();
  where_ = &op;
  return logical_not(value);
}

METASCHEDULE_INLINE Value Parser::parse_comparison() {
  Operands operands(*this);
  Value left = parse_binary(1);
  for (;;) {
    Tok kind = peek().kind;
    bool compares = kind >= Tok::Lt && kind <= Tok::NotEq;
    if (!compares && !at_word(kSym_is) && !at_word(kSym_in)) return left;
    const Token& op = take();
    operands.next();
    if (!compares) {
      bool negated = accept_word(kSym_not);
      Value right = parse_binary(1);
      if (op.symbol == kSym_in) error(op, "'in' is not supported in scripts");
      bool none = left.is(ValueType::None) && right.is(ValueType::None);
      bool same = none || (left.node && left.node == right.node);
      left = Value::of_bool(same != negated);
      continue;
    }
    Value right = parse_binary(1);
    operands.join(op);
    where_ = &op;
    left = compare(op.kind, left, right);
  }
}

METASCHEDULE_INLINE Value Parser::parse_binary(int min_precedence) {
  Operands operands(*this);
  Value left = parse_unary();
  for (;;) {
    int level = detail::precedence(peek().kind);
    if (level == 0 || level < min_precedence) return left;
    const Token& op = take();
    operands.next();
    Value right = parse_binary(level + 1);
    operands.join(op);
    where_ = &op;
    left = binary(op.kind, left, right);
  }
}

METASCHEDULE_INLINE Value Parser::parse_unary() {
  Tok kind = peek().kind;
  if (kind == Tok::Minus || kind == Tok::Plus || kind == Tok::Tilde) {
    Depth depth(*this, detail::kMaxDepth);
    const Token& op = take();
    Value value = parse_unary();
    where_ = &op;
    if (kind == Tok::Plus) return value;
    if (kind == Tok::Minus) return negate(value);
    if (value.is(ValueType::Int)) return Value::of_int(~value.i);
    Expr x = to_expr(value);
    check<TypeError>(x->dtype.is_integral(), "~ expects an integer, found {}",
                     metaschedule::to_string(x->dtype));
    return bitwise_not(x);
  }
  Value base = parse_postfix();
  if (!at(Tok::StarStar)) return base;
  Depth depth(*this, detail::kMaxDepth);
  const Token& op = take();
  Value exponent = parse_unary();
  where_ = &op;
  return binary(Tok::StarStar, base, exponent);
}

METASCHEDULE_INLINE Value Parser::parse_postfix() {
  const Token& start = peek();
  Operands operands(*this);
  Value value = parse_atom();
  for (;;) {
    if (at(Tok::Dot)) {
      take();
      value = attribute(value, expect_name("the name of an attribute"));
    } else if (at(Tok::LParen)) {
      bool regions = value.is(ValueType::Builtin) && value.builtin->regions;
      operands.next();
      Args args = parse_args(regions);
      operands.join(start);
      args.where = &start;
      where_ = &start;
      value = call(value, args);
    } else if (at(Tok::LBracket)) {
      take();
      operands.next();
      std::vector<Value> indices = parse_subscript();
      operands.join(start);
      expect(Tok::RBracket, "']'");
      where_ = &start;
      value = subscript(value, indices);
    } else {
      return value;
    }
  }
}

METASCHEDULE_INLINE std::vector<Value> Parser::parse_subscript() {
  // Inside an index a slice belongs to the inner subscript, whatever the call around it wants.
  bool outer = std::exchange(regions_, false);
  Operands operands(*this);
  std::vector<Value> indices;
  while (!at(Tok::RBracket)) {
    indices.push_back(parse_slice());
    operands.next();
    if (!accept(Tok::Comma)) break;
  }
  regions_ = outer;
  return indices;
}

METASCHEDULE_INLINE Value Parser::parse_slice() {
  Value start;
  if (!at(Tok::Colon)) start = parse_expr();
  if (!accept(Tok::Colon)) return start;
  Value stop, step;
  auto ends = [&] { return at(Tok::Comma) || at(Tok::RBracket) || at(Tok::Colon); };
  if (!ends()) stop = parse_expr();
  if (accept(Tok::Colon) && !ends()) step = parse_expr();
  Value out = Value::sequence({std::move(start), std::move(stop), std::move(step)});
  out.type = ValueType::Slice;
  return out;
}

METASCHEDULE_INLINE Args Parser::parse_args(bool regions) {
  bool outer = std::exchange(regions_, regions);
  Operands operands(*this);
  Args args;
  const Token& open = take();
  if (open.comprehension) {
    // f(x for x in xs): only the host can run the loop.
    args.positional.push_back(host_value(pos_, open.match - 1));
    pos_ = open.match;
  }
  while (!at(Tok::RParen)) {
    operands.next();
    if (at(Tok::Name) && peek(1).kind == Tok::Assign) {
      std::string_view name = spelling(take());
      take();
      args.keywords.emplace_back(name, parse_expr());
    } else if (accept(Tok::Star)) {
      const Token& where = peek();
      Value items = parse_expr();
      if (!items.is(ValueType::Sequence)) error(where, "expected a sequence after *");
      spend(items.items().size());
      for (const Value& item : items.items()) args.positional.push_back(shared(item));
    } else if (accept(Tok::StarStar)) {
      unpack_keywords(args);
    } else {
      args.positional.push_back(parse_expr());
    }
    if (!accept(Tok::Comma)) break;
  }
  expect(Tok::RParen, "')' or ','");
  regions_ = outer;
  return args;
}

METASCHEDULE_INLINE void Parser::unpack_keywords(Args& args) {
  const Token& where = peek();
  Value items = parse_expr();
  if (!items.is(ValueType::Dict)) error(where, "expected a dictionary after **");
  where_ = &where;
  spend(items.items().size());
  args.unpacked.push_back(items);
  for (size_t i = 0; i + 1 < items.items().size(); i += 2) {
    const String* key = items.items()[i].str();
    if (!key) error(where, "the keys after ** must be strings");
    auto same = [&](const auto& given) { return given.first == key->value; };
    if (std::any_of(args.keywords.begin(), args.keywords.end(), same))
      error(where, fmt::format("argument '{}' is given twice", key->value));
    args.keywords.emplace_back(key->value, items.items()[i + 1]);
  }
}

METASCHEDULE_INLINE Value Parser::parse_atom() {
  switch (peek().kind) {
    case Tok::Name:
      return parse_name();
    case Tok::Int:
    case Tok::Float:
      return parse_number();
    case Tok::String:
      return parse_string();
    case Tok::FString: {
      size_t first = pos_++;
      return host_value(first, first);
    }
    case Tok::LParen:
    case Tok::LBracket:
      return parse_brackets();
    case Tok::LBrace:
      return parse_dict();
    case Tok::Ellipsis:
      error_here("'...' is not supported");
    default:
      error_here("expected an expression");
  }
}

METASCHEDULE_INLINE Value Parser::parse_number() {
  const Token& token = take();
  std::string digits(spelling(token));
  std::erase(digits, '_');
  if (token.kind == Tok::Float) return Value::of_float(std::strtod(digits.c_str(), nullptr));
  bool hex = digits.size() > 2 && (digits[1] == 'x' || digits[1] == 'X');
  int64_t value = 0;
  const char* begin = digits.data() + (hex ? 2 : 0);
  auto [end, failed] = std::from_chars(begin, digits.data() + digits.size(), value, hex ? 16 : 10);
  if (failed != std::errc() || end != digits.data() + digits.size()) {
    error(token, "integer constant does not fit in 64 bits");
  }
  return Value::of_int(value);
}

METASCHEDULE_INLINE Value Parser::parse_string() {
  std::string text;
  while (at(Tok::String)) {
    where_ = &peek();
    text += string_literal(spelling(take()));
  }
  return Value::of_string(std::move(text));
}

METASCHEDULE_INLINE Value Parser::parse_brackets() {
  Depth depth(*this, detail::kMaxDepth);
  size_t first = pos_;
  const Token& open = take();
  if (open.comprehension) {
    pos_ = open.match + 1;
    return host_value(first, open.match);
  }
  Tok closing = open.kind == Tok::LParen ? Tok::RParen : Tok::RBracket;
  Operands operands(*this);
  std::vector<Value> items;
  bool comma = false;
  while (!at(closing)) {
    operands.next();
    if (accept(Tok::Star)) {
      const Token& where = peek();
      Value more = parse_expr();
      if (!more.is(ValueType::Sequence)) error(where, "expected a sequence after *");
      spend(more.items().size());
      items.insert(items.end(), more.items().begin(), more.items().end());
      comma = true;
    } else {
      items.push_back(parse_expr());
    }
    if (!accept(Tok::Comma)) break;
    comma = true;
  }
  expect(closing, closing == Tok::RParen ? "')' or ','" : "']' or ','");
  if (closing == Tok::RParen && items.size() == 1 && !comma) return std::move(items[0]);
  return Value::sequence(std::move(items));
}

METASCHEDULE_INLINE Value Parser::parse_dict() {
  Depth depth(*this, detail::kMaxDepth);
  size_t first = pos_;
  const Token& open = take();
  if (open.comprehension) {
    pos_ = open.match + 1;
    return host_value(first, open.match);
  }
  Operands operands(*this);
  std::vector<Value> items;
  while (!at(Tok::RBrace)) {
    items.push_back(parse_expr());
    operands.next();
    expect(Tok::Colon, "':'");
    items.push_back(parse_expr());
    operands.next();
    if (!accept(Tok::Comma)) break;
  }
  expect(Tok::RBrace, "'}' or ','");
  Value out = Value::sequence(std::move(items));
  out.type = ValueType::Dict;
  return out;
}

METASCHEDULE_INLINE Value Parser::parse_lambda() {
  take();
  Value out = Value::sequence({});
  out.type = ValueType::Lambda;
  while (!at(Tok::Colon)) {
    if (at(Tok::Star)) error_here("a lambda takes plain parameters only here");
    out.aux->params.push_back(spelling(expect_name("a parameter or ':'")));
    if (!accept(Tok::Comma)) break;
  }
  expect(Tok::Colon, "':'");
  out.aux->body = static_cast<uint32_t>(pos_);
  // The body ends where the expression around it goes on.
  for (;;) {
    Tok kind = peek().kind;
    if (kind == Tok::Comma || kind == Tok::RParen || kind == Tok::RBracket || kind == Tok::RBrace ||
        kind == Tok::Newline || kind == Tok::End) {
      return out;
    }
    bool opens = kind == Tok::LParen || kind == Tok::LBracket || kind == Tok::LBrace;
    pos_ = opens ? peek().match + 1 : pos_ + 1;
  }
}

METASCHEDULE_INLINE const std::vector<std::string_view>& Parser::lambda_params(
    const Value& lambda) const {
  check<TypeError>(lambda.is(ValueType::Lambda), "expected a lambda, found {}",
                   detail::describe(lambda));
  return lambda.aux->params;
}

METASCHEDULE_INLINE Value Parser::call_lambda(const Value& lambda, const std::vector<Value>& args) {
  const std::vector<std::string_view>& params = lambda_params(lambda);
  check<TypeError>(params.size() == args.size(), "the lambda takes {} arguments, not {}",
                   params.size(), args.size());
  size_t resume = std::exchange(pos_, lambda.aux->body);
  push_names();
  for (size_t i = 0; i < params.size(); ++i) {
    bind_symbol(symbol_of(params[i]), args[i]);
  }
  Value out = parse_expr();
  pop_names();
  spend(pos_ - lambda.aux->body);
  pos_ = resume;
  return out;
}

}  // namespace metaschedule::script
