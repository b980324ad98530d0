// SPDX-License-Identifier: Apache-2.0
// What the processor of an `llvm` target can do, as far as rules care, without asking LLVM.
#pragma once

#include "metaschedule/ir/function.h"

namespace metaschedule {

struct CpuFeatures {
  bool vnni = false;     // x86: dot products of bytes, with AVX-512 or AVX
  bool avx512 = false;   // x86: AVX-512 F and BW
  bool dotprod = false;  // ARM: dot products of bytes
  bool asimd = false;    // ARM: NEON
};
/// From `mtriple`, `mcpu` (`native` is the processor this runs on) and `mattr`, which has the last
/// word. A name that is not known here has no features.
CpuFeatures cpu_features(const Target& target);

}  // namespace metaschedule
