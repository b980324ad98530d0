// SPDX-License-Identifier: Apache-2.0
// The analyses of the schedule layer, compiled.
#include "metaschedule/schedule/analysis-inl.h"
#include "metaschedule/schedule/analysis_index_map-inl.h"
#include "metaschedule/schedule/analysis_module-inl.h"
#include "metaschedule/schedule/analysis_tensorize-inl.h"
#include "metaschedule/schedule/scope_root-inl.h"
