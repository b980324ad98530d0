// SPDX-License-Identifier: Apache-2.0
// Inside the interpreter: hardware instructions that a program calls by name. A call of one is its
// operands, made ready, and a meaning: a function that gives one lane of the result, or changes
// memory and gives nothing.
//
// The threads of a warp run one after another here. What an instruction takes from the other
// threads of its warp it finds by evaluating its operands with threadIdx.x set to theirs, so
// between the loop over threadIdx.x and the instruction nothing but it may change what it reads.
#pragma once

#include <array>
#include <string>
#include <vector>

#include "metaschedule/interp/compiler.h"

namespace metaschedule::interp::detail {

/// A number, a text or a place in memory.
struct Operand {
  Code value;                            // of a number
  std::string text;                      // of a text
  int storage = -1;                      // of a place, as are those below
  DType element;                         // its type
  EvalFn offset;                         // elements from the start of the memory
  EvalFn extent;                         // elements that the place spans, where the program says it
  std::shared_ptr<const Home> declared;  // the buffer that the program names
  std::shared_ptr<const Home> root;      // the buffer that owns the memory
};

struct Place {
  int storage;
  DType element;
  int64_t offset;
};

struct Instruction;
struct InstructionSite;

/// One call that is being run.
class InstructionCall {
 public:
  InstructionCall(Frame& frame, const InstructionSite& site) : frame_(frame), site_(site) {}

  int64_t integer(size_t operand, int lane = 0) const { return value(operand, lane).i; }
  double real(size_t operand, int lane = 0) const { return value(operand, lane).f; }
  Value value(size_t operand, int lane = 0) const;
  int lanes(size_t operand) const;
  DType dtype(size_t operand) const;
  const std::string& text(size_t operand) const;
  /// Element `n` of the operand's bytes read as elements of another type.
  Value packed(size_t operand, int n, DType element) const;

  Place place(size_t operand) const;
  int64_t extent(size_t operand) const;
  const Home& declared(size_t operand) const;
  const Home& root(size_t operand) const;
  /// A number of the shape of a buffer.
  int64_t dim(const Home& home, size_t d) const { return home.shape.at(d).integer(frame_); }
  Value read(const Place& place, int64_t element) const;
  void write(const Place& place, int64_t element, Value value) const;
  Storage& memory(const Place& place) const { return frame_.storage[place.storage]; }

  DType result() const;
  size_t num_operands() const;
  int vscale() const;
  /// The matrix array of the processor, for those that have one.
  std::vector<uint8_t>& matrix_array() const { return frame_.matrix_array; }

  /// The thread of the warp that is running; -1 outside of a loop over threadIdx.x.
  int64_t thread() const;
  /// Calls `f` with threadIdx.x as in another thread of the warp.
  template <class F>
  auto at_thread(int64_t thread, F f) const;

 private:
  const Operand& operand(size_t i) const;
  int64_t byte_of(const Place& place, int64_t element) const;

  Frame& frame_;
  const InstructionSite& site_;
};

struct Instruction {
  std::string_view name;
  Value (*meaning)(InstructionCall& call, int lane);
};
/// Null when there is none. Type suffixes of LLVM's names (`.v4i32`) need not be in the table.
const Instruction* find_instruction(std::string_view name);

/// A call in a program.
struct InstructionSite {
  const Instruction* instruction;
  std::vector<Operand> operands;
  DType result;
  int thread_slot = -1;
  int vscale = 1;
};

template <class F>
auto InstructionCall::at_thread(int64_t thread, F f) const {
  if (site_.thread_slot < 0) return f();
  Value& slot = frame_.vars[site_.thread_slot];
  const Value before = slot;
  slot = of_int(thread);
  auto out = f();
  slot = before;
  return out;
}

}  // namespace metaschedule::interp::detail
