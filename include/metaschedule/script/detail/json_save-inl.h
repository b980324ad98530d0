// SPDX-License-Identifier: Apache-2.0
// Writes a graph of nodes as JSON: nodes in the order of their first visit, fields in the order of
// their declaration.
#pragma once

#include <algorithm>
#include <cmath>
#include <map>
#include <unordered_map>
#include <vector>

#include "metaschedule/ir/op.h"
#include "metaschedule/script/detail/blob.h"
#include "metaschedule/support/json.h"

namespace metaschedule::script {

class JsonWriter {
 public:
  std::string run(const Node& root) {
    entries_.emplace_back();
    size_t index = add(&root);
    return text(index);
  }

 private:
  struct Entry {
    std::string type_key, repr;
    bool has_repr = false, base64 = false, has_data = false;
    std::map<std::string, std::string> attrs;
    std::vector<std::string> keys;
    std::vector<size_t> data;
  };

  // ---- entries

  size_t start(std::string_view type_key) {
    entries_.emplace_back();
    entries_.back().type_key = std::string(type_key);
    return entries_.size() - 1;
  }
  void set(size_t index, const char* name, std::string value) {
    entries_[index].attrs[name] = std::move(value);
  }
  void set(size_t index, const char* name, size_t child) {
    set(index, name, fmt::format("{}", child));
  }
  size_t repr(std::string_view type_key, std::string value) {
    size_t index = start(type_key);
    entries_[index].repr = std::move(value);
    entries_[index].has_repr = true;
    return index;
  }
  size_t string(const std::string& value) {
    bool printable =
        std::all_of(value.begin(), value.end(), [](char c) { return c >= 0x20 && c < 0x7f; });
    if (value.empty()) return start("runtime.String");
    if (printable) return repr("runtime.String", value);
    std::string blob;
    detail::put<uint64_t>(blob, value.size());
    size_t index = repr("runtime.String", detail::text_of(blob + value));
    entries_[index].base64 = true;
    return index;
  }
  template <class L>
  size_t array(const L& items) {
    size_t index = start("Array");
    std::vector<size_t> data;
    for (size_t i = 0; i < items.size(); ++i) data.push_back(add(items.at_raw(i).node()));
    entries_[index].has_data = !data.empty();
    entries_[index].data = std::move(data);
    return index;
  }
  size_t map(const Dict& items) {
    size_t index = start("Map");
    std::vector<size_t> data;
    for (const auto& [key, value] : items) {
      entries_[index].keys.push_back(key);
      data.push_back(add(value.get()));
    }
    entries_[index].has_data = !data.empty();
    entries_[index].data = std::move(data);
    return index;
  }
  size_t pairs(const NodePairs& items) {
    size_t index = start("Map");
    std::vector<size_t> data;
    for (const auto& [key, value] : items) {
      data.push_back(add(key.get()));
      data.push_back(add(value.get()));
    }
    entries_[index].has_data = !data.empty();
    entries_[index].data = std::move(data);
    return index;
  }
  size_t dict_attrs(const Dict& items) {
    size_t index = start("DictAttrs");
    set(index, "__dict__", map(items));
    return index;
  }

  size_t add(const Node* node) {
    if (!node) return 0;
    auto it = known_.find(node);
    if (it != known_.end()) return it->second;
    switch (node->kind) {
      case Kind::String:
        return known_[node] = string(static_cast<const String*>(node)->value);
      case Kind::BoxInt:
        return repr("runtime.BoxInt", fmt::format("{}", static_cast<const BoxInt*>(node)->value));
      case Kind::BoxBool:
        return repr("runtime.BoxBool", static_cast<const BoxBool*>(node)->value ? "true" : "false");
      case Kind::BoxFloat:
        return repr("runtime.BoxFloat",
                    fmt::format("{}", static_cast<const BoxFloat*>(node)->value));
      case Kind::Op:
        return known_[node] = repr("Op", static_cast<const Op*>(node)->name);
      case Kind::NDArray:
        return known_[node] = tensor(*static_cast<const NDArray*>(node));
      default:
        break;
    }
    size_t index = start(type_key(node->kind));
    known_[node] = index;
    switch (node->kind) {
      case Kind::Array:
        entries_.pop_back();
        return known_[node] = array(static_cast<const Array*>(node)->items);
      case Kind::Map:
        entries_.pop_back();
        return known_[node] = map(static_cast<const Map*>(node)->items);
      case Kind::IRModule:
        module(index, *static_cast<const IRModule*>(node));
        break;
      case Kind::PrimFunc:
        function(index, *static_cast<const PrimFunc*>(node));
        break;
      case Kind::GlobalVar:
        set(index, "name_hint", string(static_cast<const GlobalVar*>(node)->name_hint));
        for (const char* name : {"virtual_device_", "span", "_checked_type_", "struct_info_"})
          set(index, name, "0");
        break;
      case Kind::FuncType:
        fields(index, *node);
        set(index, "type_params", start("Array"));
        set(index, "type_constraints", start("Array"));
        set(index, "span", "0");
        break;
      case Kind::Target:
        target(index, *static_cast<const Target*>(node));
        break;
      default:
        fields(index, *node);
        if (has_span(node->kind)) set(index, "span", "0");
    }
    return index;
  }

