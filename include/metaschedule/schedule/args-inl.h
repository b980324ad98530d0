// SPDX-License-Identifier: Apache-2.0
// How arguments of primitives become operands and are read back.
#pragma once

#include "metaschedule/ir/op.h"
#include "metaschedule/ir/walk.h"
#include "metaschedule/schedule/args.h"

namespace metaschedule {

METASCHEDULE_INLINE std::optional<int64_t> Factor::constant(const ScheduleState& state) const {
  if (value || !expr) return value;
  if (const IntImm* imm = as<IntImm>(expr)) return imm->value;
  if (const Var* var = as<Var>(expr)) return state.table[state.find_number(var)].value;
  return as_const_int(state.evaluate(expr));
}
METASCHEDULE_INLINE Expr Factor::evaluate(const ScheduleState& state) const {
  if (value) return i32(*value);
  return expr ? state.evaluate(expr) : nullptr;
}

METASCHEDULE_INLINE void OperandWriter::write(const BlockOrLoopRV& rv) {
  std::visit([this](const auto& handle) { write(handle); }, rv);
}
METASCHEDULE_INLINE void OperandWriter::write(const BlocksOrLoopRV& rv) {
  std::visit([this](const auto& handles) { write(handles); }, rv);
}
METASCHEDULE_INLINE void OperandWriter::write(const Factor& factor) {
  factor.value ? write(*factor.value) : write_value(factor.expr);
}
METASCHEDULE_INLINE void OperandWriter::write(const Ref<IndexMap>& map) {
  push(map ? Operand::of_node(Operand::Tag::Node, map) : Operand{});
}
METASCHEDULE_INLINE void OperandWriter::write(const BufferArg& buffer) {
  write(buffer.index);
  write(buffer.is_write);
}
METASCHEDULE_INLINE void OperandWriter::write_value(const Ref<Node>& value) {
  if (!value) return push({});
  switch (value->kind) {
    case Kind::IntImm: {
      const auto& imm = static_cast<const IntImm&>(*value);
      return push(imm.dtype.is_bool() ? Operand::of_bool(imm.value != 0)
                                      : Operand::of_int(imm.value));
    }
    case Kind::FloatImm:
      return write(static_cast<const FloatImm&>(*value).value);
    case Kind::BoxInt:
      return write(static_cast<const BoxInt&>(*value).value);
    case Kind::BoxFloat:
      return write(static_cast<const BoxFloat&>(*value).value);
    case Kind::BoxBool:
      return push(Operand::of_bool(static_cast<const BoxBool&>(*value).value));
    case Kind::String:
      return push(Operand::of_node(Operand::Tag::String, value));
    case Kind::Var:
      return push(Operand::rv(Operand::Tag::Number,
                              state_.find_number(static_cast<const Var*>(value.get()))));
    case Kind::Array: {
      const auto& items = static_cast<const Array&>(*value).items;
      push(Operand::of_list(items.size()));
      for (const auto& item : items) write_value(item);
      return;
    }
    default:
      push(Operand::of_node(Operand::Tag::Node, value));
  }
}

METASCHEDULE_INLINE const Operand& OperandReader::take(const char* expected) {
  check<ValueError>(at_ != end_, "expected {} as a further argument, found no more", expected);
  return *at_++;
}
METASCHEDULE_INLINE const Operand& OperandReader::take(Operand::Tag tag, const char* expected) {
  const Operand& operand = take(expected);
  check<ValueError>(operand.tag == tag, "expected {} as an argument, found something else",
                    expected);
  return operand;
}
METASCHEDULE_INLINE size_t OperandReader::list_length() {
  const Operand& list = take(Operand::Tag::List, "a list");
  return static_cast<size_t>(list.integer);
}
METASCHEDULE_INLINE uint32_t OperandReader::entry_index(int64_t number) const {
  size_t known = entries_ ? entries_->size() : state_.table.size();
  check<IndexError>(number >= 0 && static_cast<size_t>(number) < known,
                    "Random variable doesn't exist: output {} of the trace", number);
  return entries_ ? (*entries_)[static_cast<size_t>(number)] : static_cast<uint32_t>(number);
}
METASCHEDULE_INLINE Handle OperandReader::handle(const Operand& operand) const {
  uint32_t index = entry_index(operand.integer);
  return {index, state_.table[index].stamp};
}
METASCHEDULE_INLINE void OperandReader::read(BlockRV& out) {
  out = {handle(take(Operand::Tag::Block, "a block"))};
}
METASCHEDULE_INLINE void OperandReader::read(LoopRV& out) {
  out = {handle(take(Operand::Tag::Loop, "a loop"))};
}
METASCHEDULE_INLINE void OperandReader::read(BlockOrLoopRV& out) {
  const Operand& operand = take("a block or loop");
  if (operand.tag == Operand::Tag::Loop) {
    out = LoopRV{handle(operand)};
  } else {
    check<ValueError>(operand.tag == Operand::Tag::Block,
                      "expected a block or loop as an argument, found something else");
    out = BlockRV{handle(operand)};
  }
}
METASCHEDULE_INLINE void OperandReader::read(BlocksOrLoopRV& out) {
  if (at_ != end_ && at_->tag == Operand::Tag::List) {
    std::vector<BlockRV> blocks;
    read(blocks);
    out = std::move(blocks);
  } else {
    LoopRV loop;
    read(loop);
    out = loop;
  }
}
METASCHEDULE_INLINE void OperandReader::read(Factor& out) {
  const Operand& operand = take("a number");
  switch (operand.tag) {
    case Operand::Tag::None:
      out = {};
      return;
    case Operand::Tag::Int:
      out = Factor::number(operand.integer);
      return;
    case Operand::Tag::Number: {
      const TableEntry& entry = state_.table[entry_index(operand.integer)];
      out = entry.kind == TableEntry::Kind::NullInt ? Factor{} : Factor::number(entry.value);
      return;
    }
    default: {
      Expr expr = as_ref<ExprNode>(operand.node);
      check<ValueError>(bool(expr), "expected a number as an argument, found something else");
      out = Factor(resolve(expr));
    }
  }
}
METASCHEDULE_INLINE void OperandReader::read(int64_t& out) {
  const Operand& operand = take("an integer");
  check<ValueError>(operand.tag == Operand::Tag::Int || operand.tag == Operand::Tag::Bool,
                    "expected an integer as an argument, found something else");
  out = operand.integer;
}
METASCHEDULE_INLINE void OperandReader::read(bool& out) {
  int64_t value;
  read(value);
  out = value != 0;
}
METASCHEDULE_INLINE void OperandReader::read(double& out) {
  const Operand& operand = take("a number");
  bool is_int = operand.tag == Operand::Tag::Int;
  check<ValueError>(is_int || operand.tag == Operand::Tag::Float,
                    "expected a number as an argument, found something else");
  out = is_int ? static_cast<double>(operand.integer) : operand.real;
}
METASCHEDULE_INLINE void OperandReader::read(std::string& out) {
  const Operand& operand = take("a string");
  out.clear();
  if (operand.tag == Operand::Tag::None) return;
  check<ValueError>(operand.tag == Operand::Tag::String,
                    "expected a string as an argument, found something else");
  out = operand.text();
}
METASCHEDULE_INLINE void OperandReader::read(Ref<IndexMap>& out) {
  const Operand& operand = take("an index map");
  if (operand.tag == Operand::Tag::None) {
    out = nullptr;
    return;
  }
  out = as_ref<IndexMap>(operand.node);
  check<ValueError>(bool(out), "expected an index map as an argument, found something else");
  out = resolve(out);
}
METASCHEDULE_INLINE void OperandReader::read(BufferArg& out) {
  read(out.index);
  read(out.is_write);
}

METASCHEDULE_INLINE Ref<Node> OperandReader::read_value() {
  const Operand& operand = take("a value");
  switch (operand.tag) {
    case Operand::Tag::None:
      return nullptr;
    case Operand::Tag::Int:
      return i32(operand.integer);
    case Operand::Tag::Bool:
      return int_imm(kBool, operand.integer);
    case Operand::Tag::Float:
      return make<FloatImm>(kFloat32, operand.real);
    case Operand::Tag::Number:
      return i32(state_.table[entry_index(operand.integer)].value);
    case Operand::Tag::String:
      return operand.node;
    case Operand::Tag::List: {
      std::vector<Ref<Node>> items;
      for (int64_t i = 0; i < operand.integer; ++i) items.push_back(read_value());
      return make<Array>(List<Node>(items));
    }
    case Operand::Tag::Node:
      return is_expr_kind(operand.node->kind) ? Ref<Node>(resolve(cast_to<ExprNode>(operand.node)))
                                              : operand.node;
    default:
      fail<TypeError>("Only strings, integers, floats, ExprRVs and Arrays are supported for now");
  }
}

template <class T>
T OperandReader::resolve(const T& value) const {
  if (!steps_ || steps_->variables.empty()) return value;
  auto lookup = [this](const Node& node) -> Ref<Node> {
    const Var* var = as<Var>(&node);
    if (!var) return nullptr;
    for (size_t n = 0; n < steps_->variables.size(); ++n)
      if (steps_->variables[n].get() == var)
        return i32(state_.table[entry_index(static_cast<int64_t>(n))].value);
    return nullptr;
  };
  Ref<Node> out = rewrite_post_order(*value, lookup);
  return cast_to<typename T::element_type>(out);
}

METASCHEDULE_INLINE const Operand* next_operand(const Operand* operand) {
  int64_t open = operand->tag == Operand::Tag::List ? operand->integer : 0;
  ++operand;
  for (; open > 0; --open) operand = next_operand(operand);
  return operand;
}

}  // namespace metaschedule
