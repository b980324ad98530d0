// SPDX-License-Identifier: Apache-2.0
// TVMScript and JSON: text to programs and back, with Python as the host of the parser.
#include <set>

#include "bindings.h"
#include "metaschedule/ir/verify.h"
#include "metaschedule/script/json.h"
#include "metaschedule/script/parser.h"
#include "metaschedule/script/printer.h"

namespace metaschedule::bindings {

namespace {

/// Captured values come from a Python function `lookup(text, names)`, which returns a pair (known,
/// value); macros from `macro(name)`, which returns None or (text, file, first line, hygienic,
/// names of T, names of I, lookup, macro), the last two being those of where it is defined.
class PythonHost : public HostEnv {
 public:
  PythonHost(py::object lookup, py::object macro)
      : lookup_(std::move(lookup)), macro_(std::move(macro)) {}

  std::optional<Ref<Node>> evaluate(std::string_view text, const ScriptNames& names) override {
    py::dict known;
    for (const auto& [name, value] : names) known[py::str(name)] = to_python(value);
    auto answer = py::cast<py::tuple>(lookup_(py::str(text.data(), text.size()), known));
    if (!py::cast<bool>(answer[0])) return std::nullopt;
    return to_node(answer[1]);
  }
  std::optional<ScriptMacro> macro(std::string_view name) override {
    py::object answer = macro_(py::str(name.data(), name.size()));
    if (answer.is_none()) return std::nullopt;
    auto parts = py::cast<py::tuple>(answer);
    using Names = std::vector<std::string>;
    return ScriptMacro{py::cast<std::string>(parts[0]),
                       py::cast<std::string>(parts[1]),
                       py::cast<int>(parts[2]),
                       py::cast<bool>(parts[3]),
                       std::make_shared<PythonHost>(parts[6], parts[7]),
                       py::cast<Names>(parts[4]),
                       py::cast<Names>(parts[5])};
  }

 private:
  py::object lookup_, macro_;
};

}  // namespace

void bind_script(py::module_& m) {
  using namespace py::literals;
  m.def(
      "parse_script",
      [](const std::string& text, const std::string& file, int first_line,
         std::vector<std::string> tir_names, std::vector<std::string> ir_names, py::object lookup,
         py::object macro) {
        ParseOptions options;
        options.file = file;
        options.first_line = first_line;
        if (!tir_names.empty()) options.tir_names = std::move(tir_names);
        if (!ir_names.empty()) options.ir_names = std::move(ir_names);
        PythonHost host(std::move(lookup), std::move(macro));
        options.host = &host;
        return parse_script(text, options);
      },
      "text"_a, "file"_a, "first_line"_a, "tir_names"_a, "ir_names"_a, "lookup"_a, "macro"_a);
  m.def("save_json", [](const Ref<Node>& node) { return save_json(*node); });
  m.def("load_json", [](const std::string& text) { return load_json(text); });
  m.def("check_well_formed", [](const Ref<Node>& node) {
    if (const PrimFunc* func = as<PrimFunc>(node)) return check_well_formed(*func);
    check_well_formed(cast_to<IRModule>(*node));
  });
  m.def(
      "to_script",
      [](const Ref<Node>& node, const py::kwargs& given) {
        PrintOptions options;
        // Those of other dialects, which change nothing here.
        std::set<std::string> taken = {"relax_prefix", "verbose_expr", "show_all_struct_info"};
        auto take = [&](const char* key, auto& value) {
          taken.insert(key);
          if (given.contains(key)) value = py::cast<std::decay_t<decltype(value)>>(given[key]);
        };
        if (given.contains("name") && given["name"].is_none()) given.attr("pop")("name");
        take("name", options.name);
        take("ir_prefix", options.ir_prefix);
        take("tir_prefix", options.tir_prefix);
        take("buffer_dtype", options.buffer_dtype);
        take("int_dtype", options.int_dtype);
        take("float_dtype", options.float_dtype);
        take("indent_spaces", options.indent_spaces);
        take("syntax_sugar", options.syntax_sugar);
        take("show_meta", options.show_meta);
        take("print_line_numbers", options.print_line_numbers);
        take("num_context_lines", options.num_context_lines);
        take("module_alias", options.module_alias);
        take("show_object_address", options.show_object_address);
        taken.insert("dialect");
        if (given.contains("dialect")) {
          auto dialect = py::cast<std::string>(given["dialect"]);
          check<ValueError>(dialect == "block" || dialect == "sblock",
                            "script: expected the dialect \"block\" or \"sblock\", found \"{}\"",
                            dialect);
          if (dialect == "sblock") options.dialect = ScriptDialect::SBlock;
        }
        auto is_given = [&](const char* key) {
          taken.insert(key);
          return given.contains(key) && !given[key].is_none();
        };
        if (is_given("obj_to_underline"))
          for (py::handle item : given["obj_to_underline"])
            options.obj_to_underline.push_back(py::cast<Ref<Node>>(item));
        if (is_given("obj_to_annotate"))
          for (auto [item, remark] : py::cast<py::dict>(given["obj_to_annotate"]))
            options.obj_to_annotate.emplace_back(py::cast<Ref<Node>>(item),
                                                 py::cast<std::string>(remark));
        for (auto [key, value] : given)
          check<TypeError>(taken.contains(py::cast<std::string>(key)), "script: no option '{}'",
                           py::cast<std::string>(key));
        return to_script(*node, options);
      },
      "node"_a);
}

}  // namespace metaschedule::bindings