  static bool has_span(Kind kind) {
    if (is_expr_kind(kind)) return true;
    if (is_stmt_kind(kind)) return kind != Kind::Block && kind != Kind::BlockRealize;
    return kind == Kind::Range || kind == Kind::IterVar || kind == Kind::Buffer ||
           kind == Kind::TupleType || kind == Kind::CommReducer;
  }

  void fields(size_t index, const Node& node) {
    for (const FieldInfo& field : kind_info(node.kind).fields) {
      switch (field.type) {
        case FieldType::Node:
          if (const Var* var = as<Var>(&node);
              var && !var->type_annotation && &field.read<RefBase>(node) == &var->type_annotation) {
            set(index, field.name, prim_type(*var));
          } else {
            set(index, field.name, add(field.read<RefBase>(node).node()));
          }
          break;
        case FieldType::List:
          set(index, field.name, array(field.read<ListBase>(node)));
          break;
        case FieldType::Dict:
          set(index, field.name, map(field.read<Dict>(node)));
          break;
        case FieldType::Pairs:
          set(index, field.name, pairs(field.read<NodePairs>(node)));
          break;
        case FieldType::String:
          set(index, field.name, string(field.read<std::string>(node)));
          break;
        case FieldType::Int:
          set(index, field.name, fmt::format("{}", field.read<int64_t>(node)));
          break;
        case FieldType::Int32:
          set(index, field.name, fmt::format("{}", field.read<int32_t>(node)));
          break;
        case FieldType::Float:
          set(index, field.name, number(field.read<double>(node)));
          break;
        case FieldType::Bool:
          set(index, field.name, field.read<bool>(node) ? "1" : "0");
          break;
        case FieldType::DataType: {
          DType dtype = field.read<DType>(node);
          set(index, field.name, dtype.is_void() ? "" : to_string(dtype));
          break;
        }
        default:
          fail<ValueError>("a {} has no JSON form", kind_name(node.kind));
      }
    }
  }

  static std::string number(double value) {
    if (std::isnan(value)) return "nan";
    if (std::isinf(value)) return value > 0 ? "inf" : "-inf";
    char buffer[40];
    std::snprintf(buffer, sizeof buffer, "%.17g", value);
    return buffer;
  }

  /// The type of a variable whose type is that of its dtype; kept for the signature.
  size_t prim_type(const Var& var) {
    auto [it, fresh] = types_.try_emplace(&var, 0);
    if (fresh) {
      size_t index = start("PrimType");
      set(index, "dtype", var.dtype.is_void() ? "" : to_string(var.dtype));
      it->second = index;
    }
    return it->second;
  }

  void function(size_t index, const PrimFunc& f) {
    set(index, "params", array(f.params));
    set(index, "body", add(f.body.get()));
    size_t ret = 0;
    if (f.ret_type) {
      ret = add(f.ret_type.get());
    } else {
      ret = start("TupleType");
      set(ret, "fields", start("Array"));
      set(ret, "span", "0");
    }
    set(index, "ret_type", ret);
    set(index, "buffer_map", pairs(f.buffer_map));
    set(index, "attrs", dict_attrs(f.attrs));
    set(index, "span", "0");
    size_t type = start("FuncType");
    size_t types = start("Array");
    std::vector<size_t> data;
    for (const VarRef& param : f.params) {
      data.push_back(param->type_annotation ? add(param->type_annotation.get())
                                            : prim_type(*param));
    }
    entries_[types].has_data = !data.empty();
    entries_[types].data = std::move(data);
    set(type, "arg_types", types);
    set(type, "ret_type", ret);
    set(type, "type_params", start("Array"));
    set(type, "type_constraints", start("Array"));
    set(type, "span", "0");
    set(index, "_checked_type_", type);
  }

