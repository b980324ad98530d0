// SPDX-License-Identifier: Apache-2.0
// The registry of tensor intrinsics and those that ship, compiled.
#include "metaschedule/schedule/intrin/amx-inl.h"
#include "metaschedule/schedule/intrin/arm-inl.h"
#include "metaschedule/schedule/intrin/dp4a-inl.h"
#include "metaschedule/schedule/intrin/hexagon-inl.h"
#include "metaschedule/schedule/intrin/metal-inl.h"
#include "metaschedule/schedule/intrin/mma-inl.h"
#include "metaschedule/schedule/intrin/riscv-inl.h"
#include "metaschedule/schedule/intrin/rocm-inl.h"
#include "metaschedule/schedule/intrin/sme-inl.h"
#include "metaschedule/schedule/intrin/wmma-inl.h"
#include "metaschedule/schedule/intrin/x86-inl.h"
#include "metaschedule/schedule/tensor_intrin-inl.h"
