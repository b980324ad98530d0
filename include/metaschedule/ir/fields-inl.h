// SPDX-License-Identifier: Apache-2.0
// The run-time tables of node kinds, made from each node's `fields()`: the one switch over kinds.
#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <cstddef>

#include "metaschedule/ir/fields.h"
#include "metaschedule/ir/function.h"

namespace metaschedule {

template <class T>
constexpr FieldType field_type() {
  if constexpr (std::is_base_of_v<RefBase, T>)
    return FieldType::Node;
  else if constexpr (std::is_base_of_v<ListBase, T>)
    return FieldType::List;
  else if constexpr (std::is_same_v<T, Dict>)
    return FieldType::Dict;
  else if constexpr (std::is_same_v<T, NodePairs>)
    return FieldType::Pairs;
  else if constexpr (std::is_same_v<T, std::string>)
    return FieldType::String;
  else if constexpr (std::is_same_v<T, int64_t>)
    return FieldType::Int;
  else if constexpr (std::is_same_v<T, int32_t>)
    return FieldType::Int32;
  else if constexpr (std::is_enum_v<T> && sizeof(T) == 4)
    return FieldType::Int32;
  else if constexpr (std::is_same_v<T, double>)
    return FieldType::Float;
  else if constexpr (std::is_same_v<T, bool>)
    return FieldType::Bool;
  else if constexpr (std::is_same_v<T, DType>)
    return FieldType::DataType;
  else if constexpr (std::is_same_v<T, std::vector<uint8_t>>)
    return FieldType::Bytes;
  else if constexpr (std::is_same_v<T, std::vector<int64_t>>)
    return FieldType::Shape;
  else
    static_assert(sizeof(T) == 0, "a node field of a type that generic code does not know");
}

template <class C, class T>
FieldInfo field(const char* name, T C::* member, int flags) {
  // A pointer to a data member is its offset; a node begins with its Node.
  static_assert(sizeof member == sizeof(std::ptrdiff_t) && std::is_base_of_v<Node, C>);
  return {name, field_type<T>(), static_cast<uint8_t>(flags),
          static_cast<uint16_t>(std::bit_cast<std::ptrdiff_t>(member))};
}

METASCHEDULE_INLINE FieldList::FieldList(std::initializer_list<FieldInfo> fields)
    : fields_(fields) {}

namespace detail {

template <class T>
KindInfo describe(const char* name, const char* key) {
  KindInfo info;
  info.kind = T::kKind;
  info.name = name;
  info.type_key = key;
  info.fields = T::fields().get();
  if constexpr (requires { T::compare_order; }) {
    for (int i : T::compare_order) info.compare_order.push_back(static_cast<uint8_t>(i));
  } else {
    for (size_t i = 0; i < info.fields.size(); ++i)
      info.compare_order.push_back(static_cast<uint8_t>(i));
  }
  for (size_t i = 0; i < info.fields.size(); ++i) {
    const FieldInfo& f = info.fields[i];
    bool is_child = f.type == FieldType::Node || f.type == FieldType::List;
    if (is_child && !f.is(kNoWalk)) info.children.push_back(static_cast<uint8_t>(i));
  }
  info.clone = [](const Node& node) -> Node* { return new T(static_cast<const T&>(node)); };
  info.create = []() -> Node* { return new T(); };
  info.destroy = [](const Node* node) { delete static_cast<const T*>(node); };
  return info;
}

using KindTable = std::array<KindInfo, static_cast<size_t>(Kind::Count_)>;

inline const KindTable& kind_table() {
  static const KindTable table = {
#define METASCHEDULE_DESCRIBE(name, key) describe<name>(#name, key),
      METASCHEDULE_KINDS(METASCHEDULE_DESCRIBE)
#undef METASCHEDULE_DESCRIBE
  };
  return table;
}

}  // namespace detail

METASCHEDULE_INLINE const KindInfo& kind_info(Kind kind) {
  return detail::kind_table()[static_cast<size_t>(kind)];
}

METASCHEDULE_INLINE const KindInfo* find_kind(std::string_view key_or_name) {
  for (const KindInfo& info : detail::kind_table()) {
    if (key_or_name == info.type_key || key_or_name == info.name) return &info;
  }
  return nullptr;
}

METASCHEDULE_INLINE void Node::destroy(const Node* node) { kind_info(node->kind).destroy(node); }

METASCHEDULE_INLINE std::string_view type_key(Kind kind) { return kind_info(kind).type_key; }
METASCHEDULE_INLINE std::string_view kind_name(Kind kind) { return kind_info(kind).name; }

METASCHEDULE_INLINE Dict::Dict(std::vector<Item> items) {
  if (items.empty()) return;
  std::sort(items.begin(), items.end(),
            [](const Item& a, const Item& b) { return a.first < b.first; });
  for (size_t i = 1; i < items.size(); ++i) {
    check<ValueError>(items[i - 1].first != items[i].first, "duplicate key {} in attributes",
                      items[i].first);
  }
  data_ = new Data{{1}, std::move(items)};
}
METASCHEDULE_INLINE Dict::Dict(std::initializer_list<Item> items)
    : Dict(std::vector<Item>(items)) {}

METASCHEDULE_INLINE const Dict::Item* Dict::item(std::string_view key) const {
  const Item* it = std::lower_bound(
      begin(), end(), key, [](const Item& item, std::string_view k) { return item.first < k; });
  return it != end() && it->first == key ? it : nullptr;
}
METASCHEDULE_INLINE const Node* Dict::find(std::string_view key) const {
  const Item* it = item(key);
  return it ? it->second.get() : nullptr;
}
METASCHEDULE_INLINE bool Dict::contains(std::string_view key) const { return item(key) != nullptr; }
METASCHEDULE_INLINE Dict Dict::with(std::string_view key, Ref<Node> value) const {
  std::vector<Item> items;
  for (const Item& item : *this)
    if (item.first != key) items.push_back(item);
  items.emplace_back(std::string(key), std::move(value));
  return Dict(std::move(items));
}
METASCHEDULE_INLINE Dict Dict::without(std::string_view key) const {
  std::vector<Item> items;
  for (const Item& item : *this)
    if (item.first != key) items.push_back(item);
  return Dict(std::move(items));
}

}  // namespace metaschedule
