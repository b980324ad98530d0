// SPDX-License-Identifier: Apache-2.0
// Types of variables and functions, and the boxed values that attributes may hold.
#pragma once

#include "metaschedule/ir/fields.h"

namespace metaschedule {

#define METASCHEDULE_NODE(name, base)                          \
  static constexpr Kind kKind = Kind::name;                    \
  static constexpr bool is_kind(Kind k) { return k == kKind; } \
  name() : base(kKind) {}

struct TypeNode : Node {
  using Node::Node;
  static constexpr bool is_kind(Kind k) { return is_type_kind(k); }
};
using Type = Ref<TypeNode>;

/// The type of a scalar or vector.
struct PrimType : TypeNode {
  METASCHEDULE_NODE(PrimType, TypeNode)
  explicit PrimType(DType t) : PrimType() { dtype = t; }
  DType dtype;
  static FieldList fields() { return {field("dtype", &PrimType::dtype)}; }
};

/// A pointer to elements in a storage scope; the scopes "" and "global" are the same one.
struct PointerType : TypeNode {
  METASCHEDULE_NODE(PointerType, TypeNode)
  explicit PointerType(Type element, std::string scope = "") : PointerType() {
    element_type = std::move(element);
    storage_scope = std::move(scope);
  }
  Type element_type;
  std::string storage_scope;
  static FieldList fields() {
    return {field("element_type", &PointerType::element_type),
            field("storage_scope", &PointerType::storage_scope)};
  }
};

/// A tuple; the empty one is `void`, the default return type.
struct TupleType : TypeNode {
  METASCHEDULE_NODE(TupleType, TypeNode)
  List<TypeNode> types;
  static FieldList fields() { return {field("fields", &TupleType::types)}; }
};

struct FuncType : TypeNode {
  METASCHEDULE_NODE(FuncType, TypeNode)
  List<TypeNode> arg_types;
  Type ret_type;
  static FieldList fields() {
    return {field("arg_types", &FuncType::arg_types), field("ret_type", &FuncType::ret_type)};
  }
};

/// Values that stand in attributes and annotations beside expressions.
struct String : Node {
  METASCHEDULE_NODE(String, Node)
  explicit String(std::string v) : String() { value = std::move(v); }
  std::string value;
  static FieldList fields() { return {field("value", &String::value)}; }
};
struct BoxInt : Node {
  METASCHEDULE_NODE(BoxInt, Node)
  explicit BoxInt(int64_t v) : BoxInt() { value = v; }
  int64_t value = 0;
  static FieldList fields() { return {field("value", &BoxInt::value)}; }
};
struct BoxFloat : Node {
  METASCHEDULE_NODE(BoxFloat, Node)
  explicit BoxFloat(double v) : BoxFloat() { value = v; }
  double value = 0;
  static FieldList fields() { return {field("value", &BoxFloat::value)}; }
};
struct BoxBool : Node {
  METASCHEDULE_NODE(BoxBool, Node)
  explicit BoxBool(bool v) : BoxBool() { value = v; }
  bool value = false;
  static FieldList fields() { return {field("value", &BoxBool::value)}; }
};
struct Array : Node {
  METASCHEDULE_NODE(Array, Node)
  explicit Array(List<Node> v) : Array() { items = std::move(v); }
  /// The elements of any range of nodes.
  template <class Range>
    requires(!std::is_convertible_v<const Range&, List<Node>>)
  explicit Array(const Range& range)
      : Array(List<Node>(std::vector<Ref<Node>>(range.begin(), range.end()))) {}
  List<Node> items;
  static FieldList fields() { return {field("items", &Array::items)}; }
};
/// A map with string keys.
struct Map : Node {
  METASCHEDULE_NODE(Map, Node)
  explicit Map(Dict v) : Map() { items = std::move(v); }
  Dict items;
  static FieldList fields() { return {field("items", &Map::items)}; }
};

/// A constant tensor on the CPU: compact, row-major, little-endian.
struct NDArray : Node {
  METASCHEDULE_NODE(NDArray, Node)
  DType dtype;
  std::vector<int64_t> shape;
  std::vector<uint8_t> data;
  static FieldList fields() {
    return {field("dtype", &NDArray::dtype), field("shape", &NDArray::shape),
            field("data", &NDArray::data)};
  }
};

}  // namespace metaschedule
