// SPDX-License-Identifier: Apache-2.0
// The simplifiers of the arith layer, compiled.
#include "metaschedule/arith/canonical_compare-inl.h"
#include "metaschedule/arith/canonical_form-inl.h"
#include "metaschedule/arith/canonical_simplify-inl.h"
#include "metaschedule/arith/pattern-inl.h"
#include "metaschedule/arith/rewrite_conditions-inl.h"
#include "metaschedule/arith/rewrite_simplify-inl.h"
#include "metaschedule/arith/rule_makers-inl.h"
