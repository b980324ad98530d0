// SPDX-License-Identifier: Apache-2.0
// The switch between the two builds of one text: compiled (the default) and header-only.
#pragma once

#ifdef METASCHEDULE_HEADER_ONLY
#define METASCHEDULE_INLINE inline
#else
#define METASCHEDULE_INLINE
#endif
