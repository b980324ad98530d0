// SPDX-License-Identifier: Apache-2.0
// Inside the interpreter: where the elements of buffers lie.
#pragma once

#include "metaschedule/interp/compiler.h"

namespace metaschedule::interp::detail {

METASCHEDULE_INLINE int Compiler::slot(const Var* var) const {
  auto it = slots_.find(var);
  if (it == slots_.end()) fail<VerifyError>("interpreter: variable {} is not defined", var->name);
  return it->second;
}
METASCHEDULE_INLINE int Compiler::new_slot(const Var* var, int lanes) {
  const int slot = static_cast<int>(out_.num_vars);
  out_.num_vars += lanes;
  if (var) slots_[var] = slot;
  return slot;
}
METASCHEDULE_INLINE int Compiler::storage_of(const Var* data) {
  auto it = storage_.find(data);
  if (it == storage_.end())
    fail<VerifyError>("interpreter: nothing allocates the memory of {}", data->name);
  return it->second;
}
METASCHEDULE_INLINE int Compiler::new_storage(const Var* data) {
  // A variable that is allocated in two places keeps its slot: buffers are tied to it.
  auto [it, added] = storage_.emplace(data, static_cast<int>(out_.num_storage));
  if (added) ++out_.num_storage;
  return it->second;
}

METASCHEDULE_INLINE std::vector<Code> Compiler::strides_of(const Buffer& buffer) {
  std::vector<Code> strides;
  if (buffer.has_strides()) {
    for (const Expr& s : buffer.strides) strides.push_back(expr(s));
    return strides;
  }
  Expr running = int_imm(kInt64, 1);
  std::vector<Expr> compact(buffer.ndim());
  for (size_t i = buffer.ndim(); i-- > 0;) {
    compact[i] = running;
    running = running * cast(kInt64, buffer.shape[i]);
  }
  for (const Expr& s : compact) strides.push_back(expr(s));
  return strides;
}

METASCHEDULE_INLINE std::shared_ptr<const Access> Compiler::access(const Buffer& buffer) {
  auto& entry = accesses_[&buffer];
  if (entry) return entry;
  auto a = std::make_shared<Access>();
  a->name = buffer.name;
  a->dtype = buffer.dtype;
  a->storage = storage_of(buffer.data.get());
  for (const Expr& s : buffer.shape) a->shape.push_back(expr(s));
  a->strides = strides_of(buffer);
  if (buffer.elem_offset && !is_zero(buffer.elem_offset)) a->offset = expr(buffer.elem_offset).eval;
  entry = a;
  return a;
}

namespace detail_access {
inline std::string tuple_text(const std::vector<int64_t>& values) {
  return fmt::format("[{}]", fmt::join(values, ", "));
}
/// A vector longer than a row goes on in the rows that follow in memory; other indices are to be
/// less than the extent.
inline bool within(int64_t index, int64_t extent, int lanes) {
  return index >= 0 && (index < extent || lanes > extent);
}
}  // namespace detail_access

METASCHEDULE_INLINE std::function<int64_t(Frame&, int)> Compiler::address(
    const Buffer& buffer, std::vector<Code> indices) {
  if (auto it = views_.find(&buffer); it != views_.end()) {
    // Check against the shape of the view, then go on in the source.
    const View view = it->second;
    auto shape = std::make_shared<std::vector<Code>>();
    for (const Expr& s : buffer.shape) shape->push_back(expr(s));
    const size_t lead = view.source->ndim() - indices.size();
    std::vector<Code> shifted;
    for (size_t d = 0; d < view.source->ndim(); ++d) {
      const int corner = view.corner[d];
      if (d < lead) {
        shifted.push_back({[corner](Frame& f, int) { return f.vars[corner]; }, kInt64});
        continue;
      }
      Code index = std::move(indices[d - lead]);
      const DType dtype = index.dtype;
      shifted.push_back(
          {[corner, shape, name = buffer.name, dim = d - lead,
            lanes = d + 1 == view.source->ndim() ? dtype.lanes : 1,
            index = std::move(index.eval)](Frame& f, int lane) {
             const int64_t i = index(f, lane).i;
             if (!detail_access::within(i, (*shape)[dim].integer(f), lanes)) [[unlikely]]
               fail<RunError>("interpreter: index {} of dimension {} of {} is out of bounds", i,
                              dim, name);
             return of_int(f.vars[corner].i + i);
           },
           dtype});
    }
    return address(*view.source, std::move(shifted));
  }
  check<VerifyError>(indices.size() == buffer.ndim(),
                     "interpreter: {} has {} dimensions, found {} indices", buffer.name,
                     buffer.ndim(), indices.size());
  auto a = access(buffer);
  const int width = a->dtype.bytes() * std::max<int>(1, a->dtype.lanes);
  return [a, width, indices = std::move(indices)](Frame& f, int lane) {
    int64_t offset = a->offset ? a->offset(f, 0).i : 0;
    for (size_t d = 0; d < indices.size(); ++d) {
      const int64_t i = indices[d].eval(f, indices[d].dtype.lanes > 1 ? lane : 0).i;
      const int lanes = d + 1 == indices.size() ? indices[d].dtype.lanes : 1;
      if (!detail_access::within(i, a->shape[d].integer(f), lanes)) [[unlikely]] {
        std::vector<int64_t> at, shape;
        for (const Code& c : indices) at.push_back(c.eval(f, c.dtype.lanes > 1 ? lane : 0).i);
        for (const Code& c : a->shape) shape.push_back(c.integer(f));
        fail<RunError>("interpreter: {}{} is out of bounds of the shape {}", a->name,
                       detail_access::tuple_text(at), detail_access::tuple_text(shape));
      }
      offset += i * a->strides[d].integer(f);
    }
    const int64_t byte = offset * width;
    const Storage& storage = f.storage[a->storage];
    if (byte < 0 || byte + width > storage.bytes) [[unlikely]]
      fail<RunError>("interpreter: element {} of {} lies outside its memory of {} bytes", offset,
                     a->name, storage.bytes);
    return byte;
  };
}

}  // namespace metaschedule::interp::detail
