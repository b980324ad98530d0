// SPDX-License-Identifier: Apache-2.0
// The bodies of access.h.
#pragma once

#include <algorithm>

#include "metaschedule/ir/access.h"
#include "metaschedule/support/config.h"

namespace metaschedule {

namespace detail {
/// The last index as a vector of neighbours, unless it is one already.
inline Exprs with_lanes(Exprs indices, int lanes) {
  if (lanes <= 1 || indices.empty() || !indices.back()->dtype.is_scalar()) return indices;
  const Expr base = indices.back();
  return Exprs(
      indices.with(indices.size() - 1, make<Ramp>(base, int_imm(base->dtype, 1), i32(lanes))));
}
}  // namespace detail

METASCHEDULE_INLINE Expr vload(const BufferRef& buffer, Exprs begin, std::optional<DType> dtype,
                               const Expr& predicate) {
  if (dtype) {
    begin =
        detail::with_lanes(std::move(begin), dtype->lanes / std::max<int>(buffer->dtype.lanes, 1));
  }
  return make<BufferLoad>(buffer, begin, predicate);
}

METASCHEDULE_INLINE Stmt vstore(const BufferRef& buffer, Exprs begin, const Expr& value,
                                const Expr& predicate) {
  const int lanes = buffer->dtype.lanes * (begin.empty() ? 1 : begin.back()->dtype.lanes);
  if (value->dtype.lanes != lanes) begin = detail::with_lanes(std::move(begin), value->dtype.lanes);
  return make<BufferStore>(buffer, value, begin, predicate);
}

METASCHEDULE_INLINE int64_t access_mask(std::string_view mode) {
  int64_t mask = 0;
  for (char c : mode) {
    check<ValueError>(c == 'r' || c == 'w',
                      "access_mask: expected \"r\", \"w\" or \"rw\", found {}", mode);
    mask |= c == 'r' ? 1 : 2;
  }
  return mask;
}

METASCHEDULE_INLINE Expr access_ptr(const Buffer& buffer, int64_t mask, const Expr& offset,
                                    const Expr& extent) {
  Expr size = i32(1);
  for (const Expr& dim : buffer.shape) size = size * dim;
  Expr start = offset ? buffer.elem_offset + offset : buffer.elem_offset;
  Expr count = extent ? extent : (offset ? size - offset : size);
  return call(DType::handle(), "tvm_access_ptr",
              {call(buffer.dtype, "type_annotation", {}), buffer.data, start, count, i32(mask)});
}

METASCHEDULE_INLINE Exprs offset_of(const Buffer& buffer, const Exprs& indices) {
  check<ValueError>(indices.size() == buffer.ndim(),
                    "buffer {} is {}-dimensional, but is indexed with {} indices", buffer.name,
                    buffer.ndim(), indices.size());
  if (buffer.has_strides()) {
    Expr out = buffer.elem_offset;
    for (size_t d = 0; d < indices.size(); ++d) out = out + indices[d] * buffer.strides[d];
    return {out};
  }
  std::vector<Expr> out;
  Expr flat = buffer.axis_separators.empty() ? buffer.elem_offset : Expr();
  size_t separator = 0;
  bool first = true;
  Expr row = make_zero(indices.empty() ? kInt32 : indices[0]->dtype);
  for (size_t d = 0; d < indices.size(); ++d) {
    const bool cut = separator < buffer.axis_separators.size() &&
                     is_const_int(buffer.axis_separators[separator], static_cast<int64_t>(d));
    if (cut) {
      out.push_back(row);
      ++separator;
      first = true;
    }
    row = first ? indices[d] : row * buffer.shape[d] + indices[d];
    first = false;
  }
  out.push_back(flat && !is_zero(flat) ? flat + row : row);
  return out;
}

}  // namespace metaschedule
