// SPDX-License-Identifier: Apache-2.0
// A tensor on the CPU: a type, a shape and shared storage, compact and row-major unless it has
// strides. What is made here is aligned to 64 bytes, what another library lends at least to its
// elements.
#pragma once

#include <memory>
#include <vector>

#include "metaschedule/ir/dtype.h"
#include "metaschedule/runtime/dlpack.h"

namespace metaschedule::runtime {

inline constexpr size_t kAlignment = 64;

class Tensor {
 public:
  Tensor() = default;
  /// Memory that is not initialised. Raises ValueError for a negative size or a dtype without a
  /// whole number of bytes, RunError when there is no memory.
  static Tensor empty(DType dtype, std::vector<int64_t> shape);
  /// Takes over a tensor of another library, which is told when the last user is gone. Raises
  /// ValueError for what is not on the CPU, has a negative stride or is not aligned to its
  /// elements.
  static Tensor from_dlpack(DLManagedTensor* tensor);
  /// Also refuses a tensor that is read-only when it is to be written to, and a version of DLPack
  /// that is not 1.x.
  static Tensor from_dlpack(DLManagedTensorVersioned* tensor, bool written);
  /// Memory of somebody else, which `owner` keeps alive.
  static Tensor borrow(void* data, DType dtype, std::vector<int64_t> shape,
                       std::shared_ptr<void> owner, std::vector<int64_t> strides = {});
  /// A view for another library, which must call its deleter. Shares the storage.
  DLManagedTensor* to_dlpack() const;

  explicit operator bool() const { return storage_ != nullptr; }
  void* data() const { return storage_.get(); }
  DType dtype() const { return dtype_; }
  const std::vector<int64_t>& shape() const { return shape_; }
  /// Elements from one index to the next in each axis; empty when the tensor is compact.
  const std::vector<int64_t>& strides() const { return strides_; }
  int64_t num_elements() const;
  /// From the first element to the end of the last one.
  size_t bytes() const;

 private:
  std::shared_ptr<void> storage_;
  DType dtype_;
  std::vector<int64_t> shape_, strides_;
};

/// Strides of a compact tensor, in elements.
std::vector<int64_t> compact_strides(const std::vector<int64_t>& shape);
/// The strides, or none where they are those of a compact tensor (axes of size 1 are free). Raises
/// ValueError for a negative one.
std::vector<int64_t> strides_unless_compact(const std::vector<int64_t>& shape,
                                            std::vector<int64_t> strides);

/// Bytes of a compact tensor; bool takes one byte. Raises ValueError where Tensor::empty would.
size_t tensor_bytes(DType dtype, const std::vector<int64_t>& shape);

/// Fills memory with values drawn uniformly from [1, 10), cast to the dtype: what candidates are
/// measured with. The same seed gives the same values.
void fill_random(void* data, DType dtype, int64_t num_elements, uint64_t seed);

}  // namespace metaschedule::runtime
