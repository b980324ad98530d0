// SPDX-License-Identifier: Apache-2.0
// The arguments of primitives: their types, how each is recorded and read back, and the list from
// which everything else about a primitive follows.
//
// A primitive is a struct whose members are its arguments:
//
//   struct AddUnitLoop {
//     static constexpr const char* kKind = "AddUnitLoop";
//     static constexpr const char* kMethod = "add_unit_loop";
//     static constexpr const char* kDoc = "rewrite: …\nneeds: …";
//     static constexpr OutputType kOutputs = OutputType::Loop;
//     BlockOrLoopRV block_or_loop;
//     static auto args() { return std::tuple{input("block_or_loop", &AddUnitLoop::block_or_loop)};
//     } void apply(ScheduleState& state, std::vector<TableEntry>& outputs);
//   };
//
// Pure ones say `kPure`; sampling ones have a member `decision`, an optional that `apply` sets.
#pragma once

#include <optional>
#include <tuple>
#include <type_traits>

#include "metaschedule/schedule/state.h"
#include "metaschedule/schedule/trace.h"

namespace metaschedule {

using BlockOrLoopRV = std::variant<BlockRV, LoopRV>;
/// What `blockize` takes: a loop, or blocks.
using BlocksOrLoopRV = std::variant<LoopRV, std::vector<BlockRV>>;

/// A number given by the user or by sampling; null is `None`.
struct Factor {
  Factor() = default;
  Factor(ExprRV e) : expr(std::move(e)) {}  // NOLINT: lists of numbers become lists of factors
  static Factor number(int64_t n) {
    Factor out;
    out.value = n;
    return out;
  }
  std::optional<int64_t> value;  // when it is a known constant
  Expr expr;                     // otherwise; null: None
  bool is_none() const { return !value && !expr; }
  /// The constant that it stands for, or nothing.
  std::optional<int64_t> constant(const ScheduleState& state) const;
  /// The value as an expression; int32 when it is a plain number.
  Expr evaluate(const ScheduleState& state) const;
};

/// The value of an annotation: a String, a number, an expression over sampled numbers, an Array or
/// a Map of such.
struct AnnotationArg {
  AnnotationArg() = default;
  AnnotationArg(Ref<Node> v) : value(std::move(v)) {}  // NOLINT: as Factor
  Ref<Node> value;
};

/// A region of a block by kind and position.
struct BufferArg {
  int64_t index = 0;
  bool is_write = false;
};

template <class P, class T>
struct ArgSpec {
  const char* name;
  T P::* member;
  uint8_t flags;
  const char* printed_name;
};
template <class P, class T>
ArgSpec<P, T> input(const char* name, T P::* member, int flags = 0, const char* printed = nullptr) {
  return {name, member, static_cast<uint8_t>(flags | kInput), printed ? printed : name};
}
template <class P, class T>
ArgSpec<P, T> attr(const char* name, T P::* member, int flags = 0, const char* printed = nullptr) {
  return {name, member, static_cast<uint8_t>(flags), printed ? printed : name};
}

template <class T>
constexpr ArgType arg_type(int flags) {
  if constexpr (std::is_same_v<T, BlockRV>)
    return ArgType::Block;
  else if constexpr (std::is_same_v<T, LoopRV>)
    return ArgType::Loop;
  else if constexpr (std::is_same_v<T, BlockOrLoopRV>)
    return ArgType::BlockOrLoop;
  else if constexpr (std::is_same_v<T, BlocksOrLoopRV>)
    return ArgType::BlocksOrLoop;
  else if constexpr (std::is_same_v<T, std::vector<LoopRV>>)
    return ArgType::Loops;
  else if constexpr (std::is_same_v<T, std::vector<BlockRV>>)
    return ArgType::Blocks;
  else if constexpr (std::is_same_v<T, std::vector<Factor>>)
    return ArgType::Factors;
  else if constexpr (std::is_same_v<T, int64_t>)
    return ArgType::Int;
  else if constexpr (std::is_same_v<T, bool>)
    return ArgType::Bool;
  else if constexpr (std::is_same_v<T, std::string>)
    return ArgType::String;
  else if constexpr (std::is_same_v<T, std::vector<int64_t>>)
    return ArgType::Ints;
  else if constexpr (std::is_same_v<T, std::vector<double>>)
    return ArgType::Floats;
  else if constexpr (std::is_same_v<T, Ref<IndexMap>>)
    return (flags & kOptional) ? ArgType::OptionalIndexMap : ArgType::IndexMap;
  else if constexpr (std::is_same_v<T, AnnotationArg>)
    return ArgType::Value;
  else if constexpr (std::is_same_v<T, BufferArg>)
    return ArgType::Buffer;
  else
    static_assert(sizeof(T) == 0, "a type that no argument of a primitive has");
}

/// Writes arguments as operands.
class OperandWriter {
 public:
  OperandWriter(const ScheduleState& state, std::vector<Operand>& out) : state_(state), out_(out) {}
  void write(const BlockRV& rv) { push(Operand::rv(Operand::Tag::Block, rv.index)); }
  void write(const LoopRV& rv) { push(Operand::rv(Operand::Tag::Loop, rv.index)); }
  void write(const BlockOrLoopRV& rv);
  void write(const BlocksOrLoopRV& rv);
  void write(const Factor& factor);
  void write(int64_t value) { push(Operand::of_int(value)); }
  void write(bool value) { push(Operand::of_int(value)); }
  void write(double value) { push(Operand::of_float(value)); }
  void write(const std::string& value) { push(Operand::of_string(value)); }
  void write(const Ref<IndexMap>& map);
  void write(const AnnotationArg& value) { write_value(value.value); }
  void write(const BufferArg& buffer);
  template <class T>
  void write(const std::vector<T>& list) {
    push(Operand::of_list(list.size()));
    for (const T& item : list) write(item);
  }
  /// Any value: handles' variables become outputs, constants numbers, Arrays lists.
  void write_value(const Ref<Node>& value);
  void push(Operand operand) { out_.push_back(std::move(operand)); }

