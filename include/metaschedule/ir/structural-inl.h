// SPDX-License-Identifier: Apache-2.0
// Structural equality over the tables of fields.
#pragma once

#include <algorithm>
#include <cmath>

#include "metaschedule/ir/structural.h"
#include "metaschedule/ir/structural_hash-inl.h"
#include "metaschedule/support/pointer_map.h"

namespace metaschedule {

namespace detail {

/// One comparison. On failure `path_*` hold the steps from the difference up to the root.
class StructuralComparer {
 public:
  explicit StructuralComparer(StructuralOptions options)
      : options_(options), map_free_(options.map_free_vars) {}

  bool equal(const Node* a, const Node* b) {
    if (a == b && !map_free_) return true;
    if (!a || !b || a->kind != b->kind) return a == b;
    switch (a->kind) {
      case Kind::Var:
      case Kind::SizeVar:
        return equal_vars(static_cast<const Var*>(a), static_cast<const Var*>(b));
      case Kind::GlobalVar:
        return equal_global_vars(a, b);
      case Kind::Op:
        return a == b;
      case Kind::PointerType: {
        auto *p = static_cast<const PointerType*>(a), *q = static_cast<const PointerType*>(b);
        bool same_scope =
            p->storage_scope == q->storage_scope ||
            (is_default_scope(p->storage_scope) && is_default_scope(q->storage_scope));
        return same_scope && equal(p->element_type.get(), q->element_type.get());
      }
      case Kind::Buffer: {
        if (const Node* const* known = buffers_.find(a); known && *known == b) return true;
        if (!equal_fields(a, b)) return false;
        buffers_.emplace(a, b);
        return true;
      }
      case Kind::IRModule:
        return equal_modules(a, b);
      default:
        return equal_fields(a, b);
    }
  }

  Mismatch mismatch() const {
    Mismatch out{"<root>", "<root>"};
    for (auto it = lhs_path_.rbegin(); it != lhs_path_.rend(); ++it) out.lhs += *it;
    for (auto it = rhs_path_.rbegin(); it != rhs_path_.rend(); ++it) out.rhs += *it;
    return out;
  }

 private:
  /// `ok`; when it is false, notes the step that led there. `name` is asked only then: strings for
  /// all that is equal would cost more than comparing it.
  template <class F>
  bool step(bool ok, F&& name) {
    return ok || differs(name(), name());
  }
  bool differs(const std::string& lhs, const std::string& rhs) {
    lhs_path_.push_back(lhs);
    rhs_path_.push_back(rhs);
    return false;
  }

  bool equal_vars(const Var* a, const Var* b) {
    if (const Node* const* mapped = to_rhs_.find(a)) return *mapped == b;
    if (to_lhs_.contains(b)) return false;
    if (a != b && !map_free_) return false;
    if (a->dtype != b->dtype || !equal(a->type_annotation.get(), b->type_annotation.get()))
      return false;
    if (map_free_) bind(a, b);
    return true;
  }
  bool equal_global_vars(const Node* a, const Node* b) {
    if (const Node* const* mapped = to_rhs_.find(a)) return *mapped == b;
    if (static_cast<const GlobalVar*>(a)->name_hint != static_cast<const GlobalVar*>(b)->name_hint)
      return false;
    if (a == b) return true;
    if (!map_free_) return false;
    bind(a, b);
    return true;
  }
  void bind(const Node* a, const Node* b) {
    to_rhs_.emplace(a, b);
    to_lhs_.emplace(b, a);
  }

  bool equal_fields(const Node* a, const Node* b) {
    const KindInfo& info = kind_info(a->kind);
    for (uint8_t i : info.compare_order) {
      const FieldInfo& field = info.fields[i];
      if (field.is(kNoCompare)) continue;
      if (a->kind == Kind::NDArray && options_.ignore_ndarray_data &&
          field.type == FieldType::Bytes)
        continue;
      bool outer = map_free_;
      map_free_ = outer || field.is(kDef);
      bool same = equal_field(field, *a, *b);
      map_free_ = outer;
      auto name = [&] {
        bool transparent = a->kind == Kind::Array || a->kind == Kind::Map;
        return transparent ? std::string() : "." + std::string(field.name);
      };
      if (!step(same, name)) return false;
    }
    return true;
  }

