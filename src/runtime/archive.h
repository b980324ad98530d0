// SPDX-License-Identifier: Apache-2.0
// Static libraries.
#pragma once

#include <string>
#include <vector>

namespace metaschedule::codegen {

/// A static library (System V archive with an index) of one object, which defines `symbols`.
std::string make_archive(const std::string& member, const std::string& object,
                         const std::vector<std::string>& symbols);

}  // namespace metaschedule::codegen
