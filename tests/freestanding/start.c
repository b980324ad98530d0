/* SPDX-License-Identifier: Apache-2.0 */
/* A C library of one file, so that programs for other processors can be compiled, linked and run
 * under qemu-user where there is no C library for them. Linux on AArch64 and RISC-V. */
#include <stdarg.h>
#include <stdint.h>

#include "math.h"
#include "stdio.h"
#include "stdlib.h"
#include "string.h"

int main(int argc, char** argv);

static long call_linux(long number, long a, long b, long c) {
#if defined(__aarch64__)
  register long x8 __asm__("x8") = number;
  register long x0 __asm__("x0") = a;
  register long x1 __asm__("x1") = b;
  register long x2 __asm__("x2") = c;
  __asm__ volatile("svc 0" : "+r"(x0) : "r"(x8), "r"(x1), "r"(x2) : "memory");
  return x0;
#elif defined(__riscv)
  register long a7 __asm__("a7") = number;
  register long a0 __asm__("a0") = a;
  register long a1 __asm__("a1") = b;
  register long a2 __asm__("a2") = c;
  __asm__ volatile("ecall" : "+r"(a0) : "r"(a7), "r"(a1), "r"(a2) : "memory");
  return a0;
#endif
}

void start_in_c(long* stack) { exit(main((int)stack[0], (char**)(stack + 1))); }
#if defined(__aarch64__)
__asm__(".global _start\n_start:\n mov x0, sp\n bl start_in_c\n");
#elif defined(__riscv)
__asm__(".global _start\n_start:\n mv a0, sp\n call start_in_c\n");
#endif

void exit(int code) {
  for (;;) call_linux(93, code, 0, 0);
}

static char heap[64 << 20];
static size_t used;
void* malloc(size_t bytes) {
  size_t at = used;
  if (bytes > sizeof heap - used) return 0;
  used = (used + bytes + 15) / 16 * 16;
  return heap + at;
}
void free(void* memory) { (void)memory; }

long long atoll(const char* text) {
  long long v = 0;
  for (; *text >= '0' && *text <= '9'; ++text) v = v * 10 + (*text - '0');
  return v;
}
void* memcpy(void* to, const void* from, size_t bytes) {
  for (size_t i = 0; i < bytes; ++i) ((volatile char*)to)[i] = ((const char*)from)[i];
  return to;
}
void* memset(void* to, int value, size_t bytes) {
  for (size_t i = 0; i < bytes; ++i) ((volatile char*)to)[i] = (char)value;
  return to;
}

double ldexp(double v, int exponent) {
  for (; exponent > 0; --exponent) v *= 2;
  for (; exponent < 0; ++exponent) v /= 2;
  return v;
}
double frexp(double v, int* exponent) {
  *exponent = 0;
  if (v == 0 || isnan(v) || isinf(v)) return v;
  for (; fabs(v) >= 1; ++*exponent) v /= 2;
  for (; fabs(v) < 0.5; --*exponent) v *= 2;
  return v;
}
double nearbyint(double v) {
  /* The sum with a number whose last place is 1 rounds to whole numbers, ties to even. */
  volatile double big = v < 0 ? -0x1p52 : 0x1p52;
  volatile double sum = v + big;
  return fabs(v) < 0x1p52 ? sum - big : v;
}
double floor(double v) {
  double whole = nearbyint(v);
  return whole > v ? whole - 1 : whole;
}
float floorf(float v) { return (float)floor(v); }
double fmod(double a, double b) {
  double quotient = fabs(a / b);
  double whole = floor(quotient) * fabs(b);
  return a < 0 ? -(fabs(a) - whole) : fabs(a) - whole;
}

static void put(const char* text, size_t bytes) { call_linux(64, 1, (long)text, (long)bytes); }
static void put_number(unsigned long v) {
  char digits[24];
  int n = 24;
  do digits[--n] = (char)('0' + v % 10);
  while (v /= 10);
  put(digits + n, (size_t)(24 - n));
}
static void put_real(double v) {
  if (isnan(v)) return put("nan", 3);
  if (v < 0) put("-", 1);
  if (isinf(v)) return put("inf", 3);
  v = fabs(v);
  put_number((unsigned long)v);
  put(".", 1);
  for (int i = 0; i < 6; ++i) {
    v = (v - floor(v)) * 10;
    put_number((unsigned long)v);
  }
}
static int print(const char* format, va_list args) {
  for (; *format; ++format) {
    if (*format != '%') {
      put(format, 1);
      continue;
    }
    while (*++format == '.' || (*format >= '0' && *format <= '9')) {
    }
    switch (*format) {
      case 's': {
        const char* text = va_arg(args, const char*);
        size_t n = 0;
        while (text[n]) ++n;
        put(text, n);
        break;
      }
      case 'd': {
        int v = va_arg(args, int);
        if (v < 0) put("-", 1);
        put_number((unsigned long)(v < 0 ? -(long)v : v));
        break;
      }
      case 'z':
        ++format;
        put_number(va_arg(args, size_t));
        break;
      default:
        put_real(va_arg(args, double));
    }
  }
  return 0;
}
int printf(const char* format, ...) {
  va_list args;
  va_start(args, format);
  print(format, args);
  va_end(args);
  return 0;
}
int fprintf(int file, const char* format, ...) {
  va_list args;
  (void)file;
  va_start(args, format);
  print(format, args);
  va_end(args);
  return 0;
}
