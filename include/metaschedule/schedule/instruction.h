// SPDX-License-Identifier: Apache-2.0
// Instructions of a trace, and the run-time description of primitives that reading, writing,
// printing and the Python binding work from.
#pragma once

#include <algorithm>
#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "metaschedule/schedule/handles.h"

namespace metaschedule {

/// What a sampling instruction chose: an index, or a list of factors.
using Decision = std::variant<int64_t, std::vector<int64_t>>;

/// One recorded value. Outputs of a trace are numbered from 0 in order; handles are recorded as
/// these numbers. A list is followed by its elements, lists nested in it in place.
struct Operand {
  enum class Tag : uint8_t { None, Block, Loop, Number, Int, Float, Bool, String, Node, List };

  Tag tag = Tag::None;
  union {
    // Of Int and Bool; the number of an output, negative where the trace has no such output; the
    // length of a List.
    int64_t integer = 0;
    double real;
  };
  Ref<Node> node;  // of String (a String) and Node (an expression, an IndexMap, a Map)

  bool is_rv() const { return tag == Tag::Block || tag == Tag::Loop || tag == Tag::Number; }
  static Operand rv(Tag tag, int64_t number) { return with(tag, number); }
  /// A random variable that its trace does not make; `variable` is that of a number.
  static Operand undefined_rv(Tag tag, uint32_t stamp, Ref<Node> variable = nullptr) {
    Operand out = with(tag, -1 - static_cast<int64_t>(stamp));
    out.node = std::move(variable);
    return out;
  }
  bool is_undefined() const { return is_rv() && integer < 0; }
  uint32_t undefined_stamp() const { return static_cast<uint32_t>(-1 - integer); }
  static Operand of_int(int64_t value) { return with(Tag::Int, value); }
  static Operand of_list(size_t length) { return with(Tag::List, static_cast<int64_t>(length)); }
  static Operand of_bool(bool value) { return with(Tag::Bool, value); }
  static Operand of_float(double value) {
    Operand out;
    out.tag = Tag::Float;
    out.real = value;
    return out;
  }
  static Operand of_node(Tag tag, Ref<Node> node) {
    Operand out;
    out.tag = tag;
    out.node = std::move(node);
    return out;
  }
  static Operand of_string(std::string text) {
    return of_node(Tag::String, make<String>(std::move(text)));
  }
  const std::string& text() const { return static_cast<const String&>(*node).value; }

 private:
  static Operand with(Tag tag, int64_t value) {
    Operand out;
    out.tag = tag;
    out.integer = value;
    return out;
  }
};
/// The operand after this one and all that belongs to it.
const Operand* next_operand(const Operand* operand);

/// The types of arguments.
enum class ArgType : uint8_t {
  Block,
  Loop,
  BlockOrLoop,
  BlocksOrLoop,  // a loop or a list of blocks
  Loops,         // any number of loops, as separate arguments
  Blocks,        // a list of blocks
  Factors,       // a list of numbers: None, int or sampled
  Int,
  Bool,
  String,
  Ints,
  Floats,
  IndexMap,
  OptionalIndexMap,
  Value,   // of an annotation
  Buffer,  // ("read" | "write", index): two attributes
};
enum ArgFlag : uint8_t {
  kInput = 1,         // in the inputs of JSON, not its attributes
  kPositional = 2,    // printed without its name
  kOptional = 4,      // has a default
  kSpread = 8,        // the elements of the list are inputs of their own
  kOmitEmpty = 16,    // not printed when empty
  kReadWrite = 32,    // an Int that prints as "read" or "write"
  kRanges = 64,       // an IndexMap that prints as a list of ranges
  kHandleOnly = 128,  // a Block that may not be given by its name
};

struct PrimitiveArg {
  const char* name;
  ArgType type;
  uint8_t flags;
  /// The name in printed traces where it differs.
  const char* printed_name;
  /// Of an argument with a default; a list is followed by its elements.
  std::vector<Operand> default_value;

  bool is(ArgFlag flag) const { return (flags & flag) != 0; }
};

enum class OutputType : uint8_t { None, Block, Blocks, Loop, Loops, Number, Numbers };

class ScheduleState;
class OperandReader;

/// A primitive at run time.
struct PrimitiveInfo {
  const char* kind;     // of its instructions: "SamplePerfectTile"
  const char* method;   // "sample_perfect_tile"
  const char* display;  // in errors, where that is not the method with hyphens
  const char* doc;
  bool pure;
  bool has_decision;
  OutputType outputs;
  std::vector<PrimitiveArg> args;
  /// Runs it; appends what it yields. `decision` is read and set to what was used, where there is
  /// one.
  void (*apply)(ScheduleState& state, OperandReader& args, std::vector<TableEntry>& outputs,
                const Decision* decision, Decision* used);

  /// The name in errors: "sample-perfect-tile".
  std::string shown_name() const {
    if (display) return display;
    std::string name = method;
    std::replace(name.begin(), name.end(), '_', '-');
    return name;
  }
};

/// Positions in the list of primitives.
using Opcode = uint16_t;
inline constexpr Opcode kUnknownOpcode = UINT16_MAX;
const std::vector<PrimitiveInfo>& primitives();
/// `GetSBlock` and other later names are read as what they were. kUnknownOpcode: none of this name.
Opcode find_primitive(std::string_view kind);
Opcode find_primitive_method(std::string_view method);
Opcode enter_postproc_opcode();

/// One step of a trace. An instruction of an unknown kind keeps its kind as its first operand, then
/// two lists: inputs and attributes.
struct Instruction {
  Opcode opcode = kUnknownOpcode;
  uint16_t num_outputs = 0;
  uint32_t first_output = 0;
  uint32_t begin = 0, end = 0;  // its operands
  uint32_t stamp = 0;           // its identity, which copies, cuts and other decisions keep
};

}  // namespace metaschedule
