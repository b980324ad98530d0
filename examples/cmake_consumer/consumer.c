/* SPDX-License-Identifier: Apache-2.0 */
/* Calls the tuned matrix product and checks it. On small integers every order of summation is exact. */
#include <stdio.h>

#include "matmul.h"

enum { kSize = 64 };
_Alignas(64) static float a[kSize * kSize], b[kSize * kSize], c[kSize * kSize];

int main(void) {
  for (int i = 0; i < kSize * kSize; ++i) {
    a[i] = (float)(i % 7 - 3);
    b[i] = (float)(i % 5 - 2);
  }
  if (metaschedule_main(a, b, c) != 0) return 1;
  for (int i = 0; i < kSize; ++i) {
    for (int j = 0; j < kSize; ++j) {
      float sum = 0;
      for (int k = 0; k < kSize; ++k) sum += a[i * kSize + k] * b[k * kSize + j];
      if (sum != c[i * kSize + j]) {
        printf("C[%d, %d]: expected %g, found %g\n", i, j, sum, c[i * kSize + j]);
        return 2;
      }
    }
  }
  printf("the tuned product is right\n");
  return 0;
}
