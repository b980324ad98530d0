// SPDX-License-Identifier: Apache-2.0
// The primitives on axes of blocks and declared regions, compiled.
#include "metaschedule/schedule/primitives/block_axes-inl.h"
#include "metaschedule/schedule/primitives/buffer_access-inl.h"
