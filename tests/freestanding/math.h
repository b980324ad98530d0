/* SPDX-License-Identifier: Apache-2.0 */
/* As much of the C library's maths as self-tests without transcendental functions need. */
#pragma once
#define NAN __builtin_nanf("")
#define INFINITY __builtin_inff()
#define isnan(x) __builtin_isnan(x)
#define isinf(x) __builtin_isinf(x)
#define signbit(x) __builtin_signbit(x)
#define fabs(x) __builtin_fabs(x)
double ldexp(double v, int exponent);
double frexp(double v, int* exponent);
double nearbyint(double v);
double floor(double v);
float floorf(float v);
double fmod(double a, double b);
