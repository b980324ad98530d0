// SPDX-License-Identifier: Apache-2.0
// Unlike the printed form of a trace (trace_python-inl.h), which keeps to the original's text, what
// is written here runs: strings are quoted wherever they stand, names are imported.
#pragma once

#include <fmt/ranges.h>

#include "metaschedule/schedule/trace_code.h"
#include "metaschedule/schedule/trace_names-inl.h"
#include "metaschedule/schedule/trace_python-inl.h"
#include "metaschedule/script/printer.h"

namespace metaschedule {
namespace detail {

inline void check_identifier(const std::string& name) {
  bool good = !name.empty() && !std::isdigit(static_cast<unsigned char>(name[0]));
  for (char c : name) good = good && (std::isalnum(static_cast<unsigned char>(c)) || c == '_');
  check<ValueError>(good, "expected the name of a function, found '{}'", name);
}

/// What both languages share: steps in order, each an assignment of outputs from a call.
class CodeWriter {
 public:
  CodeWriter(const Trace& trace, std::string indent) : trace_(trace), indent_(std::move(indent)) {}
  virtual ~CodeWriter() = default;

  std::string body() {
    for (size_t i = 0; i < trace_.size(); ++i) step(i);
    return std::move(text_);
  }

 protected:
  virtual void step(size_t i) = 0;
  virtual std::string string(const std::string& value) const = 0;
  virtual std::string number(int64_t value) const { return fmt::format("{}", value); }
  virtual std::string real(double value) const = 0;
  virtual std::string boolean(bool value) const = 0;
  virtual std::string nothing() const = 0;
  virtual std::string list(const std::vector<std::string>& items) const = 0;
  virtual std::string map(const std::vector<std::pair<std::string, std::string>>& items) const = 0;
  virtual std::string index_map(const IndexMap& map) = 0;
  virtual std::string expression(const Expr& e) const = 0;

  const PrimitiveInfo& primitive(const Instruction& inst) const {
    check<ValueError>(inst.opcode != kUnknownOpcode,
                      "a trace with a step of an unknown kind, {}, "
                      "cannot be written as a function",
                      trace_.steps().kind(inst));
    return primitives()[inst.opcode];
  }
  std::vector<std::string> outputs(const Instruction& inst) const {
    std::vector<std::string> out;
    for (uint32_t n = 0; n < inst.num_outputs; ++n)
      out.push_back(output_name(trace_.steps(), inst.first_output + n));
    return out;
  }
  void line(const std::string& text) { text_ += indent_ + text + "\n"; }
  static std::string quoted(const std::string& value) { return nlohmann::json(value).dump(); }

  /// One operand and what belongs to it; moves `at` behind it.
  std::string operand(const Operand*& at) {
    const Operand& o = *at++;
    switch (o.tag) {
      case Operand::Tag::None:
        return nothing();
      case Operand::Tag::Block:
      case Operand::Tag::Loop:
      case Operand::Tag::Number:
        return output_name(trace_.steps(), o.integer);
      case Operand::Tag::Int:
        return number(o.integer);
      case Operand::Tag::Float:
        return real(o.real);
      case Operand::Tag::Bool:
        return boolean(o.integer != 0);
      case Operand::Tag::String:
        return string(o.text());
      case Operand::Tag::Node:
        return node(with_output_names(trace_.steps(), o.node));
      case Operand::Tag::List: {
        std::vector<std::string> items;
        for (int64_t i = 0; i < o.integer; ++i) items.push_back(operand(at));
        return list(items);
      }
    }
    return "";
  }
  std::string node(const Ref<Node>& value) {
    if (!value) return nothing();
    if (const IndexMap* m = as<IndexMap>(value)) return index_map(*m);
    if (const String* s = as<String>(value)) return string(s->value);
    if (const BoxInt* n = as<BoxInt>(value)) return number(n->value);
    if (const BoxBool* n = as<BoxBool>(value)) return boolean(n->value);
    if (const BoxFloat* n = as<BoxFloat>(value)) return real(n->value);
    if (const Array* a = as<Array>(value)) {
      std::vector<std::string> items;
      for (const auto& item : a->items) items.push_back(node(item));
      return list(items);
    }
    if (const Map* m = as<Map>(value)) {
      std::vector<std::pair<std::string, std::string>> items;
      for (const auto& [key, item] : m->items) items.push_back({quoted(key), node(item)});
      return map(items);
    }
    if (Expr e = as_ref<ExprNode>(value)) return expression(e);
    fail<ValueError>("a {} in a trace cannot be written as a function", kind_name(value->kind));
  }

