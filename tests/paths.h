// SPDX-License-Identifier: Apache-2.0
// Where the checkout and its build folder are, for tests that read files.
#pragma once
#include <string>

namespace metaschedule::testing {

std::string source_dir();
std::string binary_dir();

}  // namespace metaschedule::testing
