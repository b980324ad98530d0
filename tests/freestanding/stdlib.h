/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <stddef.h>
void* malloc(size_t bytes);
void free(void* memory);
void exit(int code);
long long atoll(const char* text);
