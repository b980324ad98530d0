// SPDX-License-Identifier: Apache-2.0
// The scripts of tests/filetests/schedule, one step a line, as printed traces have them:
//
//   # what follows is said here
//   b = get_block("C")
//   i, j, *rest = get_loops(b)
//   parts = split(i, [None, 4], preserve_unit_iters=False)
//   transform_layout(b, ("write", 0), lambda i, j: (i, j // 4, j % 4))
//   show(parts)
//
// Blocks may be given by name; functions are index maps of int32, and may load from a buffer X.
// `detail` and `unchecked` on a line of their own set what errors say
// and leave out what `enable_check` governs.
#pragma once

#include <cctype>
#include <map>
#include <stdexcept>
#include <string>
#include <vector>

#include "metaschedule/arith/index_map.h"
#include "metaschedule/ir/walk.h"
#include "metaschedule/schedule/schedule.h"
#include "metaschedule/script/parser.h"
#include "metaschedule/script/printer.h"

namespace metaschedule::testing {

/// Reads and runs the lines of a script on a schedule.
class ScheduleScript {
 public:
  explicit ScheduleScript(Schedule& schedule) : sch_(schedule) {}

  void run(const std::string& script) {
    for (size_t begin = 0; begin < script.size();) {
      size_t end = std::min(script.find('\n', begin), script.size());
      text_ = script.substr(begin, end - begin);
      at_ = 0;
      begin = end + 1;
      if (!text_.empty() && text_[0] != '#') run_line();
    }
  }
  /// What `show` has printed.
  const std::string& shown() const { return shown_; }

 private:
  using Operands = std::vector<Operand>;

  [[noreturn]] void malformed(const std::string& expected) const {
    throw std::runtime_error("in the line `" + text_ + "`, at " + std::to_string(at_ + 1) +
                             ": expected " + expected);
  }

  // ---- characters
  char peek() {
    while (at_ < text_.size() && text_[at_] == ' ') ++at_;
    return at_ < text_.size() ? text_[at_] : '\0';
  }
  bool accept(char c) {
    if (peek() != c) return false;
    ++at_;
    return true;
  }
  void expect(char c) {
    if (!accept(c)) malformed(std::string(1, c));
  }
  std::string word() {
    peek();
    size_t begin = at_;
    while (at_ < text_.size() && (std::isalnum(text_[at_]) || text_[at_] == '_')) ++at_;
    if (begin == at_) malformed("a name");
    return text_.substr(begin, at_ - begin);
  }

  // ---- lines
  void run_line() {
    if (text_ == "detail") {
      sch_.options.error_render_level = ErrorLevel::Detail;
      return;
    }
    if (text_ == "unchecked") {
      sch_.options.enable_check = false;
      return;
    }
    std::vector<std::string> targets;
    unpacks_ = false;
    size_t equal = text_.find(" = ");
    if (equal < text_.find('(')) {
      do {
        targets.push_back((accept('*') ? "*" : "") + word());
      } while (accept(',') && peek() != '=');
      unpacks_ = text_.find(',') < equal;
      expect('=');
    }
    std::string method = word();
    expect('(');
    if (method == "show") {
      for (const Operand& operand : arguments(ArgType::Value)) show(operand);
      return;
    }
    Opcode opcode = find_primitive_method(method);
    if (opcode == kUnknownOpcode) malformed("a primitive");
    call(primitives()[opcode], opcode, targets);
  }

