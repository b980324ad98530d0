// SPDX-License-Identifier: Apache-2.0
#include "read_input.h"

#include <nlohmann/json.hpp>
#include <sstream>

#include "metaschedule/script/json.h"
#include "metaschedule/script/parser.h"
#include "metaschedule/support/error.h"

namespace metaschedule::worker {
namespace {

ModuleRef as_module(const Ref<Node>& node) {
  if (ModuleRef module = as_ref<IRModule>(node)) return module;
  PrimFuncRef func = as_ref<PrimFunc>(node);
  check<ParseError>(static_cast<bool>(func), "expected a module or a function");
  return IRModule::from_func(func);
}

/// What the code generator reads of a target is text, numbers and lists of text.
Ref<Node> attribute(const nlohmann::json& value) {
  if (value.is_string()) return make<String>(value.get<std::string>());
  if (value.is_boolean()) return make<BoxBool>(value.get<bool>());
  if (value.is_number_integer()) return make<BoxInt>(value.get<int64_t>());
  if (value.is_array()) {
    std::vector<Ref<Node>> items;
    for (const auto& item : value)
      if (Ref<Node> node = attribute(item)) items.push_back(node);
    return make<Array>(List<Node>(items));
  }
  return nullptr;
}

Ref<Node> option(const std::string& key, const std::string& text) {
  if (key == "mattr") {
    std::vector<Ref<Node>> items;
    std::istringstream stream(text);
    for (std::string item; std::getline(stream, item, ',');) items.push_back(make<String>(item));
    return make<Array>(List<Node>(items));
  }
  bool is_number = !text.empty() && text.find_first_not_of("0123456789") == std::string::npos &&
                   text.size() < 10;
  if (is_number) return make<BoxInt>(std::stoll(text));
  return make<String>(text);
}

TargetRef target_from_options(const std::string& text) {
  auto target = mutate(*make<Target>());
  std::istringstream stream(text);
  stream >> target->target_kind;
  Dict attrs;
  std::string pending;
  for (std::string word; stream >> word;) {
    if (!pending.empty() && word[0] != '-') {
      attrs = attrs.with(pending, option(pending, word));
      pending.clear();
      continue;
    }
    check<ValueError>(word.size() > 1 && word[0] == '-', "target: expected -option=value, found {}", word);
    size_t end = word.find('=');
    pending = word.substr(1, end == std::string::npos ? end : end - 1);
    if (end == std::string::npos) continue;
    attrs = attrs.with(pending, option(pending, word.substr(end + 1)));
    pending.clear();
  }
  target->attrs = attrs;
  return target;
}

}  // namespace

ModuleRef read_module(const std::string& text) {
  size_t first = text.find_first_not_of(" \t\r\n");
  if (first != std::string::npos && text[first] == '{') return as_module(load_json(text));
  return parse_module(text);
}

TargetRef read_target(const std::string& text) {
  size_t first = text.find_first_not_of(" \t\r\n");
  if (first == std::string::npos || text[first] != '{') return target_from_options(text);
  auto target = mutate(*make<Target>());
  try {
    Dict attrs;
    for (const auto& [key, value] : nlohmann::json::parse(text).items()) {
      if (key == "kind") {
        target->target_kind = value.get<std::string>();
      } else if (Ref<Node> node = attribute(value)) {
        attrs = attrs.with(key, node);
      }
    }
    target->attrs = attrs;
  } catch (const nlohmann::json::exception& error) {
    fail<ValueError>("target: {}", error.what());
  }
  return target;
}

}  // namespace metaschedule::worker
