// SPDX-License-Identifier: Apache-2.0
// Traces as JSON in the original's format.
#pragma once

#include <unordered_map>

#include "metaschedule/schedule/trace_names-inl.h"
#include "metaschedule/script/json.h"

namespace metaschedule {

namespace detail {

using Json = nlohmann::json;

// A value that holds no random variables: what stands in the dictionaries of annotations.
inline Json plain_json(const Node* node, ScriptDialect dialect) {
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
    case Kind::IndexMap:
      return save_json(*node, dialect);
    case Kind::Array: {
      Json out = Json::array();
      for (const auto& item : static_cast<const Array*>(node)->items)
        out.push_back(plain_json(item.get(), dialect));
      return out;
    }
    case Kind::Map: {
      Json out = Json::object();
      for (const auto& [key, value] : static_cast<const Map*>(node)->items)
        out[key] = plain_json(value.get(), dialect);
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
inline Json operand_json(const TraceSteps& steps, const Operand*& at, bool is_input,
                         ScriptDialect dialect) {
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
      return plain_json(with_output_names(steps, operand.node).get(), dialect);
    case Operand::Tag::List: {
      Json out = Json::array();
      for (int64_t i = 0; i < operand.integer; ++i)
        out.push_back(operand_json(steps, at, is_input, dialect));
      return out;
    }
  }
  return nullptr;
}

inline Json instruction_json(const TraceSteps& steps, const Instruction& inst,
                             ScriptDialect dialect) {
  Json inputs = Json::array(), attrs = Json::array(), outputs = Json::array();
  const Operand* at = steps.begin(inst);
  if (inst.opcode == kUnknownOpcode) {
    ++at;
    inputs = operand_json(steps, at, true, dialect);
    attrs = operand_json(steps, at, false, dialect);
  } else {
    for (const PrimitiveArg& arg : primitives()[inst.opcode].args) {
      bool is_input = arg.is(kInput);
      Json value = operand_json(steps, at, is_input, dialect);
      Json& list = is_input ? inputs : attrs;
      if (arg.is(kSpread)) {
        for (Json& item : value) list.push_back(std::move(item));
      } else {
        list.push_back(std::move(value));
      }
      if (arg.type == ArgType::Buffer) list.push_back(operand_json(steps, at, is_input, dialect));
    }
  }
  for (uint32_t n = 0; n < inst.num_outputs; ++n)
    outputs.push_back(output_name(steps, inst.first_output + n));
  // The one kind whose name has changed.
  std::string kind = steps.kind(inst);
  if (dialect == ScriptDialect::SBlock && kind == "GetBlock") kind = "GetSBlock";
  return Json::array({kind, inputs, attrs, outputs});
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
    named_numbers_ = has_named_numbers(json[0]);
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
      for (const PrimitiveArg& arg : args) {
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
    std::vector<VarRef> variables;
    if (named_numbers_) {
      for (size_t n = 0; n < outputs.size(); ++n) {
        variables.push_back(outputs[n] == Operand::Tag::Number
                                ? make<Var>(json[3][n].get<std::string>(), kInt32)
                                : nullptr);
        if (variables[n]) variables_[variables[n]->name] = variables[n];
      }
    }
    trace_.append(opcode, operands_, outputs, decision ? &*decision : nullptr, variables);
  }

  /// Calls `f` on each variable of an index map that is not one of its inputs.
  template <class F>
  static void for_each_free_var(const Node& node, const F& f) {
    const IndexMap* map = as<IndexMap>(&node);
    if (!map) return;
    post_order(node, [&](const Node& n) {
      const Var* var = as<Var>(&n);
      if (!var) return;
      for (const auto& input : map->initial_indices)
        if (input.get() == var) return;
      f(*var);
    });
  }
  /// Whether some index map uses sampled numbers. They are found by their names.
  static bool has_named_numbers(const Json& instructions) {
    bool found = false;
    for (const Json& instruction : instructions) {
      if (!instruction.is_array() || instruction.size() != 4 || !instruction[1].is_array())
        continue;
      for (const Json& input : instruction[1]) {
        if (!input.is_string()) continue;
        const auto& text = input.get_ref<const std::string&>();
        if (text.empty() || text.front() != '{') continue;
        for_each_free_var(*load_json(text), [&](const Var&) { found = true; });
      }
    }
    return found;
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
    Ref<Node> map = load_json(text);
    check<TypeError>(as<IndexMap>(map) != nullptr, "expected an IndexMap, found {}",
                     map ? type_key(map->kind) : "nothing");
    if (named_numbers_) {
      std::unordered_map<const Node*, VarRef> known;
      for_each_free_var(*map, [&](const Var& var) {
        if (auto it = variables_.find(var.name); it != variables_.end()) known[&var] = it->second;
      });
      map = rewrite_post_order(*map, [&](const Node& node) -> Ref<Node> {
        auto it = known.find(&node);
        return it == known.end() ? nullptr : Ref<Node>(it->second);
      });
    }
    operands_.push_back(Operand::of_node(Operand::Tag::Node, std::move(map)));
  }

  Trace trace_;
  bool named_numbers_ = false;
  std::unordered_map<std::string, VarRef> variables_;
  std::vector<Operand> operands_;
  std::unordered_map<std::string, Operand> names_;
};

}  // namespace detail

METASCHEDULE_INLINE nlohmann::json Trace::as_json(bool remove_postproc,
                                                  ScriptDialect dialect) const {
  size_t count = remove_postproc ? postproc() : size_;
  nlohmann::json instructions = nlohmann::json::array(), decisions = nlohmann::json::array();
  for (size_t i = 0; i < count; ++i) {
    instructions.push_back(detail::instruction_json(*steps_, (*this)[i], dialect));
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

}  // namespace metaschedule
