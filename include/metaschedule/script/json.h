// SPDX-License-Identifier: Apache-2.0
// TVM's JSON form of object graphs: what its save_json and load_json write and read.
#pragma once

#include <string>
#include <string_view>

#include "metaschedule/ir/function.h"

namespace metaschedule {

/// The graph of a node as JSON text.
std::string save_json(const Node& node);
/// The node that JSON text describes; raises ParseError.
Ref<Node> load_json(std::string_view text);

}  // namespace metaschedule
