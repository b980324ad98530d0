// SPDX-License-Identifier: Apache-2.0
// The tune layer, compiled: what a kind of target gets by default.
#include "metaschedule/tune/feature_extractor-inl.h"
#include "metaschedule/tune/space/defaults-inl.h"
