/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <stddef.h>
void* memcpy(void* to, const void* from, size_t bytes);
void* memset(void* to, int value, size_t bytes);
