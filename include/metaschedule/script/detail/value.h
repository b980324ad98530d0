// SPDX-License-Identifier: Apache-2.0
// What an expression of a script evaluates to while it is parsed: numbers of the host language,
// nodes, sequences, builtins and statements that still lack their body.
#pragma once

#include <algorithm>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "metaschedule/ir/op.h"
#include "metaschedule/script/lexer.h"

namespace metaschedule::script {

class Parser;
struct Aux;
struct Builtin;

enum class ValueType : uint8_t {
  None,
  Int,
  Float,
  Bool,
  Node,      // expressions, buffers, regions, strings (String), …
  Sequence,  // list or tuple
  Dict,
  Slice,
  Builtin,  // T.something, not yet called
  DType,    // T.float32, not yet called
  Method,   // x.something, not yet called
  Lambda,
  Frame,  // statements without a body
  Meta,   // T.meta_var(x): bound, never a statement
  ModuleProxy,
};

struct Value {
  ValueType type = ValueType::None;
  union {
    int64_t i = 0;
    double f;
    const Builtin* builtin;
  };
  Ref<Node> node;
  std::shared_ptr<Aux> aux;
  std::string_view name;  // of a method

  Value() = default;
  Value(Ref<Node> n)  // NOLINT: nodes are values
      : type(n ? ValueType::Node : ValueType::None), node(std::move(n)) {}
  template <class T>
    requires(!std::is_same_v<T, Node>)
  Value(Ref<T> n) : Value(Ref<Node>(std::move(n))) {}  // NOLINT
  static Value of_int(int64_t v);
  static Value of_float(double v);
  static Value of_bool(bool v);
  static Value of_string(std::string v) { return Value(make<String>(std::move(v))); }
  static Value of_builtin(const Builtin* b);
  static Value sequence(std::vector<Value> items);

  bool is(ValueType t) const { return type == t; }
  bool is_number() const {
    return type == ValueType::Int || type == ValueType::Float || type == ValueType::Bool;
  }
  const String* str() const { return as<String>(node); }
  const std::vector<Value>& items() const;
};

/// The partial statements that a builtin makes: outermost first, each without its body.
struct Frame {
  enum class Kind : uint8_t { For, Block, Init, Other, If, Then, Else };
  Kind kind = Kind::Other;
  std::vector<Ref<StmtNode>> stmts;
  std::vector<Value> vars;  // what `as` and assignment bind
  std::string block_name;   // Block
  bool no_realize = false;  // Block
};

/// The parts of a value that few values have.
struct Aux {
  // Sequence; Dict (key, value, key, …); Slice (start, stop, step); Method (self); Meta (value)
  std::vector<Value> items;
  Frame frame;
  DType dtype;
  uint32_t body = 0;                     // Lambda: index of the first token of the body
  std::vector<std::string_view> params;  // Lambda
  bool opened = false;                   // Frame: it has its body, or is about to get it
  // Items of items included, each as often as it stands somewhere.
  uint64_t size = 0;
  uint32_t depth = 0;
};

/// The arguments of one call.
struct Args {
  const Token* where = nullptr;
  std::vector<Value> positional;
  std::vector<std::pair<std::string_view, Value>> keywords;
  std::vector<Value> unpacked;  // the dictionaries of `**`, whose keys `keywords` points to

  size_t size() const { return positional.size(); }
  /// The argument at a position or under a keyword; null when it is not given or None.
  const Value* get(size_t index, std::string_view keyword) const;
  /// The same; raises TypeError when it is not given.
  const Value& need(size_t index, std::string_view keyword) const;
  const Value* keyword(std::string_view name) const { return get(SIZE_MAX, name); }
};

using BuiltinFn = Value (*)(Parser&, const Builtin&, Args&);
struct Builtin {
  std::string_view name;  // without T. or I.
  BuiltinFn call = nullptr;
  /// Slices in the arguments stay regions.
  bool regions = false;
  const Op* op = nullptr;  // an intrinsic without a function of its own
  /// Why it is known but cannot be had; said before its arguments are read.
  std::string_view refused = "";
};

inline Value Value::of_int(int64_t v) {
  Value out;
  out.type = ValueType::Int;
  out.i = v;
  return out;
}
inline Value Value::of_float(double v) {
  Value out;
  out.type = ValueType::Float;
  out.f = v;
  return out;
}
inline Value Value::of_bool(bool v) {
  Value out;
  out.type = ValueType::Bool;
  out.i = v;
  return out;
}
inline Value Value::of_builtin(const Builtin* b) {
  Value out;
  out.type = ValueType::Builtin;
  out.builtin = b;
  return out;
}
inline Value Value::sequence(std::vector<Value> items) {
  Value out;
  out.type = ValueType::Sequence;
  out.aux = std::make_shared<Aux>();
  // Lists may share lists: what they stand for can be far larger than what they take.
  constexpr uint64_t kMaxSize = 1 << 24;
  constexpr uint32_t kMaxDepth = 100;
  out.aux->size = items.size();
  for (const Value& item : items) {
    if (!item.aux) continue;
    out.aux->size += item.aux->size;
    out.aux->depth = std::max(out.aux->depth, item.aux->depth + 1);
  }
  check<ValueError>(out.aux->size <= kMaxSize && out.aux->depth <= kMaxDepth,
                    "a list is too large, or nested too deeply");
  out.aux->items = std::move(items);
  return out;
}
inline const std::vector<Value>& Value::items() const { return aux->items; }
inline const Value* Args::get(size_t index, std::string_view keyword) const {
  const Value* found = index < positional.size() ? &positional[index] : nullptr;
  for (const auto& [name, value] : keywords)
    if (name == keyword) found = &value;
  return found && !found->is(ValueType::None) ? found : nullptr;
}
inline const Value& Args::need(size_t index, std::string_view keyword) const {
  const Value* found = get(index, keyword);
  if (!found) fail<TypeError>("argument '{}' is missing", keyword);
  return *found;
}

}  // namespace metaschedule::script