 private:
  const ScheduleState& state_;
  std::vector<Operand>& out_;
};

/// Reads arguments back from operands, on a schedule where output `n` of their trace is entry
/// `entries[n]` of the table (`n` itself when null).
class OperandReader {
 public:
  OperandReader(const ScheduleState& state, const Operand* begin, const Operand* end,
                const std::vector<uint32_t>* entries, const TraceSteps* steps)
      : state_(state), at_(begin), end_(end), entries_(entries), steps_(steps) {}

  void read(BlockRV& out);
  void read(LoopRV& out);
  void read(BlockOrLoopRV& out);
  void read(BlocksOrLoopRV& out);
  void read(Factor& out);
  void read(int64_t& out);
  void read(bool& out);
  void read(double& out);
  void read(std::string& out);
  void read(Ref<IndexMap>& out);
  void read(AnnotationArg& out) { out.value = read_value(); }
  void read(BufferArg& out);
  template <class T>
  void read(std::vector<T>& out) {
    size_t length = list_length();
    out.resize(length);
    for (size_t i = 0; i < length; ++i) read(out[i]);
  }
  bool at_end() const { return at_ == end_; }
  /// Where output `number` of the trace stands in the table.
  uint32_t entry_index(int64_t number) const;

 private:
  const Operand& take(const char* expected);
  const Operand& take(Operand::Tag tag, const char* expected);
  size_t list_length();
  Handle handle(const Operand& operand) const;
  Ref<Node> read_value();
  /// Variables of the trace replaced by their values here.
  template <class T>
  T resolve(const T& value) const;

  const ScheduleState& state_;
  const Operand *at_, *end_;
  const std::vector<uint32_t>* entries_;
  const TraceSteps* steps_;
};

template <class P>
concept HasDecision = requires(P p) { p.decision; };
template <class P>
constexpr bool is_pure() {
  if constexpr (requires { P::kPure; })
    return P::kPure;
  else
    return false;
}

/// Calls `f(spec)` on each argument of a primitive.
template <class P, class F>
void for_each_arg(F&& f) {
  std::apply([&](const auto&... spec) { (f(spec), ...); }, P::args());
}

/// The run-time description of a primitive.
template <class P>
PrimitiveInfo describe() {
  PrimitiveInfo info;
  info.kind = P::kKind;
  info.method = P::kMethod;
  if constexpr (requires { P::kDisplay; })
    info.display = P::kDisplay;
  else
    info.display = nullptr;
  info.doc = P::kDoc;
  info.pure = is_pure<P>();
  info.has_decision = HasDecision<P>;
  info.outputs = P::kOutputs;
  const P defaults{};
  static const ScheduleState nothing{nullptr, 1, {}};
  for_each_arg<P>([&](const auto& spec) {
    using T = std::remove_cvref_t<decltype(defaults.*spec.member)>;
    PrimitiveArg arg{spec.name, arg_type<T>(spec.flags), spec.flags, spec.printed_name, {}};
    if (arg.type == ArgType::String && (spec.flags & kOptional)) {
      arg.default_value.push_back({});  // None
    } else if (spec.flags & kOptional) {
      OperandWriter(nothing, arg.default_value).write(defaults.*spec.member);
    }
    info.args.push_back(std::move(arg));
  });
  info.apply = [](ScheduleState& state, OperandReader& reader, std::vector<TableEntry>& outputs,
                  const Decision* decision, Decision* used) {
    P primitive;
    for_each_arg<P>([&](const auto& spec) { reader.read(primitive.*spec.member); });
    if constexpr (HasDecision<P>) {
      using D = typename std::remove_cvref_t<decltype(primitive.decision)>::value_type;
      if (decision) {
        const D* given = std::get_if<D>(decision);
        check<ValueError>(given, "{}: the decision is not of its type", P::kKind);
        primitive.decision = *given;
      }
    }
    primitive.apply(state, outputs);
    if constexpr (HasDecision<P>) *used = std::move(*primitive.decision);
  };
  return info;
}

}  // namespace metaschedule
