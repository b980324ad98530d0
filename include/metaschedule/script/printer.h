// SPDX-License-Identifier: Apache-2.0
// Writes functions, modules, statements, expressions and other nodes as TVMScript.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "metaschedule/ir/function.h"
#include "metaschedule/script/dialect.h"

namespace metaschedule {

struct PrintOptions {
  /// Replaces the name of the function or module.
  std::string name;
  std::string ir_prefix = "I";
  std::string tir_prefix = "T";
  /// Left out where a statement declares a buffer.
  std::string buffer_dtype = "float32";
  /// Integers of this type are written bare.
  std::string int_dtype = "int32";
  /// Floats of this type are written bare; "void": none.
  std::string float_dtype = "void";
  int indent_spaces = 4;
  /// Off: no implicit root block, parameters as handles, no T.grid, no T.axis.remap.
  bool syntax_sugar = true;
  bool show_meta = false;
  bool print_line_numbers = false;
  /// A name that nothing in a function takes.
  std::string module_alias = "cls";
  /// Variables and buffers are named with where they lie in memory: `x_0x7f001122`.
  bool show_object_address = false;
  ScriptDialect dialect = ScriptDialect::Block;
  /// Statements, expressions, buffers and functions that get a line of `^` below each line of their
  /// text.
  std::vector<Ref<Node>> obj_to_underline;
  /// Remarks, by the node that they are about: on a line of their own above what has several lines
  /// (which then stands in a `with` that could do without), else at the end of the line.
  std::vector<std::pair<Ref<Node>, std::string>> obj_to_annotate;
  /// Lines that are left around underlined ones; -1: all.
  int num_context_lines = -1;
};

/// The text of a node. What is printed of a function or module parses back to an equal one, except
/// for values that scripts have no words for, which stand as `metadata[…]`.
std::string to_script(const Node& node, const PrintOptions& options = {});
inline std::string to_script(const RefBase& node, const PrintOptions& options = {}) {
  return node ? to_script(*node.node(), options) : "None";
}

}  // namespace metaschedule
