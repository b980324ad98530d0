// SPDX-License-Identifier: Apache-2.0
// The structs of DLPack, field for field: how tensors are passed between libraries.
#pragma once

#include <cstdint>

namespace metaschedule::runtime {

struct DLDevice {
  int32_t device_type = 1;  // 1: CPU
  int32_t device_id = 0;
};
struct DLDataType {
  uint8_t code = 0;
  uint8_t bits = 0;
  uint16_t lanes = 1;
};
struct DLTensor {
  void* data = nullptr;
  DLDevice device;
  int32_t ndim = 0;
  DLDataType dtype;
  int64_t* shape = nullptr;
  int64_t* strides = nullptr;  // null: compact, row-major
  uint64_t byte_offset = 0;
};
struct DLManagedTensor {
  DLTensor dl_tensor;
  void* manager_ctx = nullptr;
  void (*deleter)(DLManagedTensor* self) = nullptr;
};

/// The same since version 1.0.
struct DLManagedTensorVersioned {
  struct {
    uint32_t major = 1, minor = 0;
  } version;
  void* manager_ctx = nullptr;
  void (*deleter)(DLManagedTensorVersioned* self) = nullptr;
  uint64_t flags = 0;  // bit 0: read-only
  DLTensor dl_tensor;
};

}  // namespace metaschedule::runtime
