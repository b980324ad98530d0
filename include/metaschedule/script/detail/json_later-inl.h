// SPDX-License-Identifier: Apache-2.0
// The JSON form of later versions, as far as traces hold it: index maps and their expressions.
// Children stand before parents, numbers are nodes of their own, types take the place of dtypes.
#pragma once

#include <algorithm>
#include <cmath>
#include <map>
#include <string>
#include <unordered_map>
#include <vector>

#include "metaschedule/ir/op.h"
#include "metaschedule/support/json.h"

namespace metaschedule::script {

namespace detail {

/// The kinds with a later form, other than variables, calls and their operands; most are named
/// alike.
inline const std::map<std::string, Kind, std::less<>>& later_kinds() {
  static const auto table = [] {
    std::map<std::string, Kind, std::less<>> out{{"ir.IntImm", Kind::IntImm},
                                                 {"ir.FloatImm", Kind::FloatImm},
                                                 {"ir.Var", Kind::Var},
                                                 {"ir.Call", Kind::Call},
                                                 {"tirx.IndexMap", Kind::IndexMap}};
    for (Kind kind :
         {Kind::Add,      Kind::Sub, Kind::Mul, Kind::Div, Kind::Mod,  Kind::Min,   Kind::FloorDiv,
          Kind::FloorMod, Kind::Max, Kind::EQ,  Kind::NE,  Kind::LT,   Kind::LE,    Kind::GT,
          Kind::GE,       Kind::And, Kind::Or,  Kind::Not, Kind::Cast, Kind::Select})
      out.emplace(fmt::format("prim.{}", kind_name(kind)), kind);
    return out;
  }();
  return table;
}

/// Operations on bits are calls here and nodes there.
struct LaterOperation {
  const char *op, *type;
};
inline constexpr LaterOperation kLaterOperations[] = {
    {"tir.shift_left", "prim.LShift"},      {"tir.shift_right", "prim.RShift"},
    {"tir.bitwise_and", "prim.BitwiseAnd"}, {"tir.bitwise_or", "prim.BitwiseOr"},
    {"tir.bitwise_xor", "prim.BitwiseXor"}, {"tir.bitwise_not", "prim.BitwiseNot"},
};
/// Operators with a new home; all others moved from `tir` to `tirx`.
inline constexpr const char* kPrimOps[] = {"ceil",   "clz",  "if_then_else",
                                           "likely", "log2", "vscale"};

inline std::string later_op(const std::string& name) {
  if (!name.starts_with("tir.")) return name;
  std::string rest = name.substr(4);
  bool prim = std::find(std::begin(kPrimOps), std::end(kPrimOps), rest) != std::end(kPrimOps);
  return (prim ? "prim." : "tirx.") + rest;
}
inline std::string earlier_op(const std::string& name) {
  for (const char* home : {"prim.", "tirx."})
    if (name.starts_with(home)) return "tir." + name.substr(5);
  return name;
}

}  // namespace detail

class LaterJsonWriter {
 public:
  std::string run(const Node& root) {
    put("{\"type\":\"None\"}");
    size_t index = add(&root);
    return fmt::format(R"({{"root_index":{},"nodes":[{}],"metadata":{{"tvm_version":"0.27.0"}}}})",
                       index, fmt::join(nodes_, ","));
  }

 private:
  size_t put(std::string text) {
    nodes_.push_back(std::move(text));
    return nodes_.size() - 1;
  }
  /// A node that equal text stands for once.
  size_t shared(const std::string& text) {
    auto [it, fresh] = shared_.try_emplace(text, 0);
    if (fresh) it->second = put(text);
    return it->second;
  }
  size_t type(DType dtype) {
    return shared(fmt::format(R"({{"type":"ir.PrimType","data":{{"span":0,"dtype":"{}"}}}})",
                              to_string(dtype)));
  }
  size_t string(const std::string& value) {
    return put(fmt::format(R"({{"type":"ffi.String","data":{}}})", json(value).dump()));
  }
  size_t array(const std::vector<size_t>& items) {
    return put(fmt::format(R"({{"type":"ffi.Array","data":[{}]}})", fmt::join(items, ",")));
  }
  static std::string number(double value) {
    if (std::isnan(value)) return "NaN";
    if (std::isinf(value)) return value > 0 ? "Infinity" : "-Infinity";
    std::string text = json(value).dump();
    return text.find_first_of(".e") == std::string::npos ? text + ".0" : text;
  }
  size_t object(std::string_view type, const std::string& fields) {
    return put(fmt::format(R"({{"type":"{}","data":{{{}}}}})", type, fields));
  }

