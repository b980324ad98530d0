/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <stddef.h>
#define stderr 2
int printf(const char* format, ...);
int fprintf(int file, const char* format, ...);
