// SPDX-License-Identifier: Apache-2.0
// pybind11 conversions of references, lists, dictionaries and data types. Include it in every
// binding file: a Ref must never be converted in two ways.
#pragma once

#include <pybind11/functional.h>
#include <pybind11/pybind11.h>
#include <pybind11/stl.h>

#include "node_object.h"

namespace metaschedule::bindings {

/// A parameter that may be None: a null reference then. No other reference is null.
template <class T>
struct OrNone : Ref<T> {
  using Ref<T>::Ref;
  OrNone(Ref<T> ref) : Ref<T>(std::move(ref)) {}
};

}  // namespace metaschedule::bindings

namespace pybind11::detail {

template <class T>
struct type_caster<metaschedule::Ref<T>> {
  PYBIND11_TYPE_CASTER(metaschedule::Ref<T>, const_name("Object"));

  bool load(handle source, bool convert) {
    using namespace metaschedule;
    if (source.is_none()) {
      if (!convert) return false;
      fail<TypeError>("expected {}, found None", expected());
    }
    const Node* node = bindings::node_of(source);
    if constexpr (std::is_same_v<T, ExprNode>) {
      if (const ExprNode* expr = as<ExprNode>(node)) {
        value = Expr(expr);
        return true;
      }
      if (!convert) return false;
      value = bindings::to_expr(source);
      return true;
    } else if constexpr (std::is_same_v<T, Node>) {
      value = node ? Ref<Node>(node) : bindings::to_node(source);
      return true;
    } else {
      if constexpr (std::is_same_v<T, Var>) {
        if (const IterVar* axis = as<IterVar>(node)) {
          value = axis->var;
          return true;
        }
      }
      const T* typed = as<T>(node);
      if (!typed) return false;
      value = Ref<T>(typed);
      return true;
    }
  }
  static std::string_view expected() {
    using namespace metaschedule;
    if constexpr (requires { T::kKind; }) return type_key(T::kKind);
    if constexpr (std::is_same_v<T, ExprNode>) return "an expression";
    if constexpr (std::is_same_v<T, StmtNode>) return "a statement";
    if constexpr (std::is_same_v<T, TypeNode>) return "a type";
    return "a node";
  }
  static handle cast(const metaschedule::Ref<T>& ref, return_value_policy, handle) {
    return metaschedule::bindings::to_python(
               metaschedule::Ref<metaschedule::Node>(
                   static_cast<const metaschedule::Node*>(ref.node())))
        .release();
  }
};

template <class T>
struct type_caster<metaschedule::bindings::OrNone<T>> {
  using OrNone = metaschedule::bindings::OrNone<T>;
  PYBIND11_TYPE_CASTER(OrNone, const_name("Object | None"));

  bool load(handle source, bool convert) {
    value = OrNone();
    if (source.is_none()) return true;
    make_caster<metaschedule::Ref<T>> item;
    if (!item.load(source, convert)) return false;
    value = OrNone(cast_op<metaschedule::Ref<T>&>(item));
    return true;
  }
  static handle cast(const OrNone& ref, return_value_policy policy, handle parent) {
    return make_caster<metaschedule::Ref<T>>::cast(ref, policy, parent);
  }
};

template <class T>
struct type_caster<metaschedule::List<T>> {
  PYBIND11_TYPE_CASTER(metaschedule::List<T>, const_name("list[Object]"));

  bool load(handle source, bool convert) {
    if (!isinstance<sequence>(source) || isinstance<str>(source)) return false;
    std::vector<metaschedule::Ref<T>> items;
    for (handle item : reinterpret_borrow<sequence>(source)) {
      if (std::is_same_v<T, metaschedule::Node> && item.is_none()) {  // in attributes
        items.emplace_back();
        continue;
      }
      make_caster<metaschedule::Ref<T>> element;
      if (!element.load(item, convert)) return false;
      items.push_back(cast_op<metaschedule::Ref<T>&>(element));
    }
    value = items;
    return true;
  }
  static handle cast(const metaschedule::List<T>& list, return_value_policy, handle) {
    return metaschedule::bindings::to_python(static_cast<const metaschedule::ListBase&>(list))
        .release();
  }
};

template <>
struct type_caster<metaschedule::Dict> {
  PYBIND11_TYPE_CASTER(metaschedule::Dict, const_name("dict[str, Object]"));

  bool load(handle source, bool) {
    if (!source.is_none() && !isinstance<dict>(source)) return false;
    value = metaschedule::bindings::to_dict(source);
    return true;
  }
  static handle cast(const metaschedule::Dict& dict, return_value_policy, handle) {
    return metaschedule::bindings::to_python(dict).release();
  }
};

template <>
struct type_caster<metaschedule::DType> {
  PYBIND11_TYPE_CASTER(metaschedule::DType, const_name("str"));

  bool load(handle source, bool) {
    value = metaschedule::bindings::to_dtype(source);
    return true;
  }
  static handle cast(metaschedule::DType dtype, return_value_policy, handle) {
    return str(metaschedule::to_string(dtype)).release();
  }
};

}  // namespace pybind11::detail
