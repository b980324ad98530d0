// SPDX-License-Identifier: Apache-2.0
// File tests: tests/filetests/<verb>/*.txt, each a program, a script and what becomes of them.
//
//   test schedule              first line: the verb
//   <input>
//   ---                        more inputs, each after such a line
//   <input>
//   ---
//   <expected>                 the last section; for a refusal, "error: " and the message
//
// METASCHEDULE_UPDATE=1 rewrites the last section instead of comparing it.
#pragma once
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <exception>
#include <filesystem>
#include <fstream>
#include <functional>
#include <sstream>
#include <string>
#include <vector>

#include "paths.h"

namespace metaschedule::testing {

struct FileTest {
  std::filesystem::path path;
  std::vector<std::string> inputs;
  std::string expected;
};

inline std::string trimmed(const std::string& text) {
  const size_t first = text.find_first_not_of("\n");
  if (first == std::string::npos) return "";
  return text.substr(first, text.find_last_not_of(" \n") + 1 - first);
}

inline FileTest read_file_test(const std::filesystem::path& path, const std::string& verb) {
  std::ifstream in(path);
  std::string line;
  std::getline(in, line);
  if (line != "test " + verb) {
    throw std::runtime_error(path.string() + ":1: expected `test " + verb + "`, found `" + line +
                             "`");
  }
  std::vector<std::string> sections(1);
  while (std::getline(in, line)) {
    if (line == "---") {
      sections.emplace_back();
    } else {
      sections.back() += line + "\n";
    }
  }
  FileTest test{path, {}, ""};
  if (sections.size() > 1) {
    test.expected = trimmed(sections.back());
    sections.pop_back();
  }
  for (const std::string& section : sections) test.inputs.push_back(trimmed(section));
  return test;
}

inline void write_file_test(const FileTest& test, const std::string& verb) {
  std::ofstream out(test.path);
  out << "test " << verb << "\n";
  for (const std::string& input : test.inputs) out << input << "\n---\n";
  out << test.expected << "\n";
}

/// Runs every test of a verb: `run` makes the last section out of the inputs; what it throws is
/// written as "error: <what>". Fails when there is no file.
inline void run_file_tests(const std::string& verb,
                           const std::function<std::string(const FileTest&)>& run) {
  const std::filesystem::path folder =
      std::filesystem::path(source_dir()) / "tests" / "filetests" / verb;
  std::vector<std::filesystem::path> paths;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    if (entry.path().extension() == ".txt") paths.push_back(entry.path());
  }
  std::sort(paths.begin(), paths.end());
  EXPECT_FALSE(paths.empty()) << "no file tests in " << folder;
  const bool update = std::getenv("METASCHEDULE_UPDATE") != nullptr;
  for (const std::filesystem::path& path : paths) {
    FileTest test = read_file_test(path, verb);
    std::string actual;
    try {
      actual = trimmed(run(test));
    } catch (const std::exception& error) {
      actual = std::string("error: ") + error.what();
    }
    if (update) {
      test.expected = actual;
      write_file_test(test, verb);
    } else {
      EXPECT_EQ(actual, test.expected) << path << "; METASCHEDULE_UPDATE=1 rewrites it";
    }
  }
}

}  // namespace metaschedule::testing