  void call(const PrimitiveInfo& info, Opcode opcode, const std::vector<std::string>& targets) {
    std::map<std::string, Operands> given;
    std::optional<Decision> decision;
    size_t position = 0;
    while (!accept(')')) {
      size_t start = at_;
      std::string name;
      if (std::isalpha(peek())) {
        name = word();
        if (!accept('=')) at_ = start, name.clear();
      }
      if (name == "decision") {
        decision = read_decision();
      } else {
        const PrimitiveArg* arg = nullptr;
        if (name.empty() && position < info.args.size()) arg = &info.args[position++];
        for (const PrimitiveArg& known : info.args)
          if (name == known.name) arg = &known;
        if (!arg) malformed("no such argument of " + std::string(info.method));
        if (arg->type == ArgType::Loops) {  // all that follow, up to a keyword
          Operands& list = given[arg->name];
          if (list.empty()) list.push_back(Operand::of_list(0));
          Operands item;
          value(arg->type, item);
          const bool nested = item[0].tag == Operand::Tag::List;
          list[0].integer += nested ? item[0].integer : 1;
          list.insert(list.end(), item.begin() + nested, item.end());
          --position;
        } else {
          value(arg->type, given[arg->name]);
        }
      }
      if (!accept(',')) {
        expect(')');
        break;
      }
    }
    Operands operands;
    for (const PrimitiveArg& arg : info.args) {
      auto it = given.find(arg.name);
      const Operands& source = it != given.end() ? it->second : arg.default_value;
      if (it == given.end() && arg.type == ArgType::Loops) operands.push_back(Operand::of_list(0));
      operands.insert(operands.end(), source.begin(), source.end());
    }
    Schedule::OutputRange range = sch_.invoke(opcode, operands, decision ? &*decision : nullptr);
    bind(info.outputs, range, targets);
  }

  void bind(OutputType type, Schedule::OutputRange range, const std::vector<std::string>& targets) {
    Operand::Tag tag = Operand::Tag::Number;
    if (type == OutputType::Block || type == OutputType::Blocks) tag = Operand::Tag::Block;
    if (type == OutputType::Loop || type == OutputType::Loops) tag = Operand::Tag::Loop;
    const bool several =
        type == OutputType::Blocks || type == OutputType::Loops || type == OutputType::Numbers;
    auto list = [&](uint32_t begin, uint32_t end) {
      Operands out{Operand::of_list(end - begin)};
      for (uint32_t k = begin; k < end; ++k) out.push_back(Operand::rv(tag, range.first + k));
      return out;
    };
    if (targets.size() == 1 && targets[0][0] != '*' && !unpacks_) {
      names_[targets[0]] = several ? list(0, range.count) : Operands{Operand::rv(tag, range.first)};
      return;
    }
    uint32_t k = 0;
    for (size_t i = 0; i < targets.size(); ++i) {
      auto after = static_cast<uint32_t>(targets.size() - i - 1);
      if (targets[i][0] == '*') {
        names_[targets[i].substr(1)] = list(k, range.count - after);
        k = range.count - after;
      } else {
        if (k >= range.count) malformed(std::to_string(range.count) + " outputs");
        names_[targets[i]] = {Operand::rv(tag, range.first + k++)};
      }
    }
    if (k != range.count && !targets.empty()) malformed(std::to_string(range.count) + " outputs");
  }

  // ---- values
  Operands arguments(ArgType type) {
    Operands out;
    while (!accept(')')) {
      value(type, out);
      if (!accept(',')) {
        expect(')');
        break;
      }
    }
    return out;
  }
  Decision read_decision() {
    Operands read;
    value(ArgType::Ints, read);
    if (read[0].tag == Operand::Tag::Int) return read[0].integer;
    std::vector<int64_t> out;
    for (size_t i = 1; i < read.size(); ++i) out.push_back(read[i].integer);
    return out;
  }

