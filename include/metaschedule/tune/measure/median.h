// SPDX-License-Identifier: Apache-2.0
// The median, by which times are compared.
#pragma once

#include <algorithm>
#include <vector>

#include "metaschedule/support/error.h"

namespace metaschedule {

/// The middle value; the mean of the middle two of an even number. `values` is not empty.
inline double median(std::vector<double> values) {
  METASCHEDULE_CHECK(!values.empty());
  const size_t half = values.size() / 2;
  std::nth_element(values.begin(), values.begin() + half, values.end());
  if (values.size() % 2 == 1) return values[half];
  return (*std::max_element(values.begin(), values.begin() + half) + values[half]) / 2;
}

}  // namespace metaschedule