  void module(size_t index, const IRModule& m) {
    set(index, "functions", pairs(m.functions));
    set(index, "type_definitions", start("Map"));
    std::vector<Dict::Item> names;
    for (const auto& [var, func] : m.functions)
      names.emplace_back(cast_to<GlobalVar>(*var).name_hint, var);
    set(index, "global_var_map_", map(Dict(std::move(names))));
    set(index, "global_type_var_map_", start("Map"));
    size_t source = start("SourceMap");
    set(source, "source_map", start("Map"));
    set(index, "source_map", source);
    set(index, "attrs", dict_attrs(m.attrs));
    set(index, "global_infos", map(m.global_infos));
  }

  void target(size_t index, const Target& t) {
    set(index, "kind", repr("TargetKind", t.target_kind));
    set(index, "tag", string(t.tag));
    set(index, "keys", array(t.keys));
    set(index, "attrs", map(t.attrs));
    set(index, "features", dict_attrs({}));
    set(index, "host", add(t.host.get()));
  }

  size_t tensor(const NDArray& array) {
    std::string blob;
    detail::put<uint64_t>(blob, detail::kTensorMagic);
    detail::put<uint64_t>(blob, 0);
    detail::put<int32_t>(blob, 1);  // the CPU
    detail::put<int32_t>(blob, 0);
    detail::put<int32_t>(blob, static_cast<int32_t>(array.shape.size()));
    detail::put<uint8_t>(blob, static_cast<uint8_t>(array.dtype.code));
    detail::put<uint8_t>(blob, array.dtype.bits);
    detail::put<int16_t>(blob, array.dtype.lanes);
    for (int64_t extent : array.shape) detail::put<int64_t>(blob, extent);
    detail::put<int64_t>(blob, static_cast<int64_t>(array.data.size()));
    blob.append(reinterpret_cast<const char*>(array.data.data()), array.data.size());
    return repr("runtime.NDArray", detail::text_of(blob));
  }

  // ---- text: two spaces a level, a space after each comma

  static std::string quoted(const std::string& value) {
    try {
      return json(value).dump();
    } catch (const json::exception&) {
      fail<ValueError>("the text \"{}\" is not UTF-8 and has no JSON form", value);
    }
  }

  std::string text(size_t root) const {
    std::string out = fmt::format("{{\n  \"root\": {}, \n  \"nodes\": [", root);
    for (size_t i = 0; i < entries_.size(); ++i) {
      out += i ? ", \n    {" : "\n    {";
      write(out, entries_[i]);
      out += "\n    }";
    }
    out += "\n  ], \n  \"b64ndarrays\": [], \n  \"attrs\": {\"tvm_version\": \"0.19.0\"}\n}";
    return out;
  }

  static void write(std::string& out, const Entry& entry) {
    out += "\n      \"type_key\": " + quoted(entry.type_key);
    if (!entry.attrs.empty()) {
      bool one = entry.attrs.size() == 1;
      out += ", \n      \"attrs\": {";
      bool first = true;
      for (const auto& [name, value] : entry.attrs) {
        if (!one) out += first ? "\n        " : ", \n        ";
        out += quoted(name) + ": " + quoted(value);
        first = false;
      }
      out += one ? "}" : "\n      }";
    }
    if (entry.has_repr) {
      out += entry.base64 ? ", \n      \"repr_b64\": " : ", \n      \"repr_str\": ";
      out += quoted(entry.repr);
    }
    if (!entry.keys.empty()) {
      out += ", \n      \"keys\": [";
      for (size_t i = 0; i < entry.keys.size(); ++i)
        out += (i ? ", \n        " : "\n        ") + quoted(entry.keys[i]);
      out += "\n      ]";
    }
    if (!entry.has_data) return;
    bool one_line = entry.data.size() <= 10;
    out += ", \n      \"data\": [";
    for (size_t i = 0; i < entry.data.size(); ++i) {
      out += one_line ? (i ? ", " : "") : (i ? ", \n        " : "\n        ");
      fmt::format_to(std::back_inserter(out), "{}", entry.data[i]);
    }
    out += one_line ? "]" : "\n      ]";
  }

  std::vector<Entry> entries_;
  std::unordered_map<const Node*, size_t> known_;
  std::unordered_map<const Var*, size_t> types_;
};

}  // namespace metaschedule::script
