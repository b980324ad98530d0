// SPDX-License-Identifier: Apache-2.0
// The tune layer, compiled: rules and postprocs for GPUs and tensor instructions, custom rules.
#include "metaschedule/tune/space/async_copy-inl.h"
#include "metaschedule/tune/space/cpu_features-inl.h"
#include "metaschedule/tune/space/custom_rules-inl.h"
#include "metaschedule/tune/space/gpu_postprocs-inl.h"
#include "metaschedule/tune/space/gpu_rules-inl.h"
#include "metaschedule/tune/space/intrin_tiling-inl.h"
#include "metaschedule/tune/space/tensor_core-inl.h"
#include "metaschedule/tune/space/tensor_core_cache-inl.h"
#include "metaschedule/tune/space/thread_bind-inl.h"
#include "metaschedule/tune/space/verify_gpu_code-inl.h"
