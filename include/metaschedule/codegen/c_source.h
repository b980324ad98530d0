// SPDX-License-Identifier: Apache-2.0
// Programs as plain C: loop nests without vectors, threads and tiles of registers. Slow and easy to
// trust, so that exported kernels can be tested where they are used.
#pragma once

#include "metaschedule/codegen/artifact.h"
#include "metaschedule/ir/function.h"

namespace metaschedule::codegen {

/// C99 text of `static int32_t symbol(...)`, which computes what `func` says one iteration after
/// the other and gives 0, or METASCHEDULE_ASSERTION_FAILED. Parameters are those of the typed
/// function of an exported header: pointers to tensors, scalars, then symbolic sizes. Elements of
/// types that C has not are their bits, arithmetic on them is float with each result rounded. Needs
/// `c_source_prelude()` once before it. Raises BuildError for what has no plain C: vector types,
/// intrinsics of processors, addresses, thread loops.
std::string c_source(const PrimFunc& func, const std::string& symbol);
/// The helpers that such text calls.
std::string c_source_prelude();

/// The C type of one element: `float`, `int32_t`, `uint16_t` for the bits of a half.
std::string c_type(DType dtype);

/// C text of `value` as an element of `dtype` in memory, and of the value of such an element: calls
/// of the prelude for types that C has not.
std::string c_encode(DType dtype, const std::string& value);
std::string c_decode(DType dtype, const std::string& element);

/// A C program that fills arguments, calls each function of `artifact` through the exported header
/// `header` and the same function of `reference` as plain C, and compares: exactly for integers,
/// else up to 256 units of rounding of the largest value (32 for 16 bits, half of it for 8). It
/// prints what differs and ends with 1 when something does, with 0 otherwise. Symbolic sizes are 37
/// unless given as words of the command line. Raises BuildError where c_source does, or when
/// `reference` lacks a function of the artifact or has it with other parameters.
std::string c_self_test(const Artifact& artifact, const IRModule& reference,
                        const std::string& header);

}  // namespace metaschedule::codegen
