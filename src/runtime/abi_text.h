// SPDX-License-Identifier: Apache-2.0
// What exported C headers begin with: the text of codegen/abi.h, which a test compares with that
// file, and a runtime for those who have none.
#pragma once

namespace metaschedule::codegen {

// clang-format off
inline constexpr const char* kAbiText = R"abi(/* SPDX-License-Identifier: Apache-2.0 */
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
)abi";

inline constexpr const char* kRuntimeText = R"c(
#ifndef METASCHEDULE_C
#ifdef __cplusplus
#define METASCHEDULE_C extern "C"
#else
#define METASCHEDULE_C extern
#endif
#endif

/* A runtime of its own: OpenMP's threads where the file is compiled with them, else one thread.
 * Define METASCHEDULE_NO_DEFAULT_RUNTIME to bring another, as metaschedule_default_runtime(). */
#if !defined(METASCHEDULE_NO_DEFAULT_RUNTIME) && !defined(METASCHEDULE_DEFAULT_RUNTIME_)
#define METASCHEDULE_DEFAULT_RUNTIME_

#include <stdio.h>
#include <stdlib.h>
#ifdef _OPENMP
#include <omp.h>
#endif

static inline int32_t metaschedule_default_parallel_for(const metaschedule_runtime* self,
                                                        metaschedule_body body, void* closure,
                                                        int64_t extent) {
  (void)self;
#ifdef _OPENMP
  int64_t pieces = omp_get_max_threads() < extent ? omp_get_max_threads() : extent;
  int32_t code = 0;
#pragma omp parallel for schedule(static, 1)
  for (int64_t i = 0; i < pieces; ++i) {
    int32_t one = body(closure, extent / pieces * i + (extent % pieces < i ? extent % pieces : i),
                       extent / pieces * (i + 1) +
                           (extent % pieces < i + 1 ? extent % pieces : i + 1));
    if (one != 0) {
#pragma omp atomic write
      code = one;
    }
  }
  return code;
#else
  return body(closure, 0, extent);
#endif
}
/* The address that malloc gave stands before the aligned memory. */
static inline void* metaschedule_default_allocate(const metaschedule_runtime* self, int64_t bytes) {
  char* memory = (char*)malloc((size_t)bytes + 64 + sizeof(void*));
  char* aligned;
  (void)self;
  if (memory == NULL) return NULL;
  aligned = (char*)(((uintptr_t)memory + sizeof(void*) + 63) / 64 * 64);
  ((void**)aligned)[-1] = memory;
  return aligned;
}
static inline void metaschedule_default_release(const metaschedule_runtime* self, void* memory) {
  (void)self;
  if (memory != NULL) free(((void**)memory)[-1]);
}
static inline void metaschedule_default_report(const metaschedule_runtime* self,
                                               const char* message) {
  (void)self;
  fprintf(stderr, "metaschedule: %s\n", message);
}
static inline void* metaschedule_default_find(const metaschedule_runtime* self, const char* name) {
  (void)self, (void)name;
  return NULL;
}
static inline const metaschedule_runtime* metaschedule_default_runtime(void) {
  static const metaschedule_runtime table = {
      metaschedule_default_parallel_for, metaschedule_default_allocate,
      metaschedule_default_release, metaschedule_default_report, metaschedule_default_find};
  return &table;
}
#endif
)c";
// clang-format on

}  // namespace metaschedule::codegen
