// SPDX-License-Identifier: Apache-2.0
// Reads TVMScript: text to functions and modules. What only the host language knows is asked of a
// HostEnv.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "metaschedule/ir/function.h"

namespace metaschedule {

/// The names of a script and what they stand for, innermost last; shadowed ones are left out.
using ScriptNames = std::vector<std::pair<std::string, Ref<Node>>>;

class HostEnv;
/// A macro of the host: the text of its definition, decorators and all, and where that starts.
struct ScriptMacro {
  std::string text;
  std::string file;
  int first_line = 1;
  /// Free names mean what they mean at the definition, not at the call.
  bool hygienic = true;
  /// What a hygienic macro sees of the host, and the names of the modules of builtins there; null
  /// and empty: what the call sees.
  std::shared_ptr<HostEnv> host = nullptr;
  std::vector<std::string> tir_names = {}, ir_names = {};
};

/// What the host language contributes: captured variables, calls of its functions, macros.
class HostEnv {
 public:
  virtual ~HostEnv() = default;
  /// The value of an expression of the host language. `names` are the names of the script that the
  /// text mentions. Numbers, strings, lists and dictionaries come as boxed values (BoxInt,
  /// BoxFloat, BoxBool, String, Array, Map). Nothing when the text mentions a name that the host
  /// does not know; a null reference is None. Raises what the host raises.
  virtual std::optional<Ref<Node>> evaluate(std::string_view text, const ScriptNames& names) = 0;
  /// The macro that a dotted name stands for, or nothing.
  virtual std::optional<ScriptMacro> macro(std::string_view name) {
    (void)name;
    return std::nullopt;
  }
};

struct ParseOptions {
  std::string file = "<string>";
  int first_line = 1;
  /// Names of the modules of builtins in the text.
  std::vector<std::string> tir_names = {"T", "tir"};
  std::vector<std::string> ir_names = {"I", "ir"};
  HostEnv* host = nullptr;
  /// Raise VerifyError when the program is not well-formed.
  bool check_well_formed = false;
};

/// A PrimFunc or an IRModule: the one decorated definition of the text. Raises ParseError, whose
/// `render()` shows the line with a caret; errors of the host pass through.
Ref<Node> parse_script(std::string_view text, const ParseOptions& options = {});
/// The same as a module; a lone function becomes one under its name.
ModuleRef parse_module(std::string_view text, const ParseOptions& options = {});
/// The same as a function; a module must hold just one.
PrimFuncRef parse_func(std::string_view text, const ParseOptions& options = {});

}  // namespace metaschedule
