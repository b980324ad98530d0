// SPDX-License-Identifier: Apache-2.0
// Compound statements: for, while, if, with and blocks.
#pragma once

#include "metaschedule/script/detail/parse_stmt-inl.h"

namespace metaschedule::script {

METASCHEDULE_INLINE const For* Parser::loop_of(const Var* var) const {
  for (size_t i = loops_.size(); i-- > 0;) {
    if (loops_[i]->loop_var.get() == var) return loops_[i];
  }
  return nullptr;
}

METASCHEDULE_INLINE FunctionState& Parser::function(std::string_view what) {
  check<ValueError>(function_ != nullptr, "{} must stand in a function", what);
  return *function_;
}
METASCHEDULE_INLINE Place Parser::place(std::string_view what) {
  check<ValueError>(!places_.empty(), "{} must stand in the body of a function", what);
  return places_.back();
}

METASCHEDULE_INLINE BlockState& Parser::current_block(std::string_view what) {
  check<ValueError>(!places_.empty() && places_.back() == Place::Block,
                    "{} must stand directly in a block", what);
  return blocks_.back();
}

METASCHEDULE_INLINE void Parser::parse_for() {
  Depth depth(*this, detail::kMaxDepth);
  take();
  size_t target = pos_;
  while (!at_word(kSym_in)) {
    if (at(Tok::Newline) || at(Tok::End)) error_here("expected 'in'");
    bool opens = at(Tok::LParen) || at(Tok::LBracket) || at(Tok::LBrace);
    pos_ = opens ? peek().match + 1 : pos_ + 1;
  }
  size_t in = pos_++;
  const Token& where = peek();
  Value iterable = parse_expr_list();
  bool loop = iterable.is(ValueType::Frame) && iterable.aux->frame.kind == Frame::Kind::For;
  if (!loop) {
    error(where,
          "Expect the for loop to be one of the following: range, T.serial, T.grid, T.parallel, "
          "T.vectorized, T.unroll, T.thread_binding");
  }
  const Frame& frame = take_frame(iterable, where);
  nesting_ += static_cast<int>(frame.stmts.size());
  if (nesting_ > detail::kMaxNesting) error(where, "statements are nested too deeply");
  push_names();
  size_t resume = std::exchange(pos_, target);
  // One name takes the one variable, or all of several as a list.
  bool single = in == target + 1 && ts_.tokens[target].kind == Tok::Name;
  Value vars = Value::sequence(frame.vars);
  parse_target(single && frame.vars.size() == 1 ? frame.vars[0] : vars, in);
  pos_ = resume;
  for (const Ref<StmtNode>& stmt : frame.stmts) loops_.push_back(as<For>(stmt));
  Stmt body = parse_in(Place::Loop);
  loops_.resize(loops_.size() - frame.stmts.size());
  pop_names();
  nesting_ -= static_cast<int>(frame.stmts.size());
  emit(detail::wrap(frame.stmts, std::move(body)));
  if (at_word(kSym_else)) error_here("a for loop has no 'else' in scripts");
}

METASCHEDULE_INLINE void Parser::parse_while() {
  take();
  const Token& where = peek();
  Expr condition = to_expr(parse_expr());
  Stmt body = parse_in(Place::Loop);
  where_ = &where;
  emit(make<While>(condition, std::move(body)));
}

METASCHEDULE_INLINE void Parser::parse_if() {
  Depth depth(*this, detail::kMaxDepth);
  take();
  const Token& where = peek();
  Value condition = parse_expr();
  if (condition.is(ValueType::Bool)) {
    // Known now: only the branch that is taken is read, in the frame it stands in.
    if (condition.i) {
      emit(parse_in(Place::Branch));
    } else {
      skip_suite();
    }
    bool more = true;
    while (more && at(Tok::Name)) {
      more = false;
      if (at_word(kSym_elif)) {
        if (!condition.i) return parse_if();
        take();
        while (!at(Tok::Colon) && !at(Tok::Newline) && !at(Tok::End)) {
          bool opens = at(Tok::LParen) || at(Tok::LBracket) || at(Tok::LBrace);
          pos_ = opens ? peek().match + 1 : pos_ + 1;
        }
        skip_suite();
        more = true;
      } else if (accept_word(kSym_else)) {
        if (condition.i) {
          skip_suite();
        } else {
          emit(parse_in(Place::Branch));
        }
      }
    }
    return;
  }
  if (!as<ExprNode>(condition.node)) {
    error(where, fmt::format("If condition must be a boolean expression, but got {}",
                             detail::describe(condition)));
  }
  Stmt then_case = parse_in(Place::Branch), else_case;
  if (at_word(kSym_elif)) {
    Suite suite;
    Suite* outer = std::exchange(suite_, &suite);
    parse_if();
    suite_ = outer;
    else_case = close_suite(suite);
  } else if (accept_word(kSym_else)) {
    else_case = parse_in(Place::Branch);
  }
  emit(make<IfThenElse>(to_expr(condition), then_case, else_case));
}

METASCHEDULE_INLINE void Parser::parse_with() {
  take();
  bool bracketed = false;
  if (at(Tok::LParen)) {
    // with (a as x, b): — the bracket belongs to the statement when a colon follows it.
    bracketed = ts_.tokens[peek().match + 1].kind == Tok::Colon;
    for (size_t i = pos_ + 1; bracketed && i < peek().match; ++i) {
      if (ts_.tokens[i].symbol == kSym_as) break;
      if (i + 1 == peek().match) bracketed = false;
    }
    if (bracketed) take();
  }
  parse_with_item(bracketed);
}

METASCHEDULE_INLINE void Parser::parse_with_item(bool bracketed) {
  const Token& where = peek();
  Value value = parse_expr();
  if (value.is(ValueType::Node) && as<Buffer>(value.node)) {
    error(where, "a with statement needs a frame such as T.block(...), found a buffer");
  }
  if (!value.is(ValueType::Frame)) {
    error(where, fmt::format("a with statement needs a frame such as T.block(...), found {}",
                             detail::describe(value)));
  }
  const Frame& frame = value.aux->frame;
  if (frame.kind == Frame::Kind::For) error(where, "a loop is opened by 'for'");
  take_frame(value, where);
  push_names();
  if (accept_word(kSym_as)) {
    size_t target = pos_;
    while (!at(Tok::Comma) && !at(Tok::Colon) && !at(Tok::RParen)) {
      if (at(Tok::Newline) || at(Tok::End)) error_here("expected ':'");
      bool opens = at(Tok::LParen) || at(Tok::LBracket);
      pos_ = opens ? peek().match + 1 : pos_ + 1;
    }
    size_t end = std::exchange(pos_, target);
    if (frame.vars.size() == 1) {
      parse_target(frame.vars[0], end);
    } else {
      parse_target(Value::sequence(frame.vars), end);
    }
    pos_ = end;
  } else {
    for (const Value& var : frame.vars) set_name(*var.node, "v");
  }
  nesting_ += static_cast<int>(frame.stmts.size());
  if (nesting_ > detail::kMaxNesting) error(where, "statements are nested too deeply");
  where_ = &where;
  Stmt stmt = parse_with_body(frame, bracketed);
  nesting_ -= static_cast<int>(frame.stmts.size());
  pop_names();
  if (stmt) emit(std::move(stmt));
}

template <class BodyIn>
Stmt Parser::finish_if(const Frame& frame, const BodyIn& body_in) {
  if (frame.kind == Frame::Kind::If) {
    ifs_.push_back({cast_to<IfThenElse>(*frame.stmts[0]).condition, nullptr, nullptr});
    Stmt rest = body_in(Place::If);
    IfState state = std::move(ifs_.back());
    ifs_.pop_back();
    check<ValueError>(state.then_case != nullptr, "T.If needs a T.Then");
    const Evaluate* nothing = as<Evaluate>(rest);
    check<ValueError>(nothing && is_zero(nothing->value),
                      "only T.Then and T.Else may stand directly in a T.If");
    return make<IfThenElse>(state.condition, state.then_case, state.else_case);
  }
  bool is_then = frame.kind == Frame::Kind::Then;
  check<ValueError>(!places_.empty() && places_.back() == Place::If,
                    "T.{} must stand directly in a T.If", is_then ? "Then" : "Else");
  size_t index = ifs_.size() - 1;
  Stmt body = body_in(Place::Branch);
  IfState& state = ifs_[index];
  Stmt& branch = is_then ? state.then_case : state.else_case;
  check<ValueError>(!branch, "Duplicate T.{}", is_then ? "Then" : "Else");
  branch = std::move(body);
  return nullptr;
}

METASCHEDULE_INLINE Stmt Parser::parse_with_body(const Frame& frame, bool bracketed) {
  auto body_in = [&](Place place) -> Stmt {
    if (accept(Tok::Comma) && !at(Tok::RParen)) {
      Suite suite;
      Suite* outer = std::exchange(suite_, &suite);
      places_.push_back(place);
      parse_with_item(bracketed);
      places_.pop_back();
      suite_ = outer;
      return close_suite(suite);
    }
    if (bracketed) expect(Tok::RParen, "')'");
    return parse_in(place);
  };
  switch (frame.kind) {
    case Frame::Kind::Block: {
      BlockState state;
      state.name = frame.block_name;
      state.no_realize = frame.no_realize;
      blocks_.push_back(std::move(state));
      const Token* where = where_;
      Stmt body = body_in(Place::Block);
      where_ = where;
      return finish_block(std::move(body));
    }
    case Frame::Kind::Init: {
      BlockState& block = current_block("T.init()");
      check<ValueError>(!block.init, "Duplicate block init declaration");
      // Nested blocks may move the states while the suite is read.
      size_t index = blocks_.size() - 1;
      Stmt body = body_in(Place::Init);
      blocks_[index].init = std::move(body);
      return nullptr;
    }
    case Frame::Kind::If:
    case Frame::Kind::Then:
    case Frame::Kind::Else:
      return finish_if(frame, body_in);
    default:
      return detail::wrap(frame.stmts, body_in(Place::With));
  }
}

METASCHEDULE_INLINE Stmt Parser::finish_block(Stmt body) {
  BlockState state = std::move(blocks_.back());
  blocks_.pop_back();
  uint8_t infer = 0;
  if (!state.reads) infer |= kInferReads;
  if (!state.writes) infer |= kInferWrites;
  BlockRef block =
      make<Block>(List<IterVar>(state.iter_vars), state.reads.value_or(BufferRegions()),
                  state.writes.value_or(BufferRegions()), std::move(state.name), std::move(body),
                  std::move(state.init), List<Buffer>(state.alloc_buffers),
                  List<MatchBufferRegion>(state.match_buffers), state.annotations.value_or(Dict()));
  if (infer) to_infer_[block.get()] = infer;
  if (state.no_realize) {
    check<ValueError>(!state.predicate, "T.where is not allowed in a block with no_realize=True");
    return block;
  }
  // An axis without a binding stands for a block on its own.
  check<ValueError>(state.iter_values.size() == state.iter_vars.size(),
                    "block {}: {} axes, but {} bindings", block->name_hint, state.iter_vars.size(),
                    state.iter_values.size());
  return make<BlockRealize>(state.iter_values, state.predicate ? state.predicate : true_(), block);
}

}  // namespace metaschedule::script
