// SPDX-License-Identifier: Apache-2.0
// File tests: tests/filetests/<verb>/**/*.txt, each a program, a script and what becomes of them.
//
//   test schedule              first line: the verb
//   <input>
//   ---                        more inputs, each after such a line
//   <input>
//   ---
//   <expected>                 the last section; for a refusal, "error: " and the message
//   ===                        more cases, each after such a line; the first inputs that one leaves
//   <input>                    out are those of the case before
//   ---
//   <expected>
//
// METASCHEDULE_UPDATE=1 rewrites the expected sections instead of comparing them.
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
  int number = 1;           // of the case in its file
  size_t written_from = 0;  // the first of the inputs that stands in the file
};

inline std::string trimmed(const std::string& text) {
  const size_t first = text.find_first_not_of("\n");
  if (first == std::string::npos) return "";
  return text.substr(first, text.find_last_not_of(" \n") + 1 - first);
}

inline std::vector<FileTest> read_file_tests(const std::filesystem::path& path,
                                             const std::string& verb) {
  std::ifstream in(path);
  std::string line;
  std::getline(in, line);
  if (line != "test " + verb) {
    throw std::runtime_error(path.string() + ":1: expected `test " + verb + "`, found `" + line +
                             "`");
  }
  std::vector<FileTest> tests;
  std::vector<std::string> sections(1);
  auto finish = [&] {
    FileTest test{path, {}, "", static_cast<int>(tests.size()) + 1, 0};
    if (sections.size() > 1) {
      test.expected = trimmed(sections.back());
      sections.pop_back();
    }
    if (!tests.empty() && sections.size() < tests[0].inputs.size()) {
      const std::vector<std::string>& before = tests.back().inputs;
      test.written_from = before.size() - sections.size();
      test.inputs.assign(before.begin(), before.end() - static_cast<long>(sections.size()));
    }
    for (const std::string& section : sections) test.inputs.push_back(trimmed(section));
    tests.push_back(std::move(test));
    sections.assign(1, "");
  };
  while (std::getline(in, line)) {
    if (line == "===") {
      finish();
    } else if (line == "---") {
      sections.emplace_back();
    } else {
      sections.back() += line + "\n";
    }
  }
  finish();
  return tests;
}

inline void write_file_tests(const std::vector<FileTest>& tests, const std::string& verb) {
  std::ofstream out(tests.at(0).path);
  out << "test " << verb << "\n";
  for (const FileTest& test : tests) {
    if (test.number > 1) out << "===\n";
    for (size_t i = test.written_from; i < test.inputs.size(); ++i)
      out << test.inputs[i] << "\n---\n";
    out << test.expected << "\n";
  }
}

/// Runs every test of a verb: `run` makes the last section out of the inputs; what it throws is
/// written as "error: <what>". Fails when there is no file.
inline void run_file_tests(const std::string& verb,
                           const std::function<std::string(const FileTest&)>& run) {
  const std::filesystem::path folder =
      std::filesystem::path(source_dir()) / "tests" / "filetests" / verb;
  std::vector<std::filesystem::path> paths;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(folder)) {
    if (entry.path().extension() == ".txt") paths.push_back(entry.path());
  }
  std::sort(paths.begin(), paths.end());
  EXPECT_FALSE(paths.empty()) << "no file tests in " << folder;
  const bool update = std::getenv("METASCHEDULE_UPDATE") != nullptr;
  for (const std::filesystem::path& path : paths) {
    std::vector<FileTest> tests = read_file_tests(path, verb);
    for (FileTest& test : tests) {
      std::string actual;
      try {
        actual = trimmed(run(test));
      } catch (const std::exception& error) {
        actual = std::string("error: ") + error.what();
      }
      if (update) {
        test.expected = actual;
      } else {
        EXPECT_EQ(actual, test.expected)
            << path << ", case " << test.number << "; METASCHEDULE_UPDATE=1 rewrites it";
      }
    }
    if (update) write_file_tests(tests, verb);
  }
}

}  // namespace metaschedule::testing
