// SPDX-License-Identifier: Apache-2.0
// Where the golden data lie, how a gzipped file of them is read, and how a test reports its pass
// rate.
#pragma once
#include <gtest/gtest.h>
#include <zlib.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <functional>
#include <stdexcept>
#include <string>
#include <utility>

#include "paths.h"

namespace metaschedule::testing {

// $METASCHEDULE_GOLDEN, else ../shared/golden beside the checkout. May not exist: see
// METASCHEDULE_GOLDEN_OR_SKIP.
inline std::filesystem::path golden_dir() {
  if (const char* set = std::getenv("METASCHEDULE_GOLDEN"); set && *set) return set;
  return std::filesystem::path(source_dir()) / ".." / "shared" / "golden";
}

// Skips the running test, saying why, where FILE of the golden data is absent.
#define METASCHEDULE_GOLDEN_OR_SKIP(file)                                                        \
  if (!std::filesystem::exists(::metaschedule::testing::golden_dir() / (file)))                  \
  GTEST_SKIP() << "no golden file " << (::metaschedule::testing::golden_dir() / (file)).string() \
               << "; set METASCHEDULE_GOLDEN to its folder"

// Calls `each(line)` for every line of a text file, gzipped or plain.
inline void for_each_golden_line(const std::string& file,
                                 const std::function<void(const std::string&)>& each) {
  const std::filesystem::path path = golden_dir() / file;
  gzFile in = gzopen(path.c_str(), "rb");
  if (!in) throw std::runtime_error("cannot open " + path.string());
  gzbuffer(in, 1 << 20);
  std::string line;
  char chunk[1 << 16];
  while (gzgets(in, chunk, sizeof chunk)) {
    line += chunk;
    if (line.back() != '\n') continue;  // longer than the chunk
    line.pop_back();
    each(line);
    line.clear();
  }
  gzclose(in);
  if (!line.empty()) each(line);
}

// The whole of a text file, gzipped or plain.
inline std::string read_golden(const std::string& file) {
  std::string text;
  for_each_golden_line(file, [&](const std::string& line) { text.append(line).push_back('\n'); });
  return text;
}

// Counts what passes of one golden file and, when done, leaves "<file> <passed>/<total> (<pct>)"
// where `./dev test` collects it: $METASCHEDULE_GOLDEN_RATES/<name>.txt.
class GoldenRate {
 public:
  explicit GoldenRate(std::string file, std::string name = "")
      : file_(std::move(file)), name_(name.empty() ? file_ : std::move(name)) {}

  void add(bool passed) {
    ++total_;
    if (passed) ++passed_;
  }
  int passed() const { return passed_; }
  int total() const { return total_; }
  double percent() const { return total_ ? 100.0 * passed_ / total_ : 0.0; }
  std::string line() const {
    char percent_text[32];
    std::snprintf(percent_text, sizeof percent_text, "%.2f %%", percent());
    return file_ + " " + std::to_string(passed_) + "/" + std::to_string(total_) + " (" +
           percent_text + ")";
  }
  // Writes the rate; the test itself asserts the least rate it accepts:
  // EXPECT_GE(rate.report(), 97.0).
  double report() const {
    const char* set = std::getenv("METASCHEDULE_GOLDEN_RATES");
    const std::filesystem::path folder = set && *set
                                             ? std::filesystem::path(set)
                                             : std::filesystem::path(binary_dir()) / "golden_rates";
    std::filesystem::create_directories(folder);
    std::ofstream(folder / (name_ + ".txt")) << line() << "\n";
    return percent();
  }

 private:
  std::string file_, name_;
  int passed_ = 0, total_ = 0;
};

}  // namespace metaschedule::testing