  const Trace& trace_;

 private:
  std::string indent_, text_;
};

class PythonWriter : public CodeWriter {
 public:
  explicit PythonWriter(const Trace& trace) : CodeWriter(trace, "    ") {}

 private:
  void step(size_t i) override {
    const Instruction& inst = trace_[i];
    const PrimitiveInfo& info = primitive(inst);
    std::vector<std::string> args;
    const Operand* at = trace_.steps().begin(inst);
    for (const PrimitiveArg& arg : info.args) {
      const bool empty = at->tag == Operand::Tag::List && at->integer == 0;
      std::string text = argument(arg, at);
      if (arg.type == ArgType::Loops) {
        if (!empty) args.push_back("*" + text);
      } else if (!(empty && arg.is(kOmitEmpty))) {
        args.push_back(arg.is(kPositional) ? text : fmt::format("{}={}", arg.printed_name, text));
      }
    }
    if (auto decision = trace_.decision(i)) {
      const auto* choices = std::get_if<std::vector<int64_t>>(&*decision);
      args.push_back(choices ? fmt::format("decision=[{}]", fmt::join(*choices, ", "))
                             : fmt::format("decision={}", std::get<int64_t>(*decision)));
    }
    const bool is_list = info.outputs == OutputType::Blocks || info.outputs == OutputType::Loops ||
                         info.outputs == OutputType::Numbers;
    std::vector<std::string> names = outputs(inst);
    std::string prefix = fmt::format("{}", fmt::join(names, ", "));
    if (!prefix.empty()) prefix += is_list && names.size() == 1 ? ", = " : " = ";
    line(fmt::format("{}sch.{}({})", prefix, info.method, fmt::join(args, ", ")));
  }
  std::string argument(const PrimitiveArg& arg, const Operand*& at) {
    if (arg.type == ArgType::Bool) return boolean((at++)->integer != 0);
    if (arg.type == ArgType::Buffer) {
      const int64_t index = (at++)->integer;
      return fmt::format("(\"{}\", {})", (at++)->integer ? "write" : "read", index);
    }
    if (arg.is(kReadWrite)) return (at++)->integer ? "\"write\"" : "\"read\"";
    if (arg.is(kRanges)) return ranges_python(cast_to<IndexMap>(*(at++)->node));
    return operand(at);
  }

  std::string string(const std::string& value) const override { return quoted(value); }
  std::string real(double value) const override {
    std::string text = fmt::format("{:.17g}", value);
    if (!std::isfinite(value)) return "float(\"" + text + "\")";
    const bool is_whole = text.find_first_of(".e") == std::string::npos;
    return is_whole ? text + ".0" : text;
  }
  std::string boolean(bool value) const override { return value ? "True" : "False"; }
  std::string nothing() const override { return "None"; }
  std::string list(const std::vector<std::string>& items) const override {
    return fmt::format("[{}]", fmt::join(items, ", "));
  }
  std::string map(const std::vector<std::pair<std::string, std::string>>& items) const override {
    std::string out;
    for (const auto& [key, value] : items) out += (out.empty() ? "" : ", ") + key + ": " + value;
    return "{" + out + "}";
  }
  std::string index_map(const IndexMap& m) override {
    std::string text = index_map_python(m);
    // The printed form speaks of the original's package.
    for (size_t at; (at = text.find("tvm.tir.")) != std::string::npos;) text.erase(at, 4);
    return text;
  }
  std::string expression(const Expr& e) const override { return to_script(*e); }
};

class CppWriter : public CodeWriter {
 public:
  explicit CppWriter(const Trace& trace) : CodeWriter(trace, "  ") {}

