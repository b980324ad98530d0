// SPDX-License-Identifier: Apache-2.0
// Data types as arguments of messages: they are turned into text on failure only.
#pragma once

#include <fmt/format.h>

#include "metaschedule/ir/dtype.h"

template <>
struct fmt::formatter<metaschedule::DType> : fmt::formatter<std::string> {
  template <class Context>
  auto format(metaschedule::DType dtype, Context& context) const {
    return fmt::formatter<std::string>::format(metaschedule::to_string(dtype), context);
  }
};
