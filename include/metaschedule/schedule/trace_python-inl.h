// SPDX-License-Identifier: Apache-2.0
// Traces as lines of Python.
#pragma once

#include <fmt/ranges.h>

#include "metaschedule/schedule/trace_names-inl.h"
#include "metaschedule/script/printer.h"

namespace metaschedule {

namespace detail {

inline std::string plain_python(const Node* node) {
  if (!node) return "None";
  switch (node->kind) {
    case Kind::BoxBool:
      return static_cast<const BoxBool*>(node)->value ? "True" : "False";
    case Kind::String:
      return static_cast<const String*>(node)->value;
    case Kind::FloatImm:
      return fmt::format("{:.17g}", static_cast<const FloatImm*>(node)->value);
    case Kind::BoxFloat:
      return fmt::format("{:.17g}", static_cast<const BoxFloat*>(node)->value);
    case Kind::IntImm:
      return fmt::format("{}", static_cast<const IntImm*>(node)->value);
    case Kind::BoxInt:
      return fmt::format("{}", static_cast<const BoxInt*>(node)->value);
    case Kind::Array: {
      std::vector<std::string> items;
      for (const auto& item : static_cast<const Array*>(node)->items)
        items.push_back(plain_python(item.get()));
      return fmt::format("[{}]", fmt::join(items, ", "));
    }
    case Kind::Map: {
      std::vector<std::string> items;
      for (const auto& [key, value] : static_cast<const Map*>(node)->items)
        items.push_back(fmt::format("\"{}\": {}", key, plain_python(value.get())));
      return fmt::format("{{{}}}", fmt::join(items, ", "));
    }
    default:
      cannot_write(*node);
  }
}

inline std::string lambda_text(const IndexMap& map, const std::string& body) {
  std::vector<std::string> names;
  for (const auto& var : map.initial_indices) names.push_back(var->name);
  return fmt::format("lambda {}: {}", fmt::join(names, ", "), body);
}
inline std::string index_map_python(const IndexMap& map) {
  std::string outputs;
  for (const Expr& e : map.final_indices)
    outputs += (outputs.empty() ? "" : " ") + to_script(*e) + ",";
  std::string text = lambda_text(map, "(" + outputs + ")");
  if (!map.inverse_index_map) return text;
  return fmt::format("tvm.tir.IndexMap.from_func({}, inverse_index_map={})", text,
                     index_map_python(*map.inverse_index_map));
}
// The two outputs for each dimension of a region, as pairs (begin, end).
inline std::string ranges_python(const IndexMap& map) {
  std::vector<std::string> items;
  for (size_t i = 0; i + 1 < map.final_indices.size(); i += 2) {
    const Expr &begin = map.final_indices[i], &end = map.final_indices[i + 1];
    items.push_back(begin == end ? to_script(*begin)
                                 : fmt::format("({}, {})", to_script(*begin), to_script(*end)));
  }
  return lambda_text(map, fmt::format("[{}]", fmt::join(items, ", ")));
}

inline std::string operand_python(const TraceSteps& steps, const Operand*& at, bool top) {
  const Operand& operand = *at++;
  switch (operand.tag) {
    case Operand::Tag::None:
      return "None";
    case Operand::Tag::Block:
    case Operand::Tag::Loop:
    case Operand::Tag::Number:
      return output_name(steps, operand.integer);
    case Operand::Tag::Int:
      return fmt::format("{}", operand.integer);
    case Operand::Tag::Float:
      return fmt::format("{:.17g}", operand.real);
    case Operand::Tag::Bool:
      return operand.integer ? "True" : "False";
    case Operand::Tag::String:
      return top ? "\"" + operand.text() + "\"" : operand.text();
    case Operand::Tag::Node:
      if (as<IndexMap>(operand.node))
        return index_map_python(cast_to<IndexMap>(*with_output_names(steps, operand.node)));
      return plain_python(operand.node.get());
    case Operand::Tag::List: {
      std::vector<std::string> items;
      for (int64_t i = 0; i < operand.integer; ++i)
        items.push_back(operand_python(steps, at, false));
      return fmt::format("[{}]", fmt::join(items, ", "));
    }
  }
  return "";
}

inline std::string arg_python(const TraceSteps& steps, const PrimitiveArg& arg,
                              const Operand*& at) {
  switch (arg.type) {
    case ArgType::Bool:
      return (at++)->integer ? "True" : "False";
    case ArgType::Buffer: {
      int64_t index = (at++)->integer;
      return fmt::format("(\"{}\", {})", (at++)->integer ? "write" : "read", index);
    }
    case ArgType::Loops: {
      std::string text = operand_python(steps, at, false);
      return text.substr(1, text.size() - 2);
    }
    default:
      if (arg.is(kReadWrite)) return (at++)->integer ? "\"write\"" : "\"read\"";
      if (arg.is(kRanges)) return ranges_python(cast_to<IndexMap>(*(at++)->node));
      return operand_python(steps, at, true);
  }
}

inline std::string instruction_python(const TraceSteps& steps, const Instruction& inst,
                                      const std::optional<Decision>& decision) {
  std::vector<std::string> outputs, args;
  for (uint32_t n = 0; n < inst.num_outputs; ++n)
    outputs.push_back(output_name(steps, inst.first_output + n));
  const Operand* at = steps.begin(inst);
  std::string method = steps.kind(inst);
  bool is_list = false;
  if (inst.opcode == kUnknownOpcode) {
    for (++at; at != steps.end(inst);) args.push_back(operand_python(steps, at, true));
  } else {
    const PrimitiveInfo& info = primitives()[inst.opcode];
    method = info.method;
    is_list = info.outputs == OutputType::Blocks || info.outputs == OutputType::Loops ||
              info.outputs == OutputType::Numbers;
    for (const PrimitiveArg& arg : info.args) {
      bool empty = at->tag == Operand::Tag::List && at->integer == 0;
      std::string text = arg_python(steps, arg, at);
      if (empty && (arg.is(kOmitEmpty) || arg.type == ArgType::Loops)) continue;
      args.push_back(arg.is(kPositional) ? text : fmt::format("{}={}", arg.printed_name, text));
    }
  }
  if (decision) {
    const auto* list = std::get_if<std::vector<int64_t>>(&*decision);
    args.push_back(list ? fmt::format("decision=[{}]", fmt::join(*list, ", "))
                        : fmt::format("decision={}", std::get<int64_t>(*decision)));
  }
  std::string prefix = fmt::format("{}", fmt::join(outputs, ", "));
  if (!prefix.empty()) prefix += is_list && outputs.size() == 1 ? ", = " : " = ";
  return fmt::format("{}sch.{}({})", prefix, method, fmt::join(args, ", "));
}

}  // namespace detail

METASCHEDULE_INLINE std::vector<std::string> Trace::as_python(bool remove_postproc) const {
  std::vector<std::string> lines;
  size_t count = remove_postproc ? postproc() : size_;
  for (size_t i = 0; i < count; ++i)
    lines.push_back(detail::instruction_python(*steps_, (*this)[i], decision(i)));
  return lines;
}
METASCHEDULE_INLINE std::string Trace::to_string() const {
  std::string out = "# from tvm import tir\ndef apply_trace(sch: tir.Schedule) -> None:";
  if (size_ == 0) return out + "\n  pass";
  for (const std::string& line : as_python()) out += "\n  " + line;
  return out;
}

}  // namespace metaschedule