  size_t add(const Node* node) {
    if (!node) return 0;
    auto it = known_.find(node);
    if (it != known_.end()) return it->second;
    size_t index = as<Var>(node)    ? variable(cast_to<Var>(*node))
                   : as<Call>(node) ? call(cast_to<Call>(*node))
                                    : plain(*node);
    return known_[node] = index;
  }
  template <class L>
  size_t list(const L& items) {
    std::vector<size_t> out;
    for (const auto& item : items) out.push_back(add(item.get()));
    return array(out);
  }

  size_t variable(const Var& var) {
    check<ValueError>(!var.dtype.is_handle(), "the later JSON form has no pointer {}", var.name);
    size_t dtype = type(var.dtype);
    return object("ir.Var", fmt::format(R"("span":0,"ty":{},"name":{})", dtype, string(var.name)));
  }
  size_t call(const Call& call) {
    const Op* op = as<Op>(call.op);
    check<ValueError>(op, "the later JSON form has no calls of functions");
    size_t dtype = type(call.dtype);
    for (const auto& [name, later] : detail::kLaterOperations) {
      if (op->name != name) continue;
      std::string fields =
          fmt::format(R"("span":0,"ty":{},"a":{})", dtype, add(call.args[0].get()));
      if (call.args.size() == 2) fields += fmt::format(R"(,"b":{})", add(call.args[1].get()));
      return object(later, fields);
    }
    size_t callee = put(
        fmt::format(R"({{"type":"ir.Op","data":{}}})", json(detail::later_op(op->name)).dump()));
    size_t args = list(call.args), none = array({});
    return object("ir.Call",
                  fmt::format(R"("span":0,"ty":{},"op":{},"args":{},"attrs":0,"ty_args":{})", dtype,
                              callee, args, none));
  }
  size_t plain(const Node& node) {
    const auto& kinds = detail::later_kinds();
    auto found = std::find_if(kinds.begin(), kinds.end(),
                              [&](const auto& item) { return item.second == node.kind; });
    check<ValueError>(found != kinds.end(), "the later JSON form has no {}", kind_name(node.kind));
    std::string fields = is_expr_kind(node.kind) ? "\"span\":0" : "";
    for (const FieldInfo& field : kind_info(node.kind).fields) {
      std::string name = field.name, value;
      switch (field.type) {
        case FieldType::DataType:
          name = "ty";
          value = fmt::format("{}", type(field.read<DType>(node)));
          break;
        case FieldType::Int:
          value = fmt::format("{}", shared(fmt::format(R"({{"type":"int","data":{}}})",
                                                       field.read<int64_t>(node))));
          break;
        case FieldType::Float:
          value = number(field.read<double>(node));
          break;
        case FieldType::List: {
          const auto& items = field.read<ListBase>(node);
          std::vector<size_t> out;
          for (size_t i = 0; i < items.size(); ++i) out.push_back(add(items.at_raw(i).node()));
          value = fmt::format("{}", array(out));
          break;
        }
        default:
          METASCHEDULE_CHECK(field.type == FieldType::Node);
          value = fmt::format("{}", add(field.read<RefBase>(node).node()));
      }
      fields += fmt::format("{}\"{}\":{}", fields.empty() ? "" : ",", name, value);
    }
    return object(found->first, fields);
  }

  std::vector<std::string> nodes_;
  std::unordered_map<const Node*, size_t> known_;
  std::unordered_map<std::string, size_t> shared_;
};

/// The later form writes floats that JSON has no words for as bare names; here they are strings.
inline std::string with_quoted_floats(std::string_view text) {
  std::string out;
  bool in_string = false;
  for (size_t i = 0; i < text.size(); ++i) {
    if (in_string && text[i] == '\\' && i + 1 < text.size()) {
      out += text[i++];
    } else if (text[i] == '"') {
      in_string = !in_string;
    } else if (!in_string) {
      std::string_view rest = text.substr(i);
      bool found = false;
      for (std::string_view name : {"Infinity", "-Infinity", "NaN"}) {
        if (!rest.starts_with(name)) continue;
        out += fmt::format("\"{}\"", name);
        i += name.size() - 1;
        found = true;
        break;
      }
      if (found) continue;
    }
    out += text[i];
  }
  return out;
}

/// A graph of the later form as one of the earlier form, which the reader then checks.
class EarlierGraph {
 public:
  json run(const json& later) {
    check<ParseError>(later.contains("nodes") && later["nodes"].is_array(),
                      "expected a JSON object with \"root_index\" and \"nodes\"");
    later_ = &later["nodes"];
    for (size_t i = 0; i < later_->size(); ++i) nodes_.emplace_back();
    try {
      for (size_t i = 0; i < later_->size(); ++i) nodes_[i] = node((*later_)[i]);
    } catch (const json::exception& e) {
      fail<ParseError>("unexpected JSON: {}", e.what());
    }
    return {{"root", later["root_index"]}, {"nodes", std::move(nodes_)}};
  }

