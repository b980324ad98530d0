// SPDX-License-Identifier: Apache-2.0
// Layouts of buffers, compiled.
#include "metaschedule/schedule/primitives/layout-inl.h"
