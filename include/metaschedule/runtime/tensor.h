// SPDX-License-Identifier: Apache-2.0
// A tensor on the CPU: a type, a shape and shared storage, compact, row-major, aligned to 64 bytes.
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
  /// ValueError for what is not on the CPU, not compact or not aligned.
  static Tensor from_dlpack(DLManagedTensor* tensor);
  /// A view for another library, which must call its deleter. Shares the storage.
  DLManagedTensor* to_dlpack() const;

  explicit operator bool() const { return storage_ != nullptr; }
  void* data() const { return storage_.get(); }
  DType dtype() const { return dtype_; }
  const std::vector<int64_t>& shape() const { return shape_; }
  int64_t num_elements() const;
  size_t bytes() const;

 private:
  std::shared_ptr<void> storage_;
  DType dtype_;
  std::vector<int64_t> shape_;
};

/// Bytes of a compact tensor; bool takes one byte. Raises ValueError where Tensor::empty would.
size_t tensor_bytes(DType dtype, const std::vector<int64_t>& shape);

/// Fills memory with values drawn uniformly from [1, 10), cast to the dtype: what candidates are
/// measured with. The same seed gives the same values.
void fill_random(void* data, DType dtype, int64_t num_elements, uint64_t seed);

}  // namespace metaschedule::runtime
