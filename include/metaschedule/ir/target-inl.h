// SPDX-License-Identifier: Apache-2.0
// Reading of targets.
#pragma once

#include <algorithm>
#include <charconv>

#include "metaschedule/ir/op.h"
#include "metaschedule/ir/target.h"
#include "metaschedule/ir/target_kinds-inl.h"
#include "metaschedule/support/json.h"

namespace metaschedule {

namespace detail {

struct TargetOption {
  std::string name;
  char type;
  std::string fallback;  // empty: none
};

struct TargetKind {
  const TargetKindRow* row;
  std::vector<TargetOption> options;

  const TargetOption* find(std::string_view name) const {
    for (const TargetOption& option : options)
      if (option.name == name) return &option;
    return nullptr;
  }
};

inline const TargetKind* find_target_kind(std::string_view name) {
  static const std::vector<TargetKind>& kinds = *[] {
    auto* out = new std::vector<TargetKind>();
    for (const TargetKindRow& row : kTargetKinds) {
      TargetKind kind{&row, {}};
      for (std::string_view list : {kCommonOptions, row.options}) {
        for (const std::string& word : split_words(list, ' ')) {
          size_t colon = word.find(':');
          std::string fallback = word.size() > colon + 2 ? word.substr(colon + 3) : "";
          kind.options.push_back({word.substr(0, colon), word[colon + 1], fallback});
        }
      }
      out->push_back(std::move(kind));
    }
    return out;
  }();
  for (const TargetKind& kind : kinds)
    if (kind.row->name == name) return &kind;
  return nullptr;
}

inline Ref<Node> target_number(int64_t value) {
  bool small = value == static_cast<int32_t>(value);
  return int_imm(small ? kInt32 : kInt64, value);
}

inline Ref<Node> string_array(const std::vector<std::string>& items) {
  std::vector<Ref<Node>> nodes;
  for (const std::string& item : items) nodes.push_back(make<String>(item));
  return make<Array>(List<Node>(nodes));
}

/// An option's text as a value of its type.
inline Ref<Node> parse_option(const TargetOption& option, const std::string& text) {
  switch (option.type) {
    case 'i': {
      int64_t value = 0;
      auto [end, failed] = std::from_chars(text.data(), text.data() + text.size(), value);
      check<ValueError>(failed == std::errc() && end == text.data() + text.size(),
                        "Error when parsing target[\"{}\"]: Cannot parse integer from string: {}",
                        option.name, text);
      return target_number(value);
    }
    case 'b':
      check<ValueError>(text == "1" || text == "0" || text == "true" || text == "false",
                        "Error when parsing target[\"{}\"]: Cannot parse boolean from string: {}",
                        option.name, text);
      return int_imm(kBool, text == "1" || text == "true");
    case 'a':
      return string_array(split_words(text, ','));
    default:
      return make<String>(text);
  }
}

/// A value of a dictionary, checked against the type of its option.
inline Ref<Node> check_option(const TargetOption& option, const Ref<Node>& value) {
  Ref<Node> out = value;
  if (const BoxInt* box = as<BoxInt>(value)) out = target_number(box->value);
  if (const BoxBool* box = as<BoxBool>(value)) out = int_imm(kBool, box->value);
  const IntImm* imm = as<IntImm>(out);
  bool fits = false;
  std::string_view expected = "a string";
  switch (option.type) {
    case 'i':
      fits = imm && !imm->dtype.is_bool();
      if (fits) out = target_number(imm->value);
      expected = "an integer";
      break;
    case 'b':
      fits = imm && (imm->value == 0 || imm->value == 1);
      if (fits) out = int_imm(kBool, imm->value);
      expected = "a boolean";
      break;
    case 'a':
      fits = as<Array>(out) != nullptr;
      expected = "a list";
      break;
    default:
      fits = as<String>(out) != nullptr;
  }
  check<ValueError>(fits, "Error when parsing target[\"{}\"]: expected {}, found a {}", option.name,
                    expected, out ? kind_name(out->kind) : "null");
  return out;
}

/// Words of an option string: blanks separate, quotes and backslashes protect.
inline std::vector<std::string> option_words(std::string_view text) {
  std::vector<std::string> out;
  std::string word;
  bool in_word = false;
  char quote = 0;
  for (size_t i = 0; i < text.size(); ++i) {
    char c = text[i];
    if (c == '\\' && i + 1 < text.size()) {
      word += text[++i];
      in_word = true;
    } else if (quote ? c == quote : c == '\'') {
      quote = quote ? '\0' : c;
      in_word = true;
    } else if (!quote && (c == ' ' || c == '\t' || c == '\n')) {
      if (in_word) out.push_back(std::exchange(word, ""));
      in_word = false;
    } else {
      word += c;
      in_word = true;
    }
  }
  check<ValueError>(!quote, "a quote in the target \"{}\" is never closed", text);
  if (in_word) out.push_back(word);
  return out;
}

inline Ref<Node> dict_value(const json& value) {
  if (value.is_string()) return make<String>(value.get<std::string>());
  if (value.is_boolean()) return int_imm(kBool, value.get<bool>());
  if (value.is_number_integer()) return target_number(value.get<int64_t>());
  if (value.is_array()) {
    std::vector<Ref<Node>> items;
    for (const json& item : value) items.push_back(dict_value(item));
    return make<Array>(List<Node>(items));
  }
  if (value.is_object()) {
    std::vector<Dict::Item> items;
    for (const auto& [key, item] : value.items()) items.emplace_back(key, dict_value(item));
    return make<Map>(Dict(std::move(items)));
  }
  fail<ValueError>("a target cannot hold {}", value.dump());
}

/// The triple that LLVM has for the machine this was compiled for.
inline std::string host_triple() {
#if defined(__APPLE__) && defined(__aarch64__)
  return "arm64-apple-macos";
#elif defined(__APPLE__)
  return "x86_64-apple-macos";
#elif defined(__aarch64__)
  return "aarch64-unknown-linux-gnu";
#elif defined(__riscv)
  return "riscv64-unknown-linux-gnu";
#else
  return "x86_64-pc-linux-gnu";
#endif
}

/// What each kind adds to what was given.
inline void complete_target(Target& target) {
  auto set = [&](const char* name, const std::string& value) {
    if (!target.attrs.contains(name)) target.attrs = target.attrs.with(name, make<String>(value));
  };
  const std::string& kind = target.target_kind;
  if (kind == "cuda") {
    std::string mcpu = target_string(target, "mcpu");
    if (!target.attrs.contains("arch")) set("arch", mcpu.empty() ? "sm_50" : mcpu);
    std::string arch = target_string(target, "arch");
    check<ValueError>(arch.starts_with("sm_"), "CUDA target gets an invalid CUDA arch: -arch={}",
                      arch);
  } else if (kind == "nvptx") {
    set("mcpu", "sm_50");
    set("mtriple", "nvptx64-nvidia-cuda");
  } else if (kind == "rocm") {
    set("mcpu", "gfx900");
    set("mtriple", "amdgcn-amd-amdhsa-hcc");
  } else if (kind == "llvm") {
    if (!target.attrs.contains("mtriple") && !target.attrs.contains("mcpu"))
      set("mtriple", host_triple());
  }
  if (kind != "llvm" && kind != "c") return;
  std::string triple = target_string(target, "mtriple"), cpu = target_string(target, "mcpu");
  bool micro = cpu.starts_with("cortex-m");
  if (!triple.starts_with("aarch64") && !(triple.starts_with("arm") && !micro) && !micro) return;
  std::vector<Ref<String>> keys = {make<String>("arm_cpu"), make<String>("cpu")};
  for (const Ref<String>& key : target.keys)
    if (key->value != "arm_cpu" && key->value != "cpu") keys.push_back(key);
  target.keys = keys;
}

inline TargetRef target_from_options(std::string_view text) {
  std::vector<std::string> words = option_words(text);
  check<ValueError>(!words.empty(), "the target is an empty string");
  const TargetKind* kind = find_target_kind(words[0]);
  if (!kind) {
    std::string names;
    for (const std::string& name : target_kinds()) names += (names.empty() ? "" : ", ") + name;
    fail<ValueError>(
        "Target kind \"{}\" is not defined. Target creation from string failed: {}. Kinds are: {}",
        words[0], text, names);
  }
  Dict config{{"kind", make<String>(words[0])}};
  for (size_t i = 1; i < words.size(); ++i) {
    std::string name = words[i], value = "1";
    check<ValueError>(name.starts_with("-"),
                      "Attribute keys should start with '-', not an attribute key: {}", name);
    name.erase(0, name.starts_with("--") ? 2 : 1);
    if (size_t equals = name.find('='); equals != std::string::npos) {
      value = name.substr(equals + 1);
      name.resize(equals);
      check<ValueError>(!value.empty() && !name.empty(), "Empty attribute key or value in \"{}\"",
                        words[i]);
    } else if (i + 1 < words.size() && !words[i + 1].starts_with("-")) {
      value = words[++i];
    }
    check<ValueError>(
        !config.contains(name),
        "The key \"{}\" appears more than once. Target creation from string failed: {}", name,
        text);
    if (name == "keys") {
      config = config.with("keys", string_array(split_words(value, ',')));
    } else if (name == "tag" || name == "host") {
      config = config.with(name, make<String>(value));
    } else {
      const TargetOption* option = kind->find(name);
      if (!option) {
        std::string names;
        for (const TargetOption& known : kind->options)
          names += (names.empty() ? "" : ", ") + known.name;
        fail<ValueError>(
            "Error when parsing target[\"{}\"]: Cannot recognize '{}'. Candidates are: {}. Target "
            "creation from string failed: {}",
            name, name, names, text);
      }
      config = config.with(name, parse_option(*option, value));
    }
  }
  return make_target(config);
}

}  // namespace detail

METASCHEDULE_INLINE TargetRef make_target(std::string_view text, TargetRef host) {
  size_t begin = text.find_first_not_of(" \t\n");
  text.remove_prefix(std::min(begin, text.size()));
  size_t end = text.find_last_not_of(" \t\n");
  text = text.substr(0, end == std::string_view::npos ? 0 : end + 1);
  TargetRef out;
  if (text.starts_with("{")) {
    json config = json::parse(text, nullptr, false);
    check<ValueError>(config.is_object(), "the target is no JSON object: {}", text);
    out = make_target(cast_to<Map>(detail::dict_value(config))->items);
  } else {
    Dict tagged;
    {
      detail::TagRegistry& registry = detail::tag_registry();
      std::lock_guard lock(registry.mutex);
      if (auto it = registry.tags.find(text); it != registry.tags.end()) tagged = it->second;
    }
    out = tagged.empty() ? detail::target_from_options(text) : make_target(tagged);
  }
  return host ? with_host(*out, std::move(host)) : out;
}

METASCHEDULE_INLINE TargetRef make_target(const Dict& config, TargetRef host) {
  const String* name = as<String>(config.find("kind"));
  check<ValueError>(name != nullptr, "Field \"kind\" is not found. A target needs a kind");
  const detail::TargetKind* kind = detail::find_target_kind(name->value);
  check<ValueError>(kind != nullptr, "Target kind \"{}\" is not defined", name->value);
  auto out = mutate(*make<Target>());
  out->target_kind = name->value;
  std::vector<std::string> keys;
  bool user_keys = config.contains("keys");
  for (const auto& [key, value] : config) {
    if (key == "kind") continue;
    if (key == "keys") {
      const Array* list = as<Array>(value);
      check<ValueError>(list, "Expect type of field \"keys\" is Array, but get type: {}",
                        value ? type_key(value->kind) : "null");
      for (const Ref<Node>& item : list->items) {
        check<ValueError>(as<String>(item), "target: a key must be a string");
        keys.push_back(as<String>(item)->value);
      }
    } else if (key == "tag") {
      check<ValueError>(as<String>(value), "target: the tag must be a string");
      out->tag = as<String>(value)->value;
    } else if (key == "host") {
      if (const String* text = as<String>(value)) {
        out->host = make_target(text->value);
      } else if (const Map* nested = as<Map>(value)) {
        out->host = make_target(nested->items);
      } else {
        out->host = as_ref<Target>(value);
        check<ValueError>(out->host != nullptr, "target: the host must be a target");
      }
    } else {
      const detail::TargetOption* option = kind->find(key);
      check<ValueError>(option != nullptr,
                        "Error when parsing target[\"{}\"]: Cannot recognize '{}' as an option of "
                        "kind {}",
                        key, key, name->value);
      out->attrs = out->attrs.with(key, detail::check_option(*option, value));
    }
  }
  auto add_key = [&](const std::string& key) {
    if (std::find(keys.begin(), keys.end(), key) == keys.end()) keys.push_back(key);
  };
  if (std::string device = target_string(*out, "device"); !device.empty()) add_key(device);
  if (!user_keys)
    for (const std::string& key : detail::split_words(kind->row->keys, ',')) add_key(key);
  std::vector<Ref<String>> key_nodes;
  for (const std::string& key : keys) key_nodes.push_back(make<String>(key));
  out->keys = key_nodes;
  for (const detail::TargetOption& option : kind->options) {
    if (!option.fallback.empty() && !out->attrs.contains(option.name))
      out->attrs = out->attrs.with(option.name, detail::parse_option(option, option.fallback));
  }
  detail::complete_target(*out);
  if (host) out->host = std::move(host);
  return out;
}

METASCHEDULE_INLINE TargetRef with_host(const Target& target, TargetRef host) {
  auto out = mutate(target);
  out->host = std::move(host);
  return out;
}

}  // namespace metaschedule
