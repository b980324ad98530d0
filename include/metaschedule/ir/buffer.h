// SPDX-License-Identifier: Apache-2.0
// Buffers and regions of them.
#pragma once

#include "metaschedule/ir/expr.h"

namespace metaschedule {

enum class BufferType : int32_t { Default = 1, AutoBroadcast = 2 };

/// A named, shaped view of memory. Two buffers with equal fields are still two buffers.
struct Buffer : Node {
  METASCHEDULE_NODE(Buffer, Node)
  VarRef data;  // pointer to the storage dtype, with the storage scope
  DType dtype;
  Exprs shape;
  Exprs strides;          // empty: compact, row-major
  Exprs axis_separators;  // IntImm, increasing
  Expr elem_offset;       // in elements
  std::string name;
  int32_t data_alignment = 64;  // bytes
  int32_t offset_factor = 1;    // elem_offset is a multiple of it
  BufferType buffer_type = BufferType::Default;
  static FieldList fields() {
    return {field("data", &Buffer::data, kDef | kNoWalk),
            field("dtype", &Buffer::dtype),
            field("shape", &Buffer::shape, kDef),
            field("strides", &Buffer::strides, kDef),
            field("axis_separators", &Buffer::axis_separators, kDef),
            field("elem_offset", &Buffer::elem_offset, kDef),
            field("name", &Buffer::name, kIgnore),
            field("data_alignment", &Buffer::data_alignment),
            field("offset_factor", &Buffer::offset_factor, kIgnore),
            field("buffer_type", &Buffer::buffer_type)};
  }
  size_t ndim() const { return shape.size(); }
  /// Whether the strides count: one for each dimension. (Some programs of the reference carry a
  /// list of another length, which says nothing; the buffer is compact then.)
  bool has_strides() const { return !strides.empty() && strides.size() == shape.size(); }
  /// The storage scope of the data pointer; "" reads as "global".
  std::string scope() const;
};
using BufferRef = Ref<Buffer>;

/// The dtype that memory holds for elements of `dtype`: bool is stored as int8.
DType storage_dtype(DType dtype);

/// A compact buffer with a data pointer of its own. `scope` "" is "global".
BufferRef decl_buffer(Exprs shape, DType dtype = kFloat32, std::string name = "buffer",
                      std::string scope = "");
/// The same buffer (name, shape, …) with a new data pointer in `scope`.
BufferRef with_scope(const Buffer& buffer, const std::string& scope);

/// A box in a buffer: one range for each dimension.
struct BufferRegion : Node {
  METASCHEDULE_NODE(BufferRegion, Node)
  BufferRegion(BufferRef b, Ranges r);
  BufferRef buffer;
  Ranges region;
  static FieldList fields() {
    return {field("buffer", &BufferRegion::buffer, kNoWalk),
            field("region", &BufferRegion::region)};
  }
};
using BufferRegions = List<BufferRegion>;
/// The region that covers the buffer.
Ref<BufferRegion> full_region(const BufferRef& buffer);
/// The region of one point.
Ref<BufferRegion> point_region(const BufferRef& buffer, const Exprs& indices);

/// `buffer` is an alias of the region `source` of another buffer.
struct MatchBufferRegion : Node {
  METASCHEDULE_NODE(MatchBufferRegion, Node)
  MatchBufferRegion(BufferRef b, Ref<BufferRegion> s) : MatchBufferRegion() {
    buffer = std::move(b);
    source = std::move(s);
  }
  BufferRef buffer;
  Ref<BufferRegion> source;
  static FieldList fields() {
    return {field("buffer", &MatchBufferRegion::buffer, kDef | kNoWalk),
            field("source", &MatchBufferRegion::source)};
  }
};

}  // namespace metaschedule
