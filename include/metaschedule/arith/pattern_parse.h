// SPDX-License-Identifier: Apache-2.0
// The compile-time parser of rules. A mistake in a rule is an error of the compiler.
#pragma once

#include "metaschedule/arith/pattern.h"

namespace metaschedule::arith::detail {

/// Reads the text of one rule into a table of nodes.
class RuleParser {
 public:
  consteval RuleParser(const char* text, std::array<PatternNode, Rule::kNodes>& nodes)
      : at_(text), nodes_(nodes) {}

  consteval int8_t expression() { return any_of(); }
  consteval bool take(const char* token) {
    skip_space();
    int n = 0;
    for (; token[n]; ++n) {
      if (at_[n] != token[n]) return false;
    }
    at_ += n;
    return true;
  }
  consteval bool done() {
    skip_space();
    return *at_ == 0;
  }

 private:
  using Type = PatternNode::Type;

  consteval int8_t add(PatternNode node) {
    if (count_ >= Rule::kNodes) throw "the rule has too many nodes";
    nodes_[static_cast<size_t>(count_)] = node;
    return static_cast<int8_t>(count_++);
  }
  consteval int8_t add(Kind kind, int8_t a, int8_t b = -1, int8_t c = -1) {
    return add({Type::Node, kind, a, b, c});
  }
  consteval void skip_space() {
    while (*at_ == ' ') ++at_;
  }
  consteval char peek(int n = 0) {
    skip_space();
    return at_[n];
  }
  consteval void expect(const char* token) {
    if (!take(token)) throw "unexpected text in a rule";
  }

  consteval int8_t any_of() {
    int8_t left = all_of();
    while (peek() == '|' && at_[1] == '|') {
      expect("||");
      left = add(Kind::Or, left, all_of());
    }
    return left;
  }
  consteval int8_t all_of() {
    int8_t left = comparison();
    while (take("&&")) left = add(Kind::And, left, comparison());
    return left;
  }
  consteval int8_t comparison() {
    int8_t left = sum();
    // `=>` ends the pattern, `==` does not; likewise `->`, which `sum` leaves alone.
    if (take("==")) return add(Kind::EQ, left, sum());
    if (take("!=")) return add(Kind::NE, left, sum());
    if (take("<=")) return add(Kind::LE, left, sum());
    if (take("<")) return add(Kind::LT, left, sum());
    return left;
  }
  consteval int8_t sum() {
    int8_t left = product();
    while (true) {
      if (take("+")) {
        left = add(Kind::Add, left, product());
      } else if (peek() == '-' && at_[1] != '>') {
        expect("-");
        left = add(Kind::Sub, left, product());
      } else {
        return left;
      }
    }
  }
  consteval int8_t product() {
    int8_t left = atom();
    while (true) {
      if (take("*")) {
        left = add(Kind::Mul, left, atom());
      } else if (take("//")) {
        left = add(Kind::FloorDiv, left, atom());
      } else if (take("%")) {
        left = add(Kind::FloorMod, left, atom());
      } else {
        return left;
      }
    }
  }
  consteval int8_t function(Kind kind, int operands) {
    int8_t args[3] = {-1, -1, -1};
    for (int i = 0; i < operands; ++i) {
      if (i) expect(",");
      args[i] = any_of();
    }
    expect(")");
    return add(kind, args[0], args[1], args[2]);
  }
  consteval int8_t atom() {
    if (take("(")) {
      int8_t inner = any_of();
      expect(")");
      return inner;
    }
    if (peek() == '!' && at_[1] != '=') {
      expect("!");
      return add(Kind::Not, atom());
    }
    if (take("min(")) return function(Kind::Min, 2);
    if (take("max(")) return function(Kind::Max, 2);
    if (take("div(")) return function(Kind::Div, 2);
    if (take("mod(")) return function(Kind::Mod, 2);
    if (take("select(")) return function(Kind::Select, 3);
    if (take("ramp(")) return function(Kind::Ramp, 3);
    if (take("bcast(")) return function(Kind::Broadcast, 2);
    if (take("true")) return add({Type::Truth, Kind::IntImm, 1});
    if (take("false")) return add({Type::Truth, Kind::IntImm, 0});
    char c = peek();
    if (c >= '0' && c <= '9') {
      int8_t value = 0;
      for (; *at_ >= '0' && *at_ <= '9'; ++at_) {
        value = static_cast<int8_t>(value * 10 + (*at_ - '0'));
      }
      return add({Type::Literal, Kind::IntImm, value});
    }
    if (c == 'c' && at_[1] >= '1' && at_[1] <= '5') {
      auto slot = static_cast<int8_t>(Match::kFirstInt + (at_[1] - '1'));
      at_ += 2;
      return add({Type::Int, Kind::IntImm, slot});
    }
    int slot = Match::slot_of(c);
    if (slot < 0) throw "unknown name in a rule";
    ++at_;
    return add({Type::Any, Kind::Var, static_cast<int8_t>(slot)});
  }

  const char* at_;
  std::array<PatternNode, Rule::kNodes>& nodes_;
  int count_ = 0;
};

constexpr uint64_t Rule::kinds_matched(int at) const {
  if (at < 0) return ~uint64_t{0};
  const PatternNode& node = nodes[static_cast<size_t>(at)];
  if (node.type == PatternNode::Type::Any) return ~uint64_t{0};
  return uint64_t{1} << static_cast<int>(node.kind);
}

consteval void Rule::parse(const char* text) {
  RuleParser parser(text, nodes);
  do {
    if (pattern_count == kAlternatives) throw "the rule has too many alternatives";
    int8_t root = parser.expression();
    const PatternNode& node = nodes[static_cast<size_t>(root)];
    patterns[static_cast<size_t>(pattern_count)] = root;
    masks[static_cast<size_t>(pattern_count)] = {kinds_matched(node.a), kinds_matched(node.b)};
    ++pattern_count;
  } while (parser.take("|"));
  if (parser.done()) return;
  again = parser.take("=>");
  if (!again && !parser.take("->")) throw "expected -> or => in a rule";
  result = parser.expression();
  if (!parser.done()) throw "unexpected text after a rule";
}

constexpr Rule Rule::with_min_and_max_exchanged() const {
  Rule out = *this;
  for (PatternNode& node : out.nodes) {
    if (node.kind == Kind::Min)
      node.kind = Kind::Max;
    else if (node.kind == Kind::Max)
      node.kind = Kind::Min;
  }
  for (size_t i = 0; i < static_cast<size_t>(pattern_count); ++i) {
    const PatternNode& root = out.nodes[static_cast<size_t>(patterns[i])];
    out.masks[i] = {out.kinds_matched(root.a), out.kinds_matched(root.b)};
  }
  return out;
}

consteval Rule::Rule(const char* text, Condition condition) : when(condition) {
  parse(text);
  if (result < 0) throw "the rule has no result";
}
consteval Rule::Rule(const char* text, Condition condition, Maker make_result)
    : when(condition), maker(make_result) {
  parse(text);
  if (result >= 0) throw "the rule has two results";
}

}  // namespace metaschedule::arith::detail
