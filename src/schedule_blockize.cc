// SPDX-License-Identifier: Apache-2.0
// Blocks made of parts of loop nests, compiled.
#include "metaschedule/schedule/primitives/blockize-inl.h"
