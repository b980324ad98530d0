// SPDX-License-Identifier: Apache-2.0
// The interp layer, compiled.
#include "metaschedule/interp/compiler_access-inl.h"
#include "metaschedule/interp/compiler_call-inl.h"
#include "metaschedule/interp/compiler_expr-inl.h"
#include "metaschedule/interp/compiler_instruction-inl.h"
#include "metaschedule/interp/compiler_stmt-inl.h"
#include "metaschedule/interp/interpreter-inl.h"
#include "metaschedule/interp/value-inl.h"
