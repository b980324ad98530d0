// SPDX-License-Identifier: Apache-2.0
// annotate, unannotate and enter_postproc.
#pragma once

#include "metaschedule/ir/op.h"
#include "metaschedule/schedule/run-inl.h"

namespace metaschedule {

namespace detail {

// The value that stands in the program: sampled numbers evaluated, boxed numbers as constants.
inline Ref<Node> annotation_value(const ScheduleState& state, const Ref<Node>& value) {
  auto reject = [](const char* what) {
    fail<TypeError>(
        "Only strings, integers, floats, ExprRVs and Arrays are supported for now, but gets: {}",
        what);
  };
  if (!value) reject("None");
  switch (value->kind) {
    case Kind::String:
    case Kind::IntImm:
    case Kind::FloatImm:
      return value;
    case Kind::BoxInt:
      return i32(static_cast<const BoxInt&>(*value).value);
    case Kind::BoxFloat:
      return make<FloatImm>(kFloat32, static_cast<const BoxFloat&>(*value).value);
    case Kind::BoxBool:
      return int_imm(kBool, static_cast<const BoxBool&>(*value).value);
    case Kind::StringImm:
      reject("tir.StringImm");
      return nullptr;
    case Kind::Array: {
      std::vector<Ref<Node>> items;
      for (const auto& item : static_cast<const Array&>(*value).items)
        items.push_back(annotation_value(state, item));
      return make<Array>(List<Node>(items));
    }
    case Kind::Map: {
      std::vector<Dict::Item> items;
      for (const auto& [key, item] : static_cast<const Map&>(*value).items)
        items.emplace_back(key, annotation_value(state, item));
      return make<Map>(Dict(std::move(items)));
    }
    default:
      if (!is_expr_kind(value->kind)) reject(std::string(type_key(value->kind)).c_str());
      return state.evaluate(cast_to<ExprNode>(value));
  }
}

// The annotations of a loop or block at the end of a path, replaced.
inline void set_annotations(ScheduleState& state, const Path& path, Dict annotations) {
  if (const For* loop = as<For>(path.back())) {
    auto copy = mutate(*loop);
    copy->annotations = std::move(annotations);
    return state.replace(path, Stmt(copy));
  }
  const auto& realize = static_cast<const BlockRealize&>(*path.back());
  auto copy = mutate(realize.block);
  copy->annotations = std::move(annotations);
  state.replace(path, with_block(realize, copy));
}
inline const Dict& annotations_of(const Path& path) {
  if (const For* loop = as<For>(path.back())) return loop->annotations;
  return block_of(*path.back()).annotations;
}

}  // namespace detail

METASCHEDULE_INLINE void Annotate::apply(ScheduleState& state, std::vector<TableEntry>&) {
  Ref<Node> value = detail::annotation_value(state, ann_val.value);
  Path path = state.path_of(block_or_loop);
  const Dict& old = detail::annotations_of(path);
  if (old.contains(ann_key)) return;
  detail::set_annotations(state, path, old.with(ann_key, std::move(value)));
}
METASCHEDULE_INLINE void Unannotate::apply(ScheduleState& state, std::vector<TableEntry>&) {
  Path path = state.path_of(block_or_loop);
  const Dict& old = detail::annotations_of(path);
  check<KeyError>(old.contains(ann_key), "IndexError: Cannot find annotation key: {}", ann_key);
  detail::set_annotations(state, path, old.without(ann_key));
}

METASCHEDULE_INLINE void AnnotationMethods::annotate(BlockOrLoopRV block_or_loop,
                                                     std::string ann_key, Ref<Node> ann_val) {
  static_cast<Schedule*>(this)->run(
      Annotate{block_or_loop, std::move(ann_key), {std::move(ann_val)}});
}
METASCHEDULE_INLINE void AnnotationMethods::unannotate(BlockOrLoopRV block_or_loop,
                                                       std::string ann_key) {
  static_cast<Schedule*>(this)->run(Unannotate{block_or_loop, std::move(ann_key)});
}
METASCHEDULE_INLINE void AnnotationMethods::enter_postproc() {
  static_cast<Schedule*>(this)->run(EnterPostproc{});
}

}  // namespace metaschedule
