// SPDX-License-Identifier: Apache-2.0
// Structural equality and hash over the tables of fields.
#pragma once

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstring>

#include "metaschedule/ir/structural.h"
#include "metaschedule/support/pointer_map.h"

namespace metaschedule {

namespace detail {

inline bool is_default_scope(const std::string& scope) {
  return scope.empty() || scope == "global";
}

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

METASCHEDULE_INLINE bool structural_equal(const Node* a, const Node* b, StructuralOptions options) {
  return detail::StructuralComparer(options).equal(a, b);
}
METASCHEDULE_INLINE std::optional<Mismatch> first_mismatch(const Node* a, const Node* b,
                                                           StructuralOptions options) {
  detail::StructuralComparer comparer(options);
  if (comparer.equal(a, b)) return std::nullopt;
  return comparer.mismatch();
}
METASCHEDULE_INLINE uint64_t structural_hash(const Node* node, StructuralOptions options) {
  return detail::StructuralHasher(options).hash(node);
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
