// SPDX-License-Identifier: Apache-2.0
// The tune layer, compiled: contexts, generators of spaces and searches.
#include "metaschedule/tune/search/candidate_maker-inl.h"
#include "metaschedule/tune/search/evolution-inl.h"
#include "metaschedule/tune/search/evolutionary-inl.h"
#include "metaschedule/tune/search/replay-inl.h"
#include "metaschedule/tune/search_strategy-inl.h"
#include "metaschedule/tune/space/generators-inl.h"
#include "metaschedule/tune/space_generator-inl.h"
#include "metaschedule/tune/tune_context-inl.h"
