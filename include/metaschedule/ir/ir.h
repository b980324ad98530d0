// SPDX-License-Identifier: Apache-2.0
// Everything of the ir layer.
#pragma once

#include "metaschedule/ir/op.h"
#include "metaschedule/ir/structural.h"
#include "metaschedule/ir/verify.h"
#include "metaschedule/ir/walk.h"