 private:
  const json& at(const json& index) const {
    check<ParseError>(index.is_number_unsigned() && index.get<size_t>() < later_->size(),
                      "node {} does not exist: there are {}", index.dump(), later_->size());
    return (*later_)[index.get<size_t>()];
  }
  static const std::string& type_of(const json& entry) {
    check<ParseError>(entry.is_object() && entry.contains("type") && entry["type"].is_string(),
                      "expected a node with a \"type\", found {}", entry.dump());
    return entry["type"].get_ref<const std::string&>();
  }
  static const json& data(const json& entry, const char* name = nullptr) {
    bool there = entry.contains("data") &&
                 (!name || (entry["data"].is_object() && entry["data"].contains(name)));
    check<ParseError>(there, "a node of type {} has no {}", type_of(entry), name ? name : "data");
    return name ? entry["data"][name] : entry["data"];
  }
  static json repr(const char* type_key, std::string text) {
    return {{"type_key", type_key}, {"repr_str", std::move(text)}};
  }

  json node(const json& entry) {
    const std::string& type = type_of(entry);
    if (type == "None") return {{"type_key", ""}};
    if (type == "int") return repr("runtime.BoxInt", data(entry).dump());
    if (type == "ffi.String") return repr("runtime.String", data(entry).get<std::string>());
    if (type == "ffi.Array") return {{"type_key", "Array"}, {"data", data(entry)}};
    if (type == "ir.Op") return repr("Op", detail::earlier_op(data(entry).get<std::string>()));
    if (type == "ir.PrimType")
      return {{"type_key", "PrimType"}, {"attrs", {{"dtype", data(entry, "dtype")}}}};
    for (const auto& [op, later] : detail::kLaterOperations)
      if (type == later) return operation(entry, op);
    auto it = detail::later_kinds().find(type);
    check<ParseError>(
        it != detail::later_kinds().end(),
        "Cannot find type {}: of the later JSON form index maps and their expressions "
        "are read",
        type);
    return plain(entry, it->second);
  }
  std::string dtype_of(const json& entry) const {
    return data(at(data(entry, "ty")), "dtype").get<std::string>();
  }
  size_t add(json entry) {
    nodes_.push_back(std::move(entry));
    return nodes_.size() - 1;
  }
  json operation(const json& entry, const char* op) {
    json args = json::array({data(entry, "a")});
    if (data(entry).contains("b")) args.push_back(data(entry, "b"));
    size_t callee = add(repr("Op", op));
    size_t list = add({{"type_key", "Array"}, {"data", args}});
    return {{"type_key", "tir.Call"},
            {"attrs",
             {{"dtype", dtype_of(entry)},
              {"op", std::to_string(callee)},
              {"args", std::to_string(list)}}}};
  }
  json plain(const json& entry, Kind kind) const {
    const KindInfo& info = kind_info(kind);
    json attrs = json::object();
    for (const FieldInfo& field : info.fields) {
      std::string name = field.name;
      if (field.type == FieldType::DataType) {
        attrs[name] = dtype_of(entry);
      } else if (name == "type_annotation") {
        attrs[name] = data(entry, "ty").dump();
      } else if (field.type == FieldType::Int) {
        attrs[name] = data(at(data(entry, field.name))).dump();
      } else {
        const json& value = data(entry, field.name);
        attrs[name] = value.is_string() ? value.get<std::string>() : value.dump();
      }
    }
    return {{"type_key", info.type_key}, {"attrs", attrs}};
  }

  const json* later_ = nullptr;
  json nodes_ = json::array();
};

}  // namespace metaschedule::script