  bool equal_field(const FieldInfo& field, const Node& a, const Node& b) {
    switch (field.type) {
      case FieldType::Node:
        return equal(field.read<RefBase>(a).node(), field.read<RefBase>(b).node());
      case FieldType::List:
        return equal_lists(field.read<ListBase>(a), field.read<ListBase>(b));
      case FieldType::Dict:
        return equal_dicts(field.read<Dict>(a), field.read<Dict>(b));
      case FieldType::Pairs:
        return equal_pairs(field.read<NodePairs>(a), field.read<NodePairs>(b));
      case FieldType::String:
        return field.read<std::string>(a) == field.read<std::string>(b);
      case FieldType::Int:
        return field.read<int64_t>(a) == field.read<int64_t>(b);
      case FieldType::Int32:
        return field.read<int32_t>(a) == field.read<int32_t>(b);
      case FieldType::Float: {
        double x = field.read<double>(a), y = field.read<double>(b);
        return x == y || std::fabs(x - y) < 1e-9 || (std::isnan(x) && std::isnan(y));
      }
      case FieldType::Bool:
        return field.read<bool>(a) == field.read<bool>(b);
      case FieldType::DataType:
        return field.read<DType>(a) == field.read<DType>(b);
      case FieldType::Bytes:
        return field.read<std::vector<uint8_t>>(a) == field.read<std::vector<uint8_t>>(b);
      case FieldType::Shape:
        return field.read<std::vector<int64_t>>(a) == field.read<std::vector<int64_t>>(b);
    }
    return false;
  }

  bool equal_lists(const ListBase& a, const ListBase& b) {
    size_t common = std::min(a.size(), b.size());
    for (size_t i = 0; i < common; ++i) {
      bool same = equal(a.at_raw(i).node(), b.at_raw(i).node());
      if (!step(same, [&] { return "[" + std::to_string(i) + "]"; })) return false;
    }
    if (a.size() == b.size()) return true;
    std::string index = std::to_string(common);
    std::string present = "[" + index + "]", missing = "[<missing element #" + index + ">]";
    return a.size() > b.size() ? differs(present, missing) : differs(missing, present);
  }

  bool equal_dicts(const Dict& a, const Dict& b) {
    const char* const missing = "[<missing entry>]";
    auto quoted = [](const std::string& key) { return "[\"" + key + "\"]"; };
    for (const auto& [key, value] : a) {
      if (!b.contains(key)) return differs(quoted(key), missing);
      bool same = equal(value.get(), b.find(key));
      if (!step(same, [&, &name = key] { return quoted(name); })) return false;
    }
    for (const auto& [key, value] : b)
      if (!a.contains(key)) return differs(missing, quoted(key));
    return true;
  }

  /// Keys of the left side are matched through the variables that were mapped before.
  bool equal_pairs(const NodePairs& a, const NodePairs& b) {
    if (a.size() != b.size()) return false;
    for (const auto& [key, value] : a) {
      const Node* const* mapped = to_rhs_.find(key.get());
      const Node* want = mapped ? *mapped : key.get();
      auto found = std::find_if(b.begin(), b.end(),
                                [&](const auto& item) { return item.first.get() == want; });
      if (found == b.end() || !equal(value.get(), found->second.get())) return false;
    }
    return true;
  }

