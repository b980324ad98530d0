// SPDX-License-Identifier: Apache-2.0
// The primitives that put copying blocks beside a block, compiled.
#include "metaschedule/schedule/primitives/cache_index-inl.h"
#include "metaschedule/schedule/primitives/cache_inplace-inl.h"
#include "metaschedule/schedule/primitives/copy_at-inl.h"
#include "metaschedule/schedule/primitives/reindex-inl.h"
#include "metaschedule/schedule/primitives/reindex_cache-inl.h"
