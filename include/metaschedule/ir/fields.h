// SPDX-License-Identifier: Apache-2.0
// What a node is made of, as run-time tables. Each node lists its fields once (`static FieldList
// fields()`); walking, rewriting, equality, hashing, JSON and Python attributes read these tables.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <string>
#include <type_traits>
#include <vector>

#include "metaschedule/ir/dtype.h"
#include "metaschedule/ir/node.h"

namespace metaschedule {

struct IterVar;
struct Buffer;

enum class FieldType : uint8_t {
  Node,      // Ref<…>, may be null
  List,      // List<…>
  Dict,      // Dict
  Pairs,     // std::vector<std::pair<Ref<Node>, Ref<Node>>>
  String,    // std::string
  Int,       // int64_t
  Int32,     // int32_t or an enum of that width
  Float,     // double
  Bool,      // bool
  DataType,  // DType
  Bytes,     // std::vector<uint8_t>
  Shape,     // std::vector<int64_t>
};

/// How generic code treats a field.
enum FieldFlag : uint8_t {
  kPlain = 0,
  kDef = 1,        // variables first met here are defined here (structural equality, renaming)
  kNoCompare = 2,  // not part of structural equality
  kNoWalk = 4,     // not a child: walks and rewrites leave it alone
  kNoHash = 8,     // not part of the structural hash
  kIgnore = kNoCompare | kNoHash,
};

using NodePairs = std::vector<std::pair<Ref<Node>, Ref<Node>>>;

struct FieldInfo {
  const char* name;
  FieldType type;
  uint8_t flags;
  uint16_t offset;

  bool is(FieldFlag flag) const { return (flags & flag) != 0; }
  template <class T>
  const T& read(const Node& node) const {
    return *reinterpret_cast<const T*>(reinterpret_cast<const char*>(&node) + offset);
  }
  template <class T>
  T& write(Node& node) const {
    return *reinterpret_cast<T*>(reinterpret_cast<char*>(&node) + offset);
  }
};

/// What `fields()` gives: the members in the order of their declaration, which is that of JSON.
class FieldList {
 public:
  FieldList(std::initializer_list<FieldInfo> fields);
  const std::vector<FieldInfo>& get() const { return fields_; }

 private:
  std::vector<FieldInfo> fields_;
};

/// An entry of a node's `fields()`. Defined in fields-inl.h, where the tables are made: elsewhere
/// the lists are only declarations, and cheap to read for a compiler.
template <class C, class T>
FieldInfo field(const char* name, T C::* member, int flags = kPlain);

struct KindInfo {
  Kind kind = Kind::Count_;
  const char* name = "";
  const char* type_key = "";
  std::vector<FieldInfo> fields;       // in the order of declaration, which is that of JSON
  std::vector<uint8_t> compare_order;  // indices into fields: equality and hash
  std::vector<uint8_t> children;       // indices of fields that walks follow
  Node* (*clone)(const Node&) = nullptr;
  Node* (*create)() = nullptr;  // an empty node, to be filled field by field
  void (*destroy)(const Node*) = nullptr;
};

/// The table of one kind; built on first use.
const KindInfo& kind_info(Kind kind);
/// The kind with this type key (`tir.For`) or C++ name (`For`); null when there is none.
const KindInfo* find_kind(std::string_view key_or_name);

}  // namespace metaschedule