  bool equal_modules(const Node* lhs, const Node* rhs) {
    auto &a = static_cast<const IRModule&>(*lhs), &b = static_cast<const IRModule&>(*rhs);
    if (!step(equal_dicts(a.attrs, b.attrs), [] { return ".attrs"; }) ||
        !step(equal_dicts(a.global_infos, b.global_infos), [] { return ".global_infos"; }))
      return false;
    auto name_of = [](const auto& item) { return cast_to<GlobalVar>(*item.first).name_hint; };
    auto label = [](const std::string& name) {
      return ".functions[I.GlobalVar(\"" + name + "\")]";
    };
    const char* const missing = ".functions[<missing entry>]";
    for (const auto& item : a.functions) {
      Ref<GlobalVar> other = b.global_var(name_of(item));
      if (!other) return differs(label(name_of(item)), missing);
      bind(item.first.get(), other.get());
    }
    for (const auto& item : b.functions)
      if (!a.global_var(name_of(item))) return differs(missing, label(name_of(item)));
    for (const auto& item : a.functions) {
      bool same = equal(item.second.get(), b.find(name_of(item)));
      if (!step(same, [&] { return label(name_of(item)); })) return false;
    }
    return true;
  }

  StructuralOptions options_;
  bool map_free_;
  PointerMap<const Node*> to_rhs_, to_lhs_, buffers_;
  std::vector<std::string> lhs_path_, rhs_path_;
};

}  // namespace detail

METASCHEDULE_INLINE bool structural_equal(const Node* a, const Node* b, StructuralOptions options) {
  return detail::StructuralComparer(options).equal(a, b);
}
METASCHEDULE_INLINE std::optional<Mismatch> first_mismatch(const Node* a, const Node* b,
                                                           StructuralOptions options) {
  detail::StructuralComparer comparer(options);
  if (comparer.equal(a, b)) return std::nullopt;
  return comparer.mismatch();
}

namespace detail {
inline bool exprs_equal(const Exprs& a, const Exprs& b) {
  if (a.size() != b.size()) return false;
  for (size_t i = 0; i < a.size(); ++i)
    if (!expr_equal(a[i], b[i])) return false;
  return true;
}
}  // namespace detail

METASCHEDULE_INLINE bool expr_equal(const Expr& a, const Expr& b) {
  if (a.same_as(b)) return true;
  if (!a || !b || a->kind != b->kind || a->dtype != b->dtype) return false;
  // The common cases without the tables: this comparison runs inside every simplification.
  if (is_binary_kind(a->kind)) {
    auto *x = static_cast<const BinaryExpr*>(a.get()), *y = static_cast<const BinaryExpr*>(b.get());
    return expr_equal(x->a, y->a) && expr_equal(x->b, y->b);
  }
  switch (a->kind) {
    case Kind::Var:
    case Kind::SizeVar:
      return false;
    case Kind::IntImm:
      return static_cast<const IntImm*>(a.get())->value ==
             static_cast<const IntImm*>(b.get())->value;
    case Kind::Cast:
      return expr_equal(static_cast<const Cast*>(a.get())->value,
                        static_cast<const Cast*>(b.get())->value);
    case Kind::Call: {
      auto *x = static_cast<const Call*>(a.get()), *y = static_cast<const Call*>(b.get());
      return x->op == y->op && detail::exprs_equal(x->args, y->args);
    }
    case Kind::BufferLoad: {
      // Buffers, like variables, are themselves only: equal fields make no equal contents.
      auto *x = static_cast<const BufferLoad*>(a.get()),
           *y = static_cast<const BufferLoad*>(b.get());
      return x->buffer == y->buffer && detail::exprs_equal(x->indices, y->indices) &&
             expr_equal(x->predicate, y->predicate);
    }
    case Kind::Select: {
      auto *x = static_cast<const Select*>(a.get()), *y = static_cast<const Select*>(b.get());
      return expr_equal(x->condition, y->condition) && expr_equal(x->true_value, y->true_value) &&
             expr_equal(x->false_value, y->false_value);
    }
    case Kind::Not:
      return expr_equal(static_cast<const Not*>(a.get())->a, static_cast<const Not*>(b.get())->a);
    default:
      return structural_equal(a.get(), b.get());
  }
}

}  // namespace metaschedule
