// SPDX-License-Identifier: Apache-2.0
// The tune layer, compiled: sessions, cost models, builders and runners.
#include "metaschedule/tune/builder-inl.h"
#include "metaschedule/tune/cost/random_model-inl.h"
#include "metaschedule/tune/cost_model-inl.h"
#include "metaschedule/tune/measure/compare_outputs-inl.h"
#include "metaschedule/tune/measure/local_builder-inl.h"
#include "metaschedule/tune/measure/local_runner-inl.h"
#include "metaschedule/tune/measure/result_check-inl.h"
#include "metaschedule/tune/measure/schedulers-inl.h"
#include "metaschedule/tune/measure_callback-inl.h"
#include "metaschedule/tune/task_scheduler-inl.h"
#include "metaschedule/tune/tune-inl.h"
