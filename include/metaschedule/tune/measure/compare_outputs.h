// SPDX-License-Identifier: Apache-2.0
// Compares tensors as bytes, by their data type.
#pragma once

#include <optional>
#include <string>

#include "metaschedule/ir/dtype.h"

namespace metaschedule::detail {

/// Element `i` as a number; nothing for data types that are not compared by value.
std::optional<double> element_at(const std::string& bytes, DType dtype, size_t i);
/// Writes `value` as element `i`; false for data types that are not made by value.
bool set_element(std::string& bytes, DType dtype, size_t i, int64_t value);

/// Where two tensors differ by more than rounding explains when each element takes `operations` of
/// them; nothing when they agree or cannot be judged.
std::optional<std::string> first_difference(const std::string& expected, const std::string& found,
                                            DType dtype, double operations);

}  // namespace metaschedule::detail
