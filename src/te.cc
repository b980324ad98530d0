// SPDX-License-Identifier: Apache-2.0
// The te layer, compiled.
#include "metaschedule/te/create_prim_func-inl.h"
#include "metaschedule/te/tensor-inl.h"
#include "metaschedule/te/topi-inl.h"
#include "metaschedule/te/winograd-inl.h"
#include "metaschedule/te/workload-inl.h"
#include "metaschedule/te/workload_table-inl.h"
