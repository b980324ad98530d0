// SPDX-License-Identifier: Apache-2.0
// Printing of attribute values, types, reducers, maps, targets and global infos.
#pragma once

#include "metaschedule/script/detail/print_expr-inl.h"

namespace metaschedule::script {

METASCHEDULE_INLINE void Printer::range_value(const Range& r) {
  out_ += i_ + "Range(";
  uses_ir_ = true;
  expr(r.min);
  out_ += ", ";
  expr(r.min + r.extent);
  out_ += ')';
}

METASCHEDULE_INLINE void Printer::comm_reducer(const CommReducer& c) {
  out_ += t_ + "comm_reducer(lambda ";
  push_frame();
  bool first = true;
  for (const Vars* side : {&c.lhs, &c.rhs}) {
    for (const VarRef& v : *side) {
      if (!std::exchange(first, false)) out_ += ", ";
      out_ += define(*v, v->name);
    }
  }
  out_ += ": ";
  if (c.result.size() == 1) {
    expr(c.result[0]);
  } else {
    list(c.result, '(', ')');
  }
  pop_frame();
  out_ += ", ";
  list(c.identity_element, '[', ']');
  out_ += ')';
}

METASCHEDULE_INLINE void Printer::reduce(const Reduce& r) {
  out_ += t_ + "reduce(";
  comm_reducer(*r.combiner);
  out_ += ", source=";
  list(r.source, '[', ']');
  out_ += ", init=";
  list(r.init, '[', ']');
  out_ += ", axis=[";
  for (size_t i = 0; i < r.axis.size(); ++i) {
    if (i) out_ += ", ";
    value(r.axis[i].get());
  }
  out_ += "], condition=";
  expr(r.condition);
  fmt::format_to(std::back_inserter(out_), ", value_index={})", r.value_index);
}

METASCHEDULE_INLINE void Printer::index_map(const IndexMap& m) {
  push_frame();
  out_ += t_ + "index_map(lambda ";
  for (size_t i = 0; i < m.initial_indices.size(); ++i) {
    if (i) out_ += ", ";
    out_ += define(*m.initial_indices[i], m.initial_indices[i]->name);
  }
  out_ += ": ";
  list(m.final_indices, '(', ')', true);
  pop_frame();
  if (m.inverse_index_map) {
    out_ += ", inverse_index_map=";
    index_map(*m.inverse_index_map);
  }
  out_ += ')';
}

METASCHEDULE_INLINE void Printer::type(const TypeNode* t) {
  if (const PrimType* prim = as<PrimType>(t)) {
    dtype_call(prim->dtype);
  } else if (const PointerType* pointer = as<PointerType>(t)) {
    const PrimType* element = as<PrimType>(pointer->element_type);
    out_ += t_ + "handle(\"" + (element ? metaschedule::to_string(element->dtype) : "void") + "\"";
    out_ += ", ";
    string(pointer->storage_scope.empty() ? "global" : pointer->storage_scope);
    out_ += ')';
  } else {
    out_ += "None";
  }
}

METASCHEDULE_INLINE void Printer::dict(const Dict& items) {
  out_ += '{';
  bool first = true;
  for (const auto& [key, item] : items) {
    if (!std::exchange(first, false)) out_ += ", ";
    string(key);
    out_ += ": ";
    value(item.get());
  }
  out_ += '}';
}

METASCHEDULE_INLINE void Printer::target_config(const Target& t) {
  auto entries = [](auto&& self, const Target& target) -> Dict {
    Dict out = target.attrs;
    std::vector<Ref<Node>> keys(target.keys.begin(), target.keys.end());
    out = out.with("keys", make<Array>(List<Node>(keys)));
    out = out.with("kind", make<String>(target.target_kind));
    out = out.with("tag", make<String>(target.tag));
    if (target.host) out = out.with("host", make<Map>(self(self, *target.host)));
    return out;
  };
  dict(entries(entries, t));
}

METASCHEDULE_INLINE void Printer::target(const Target& t) {
  out_ += t_ + "target(";
  target_config(t);
  out_ += ')';
}

METASCHEDULE_INLINE void Printer::vdevice(const VDevice& v) {
  out_ += i_ + "vdevice(";
  uses_ir_ = true;
  target_config(*v.target);
  fmt::format_to(std::back_inserter(out_), ", {}, ", v.vdevice_id);
  string(v.memory_scope);
  out_ += ')';
}

METASCHEDULE_INLINE void Printer::metadata(const Node& node) {
  size_t index = 0;
  for (const Ref<Node>& known : metadata_)
    if (known->kind == node.kind) ++index;
  metadata_.emplace_back(&node);
  fmt::format_to(std::back_inserter(out_), "metadata[\"{}\"][{}]", type_key(node.kind), index);
}

METASCHEDULE_INLINE void Printer::value(const Node* node) {
  if (!node) {
    out_ += "None";
    return;
  }
  switch (node->kind) {
    case Kind::String:
      return string(static_cast<const String*>(node)->value);
    case Kind::BoxInt:
      fmt::format_to(std::back_inserter(out_), "{}", static_cast<const BoxInt*>(node)->value);
      return;
    case Kind::BoxBool:
      out_ += static_cast<const BoxBool*>(node)->value ? "True" : "False";
      return;
    case Kind::BoxFloat: {
      const FloatImm imm(DType::float_(64), static_cast<const BoxFloat*>(node)->value);
      DType outer = std::exchange(float_dtype_, imm.dtype);
      float_imm(imm);
      float_dtype_ = outer;
      return;
    }
    case Kind::Array: {
      const auto& items = static_cast<const Array*>(node)->items;
      out_ += '[';
      for (size_t i = 0; i < items.size(); ++i) {
        if (i) out_ += ", ";
        value(items[i].get());
      }
      out_ += ']';
      return;
    }
    case Kind::Map:
      return dict(static_cast<const Map*>(node)->items);
    case Kind::Target:
      return target(*static_cast<const Target*>(node));
    case Kind::VDevice:
      return vdevice(*static_cast<const VDevice*>(node));
    case Kind::DummyGlobalInfo:
      out_ += i_ + "dummy_global_info()";
      uses_ir_ = true;
      return;
    case Kind::Range:
      return range_value(*static_cast<const Range*>(node));
    case Kind::Buffer:
      return buffer_name(*static_cast<const Buffer*>(node));
    case Kind::BufferRegion:
      return region(*static_cast<const BufferRegion*>(node));
    case Kind::CommReducer:
      return comm_reducer(*static_cast<const CommReducer*>(node));
    case Kind::IndexMap:
      return index_map(*static_cast<const IndexMap*>(node));
    case Kind::GlobalVar:
      out_ += i_ + "GlobalVar(";
      uses_ir_ = true;
      string(static_cast<const GlobalVar*>(node)->name_hint);
      out_ += ')';
      return;
    case Kind::IterVar: {
      const auto* iter = static_cast<const IterVar*>(node);
      out_ += t_ + "iter_var(";
      var(*iter->var);
      out_ += ", ";
      if (iter->dom) {
        out_ += t_ + "Range(";
        expr(iter->dom->min);
        out_ += ", ";
        expr(iter->dom->min + iter->dom->extent);
        out_ += ')';
      } else {
        out_ += "None";
      }
      out_ += ", \"";
      out_ += to_string(iter->iter_type);
      out_ += "\", ";
      string(iter->thread_tag);
      out_ += ')';
      return;
    }
    case Kind::Op:
      return string(static_cast<const Op*>(node)->name);
    case Kind::Tensor: {
      const auto* tensor = static_cast<const Tensor*>(node);
      const ComputeOp* compute = as<ComputeOp>(tensor->op);
      const PlaceholderOp* input = as<PlaceholderOp>(tensor->op);
      out_ += "Tensor(shape=";
      list(tensor->shape, '[', ']');
      out_ += ", op.name=" + (compute ? compute->name : input ? input->name : "extern") + ")";
      return;
    }
    default:
      if (is_type_kind(node->kind)) return type(static_cast<const TypeNode*>(node));
      if (is_expr_kind(node->kind)) return expr(*node, kLambda);
      return metadata(*node);
  }
}

}  // namespace metaschedule::script