 private:
  void step(size_t i) override {
    const Instruction& inst = trace_[i];
    const PrimitiveInfo& info = primitive(inst);
    std::vector<std::string> members;
    const Operand* at = trace_.steps().begin(inst);
    for (const PrimitiveArg& arg : info.args) {
      const bool none = at->tag == Operand::Tag::None;
      std::string text = argument(arg, at);
      if (!none) members.push_back(fmt::format(".{} = {}", arg.name, text));
    }
    if (auto decision = trace_.decision(i)) {
      const auto* choices = std::get_if<std::vector<int64_t>>(&*decision);
      members.push_back(
          choices ? fmt::format(".decision = std::vector<int64_t>{{{}}}", fmt::join(*choices, ", "))
                  : fmt::format(".decision = {}", std::get<int64_t>(*decision)));
    }
    std::string call = fmt::format("sch.run(ms::{}{{{}}});", info.kind, fmt::join(members, ", "));
    std::vector<std::string> names = outputs(inst);
    switch (info.outputs) {
      case OutputType::None:
        return line(call);
      case OutputType::Block:
      case OutputType::Loop:
      case OutputType::Number:
        return line("[[maybe_unused]] const auto " + names.at(0) + " = " + call);
      default: {
        if (names.empty()) return line(call);
        std::string all = fmt::format("out{}", i);
        line("const auto " + all + " = " + call);
        for (size_t n = 0; n < names.size(); ++n)
          if (names[n] != "_")
            line(fmt::format("[[maybe_unused]] const auto {} = {}.at({});", names[n], all, n));
      }
    }
  }
  std::string argument(const PrimitiveArg& arg, const Operand*& at) {
    switch (arg.type) {
      case ArgType::Bool:
        return (at++)->integer ? "true" : "false";
      case ArgType::Buffer: {
        const int64_t index = (at++)->integer;
        return fmt::format("{{{}, {}}}", index, (at++)->integer ? "true" : "false");
      }
      case ArgType::Loops:
      case ArgType::Blocks:
      case ArgType::Ints:
      case ArgType::Floats:
      case ArgType::Factors: {
        std::vector<std::string> items;
        const Operand& head = *at++;
        for (int64_t k = 0; k < head.integer; ++k) {
          const bool constant = arg.type == ArgType::Factors && at->tag == Operand::Tag::Int;
          const bool none = arg.type == ArgType::Factors && at->tag == Operand::Tag::None;
          std::string text = plain(at);
          if (constant) text = "ms::Factor::number(" + text + ")";
          items.push_back(none ? "ms::Factor()" : text);
        }
        return fmt::format("{{{}}}", fmt::join(items, ", "));
      }
      case ArgType::BlocksOrLoop:
        if (at->tag == Operand::Tag::List) {
          std::vector<std::string> items;
          const Operand& head = *at++;
          for (int64_t k = 0; k < head.integer; ++k) items.push_back(plain(at));
          return fmt::format("std::vector<ms::BlockRV>{{{}}}", fmt::join(items, ", "));
        }
        return plain(at);
      case ArgType::Value:
        return "{" + operand(at) + "}";
      default:
        return plain(at);
    }
  }
  /// Numbers and strings as such, not as nodes.
  std::string plain(const Operand*& at) {
    if (at->tag == Operand::Tag::Int) return fmt::format("{}", (at++)->integer);
    if (at->tag == Operand::Tag::Float) return fmt::format("{:.17g}", (at++)->real);
    if (at->tag == Operand::Tag::String) return quoted((at++)->text());
    return operand(at);
  }

