// SPDX-License-Identifier: Apache-2.0
// Inside the interpreter: calls of hardware instructions.
#pragma once

#include "metaschedule/interp/detail/amx_instructions.h"
#include "metaschedule/interp/detail/dot_instructions.h"
#include "metaschedule/interp/detail/scalable_instructions.h"
#include "metaschedule/interp/detail/tile_instructions.h"
#include "metaschedule/interp/detail/warp_instructions.h"

namespace metaschedule::interp::detail {

METASCHEDULE_INLINE const Instruction* find_instruction(std::string_view name) {
  static const auto* table = [] {
    auto* out = new std::unordered_map<std::string_view, const Instruction*>();
    auto add = [out](const auto& list) {
      for (const Instruction& instruction : list) out->emplace(instruction.name, &instruction);
    };
    add(kAmxInstructions);
    add(kDotInstructions);
    add(kTileInstructions);
    add(kWarpInstructions);
    add(kScalableInstructions);
    return out;
  }();
  auto is_type = [](std::string_view part) {
    for (std::string_view prefix : {"nxv", "v", "i", "p", "f"})
      if (part.starts_with(prefix) && part.size() > prefix.size() && part[prefix.size()] >= '0' &&
          part[prefix.size()] <= '9')
        return true;
    return false;
  };
  for (;;) {
    if (auto it = table->find(name); it != table->end()) return it->second;
    const size_t dot = name.rfind('.');
    if (dot == std::string_view::npos || !is_type(name.substr(dot + 1))) return nullptr;
    name = name.substr(0, dot);
  }
}

METASCHEDULE_INLINE const Operand& InstructionCall::operand(size_t i) const {
  check<TypeError>(i < site_.operands.size(), "interpreter: {} has {} operands, needs number {}",
                   site_.instruction->name, site_.operands.size(), i);
  return site_.operands[i];
}
METASCHEDULE_INLINE Value InstructionCall::value(size_t i, int lane) const {
  const Code& code = operand(i).value;
  check<TypeError>(static_cast<bool>(code.eval), "interpreter: operand {} of {} is to be a number",
                   i, site_.instruction->name);
  return code.eval(frame_, code.dtype.lanes > 1 ? lane : 0);
}
METASCHEDULE_INLINE int InstructionCall::lanes(size_t i) const {
  return std::max<int>(1, operand(i).value.dtype.lanes);
}
METASCHEDULE_INLINE DType InstructionCall::dtype(size_t i) const {
  return operand(i).value.dtype.element();
}
METASCHEDULE_INLINE const std::string& InstructionCall::text(size_t i) const {
  return operand(i).text;
}
METASCHEDULE_INLINE Value InstructionCall::packed(size_t i, int n, DType element) const {
  const DType from = dtype(i);
  if (from.bytes() == element.bytes()) {
    const Value v = value(i, n);
    return element.is_floating() ? v : of_int(wrap(v.i, element));
  }
  const int first = n * element.bytes(), skip = first % from.bytes();
  check<TypeError>(element.bytes() < from.bytes(),
                   "interpreter: operand {} of {} is to have elements of {} or more bytes", i,
                   site_.instruction->name, element.bytes());
  std::array<uint8_t, 8> bytes = {};
  storer(from)(bytes.data(), value(i, first / from.bytes()));
  return loader(element)(bytes.data() + skip);
}
METASCHEDULE_INLINE Place InstructionCall::place(size_t i) const {
  const Operand& at = operand(i);
  check<TypeError>(at.storage >= 0, "interpreter: operand {} of {} is to be a place in memory", i,
                   site_.instruction->name);
  return {at.storage, at.element, at.offset ? at.offset(frame_, 0).i : 0};
}
METASCHEDULE_INLINE const Home& InstructionCall::declared(size_t i) const {
  check<TypeError>(operand(i).declared != nullptr,
                   "interpreter: the shape of operand {} of {} is not known", i,
                   site_.instruction->name);
  return *operand(i).declared;
}
METASCHEDULE_INLINE const Home& InstructionCall::root(size_t i) const {
  check<TypeError>(operand(i).root != nullptr,
                   "interpreter: the shape of operand {} of {} is not known", i,
                   site_.instruction->name);
  return *operand(i).root;
}
METASCHEDULE_INLINE int64_t InstructionCall::byte_of(const Place& place, int64_t element) const {
  const Storage& memory = frame_.storage[place.storage];
  const int64_t width = place.element.bytes(), byte = (place.offset + element) * width;
  if (byte < 0 || byte + width > memory.bytes) [[unlikely]]
    fail<RunError>("interpreter: {} uses element {} of a memory of {} bytes",
                   site_.instruction->name, place.offset + element, memory.bytes);
  return byte;
}
METASCHEDULE_INLINE Value InstructionCall::read(const Place& place, int64_t element) const {
  const int64_t byte = byte_of(place, element);
  frame_.step();
  const Storage& memory = frame_.storage[place.storage];
  if (!memory.written.empty() && frame_.options.check_uninitialised && !memory.written[byte])
    fail<RunError>("interpreter: {} reads element {} before it is written", site_.instruction->name,
                   place.offset + element);
  return loader(place.element)(memory.data + byte);
}
METASCHEDULE_INLINE void InstructionCall::write(const Place& place, int64_t element,
                                                Value value) const {
  const int64_t byte = byte_of(place, element);
  frame_.step();
  Storage& memory = frame_.storage[place.storage];
  storer(place.element)(memory.data + byte, value);
  memory.mark_written(byte, place.element.bytes());
}
METASCHEDULE_INLINE DType InstructionCall::result() const { return site_.result; }
METASCHEDULE_INLINE size_t InstructionCall::num_operands() const { return site_.operands.size(); }
METASCHEDULE_INLINE int InstructionCall::vscale() const { return site_.vscale; }
METASCHEDULE_INLINE int64_t InstructionCall::thread() const {
  return site_.thread_slot < 0 ? -1 : frame_.vars[site_.thread_slot].i;
}

METASCHEDULE_INLINE void Compiler::declare(const Var* data, DType dtype, const Exprs& shape) {
  auto home = std::make_shared<Home>();
  home->dtype = dtype;
  const PointerType* pointer = as<PointerType>(data->type_annotation);
  home->scope = pointer ? pointer->storage_scope : "";
  for (const Expr& extent : shape) home->shape.push_back(expr(extent));
  homes_[data] = home;
  // A view is no owner: its memory is declared before it.
  roots_.emplace(storage_of(data), home);
}

METASCHEDULE_INLINE Operand Compiler::pointer(const Expr& data, DType element) {
  const Var* var = as<Var>(data);
  if (!var) fail<TypeError>("interpreter: an instruction on a computed address");
  Operand out;
  out.storage = storage_of(var);
  if (auto it = homes_.find(var); it != homes_.end()) out.declared = it->second;
  if (auto it = roots_.find(out.storage); it != roots_.end()) out.root = it->second;
  out.element = element.is_void() && out.root ? out.root->dtype.element() : element;
  return out;
}

METASCHEDULE_INLINE Operand Compiler::operand(const Expr& e) {
  Operand out;
  if (const StringImm* text = as<StringImm>(e)) {
    out.text = text->value;
    return out;
  }
  if (as<Var>(e) && e->dtype.is_handle()) return pointer(e, DType::void_());
  const Call* call = as<Call>(e);
  const Op* op = call ? as<Op>(call->op) : nullptr;
  const std::string_view name = op ? std::string_view(op->name) : std::string_view();
  if (name == "tir.tvm_access_ptr") {
    out = pointer(call->args[1], call->args[0]->dtype.element());
    out.offset = expr(call->args[2]).eval;
  } else if (name == "tir.address_of") {
    const BufferLoad* load = as<BufferLoad>(call->args[0]);
    if (!load) fail<TypeError>("interpreter: address_of takes an element of a buffer");
    std::vector<Code> indices;
    for (const Expr& i : load->indices) indices.push_back(expr(i));
    out = pointer(load->buffer->data, load->buffer->dtype.element());
    out.offset = [byte = address(*load->buffer, std::move(indices)), width = out.element.bytes()](
                     Frame& f, int) { return of_int(byte(f, 0) / width); };
  } else if (name == "tir.tvm_stack_make_array") {
    // (pointer, shape, strides, dimensions, a zero of the type, offset)
    out = operand(call->args[0]);
    out.element = call->args[4]->dtype.element();
    Code more = expr(call->args[5]);
    out.offset = [before = out.offset, more = std::move(more)](Frame& f, int) {
      return of_int((before ? before(f, 0).i : 0) + more.integer(f));
    };
  } else {
    out.value = expr(e);
  }
  return out;
}

METASCHEDULE_INLINE Code Compiler::instruction(const Call& e, std::string_view name) {
  auto site = std::make_shared<InstructionSite>();
  size_t first = 0;
  const bool llvm = name == "call_llvm_intrin" || name == "call_llvm_pure_intrin";
  if (llvm || name == "call_extern" || name == "call_pure_extern" || name == "tvm_call_packed") {
    const StringImm* callee = e.args.empty() ? nullptr : as<StringImm>(e.args[0]);
    if (!callee) return {};
    name = callee->value;
    first = 1;
    // An older form of LLVM's calls counts the types of the signature.
    if (llvm && e.args.size() > 1 && e.args[1]->kind == Kind::IntImm &&
        e.args[1]->dtype == DType::uint(32))
      first = 2;
  }
  site->instruction = find_instruction(name);
  if (!site->instruction) return {};
  for (size_t i = first; i < e.args.size(); ++i) site->operands.push_back(operand(e.args[i]));
  site->result = fixed(e.dtype);
  site->thread_slot = thread_slot_;
  site->vscale = vscale_;
  return {[site](Frame& f, int lane) {
            InstructionCall call(f, *site);
            return site->instruction->meaning(call, lane);
          },
          site->result};
}

}  // namespace metaschedule::interp::detail
