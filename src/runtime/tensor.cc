// SPDX-License-Identifier: Apache-2.0
#include "metaschedule/runtime/tensor.h"

#include <cstdlib>
#include <cstring>

#include "metaschedule/support/error.h"

namespace metaschedule::runtime {

size_t tensor_bytes(DType dtype, const std::vector<int64_t>& shape) {
  check<ValueError>(dtype.is_bool() || (dtype.bits > 0 && dtype.bits % 8 == 0 && dtype.lanes > 0),
                    "Tensor: expected a dtype of whole bytes, found {}", to_string(dtype));
  size_t bytes = static_cast<size_t>(dtype.bytes()) * static_cast<size_t>(dtype.lanes);
  for (int64_t size : shape) {
    check<ValueError>(size >= 0, "Tensor: expected sizes of at least 0, found {}", size);
    check<ValueError>(!__builtin_mul_overflow(bytes, static_cast<size_t>(size), &bytes),
                      "Tensor: the sizes multiply to more than memory can hold");
  }
  return bytes;
}

std::vector<int64_t> compact_strides(const std::vector<int64_t>& shape) {
  std::vector<int64_t> strides(shape.size());
  int64_t stride = 1;
  for (size_t d = shape.size(); d-- > 0; stride *= shape[d]) strides[d] = stride;
  return strides;
}

std::vector<int64_t> strides_unless_compact(const std::vector<int64_t>& shape,
                                            std::vector<int64_t> strides) {
  const std::vector<int64_t> compact = compact_strides(shape);
  bool is_compact = true, is_empty = false;
  for (size_t d = 0; d < shape.size(); ++d) {
    is_empty |= shape[d] == 0;
    if (shape[d] <= 1) continue;
    check<ValueError>(strides[d] >= 0,
                      "Tensor: expected strides of at least 0, found {} in axis {}", strides[d], d);
    is_compact &= strides[d] == compact[d];
  }
  if (is_compact || is_empty) return {};
  for (size_t d = 0; d < shape.size(); ++d)
    if (shape[d] == 1) strides[d] = compact[d];
  return strides;
}

Tensor Tensor::empty(DType dtype, std::vector<int64_t> shape) {
  Tensor t;
  size_t bytes = tensor_bytes(dtype, shape);
  size_t rounded = (std::max<size_t>(bytes, 1) + kAlignment - 1) / kAlignment * kAlignment;
  void* data = rounded < bytes ? nullptr : std::aligned_alloc(kAlignment, rounded);
  check<RunError>(data != nullptr, "Tensor: no memory for {} bytes", bytes);
  t.storage_ = std::shared_ptr<void>(data, std::free);
  t.dtype_ = dtype;
  t.shape_ = std::move(shape);
  return t;
}

namespace {

/// DLPack has a code of its own for booleans of one byte, and one for each kind of 8-bit float.
constexpr uint8_t kDLBool = 6, kDLFloat8E4M3FN = 10, kDLFloat8E5M2 = 12;

DType from_dl(DLDataType t) {
  switch (t.code) {
    case 0:
    case 1:
    case 2:
    case 4:
      return DType::make(static_cast<TypeCode>(t.code), t.bits, t.lanes);
    case kDLBool:
      return DType::boolean(t.lanes);
    case kDLFloat8E4M3FN:
      return DType::make(TypeCode::E4M3Float, t.bits, t.lanes);
    case kDLFloat8E5M2:
      return DType::make(TypeCode::E5M2Float, t.bits, t.lanes);
    default:
      fail<ValueError>("Tensor: expected integers, floats or bool, found DLPack type code {}",
                       static_cast<int>(t.code));
  }
}
DLDataType to_dl(DType t) {
  const auto lanes = static_cast<uint16_t>(t.lanes);
  if (t.is_bool()) return {kDLBool, 8, lanes};
  if (t.is_float8())
    return {t.code == TypeCode::E4M3Float ? kDLFloat8E4M3FN : kDLFloat8E5M2, 8, lanes};
  return {static_cast<uint8_t>(t.code), t.bits, lanes};
}

/// The tensor without its owner; raises ValueError for what is no tensor of ours.
Tensor read_dlpack(const DLTensor& from, std::shared_ptr<void> (*hold)(void*, void*),
                   void* context) {
  check<ValueError>(from.device.device_type == 1,
                    "Tensor: expected a tensor on the CPU, found device type {}",
                    from.device.device_type);
  const DType dtype = from_dl(from.dtype);
  std::vector<int64_t> shape(from.shape, from.shape + from.ndim);
  tensor_bytes(dtype, shape);
  std::vector<int64_t> strides;
  if (from.strides)
    strides = strides_unless_compact(shape, {from.strides, from.strides + from.ndim});
  void* data = static_cast<char*>(from.data) + from.byte_offset;
  const int element = dtype.element().bytes();
  check<ValueError>(
      reinterpret_cast<uintptr_t>(data) % static_cast<uintptr_t>(element & -element) == 0,
      "Tensor: expected data aligned to its elements of {} bytes", element);
  return Tensor::borrow(data, dtype, std::move(shape), hold(data, context), std::move(strides));
}

template <class Managed>
std::shared_ptr<void> hold(void* data, void* context) {
  auto* managed = static_cast<Managed*>(context);
  return std::shared_ptr<void>(data, [managed](void*) {
    if (managed->deleter) managed->deleter(managed);
  });
}

}  // namespace

Tensor Tensor::borrow(void* data, DType dtype, std::vector<int64_t> shape,
                      std::shared_ptr<void> owner, std::vector<int64_t> strides) {
  Tensor t;
  t.storage_ = std::shared_ptr<void>(std::move(owner), data);
  t.dtype_ = dtype;
  t.shape_ = std::move(shape);
  t.strides_ = std::move(strides);
  return t;
}

Tensor Tensor::from_dlpack(DLManagedTensor* managed) {
  check<ValueError>(managed != nullptr, "Tensor: expected a DLPack tensor, found null");
  return read_dlpack(managed->dl_tensor, hold<DLManagedTensor>, managed);
}

Tensor Tensor::from_dlpack(DLManagedTensorVersioned* managed, bool written) {
  check<ValueError>(managed != nullptr, "Tensor: expected a DLPack tensor, found null");
  check<ValueError>(managed->version.major == 1, "Tensor: expected DLPack 1.x, found {}.{}",
                    managed->version.major, managed->version.minor);
  check<ValueError>(!(written && (managed->flags & 1)),
                    "Tensor: expected one that can be written to, found a read-only one");
  return read_dlpack(managed->dl_tensor, hold<DLManagedTensorVersioned>, managed);
}

namespace {
struct Exported {
  DLManagedTensor managed;
  Tensor owner;
  std::vector<int64_t> shape, strides;
};
}  // namespace

DLManagedTensor* Tensor::to_dlpack() const {
  auto* exported = new Exported{{}, *this, shape_, strides_};
  DLTensor& out = exported->managed.dl_tensor;
  out.data = data();
  out.ndim = static_cast<int32_t>(shape_.size());
  out.dtype = to_dl(dtype_);
  out.shape = exported->shape.data();
  if (!strides_.empty()) out.strides = exported->strides.data();
  exported->managed.manager_ctx = exported;
  exported->managed.deleter = [](DLManagedTensor* self) {
    delete static_cast<Exported*>(self->manager_ctx);
  };
  return &exported->managed;
}

int64_t Tensor::num_elements() const {
  int64_t n = 1;
  for (int64_t size : shape_) n *= size;
  return n;
}

size_t Tensor::bytes() const {
  if (!storage_) return 0;
  if (strides_.empty() || num_elements() == 0) return tensor_bytes(dtype_, shape_);
  int64_t last = 0;
  for (size_t d = 0; d < shape_.size(); ++d) last += (shape_[d] - 1) * strides_[d];
  return tensor_bytes(dtype_, {last + 1});
}

namespace {
uint64_t next_random(uint64_t& state) {
  state += 0x9e3779b97f4a7c15u;
  uint64_t z = state;
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
  z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
  return z ^ (z >> 31);
}

template <class T, class F>
void fill_with(void* data, int64_t n, uint64_t state, F&& convert) {
  T* out = static_cast<T*>(data);
  // One draw serves two values of 32 bits each.
  for (int64_t i = 0; i < n; i += 2) {
    uint64_t bits = next_random(state);
    out[i] = convert(1.0f + 9.0f * static_cast<float>(bits >> 40) * 0x1p-24f);
    if (i + 1 < n)
      out[i + 1] = convert(1.0f + 9.0f * static_cast<float>((bits >> 8) & 0xffffff) * 0x1p-24f);
  }
}

/// A float in [1, 10) as half precision: cut off, which is near enough for timing.
uint16_t to_half(float v) {
  uint32_t bits;
  std::memcpy(&bits, &v, 4);
  return static_cast<uint16_t>((((bits >> 23) - 112) << 10) | ((bits >> 13) & 0x3ff));
}
uint16_t to_bfloat(float v) {
  uint32_t bits;
  std::memcpy(&bits, &v, 4);
  return static_cast<uint16_t>(bits >> 16);
}
}  // namespace

void fill_random(void* data, DType dtype, int64_t n, uint64_t seed) {
  n *= std::max<int>(dtype.lanes, 1);
  if (dtype.is_float() && dtype.bits == 32)
    return fill_with<float>(data, n, seed, [](float v) { return v; });
  if (dtype.is_float() && dtype.bits == 64)
    return fill_with<double>(data, n, seed, [](float v) { return static_cast<double>(v); });
  if (dtype.is_float() && dtype.bits == 16) return fill_with<uint16_t>(data, n, seed, to_half);
  if (dtype.is_bfloat16()) return fill_with<uint16_t>(data, n, seed, to_bfloat);
  if (dtype.is_bool()) return fill_with<uint8_t>(data, n, seed, [](float) { return uint8_t{1}; });
  switch (dtype.bytes()) {
    case 1:
      return fill_with<int8_t>(data, n, seed, [](float v) { return static_cast<int8_t>(v); });
    case 2:
      return fill_with<int16_t>(data, n, seed, [](float v) { return static_cast<int16_t>(v); });
    case 4:
      return fill_with<int32_t>(data, n, seed, [](float v) { return static_cast<int32_t>(v); });
    case 8:
      return fill_with<int64_t>(data, n, seed, [](float v) { return static_cast<int64_t>(v); });
    default:
      fail<ValueError>("fill_random: no values of dtype {}", to_string(dtype));
  }
}

}  // namespace metaschedule::runtime
