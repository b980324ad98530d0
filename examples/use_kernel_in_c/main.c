/* SPDX-License-Identifier: Apache-2.0 */
/* Uses a kernel that export_kernel wrote, from plain C: no library of ours is linked.
 *
 *   export_kernel .
 *   cc -o layer main.c layer.o && ./layer              one thread
 *   cc -fopenmp -o layer main.c layer.o && ./layer     the threads of OpenMP
 */
#include <stdio.h>

#include "layer.h"

static float a[96 * 64], b[64 * 128], bias[128], d[96 * 128];

int main(void) {
  int i, j, k;
  for (i = 0; i < 96 * 64; ++i) a[i] = (float)(i % 7 - 3);
  for (i = 0; i < 64 * 128; ++i) b[i] = (float)(i % 5 - 2);
  for (i = 0; i < 128; ++i) bias[i] = (float)i;
  if (layer(a, b, bias, d) != 0) return 1;
  for (i = 0; i < 96; ++i)
    for (j = 0; j < 128; ++j) {
      float expected = bias[j];
      for (k = 0; k < 64; ++k) expected += a[i * 64 + k] * b[k * 128 + j];
      if (expected < 0) expected = 0;
      if (d[i * 128 + j] != expected) {
        printf("row %d, column %d: expected %g, found %g\n", i, j, expected, d[i * 128 + j]);
        return 1;
      }
    }
  printf("a layer of 96 x 128 x 64: as expected\n");
  return 0;
}
