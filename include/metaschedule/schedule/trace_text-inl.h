// SPDX-License-Identifier: Apache-2.0
// Traces as JSON in the original's format and as lines of Python.
#pragma once

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <unordered_map>

#include "metaschedule/schedule/trace.h"
#if __has_include("metaschedule/script/json.h")
#include "metaschedule/script/json.h"
#endif
#include "metaschedule/script/printer.h"

namespace metaschedule {

namespace detail {

using Json = nlohmann::json;

inline std::string output_name(const TraceSteps& steps, int64_t number) {
  check<IndexError>(number >= 0, "Random variable is not defined: it was removed from this trace");
  switch (steps.outputs[static_cast<size_t>(number)]) {
    case Operand::Tag::Block:
      return fmt::format("b{}", number);
    case Operand::Tag::Loop:
      return fmt::format("l{}", number);
    case Operand::Tag::Number:
      return fmt::format("v{}", number);
    default:
      return "_";
  }
}

[[noreturn]] inline void cannot_write(const Node& node) {
  fail<TypeError>("Stringifying is not supported for type: {}", type_key(node.kind));
}

// A value that holds no random variables: what stands in the dictionaries of annotations.
inline Json plain_json(const Node* node) {
  if (!node) return nullptr;
  switch (node->kind) {
    case Kind::IntImm: {
      const auto& imm = static_cast<const IntImm&>(*node);
      return imm.dtype.is_bool() ? Json(imm.value != 0) : Json(imm.value);
    }
    case Kind::BoxInt:
      return static_cast<const BoxInt*>(node)->value;
    case Kind::FloatImm:
      return static_cast<const FloatImm*>(node)->value;
    case Kind::BoxFloat:
      return static_cast<const BoxFloat*>(node)->value;
    case Kind::BoxBool:
      return static_cast<const BoxBool*>(node)->value;
    case Kind::String:
      return static_cast<const String*>(node)->value;
    case Kind::StringImm:
      return static_cast<const StringImm*>(node)->value;
#if __has_include("metaschedule/script/json.h")
    case Kind::IndexMap:
      return save_json(*node);
#endif
    case Kind::Array: {
      Json out = Json::array();
      for (const auto& item : static_cast<const Array*>(node)->items)
        out.push_back(plain_json(item.get()));
      return out;
    }
    case Kind::Map: {
      Json out = Json::object();
      for (const auto& [key, value] : static_cast<const Map*>(node)->items)
        out[key] = plain_json(value.get());
      return out;
    }
    default:
      cannot_write(*node);
  }
}
inline Ref<Node> plain_value(const Json& json) {
  if (json.is_boolean()) return make<BoxBool>(json.get<bool>());
  if (json.is_number_integer()) return make<BoxInt>(json.get<int64_t>());
  if (json.is_number()) return make<BoxFloat>(json.get<double>());
  if (json.is_string()) return make<String>(json.get<std::string>());
  if (json.is_array()) {
    std::vector<Ref<Node>> items;
    for (const Json& item : json) items.push_back(plain_value(item));
    return make<Array>(List<Node>(items));
  }
  if (json.is_object()) {
    std::vector<Dict::Item> items;
    for (const auto& [key, value] : json.items()) items.emplace_back(key, plain_value(value));
    return make<Map>(Dict(std::move(items)));
  }
  return nullptr;
}

// An operand as JSON; `at` moves past it. Strings among inputs are quoted once more, so that they
// are not taken for names.
inline Json operand_json(const TraceSteps& steps, const Operand*& at, bool is_input) {
  const Operand& operand = *at++;
  switch (operand.tag) {
    case Operand::Tag::None:
      return is_input ? Json("None") : Json(nullptr);
    case Operand::Tag::Block:
    case Operand::Tag::Loop:
    case Operand::Tag::Number:
      return output_name(steps, operand.integer);
    case Operand::Tag::Int:
      return operand.integer;
    case Operand::Tag::Float:
      return operand.real;
    case Operand::Tag::Bool:
      return operand.integer != 0;
    case Operand::Tag::String:
      return is_input ? "\"" + operand.text() + "\"" : operand.text();
    case Operand::Tag::Node:
      return plain_json(operand.node.get());
    case Operand::Tag::List: {
      Json out = Json::array();
      for (int64_t i = 0; i < operand.integer; ++i)
        out.push_back(operand_json(steps, at, is_input));
      return out;
    }
  }
  return nullptr;
}

inline Json instruction_json(const TraceSteps& steps, const Instruction& inst) {
  Json inputs = Json::array(), attrs = Json::array(), outputs = Json::array();
  const Operand* at = steps.begin(inst);
  if (inst.opcode == kUnknownOpcode) {
    ++at;
    inputs = operand_json(steps, at, true);
    attrs = operand_json(steps, at, false);
  } else {
    for (const ArgInfo& arg : primitives()[inst.opcode].args) {
      bool is_input = arg.is(kInput);
      Json value = operand_json(steps, at, is_input);
      Json& list = is_input ? inputs : attrs;
      if (arg.is(kSpread)) {
        for (Json& item : value) list.push_back(std::move(item));
      } else {
        list.push_back(std::move(value));
      }
      if (arg.type == ArgType::Buffer) list.push_back(operand_json(steps, at, is_input));
    }
  }
  for (uint32_t n = 0; n < inst.num_outputs; ++n)
    outputs.push_back(output_name(steps, inst.first_output + n));
  return Json::array({steps.kind(inst), inputs, attrs, outputs});
}

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
      if (const IndexMap* map = as<IndexMap>(operand.node)) return index_map_python(*map);
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

inline std::string arg_python(const TraceSteps& steps, const ArgInfo& arg, const Operand*& at) {
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
    for (const ArgInfo& arg : info.args) {
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

// Reads the instructions of one trace.
class TraceReader {
 public:
  Trace read(const Json& json) {
    auto is_pair = [](const Json& j) { return j.is_array() && j.size() == 2; };
    check<ValueError>(is_pair(json) && json[0].is_array() && json[1].is_array(),
                      "expected a trace as [instructions, decisions], found {}", json.dump());
    std::vector<std::optional<Decision>> decisions(json[0].size());
    for (const Json& item : json[1]) {
      check<ValueError>(is_pair(item) && item[0].is_number_integer(),
                        "expected a decision as [index, decision], found {}", item.dump());
      int64_t index = item[0].get<int64_t>();
      if (index < 0 || static_cast<size_t>(index) >= decisions.size()) continue;
      if (item[1].is_number_integer()) {
        decisions[static_cast<size_t>(index)] = item[1].get<int64_t>();
      } else if (!item[1].is_null()) {
        check<ValueError>(item[1].is_array(), "expected a decision as [index, decision], found {}",
                          item.dump());
        std::vector<int64_t> list;
        for (const Json& value : item[1]) list.push_back(integer(value, item));
        decisions[static_cast<size_t>(index)] = std::move(list);
      }
    }
    for (size_t i = 0; i < decisions.size(); ++i) read_instruction(json[0][i], decisions[i]);
    return std::move(trace_);
  }

 private:
  [[noreturn]] static void malformed(const Json& json) {
    fail<ValueError>("expected an instruction as [inst_name, inputs, attrs, outputs], found {}",
                     json.dump());
  }
  static int64_t integer(const Json& value, const Json& context) {
    check<ValueError>(value.is_number_integer(), "expected an integer, found {} in {}",
                      value.dump(), context.dump());
    return value.get<int64_t>();
  }

  void read_instruction(const Json& json, const std::optional<Decision>& decision) {
    bool shaped = json.is_array() && json.size() == 4 && json[0].is_string() &&
                  json[1].is_array() && json[2].is_array() && json[3].is_array();
    if (!shaped) malformed(json);
    std::string kind = json[0].get<std::string>();
    Opcode opcode = find_primitive(kind);
    operands_.clear();
    if (opcode == kUnknownOpcode) {
      operands_.push_back(Operand::of_string(kind));
      add_input(json[1]);
      add_attr(json[2], ArgType::Value);
    } else {
      size_t input = 0, attr = 0;
      auto next = [&](const Json& list, size_t& at) -> const Json& {
        if (at >= list.size()) malformed(json);
        return list[at++];
      };
      const auto& args = primitives()[opcode].args;
      for (const ArgInfo& arg : args) {
        if (arg.is(kSpread)) {
          operands_.push_back(Operand::of_list(json[1].size() - input));
          while (input < json[1].size()) add_input(json[1][input++]);
        } else if (arg.is(kInput)) {
          add_input(next(json[1], input));
        } else {
          add_attr(next(json[2], attr), arg.type);
          if (arg.type == ArgType::Buffer) add_attr(next(json[2], attr), arg.type);
        }
      }
      if (input != json[1].size() || attr != json[2].size()) malformed(json);
    }
    std::vector<Operand::Tag> outputs;
    int64_t number = static_cast<int64_t>(trace_.num_outputs());
    for (const Json& name : json[3]) {
      if (!name.is_string()) malformed(json);
      std::string text = name.get<std::string>();
      Operand::Tag tag = Operand::Tag::None;
      if (opcode != kUnknownOpcode) {
        OutputType type = primitives()[opcode].outputs;
        if (type == OutputType::Block || type == OutputType::Blocks) tag = Operand::Tag::Block;
        if (type == OutputType::Loop || type == OutputType::Loops) tag = Operand::Tag::Loop;
        if (type == OutputType::Number || type == OutputType::Numbers) tag = Operand::Tag::Number;
        if (text == "_") tag = Operand::Tag::None;
      } else if (!text.empty()) {
        if (text[0] == 'b') tag = Operand::Tag::Block;
        if (text[0] == 'l') tag = Operand::Tag::Loop;
        if (text[0] == 'v') tag = Operand::Tag::Number;
      }
      outputs.push_back(tag);
      names_[text] = Operand::rv(tag == Operand::Tag::None ? Operand::Tag::Number : tag, number++);
    }
    trace_.append(opcode, operands_, outputs, decision ? &*decision : nullptr);
  }

  void add_input(const Json& json) {
    if (json.is_array()) {
      operands_.push_back(Operand::of_list(json.size()));
      for (const Json& item : json) add_input(item);
      return;
    }
    if (!json.is_string()) return add_attr(json, ArgType::Value);
    std::string text = json.get<std::string>();
    check<ValueError>(!text.empty(), "Empty string is not allowed in input names");
    if (text.front() == '{' && text.back() == '}') return add_index_map(text);
    if (text.size() >= 2 && text.front() == '"' && text.back() == '"') {
      operands_.push_back(Operand::of_string(text.substr(1, text.size() - 2)));
      return;
    }
    if (text == "None") {
      operands_.push_back({});
      return;
    }
    auto it = names_.find(text);
    check<ValueError>(it != names_.end(), "The random variable is not defined: {}", text);
    operands_.push_back(it->second);
  }

  void add_attr(const Json& json, ArgType type) {
    if (json.is_null()) {
      operands_.push_back({});
    } else if (json.is_boolean()) {
      operands_.push_back(Operand::of_bool(json.get<bool>()));
    } else if (json.is_number_integer()) {
      operands_.push_back(Operand::of_int(json.get<int64_t>()));
    } else if (json.is_number()) {
      operands_.push_back(Operand::of_float(json.get<double>()));
    } else if (json.is_string()) {
      std::string text = json.get<std::string>();
      if (type == ArgType::IndexMap || type == ArgType::OptionalIndexMap)
        return add_index_map(text);
      operands_.push_back(Operand::of_string(std::move(text)));
    } else if (json.is_array()) {
      operands_.push_back(Operand::of_list(json.size()));
      for (const Json& item : json) add_attr(item, type);
    } else {
      operands_.push_back(Operand::of_node(Operand::Tag::Node, plain_value(json)));
    }
  }
  void add_index_map(const std::string& text) {
#if __has_include("metaschedule/script/json.h")
    Ref<Node> map = load_json(text);
#else
    Ref<Node> map = make<IndexMap>();
#endif
    check<TypeError>(as<IndexMap>(map) != nullptr, "expected an IndexMap, found {}",
                     map ? type_key(map->kind) : "nothing");
    operands_.push_back(Operand::of_node(Operand::Tag::Node, std::move(map)));
  }

  Trace trace_;
  std::vector<Operand> operands_;
  std::unordered_map<std::string, Operand> names_;
};

}  // namespace detail

METASCHEDULE_INLINE nlohmann::json Trace::as_json(bool remove_postproc) const {
  size_t count = remove_postproc ? postproc() : size_;
  nlohmann::json instructions = nlohmann::json::array(), decisions = nlohmann::json::array();
  for (size_t i = 0; i < count; ++i) {
    instructions.push_back(detail::instruction_json(*steps_, (*this)[i]));
    std::optional<Decision> choice = decision(i);
    if (!choice) continue;
    nlohmann::json value = std::visit([](const auto& v) { return nlohmann::json(v); }, *choice);
    decisions.push_back(nlohmann::json::array({i, std::move(value)}));
  }
  return nlohmann::json::array({std::move(instructions), std::move(decisions)});
}
METASCHEDULE_INLINE Trace Trace::from_json(const nlohmann::json& json) {
  return detail::TraceReader().read(json);
}

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
