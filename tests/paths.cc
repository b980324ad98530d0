// SPDX-License-Identifier: Apache-2.0
#include "paths.h"

namespace metaschedule::testing {

std::string source_dir() { return METASCHEDULE_SOURCE_DIR; }
std::string binary_dir() { return METASCHEDULE_BINARY_DIR; }

}  // namespace metaschedule::testing
