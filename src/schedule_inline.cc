// SPDX-License-Identifier: Apache-2.0
// Inlining, compiled.
#include "metaschedule/schedule/primitives/compute_inline-inl.h"
#include "metaschedule/schedule/primitives/reverse_compute_inline-inl.h"
