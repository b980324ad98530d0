// SPDX-License-Identifier: Apache-2.0
// Blocks made of parts of loop nests, and tensor instructions in their place, compiled.
#include "metaschedule/schedule/primitives/blockize-inl.h"
#include "metaschedule/schedule/primitives/blockize_list-inl.h"
#include "metaschedule/schedule/primitives/tensorize-inl.h"
#include "metaschedule/schedule/tensorize_match-inl.h"
#include "metaschedule/schedule/transform-inl.h"
