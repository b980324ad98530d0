// SPDX-License-Identifier: Apache-2.0
// The structural hash over the tables of fields.
#pragma once

#include <algorithm>
#include <bit>
#include <cmath>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "metaschedule/ir/structural.h"
#include "metaschedule/support/pointer_map.h"

namespace metaschedule {

namespace detail {

inline bool is_default_scope(const std::string& scope) {
  return scope.empty() || scope == "global";
}

class StructuralHasher {
 public:
  explicit StructuralHasher(StructuralOptions options)
      : options_(options), map_free_(options.map_free_vars) {}

  uint64_t hash(const Node* node) {
    if (!node) return 0;
    switch (node->kind) {
      case Kind::Var:
      case Kind::SizeVar:
      case Kind::GlobalVar:
        return hash_variable(node);
      case Kind::Op:
        return mix(seed(node->kind), text(static_cast<const Op*>(node)->name));
      case Kind::PointerType: {
        auto* p = static_cast<const PointerType*>(node);
        uint64_t h = mix(seed(node->kind), hash(p->element_type.get()));
        return mix(h, is_default_scope(p->storage_scope) ? 0 : text(p->storage_scope));
      }
      case Kind::Buffer: {
        if (const uint64_t* known = memo_.find(node)) return *known;
        uint64_t h = hash_fields(node);
        memo_.emplace(node, h);
        return h;
      }
      case Kind::IRModule:
        return hash_module(static_cast<const IRModule*>(node));
      default:
        return hash_fields(node);
    }
  }

 private:
  static uint64_t mix(uint64_t h, uint64_t v) {
    h ^= v + 0x9e3779b97f4a7c15ULL + (h << 6) + (h >> 2);
    h *= 0xff51afd7ed558ccdULL;
    return h ^ (h >> 32);
  }
  static uint64_t text(std::string_view s) {
    uint64_t h = 1469598103934665603ULL;
    for (unsigned char c : s) h = (h ^ c) * 1099511628211ULL;
    return h;
  }
  /// Of the type key, so that the order of the enumeration can change.
  static uint64_t seed(Kind kind) {
    static const auto seeds = [] {
      std::vector<uint64_t> out;
      for (int k = 0; k < static_cast<int>(Kind::Count_); ++k)
        out.push_back(text(kind_info(static_cast<Kind>(k)).type_key));
      return out;
    }();
    return seeds[static_cast<size_t>(kind)];
  }
  static uint64_t bits(double v) {
    return std::isnan(v) ? 0x7ff8000000000000ULL : std::bit_cast<uint64_t>(v);
  }

  uint64_t hash_variable(const Node* node) {
    if (const uint64_t* known = memo_.find(node)) return *known;
    uint64_t h = seed(node->kind);
    if (node->kind == Kind::GlobalVar) {
      h = mix(h, text(static_cast<const GlobalVar*>(node)->name_hint));
    } else {
      auto* var = static_cast<const Var*>(node);
      h = mix(mix(h, hash_dtype(var->dtype)), hash(var->type_annotation.get()));
    }
    h = mix(h, map_free_ ? count_++ : reinterpret_cast<uintptr_t>(node));
    memo_.emplace(node, h);
    return h;
  }
  static uint64_t hash_dtype(DType t) {
    return static_cast<uint64_t>(t.code) | static_cast<uint64_t>(t.bits) << 8 |
           static_cast<uint64_t>(static_cast<uint16_t>(t.lanes)) << 16;
  }

  uint64_t hash_fields(const Node* node) {
    uint64_t h = seed(node->kind);
    const KindInfo& info = kind_info(node->kind);
    for (uint8_t i : info.compare_order) {
      const FieldInfo& field = info.fields[i];
      if (field.is(kNoHash)) continue;
      if (node->kind == Kind::NDArray && options_.ignore_ndarray_data &&
          field.type == FieldType::Bytes)
        continue;
      bool outer = map_free_;
      map_free_ = outer || field.is(kDef);
      h = mix(h, hash_field(field, *node));
      map_free_ = outer;
    }
    return h;
  }

  uint64_t hash_field(const FieldInfo& field, const Node& node) {
    switch (field.type) {
      case FieldType::Node:
        return hash(field.read<RefBase>(node).node());
      case FieldType::List: {
        const ListBase& list = field.read<ListBase>(node);
        uint64_t h = list.size();
        for (size_t i = 0; i < list.size(); ++i) h = mix(h, hash(list.at_raw(i).node()));
        return h;
      }
      case FieldType::Dict: {
        const Dict& dict = field.read<Dict>(node);
        uint64_t h = dict.size();
        for (const auto& [key, value] : dict) h = mix(mix(h, text(key)), hash(value.get()));
        return h;
      }
      case FieldType::Pairs: {
        // Their order does not count: entries are summed.
        uint64_t h = 0;
        for (const auto& [key, value] : field.read<NodePairs>(node))
          h += mix(hash(key.get()), hash(value.get()));
        return h;
      }
      case FieldType::String:
        return text(field.read<std::string>(node));
      case FieldType::Int:
        return static_cast<uint64_t>(field.read<int64_t>(node));
      case FieldType::Int32:
        return static_cast<uint64_t>(field.read<int32_t>(node));
      case FieldType::Float:
        return bits(field.read<double>(node));
      case FieldType::Bool:
        return field.read<bool>(node);
      case FieldType::DataType:
        return hash_dtype(field.read<DType>(node));
      case FieldType::Bytes: {
        const auto& data = field.read<std::vector<uint8_t>>(node);
        return text({reinterpret_cast<const char*>(data.data()), data.size()});
      }
      case FieldType::Shape: {
        uint64_t h = 0;
        for (int64_t n : field.read<std::vector<int64_t>>(node))
          h = mix(h, static_cast<uint64_t>(n));
        return h;
      }
    }
    return 0;
  }

  uint64_t hash_module(const IRModule* module) {
    std::vector<std::pair<Ref<Node>, Ref<Node>>> items = module->functions;
    std::sort(items.begin(), items.end(), [](const auto& a, const auto& b) {
      return cast_to<GlobalVar>(*a.first).name_hint < cast_to<GlobalVar>(*b.first).name_hint;
    });
    map_free_ = true;
    for (const auto& item : items) hash(item.first.get());
    map_free_ = options_.map_free_vars;
    uint64_t h = mix(seed(Kind::IRModule), items.size());
    for (const auto& item : items) h = mix(mix(h, hash(item.first.get())), hash(item.second.get()));
    auto dict = [&](const Dict& d) {
      h = mix(h, d.size());
      for (const auto& [key, value] : d) h = mix(mix(h, text(key)), hash(value.get()));
    };
    dict(module->attrs);
    dict(module->global_infos);
    return h;
  }

  StructuralOptions options_;
  bool map_free_;
  uint64_t count_ = 0;
  PointerMap<uint64_t> memo_;
};

}  // namespace detail

METASCHEDULE_INLINE uint64_t structural_hash(const Node* node, StructuralOptions options) {
  return detail::StructuralHasher(options).hash(node);
}

}  // namespace metaschedule
