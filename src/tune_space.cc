// SPDX-License-Identifier: Apache-2.0
// The tune layer, compiled: features, rules, postprocs and mutators, and what a kind of target gets
// of them.
#include "metaschedule/tune/cost/per_store_feature-inl.h"
#include "metaschedule/tune/cost/store_features-inl.h"
#include "metaschedule/tune/search/mutators-inl.h"
#include "metaschedule/tune/search/trace_query-inl.h"
#include "metaschedule/tune/space/anchor_trace-inl.h"
#include "metaschedule/tune/space/defaults-inl.h"
#include "metaschedule/tune/space/multi_level_tiling-inl.h"
#include "metaschedule/tune/space/packed_tiling-inl.h"
#include "metaschedule/tune/space/postprocs-inl.h"
#include "metaschedule/tune/space/predicates-inl.h"
#include "metaschedule/tune/space/rewrite_parallel_vectorize_unroll-inl.h"
#include "metaschedule/tune/space/row_reduction-inl.h"
#include "metaschedule/tune/space/rules-inl.h"