  std::string string(const std::string& value) const override {
    return "ms::make<ms::String>(" + quoted(value) + ")";
  }
  std::string number(int64_t value) const override { return fmt::format("ms::i32({})", value); }
  std::string real(double value) const override {
    check<ValueError>(std::isfinite(value), "{} in a trace cannot be written as C++", value);
    return fmt::format("ms::make<ms::FloatImm>(ms::kFloat32, {:.17g})", value);
  }
  std::string boolean(bool value) const override { return value ? "ms::true_()" : "ms::false_()"; }
  std::string nothing() const override { return "nullptr"; }
  std::string list(const std::vector<std::string>& items) const override {
    return fmt::format(
        "ms::make<ms::Array>(ms::List<ms::Node>(std::vector<ms::Ref<ms::Node>>{{{}}}))",
        fmt::join(items, ", "));
  }
  std::string map(const std::vector<std::pair<std::string, std::string>>& items) const override {
    std::string out;
    for (const auto& [key, value] : items)
      out += (out.empty() ? "{" : ", {") + key + ", " + value + "}";
    return "ms::make<ms::Map>(ms::Dict({" + out + "}))";
  }
  std::string index_map(const IndexMap& m) override {
    std::string inverse = m.inverse_index_map ? index_map(*m.inverse_index_map) : "";
    std::string name = fmt::format("map{}", maps_++);
    std::vector<std::string> inputs, results;
    line("ms::Ref<ms::IndexMap> " + name + ";");
    line("{");
    for (const VarRef& var : m.initial_indices) {
      line(fmt::format("  const ms::VarRef {} = ms::make<ms::Var>({}, {});", var->name,
                       quoted(var->name), dtype(var->dtype)));
      inputs.push_back(var->name);
    }
    for (const Expr& e : m.final_indices) results.push_back(expression(e));
    line(fmt::format("  {} = ms::make<ms::IndexMap>(ms::Vars{{{}}}, ms::Exprs{{{}}}{});", name,
                     fmt::join(inputs, ", "), fmt::join(results, ", "),
                     inverse.empty() ? "" : ", " + inverse));
    line("}");
    return name;
  }
  static std::string dtype(DType t) {
    return fmt::format("ms::DType::parse(\"{}\")", to_string(t));
  }
  std::string expression(const Expr& e) const override {
    if (const IntImm* n = as<IntImm>(e)) {
      return e->dtype == kInt32 ? fmt::format("ms::i32({})", n->value)
                                : fmt::format("ms::int_imm({}, {})", dtype(e->dtype), n->value);
    }
    if (const FloatImm* n = as<FloatImm>(e))
      return fmt::format("ms::make<ms::FloatImm>({}, {:.17g})", dtype(e->dtype), n->value);
    if (const Var* v = as<Var>(e)) return v->name;
    if (const Cast* c = as<Cast>(e))
      return fmt::format("ms::make<ms::Cast>({}, {})", dtype(e->dtype), expression(c->value));
    if (const Not* n = as<Not>(e)) return "ms::make<ms::Not>(" + expression(n->a) + ")";
    if (const Select* s = as<Select>(e))
      return fmt::format("ms::make<ms::Select>({}, {}, {})", expression(s->condition),
                         expression(s->true_value), expression(s->false_value));
    if (is_binary_kind(e->kind)) {
      const auto& b = static_cast<const BinaryExpr&>(*e);
      return fmt::format("ms::make<ms::{}>({}, {})", kind_name(e->kind), expression(b.a),
                         expression(b.b));
    }
    const Call* call = as<Call>(e);
    const Op* op = call ? as<Op>(call->op) : nullptr;
    check<ValueError>(op != nullptr, "a {} in a trace cannot be written as a function",
                      kind_name(e->kind));
    std::vector<std::string> args;
    for (const Expr& arg : call->args) args.push_back(expression(arg));
    return fmt::format("ms::call({}, \"{}\", ms::Exprs{{{}}})", dtype(e->dtype), op->name,
                       fmt::join(args, ", "));
  }

  int maps_ = 0;
};

}  // namespace detail

METASCHEDULE_INLINE std::string python_function(const Trace& trace, const std::string& name) {
  detail::check_identifier(name);
  std::string body = detail::PythonWriter(trace).body();
  return fmt::format(
      "from metaschedule import tir\n"
      "from metaschedule.script import tir as T\n\n\n"
      "def {}(sch: tir.Schedule) -> None:\n{}",
      name, body.empty() ? "    pass\n" : body);
}
METASCHEDULE_INLINE std::string cpp_function(const Trace& trace, const std::string& name) {
  detail::check_identifier(name);
  return fmt::format(
      "#include \"metaschedule/ir/op.h\"\n"
      "#include \"metaschedule/schedule/run-inl.h\"\n\n"
      "namespace ms = metaschedule;\n\n"
      "void {}(ms::Schedule& sch) {{\n{}}}\n",
      name, detail::CppWriter(trace).body());
}

}  // namespace metaschedule
