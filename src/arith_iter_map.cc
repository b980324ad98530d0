// SPDX-License-Identifier: Apache-2.0
// The compiled form of the headers on iteration maps.
#include "metaschedule/arith/index_map-inl.h"
#include "metaschedule/arith/iter_map-inl.h"
#include "metaschedule/arith/iter_map_check-inl.h"
#include "metaschedule/arith/iter_map_divide-inl.h"
#include "metaschedule/arith/iter_map_fuse-inl.h"
#include "metaschedule/arith/iter_map_inverse-inl.h"
#include "metaschedule/arith/iter_map_rewrite-inl.h"
#include "metaschedule/arith/region-inl.h"
