// SPDX-License-Identifier: Apache-2.0
// unsafe_set_dtype and set_axis_separator.
#pragma once

#include "metaschedule/schedule/primitives/buffer-inl.h"
#include "metaschedule/schedule/primitives/buffer_fields.h"

namespace metaschedule {

namespace detail {

/// Casts around loads and stores of buffers that hold another type from now on.
class DTypeCaster : public Rewriter {
 public:
  explicit DTypeCaster(const BufferMap& map) : map_(map) {}
  Ref<Node> visit(const Node& node) override {
    Ref<Node> inside = rewrite_children(node);
    const Node& now = inside ? *inside : node;
    if (const BufferLoad* load = as<BufferLoad>(&now)) {
      auto it = map_.find(load->buffer.get());
      if (it == map_.end()) return inside;
      Expr fresh = make<BufferLoad>(it->second, load->indices, load->predicate);
      return make<Cast>(load->dtype, fresh);
    }
    if (const BufferStore* store = as<BufferStore>(&now)) {
      auto it = map_.find(store->buffer.get());
      if (it == map_.end()) return inside;
      DType dtype = it->second->dtype.with_lanes(store->value->dtype.lanes);
      return make<BufferStore>(it->second, make<Cast>(dtype, store->value), store->indices,
                               store->predicate);
    }
    return inside;
  }

 private:
  const BufferMap& map_;
};

/// What an element of a buffer may be.
inline bool is_stored_dtype(DType dtype) {
  auto has = [&](std::initializer_list<int> bits) {
    return std::find(bits.begin(), bits.end(), dtype.bits) != bits.end();
  };
  if (dtype.lanes != 1) return false;
  switch (dtype.code) {
    case TypeCode::Int:
    case TypeCode::UInt:
      return has({1, 4, 8, 16, 32, 64});
    case TypeCode::Float:
      return has({16, 32, 64});
    case TypeCode::BFloat:
      return has({16});
    case TypeCode::E4M3Float:
    case TypeCode::E5M2Float:
      return has({8});
    case TypeCode::Handle:
      return false;
  }
  return false;
}

inline BufferRef with_dtype(const Buffer& buffer, DType dtype) {
  auto out = mutate(buffer);
  out->dtype = dtype;
  out->data =
      make<Var>(buffer.data->name, Type(make<PointerType>(make<PrimType>(dtype), buffer.scope())));
  return out;
}

inline BufferRef with_separators(const Buffer& buffer, const std::vector<int64_t>& separators) {
  std::vector<Expr> list;
  for (int64_t s : separators) list.push_back(i32(s));
  auto out = mutate(buffer);
  out->axis_separators = list;
  return out;
}

}  // namespace detail

METASCHEDULE_INLINE void UnsafeSetDType::apply(ScheduleState& state, std::vector<TableEntry>&) {
  Path path = state.path_of(block);
  const Buffer& buffer = *nth_region(block_of(*path.back()), buffer_index, true).buffer;
  DType target = DType::parse(dtype);
  check<ValueError>(detail::is_stored_dtype(target),
                    "unsafe_set_dtype: expected the type of one element, integers of 1, 4, 8, 16, "
                    "32 or 64 bits or floats of 8, 16, 32 or 64, found {}",
                    dtype);
  if (buffer.dtype == target) return;
  size_t level = detail::check_allocated(path, buffer);
  Stmt scope(path.nodes[level]);
  BufferMap map{{&buffer, detail::with_dtype(buffer, target)}};
  for (const BlockRealize* realize : all_blocks(*scope))
    for (const auto& match : realize->block->match_buffers)
      if (map.count(match->source->buffer.get()))
        map.emplace(match->buffer.get(), detail::with_dtype(*match->buffer, target));
  state.replace(path, level, replace_buffers(detail::DTypeCaster(map)(scope), map));
}

METASCHEDULE_INLINE void SetAxisSeparator::apply(ScheduleState& state, std::vector<TableEntry>&) {
  Path path = state.path_of(block);
  BufferRef old = nth_region(block_of(*path.back()), buffer.index, buffer.is_write).buffer;
  auto ndim = static_cast<int64_t>(old->ndim());
  for (size_t i = 0; i < axis_separators.size(); ++i) {
    int64_t s = axis_separators[i];
    bool increasing = i == 0 || s >= axis_separators[i - 1];
    check<ValueError>(s >= 0 && s <= ndim && increasing,
                      "set_axis_separator: expected increasing positions from 0 to {}, found {}",
                      ndim, s);
  }
  int level = allocating_block(path, old.get());
  const auto& params = state.function(path).buffer_map;
  bool is_param = std::any_of(params.begin(), params.end(),
                              [&](const auto& entry) { return entry.second.get() == old.get(); });
  if (level < 0 && !is_param) {
    refuse(
        fmt::format("The buffer {} is a subregion of another buffer: it is defined in "
                    "`match_buffer` of a block",
                    old->name));
  }
  size_t top = level < 0 ? 0 : static_cast<size_t>(level);
  Stmt scope(path.nodes[top]);
  BufferRef now = detail::with_separators(*old, axis_separators);
  BufferMap map{{old.get(), now}};
  std::vector<int64_t> zeros(axis_separators.size(), 0);
  for (const BlockRealize* realize : all_blocks(*scope)) {
    for (const auto& match : realize->block->match_buffers) {
      auto it = map.find(match->source->buffer.get());
      if (it == map.end()) continue;
      // A view of fewer dimensions has no place for the groups.
      bool same = match->buffer->ndim() == it->second->ndim();
      map.emplace(match->buffer.get(),
                  detail::with_separators(*match->buffer, same ? axis_separators : zeros));
    }
  }
  Stmt rewritten = replace_buffers(scope, map);
  ModuleRef program = state.program;
  replace_stmt(program, path, top, rewritten);
  if (level < 0) {
    auto func = mutate(cast_to<PrimFunc>(*program->functions[path.function].second));
    for (auto& [param, declared] : func->buffer_map)
      if (declared.get() == old.get()) declared = now;
    auto module = mutate(program);
    module->functions[path.function].second = PrimFuncRef(func);
    program = module;
  }
  state.program = std::move(program);
}

METASCHEDULE_INLINE void BufferFieldMethods::unsafe_set_dtype(BlockRV block, int64_t buffer_index,
                                                              std::string dtype) {
  static_cast<Schedule*>(this)->run(UnsafeSetDType{block, buffer_index, std::move(dtype)});
}
METASCHEDULE_INLINE void BufferFieldMethods::set_axis_separator(
    BlockRV block, BufferArg buffer, std::vector<int64_t> axis_separators) {
  static_cast<Schedule*>(this)->run(SetAxisSeparator{block, buffer, std::move(axis_separators)});
}

}  // namespace metaschedule
