// SPDX-License-Identifier: Apache-2.0
// Random programs times random primitives for some minutes: fuzz_schedule [--minutes N] [--seed N]
// [--cases N] [--out FOLDER] [--keep-going]. A failure is made small and written as a file test.
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iostream>

#include "property/schedule/shrink.h"

namespace metaschedule::testing {
namespace {

struct Options {
  double minutes = 1;
  uint64_t seed = 1;
  int64_t cases = INT64_MAX;
  std::string out = ".";
  bool keep_going = false;
};

Options parse_options(int argc, char** argv) {
  Options options;
  for (int i = 1; i < argc; ++i) {
    const std::string name = argv[i];
    if (name == "--keep-going") {
      options.keep_going = true;
      continue;
    }
    if (i + 1 == argc) throw ValueError("fuzz_schedule: expected a value after " + name);
    const std::string value = argv[++i];
    if (name == "--minutes")
      options.minutes = std::stod(value);
    else if (name == "--seed")
      options.seed = std::stoull(value);
    else if (name == "--cases")
      options.cases = std::stoll(value);
    else if (name == "--out")
      options.out = value;
    else
      throw ValueError(
          "fuzz_schedule: expected --minutes, --seed, --cases, --out or --keep-going, found " +
          name);
  }
  return options;
}

void report(uint64_t seed, Case one, const Failure& failure, const Options& options) {
  Shrinker shrinker(std::move(one), failure);
  Case small = shrinker.run();
  const Failure& last = shrinker.failure();
  const std::string name = fmt::format("{}_{}_{}.txt", last.what,
                                       last.instruction.empty() ? "trace" : last.instruction, seed);
  const auto path = std::filesystem::path(options.out) / name;
  std::ofstream(path) << as_file_test(small);
  std::cout << "seed " << seed << ": " << last.what << " after " << last.instruction << ": "
            << last.detail << "\nwritten to " << path.string()
            << "; once mended, put it into tests/filetests/schedule and run\n"
            << "METASCHEDULE_UPDATE=1 ctest -R test_schedule\n"
            << write_program(small.plan) << small.trace[0].dump() << std::endl;
}

int run(const Options& options) {
  std::cout << "fuzz_schedule: seed " << options.seed << ", " << options.minutes << " minutes"
            << std::endl;
  const auto end =
      std::chrono::steady_clock::now() + std::chrono::duration<double>(60 * options.minutes);
  WalkStats stats;
  int failures = 0;
  for (int64_t i = 0; i < options.cases && std::chrono::steady_clock::now() < end; ++i) {
    const uint64_t seed = options.seed + static_cast<uint64_t>(i);
    Case one;
    std::optional<Failure> failure;
    try {
      failure = random_walk(seed, 20, one, stats);
    } catch (const TooLong&) {
      continue;
    } catch (const Error& e) {
      failure = Failure{"generator", "", e.render()};
    }
    if (!failure) continue;
    ++failures;
    report(seed, std::move(one), *failure, options);
    if (!options.keep_going) break;
  }
  std::cout << fmt::format("{} programs, {} steps accepted, {} refused, {} left out",
                           stats.programs, stats.steps(), stats.refused, stats.excluded);
  for (const auto& [kind, count] : stats.accepted) std::cout << ", " << kind << " " << count;
  std::cout << std::endl;
  return failures ? 1 : 0;
}

}  // namespace
}  // namespace metaschedule::testing

int main(int argc, char** argv) {
  try {
    return metaschedule::testing::run(metaschedule::testing::parse_options(argc, argv));
  } catch (const std::exception& e) {
    std::cerr << e.what() << std::endl;
    return 2;
  }
}
