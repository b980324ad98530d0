// SPDX-License-Identifier: Apache-2.0
// TVM's JSON form of object graphs: what its save_json and load_json write and read.
#pragma once

#include <string>
#include <string_view>

#include "metaschedule/ir/function.h"
#include "metaschedule/script/dialect.h"

namespace metaschedule {

/// The graph of a node as JSON text. In the later dialect only index maps and expressions that load
/// from no buffer have a form: ValueError for others.
std::string save_json(const Node& node, ScriptDialect dialect = ScriptDialect::Block);
/// The node that JSON text describes, in either dialect (of the later one what save_json writes);
/// raises ParseError.
Ref<Node> load_json(std::string_view text);

}  // namespace metaschedule
