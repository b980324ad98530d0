// SPDX-License-Identifier: Apache-2.0
// Moving blocks under loops, compiled.
#include "metaschedule/schedule/primitives/compute_at-inl.h"
#include "metaschedule/schedule/primitives/compute_location-inl.h"