  void value(ArgType type, Operands& out) {
    char c = peek();
    if (c == '[' || c == '(') {
      sequence(type, out);
    } else if (c == '"') {
      string_value(type, out);
    } else if (std::isdigit(c) || c == '-') {
      number(out);
    } else {
      named(type, out);
    }
  }
  void sequence(ArgType type, Operands& out) {
    const char close = accept('[') ? ']' : (expect('('), ')');
    Operands items;
    size_t count = 0;
    while (!accept(close)) {
      value(type == ArgType::Buffer ? ArgType::Value : type, items);
      ++count;
      if (!accept(',')) {
        expect(close);
        break;
      }
    }
    if (type == ArgType::Buffer) {  // ("read" | "write", index)
      out.push_back(items.at(1));
      out.push_back(Operand::of_int(items.at(0).text() == "write"));
      return;
    }
    out.push_back(Operand::of_list(count));
    out.insert(out.end(), items.begin(), items.end());
  }
  void string_value(ArgType type, Operands& out) {
    size_t end = text_.find('"', at_ + 1);
    if (end == std::string::npos) malformed("a closing quote");
    std::string text = text_.substr(at_ + 1, end - at_ - 1);
    at_ = end + 1;
    const bool is_block = type == ArgType::Block || type == ArgType::BlockOrLoop ||
                          type == ArgType::Blocks || type == ArgType::BlocksOrLoop;
    out.push_back(is_block ? Operand::rv(Operand::Tag::Block, sch_.get_block(text).index)
                           : Operand::of_string(text));
  }
  void number(Operands& out) {
    size_t begin = at_;
    while (at_ < text_.size() && (std::isalnum(text_[at_]) || text_[at_] == '.' ||
                                  (text_[at_] == '-' && (at_ == begin || text_[at_ - 1] == 'e'))))
      ++at_;
    std::string text = text_.substr(begin, at_ - begin);
    out.push_back(text.find_first_of(".e") == std::string::npos
                      ? Operand::of_int(std::stoll(text))
                      : Operand::of_float(std::stod(text)));
  }
  void named(ArgType type, Operands& out) {
    const bool is_buffer = type == ArgType::Buffer;
    if (text_.compare(at_, 6, "lambda") == 0) return index_map(out);
    std::string name = word();
    if (name == "None") return out.push_back({});
    if (name == "True" || name == "False") return out.push_back(Operand::of_bool(name == "True"));
    auto it = names_.find(name);
    if (it == names_.end() || is_buffer) malformed("a known name");
    out.insert(out.end(), it->second.begin(), it->second.end());
  }
  // Up to the comma or bracket that ends the argument, read as the value of an annotation.
  void index_map(Operands& out) {
    size_t end = text_.find(':', at_);
    int depth = 0;
    for (; end < text_.size(); ++end) {
      const char c = text_[end];
      if (c == '(' || c == '[') ++depth;
      if ((c == ')' || c == ']') && depth-- == 0) break;
      if (c == ',' && depth == 0) break;
    }
    std::string text =
        "@T.prim_func\ndef f(X: T.Buffer((8,), \"float32\")):\n    with T.block(\"b\"):\n        "
        "T.block_attr({\"m\": T.index_map(" +
        text_.substr(at_, end - at_) + ")})\n        T.evaluate(X[0])";
    at_ = end;
    PrimFuncRef func = parse_func(text);
    const Node* map = nullptr;
    pre_order(*func, [&](const Node& node) {
      if (const Block* block = as<Block>(&node))
        if (const Node* found = block->annotations.find("m")) map = found;
      return true;
    });
    out.push_back(Operand::of_node(Operand::Tag::Node,
                                   arith::with_index_dtype(cast_to<IndexMap>(*map), kInt32)));
  }

  // ---- what handles name
  void show(const Operand& operand) {
    if (operand.tag == Operand::Tag::List) return;  // its elements follow
    if (!shown_.empty()) shown_ += '\n';
    if (!operand.is_rv()) {
      shown_ += operand.tag == Operand::Tag::None ? "None" : std::to_string(operand.integer);
      return;
    }
    const Handle handle = sch_.handle(static_cast<uint32_t>(operand.integer));
    const TableEntry& entry = sch_.table[handle.index];
    if (operand.tag == Operand::Tag::Block) {
      shown_ += "block " + sch_.get(BlockRV{handle})->name_hint;
    } else if (operand.tag == Operand::Tag::Number) {
      shown_ += entry.kind == TableEntry::Kind::NullInt ? "None" : std::to_string(entry.value);
    } else if (entry.is_mark()) {
      shown_ += entry.value == TableEntry::kInlineMark ? "inline" : "root";
    } else {
      const For& loop = *sch_.get(LoopRV{handle});
      shown_ += "loop " + loop.loop_var->name + " of " + to_script(loop.extent);
    }
  }

  Schedule& sch_;
  std::map<std::string, Operands> names_;
  std::string text_, shown_;
  bool unpacks_ = false;  // the targets of the line: `i, = …`
  size_t at_ = 0;
};

}  // namespace metaschedule::testing
