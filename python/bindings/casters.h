// SPDX-License-Identifier: Apache-2.0
// pybind11 conversions of references, lists, dictionaries and data types. Include it in every
// binding file: a Ref must never be converted in two ways.
#pragma once

#include <pybind11/functional.h>
#include <pybind11/pybind11.h>
#include <pybind11/stl.h>

#include "node_object.h"

namespace pybind11::detail {

template <class T>
struct type_caster<metaschedule::Ref<T>> {
  PYBIND11_TYPE_CASTER(metaschedule::Ref<T>, const_name("Object"));

  bool load(handle source, bool convert) {
    using namespace metaschedule;
    if (source.is_none()) {
      value = nullptr;
      return true;
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
  static handle cast(const metaschedule::Ref<T>& ref, return_value_policy, handle) {
    return metaschedule::bindings::to_python(
               metaschedule::Ref<metaschedule::Node>(
                   static_cast<const metaschedule::Node*>(ref.node())))
        .release();
  }
};

template <class T>
struct type_caster<metaschedule::List<T>> {
  PYBIND11_TYPE_CASTER(metaschedule::List<T>, const_name("list[Object]"));

  bool load(handle source, bool convert) {
    if (!isinstance<sequence>(source) || isinstance<str>(source)) return false;
    std::vector<metaschedule::Ref<T>> items;
    for (handle item : reinterpret_borrow<sequence>(source)) {
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
