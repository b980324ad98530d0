/* SPDX-License-Identifier: Apache-2.0 */
/* The C ABI of compiled programs. An object has no undefined symbol: what a kernel needs from
 * outside it reaches through the table it is handed. Exported C headers repeat this text, so it is
 * C as well as C++. */
#ifndef METASCHEDULE_CODEGEN_ABI_H_
#define METASCHEDULE_CODEGEN_ABI_H_

#include <stdint.h>

/* Runs iterations [begin, end) of a parallel loop; 0 is success. */
typedef int32_t (*metaschedule_body)(void* closure, int64_t begin, int64_t end);

/* The services of the caller. Any thread that runs a body may call them. */
typedef struct metaschedule_runtime {
  /* Runs `body` over [0, extent) in one piece or in many at once; gives the first code that is not
   * 0. */
  int32_t (*parallel_for)(const struct metaschedule_runtime* self, metaschedule_body body,
                          void* closure, int64_t extent);
  /* Memory aligned to 64 bytes, or null; freed by the thread that took it, last taken first. */
  void* (*allocate)(const struct metaschedule_runtime* self, int64_t bytes);
  void (*release)(const struct metaschedule_runtime* self, void* memory);
  /* Takes note of the text of a failed assertion. */
  void (*report)(const struct metaschedule_runtime* self, const char* message);
  /* The address of a C function, or null: for call_extern and double-precision maths only. */
  void* (*find)(const struct metaschedule_runtime* self, const char* name);
} metaschedule_runtime;

/* One function: `args[i]` is the data of tensor i or the address of scalar i, then the addresses of
 * the int64 values of the symbolic sizes and strides. 0 is success. Tensors are compact unless the
 * function's remark gives strides (in elements), aligned as it says, and those that are written
 * overlap no other. */
typedef int32_t (*metaschedule_entry)(void* const* args, const metaschedule_runtime* runtime);

/* What a function returns when it does not return 0. */
enum {
  METASCHEDULE_ASSERTION_FAILED = -1,
  METASCHEDULE_OUT_OF_MEMORY = -2,
  METASCHEDULE_SYMBOL_MISSING = -3,
  METASCHEDULE_NO_TILES = -4 /* AMX is missing here, or refused by the system */
};

#endif /* METASCHEDULE_CODEGEN_ABI_H_ */
