// SPDX-License-Identifier: Apache-2.0
// The two spellings of TensorIR that TVM has had. Both are read everywhere; the first is written
// unless the other is asked for.
#pragma once

#include <cstdint>

namespace metaschedule {

/// That of TVM up to 0.21 (`T.block`, `GetBlock`) or the later one (`T.sblock`, `GetSBlock`).
enum class ScriptDialect : uint8_t { Block, SBlock };

}  // namespace metaschedule
