// SPDX-License-Identifier: Apache-2.0
// Compiled programs for those who do not have this library.
#pragma once

#include <string>

#include "metaschedule/codegen/artifact.h"
#include "metaschedule/ir/function.h"

namespace metaschedule::codegen {

/// A C header, good for C++ too: the C interface of abi.h, a runtime for those who bring none, and
/// for each function of the program `NAME(arguments)`, which runs on that runtime, and
/// `NAME_on(runtime, arguments)`, which runs on the caller's.
std::string c_header(const Artifact& artifact);

/// Writes a program by the ending of `path`: a relocatable object (`.o`), a static library (`.a`),
/// a shared library (`.so`; made with $CC, or else the system's C compiler or LLVM's linker), or a
/// C header alone (`.h`). Each comes with the header beside it under the same stem, and, where
/// `reference` is given, with `STEM_test.c` (see c_self_test), which compares the kernel with
/// `reference` as plain C. Raises BuildError with the linker's text.
void export_artifact(const Artifact& artifact, const std::string& path,
                     const ModuleRef& reference = nullptr);

}  // namespace metaschedule::codegen
