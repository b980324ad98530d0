// SPDX-License-Identifier: Apache-2.0
// What the programs that time a library's kernels share: they answer lines as `side.py serve` does.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <functional>
#include <iostream>
#include <map>
#include <string>

/// What runs a program once.
using Kernel = std::function<void()>;

/// Seconds a call: the least of three measurements of at least 50 ms.
inline double seconds_a_call(const Kernel& kernel) {
  using Clock = std::chrono::steady_clock;
  auto seconds = [&](int calls) {
    const auto start = Clock::now();
    for (int i = 0; i < calls; ++i) kernel();
    return std::chrono::duration<double>(Clock::now() - start).count();
  };
  kernel();
  double best = 1e30;
  int calls = std::max(1, static_cast<int>(0.05 / seconds(1)));
  while (seconds(calls) < 0.05) calls *= 2;
  for (int i = 0; i < 3; ++i) best = std::min(best, seconds(calls) / calls);
  return best;
}

/// Prints a line when the chosen kernel is ready, then times it whenever a line comes in.
inline int serve(const std::string& name,
                 const std::map<std::string, std::function<Kernel()>>& programs) {
  const auto chosen = programs.find(name);
  if (chosen == programs.end()) {
    std::fprintf(stderr, "no program '%s'; there are:", name.c_str());
    for (const auto& program : programs) std::fprintf(stderr, " %s", program.first.c_str());
    std::fprintf(stderr, "\n");
    return 2;
  }
  const Kernel kernel = chosen->second();
  std::printf("{\"ready\": true}\n");
  std::fflush(stdout);
  for (std::string line; std::getline(std::cin, line);) {
    std::printf("{\"seconds\": %.9g}\n", seconds_a_call(kernel));
    std::fflush(stdout);
  }
  return 0;
}
