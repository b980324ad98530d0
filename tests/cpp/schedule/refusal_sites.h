// SPDX-License-Identifier: Apache-2.0
// The places in the sources where primitives refuse, read from the text of the sources.
#pragma once

#include <cctype>
#include <filesystem>
#include <fstream>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include "paths.h"

namespace metaschedule::testing {

struct RefusalSite {
  std::string file;  // below include/metaschedule/schedule
  unsigned first_line = 0, last_line = 0;
  std::string text;

  bool holds(const std::string& other_file, unsigned line) const {
    return other_file.ends_with("/schedule/" + file) && first_line <= line && line <= last_line;
  }
};

/// The calls of `name` in a text.
inline void find_calls(const std::string& text, const std::string& file, const std::string& name,
                       std::vector<RefusalSite>& out) {
  auto line_of = [&](size_t at) {
    return static_cast<unsigned>(
               std::count(text.begin(), text.begin() + static_cast<long>(at), '\n')) +
           1;
  };
  for (size_t at = text.find(name); at != std::string::npos; at = text.find(name, at + 1)) {
    const size_t line_begin = text.rfind('\n', at) + 1;
    const std::string before = text.substr(line_begin, at - line_begin);
    // Not the middle of a word, nor a comment or a declaration.
    if (at && (std::isalnum(text[at - 1]) || text[at - 1] == '_')) continue;
    if (before.find("//") != std::string::npos || before.find("void ") != std::string::npos)
      continue;
    int depth = 0;
    size_t end = at + name.size() - 1;
    bool quoted = false;
    for (; end < text.size(); ++end) {
      if (text[end] == '"' && text[end - 1] != '\\') quoted = !quoted;
      if (quoted) continue;
      if (text[end] == '(') ++depth;
      if (text[end] == ')' && --depth == 0) break;
    }
    out.push_back({file, line_of(at), line_of(end), text.substr(at, end + 1 - at)});
  }
}

/// All sites of the schedule layer, by file and line.
inline std::vector<RefusalSite> refusal_sites() {
  const std::filesystem::path root =
      std::filesystem::path(source_dir()) / "include" / "metaschedule" / "schedule";
  std::vector<RefusalSite> out;
  std::set<std::filesystem::path> paths;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(root))
    if (entry.path().extension() == ".h") paths.insert(entry.path());
  for (const std::filesystem::path& path : paths) {
    const std::string file = path.lexically_relative(root).string();
    // What defines refusals, and what renders them.
    if (file == "state.h" || file == "state-inl.h" || file == "schedule_error-inl.h") continue;
    std::ifstream in(path);
    std::stringstream text;
    text << in.rdbuf();
    for (const char* name :
         {"refuse(", "refuse_unless(", "Refusal(", "fail<ScheduleError>(", "check<ScheduleError>("})
      find_calls(text.str(), file, name, out);
  }
  return out;
}

}  // namespace metaschedule::testing
