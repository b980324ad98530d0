// SPDX-License-Identifier: Apache-2.0
// Bodies of logging.h.
#pragma once

#include <cstdio>
#include <ctime>
#include <mutex>

#include "metaschedule/support/config.h"
#include "metaschedule/support/error.h"
#include "metaschedule/support/logging.h"

namespace metaschedule {

METASCHEDULE_INLINE std::string_view level_name(LogLevel level) {
  switch (level) {
    case LogLevel::Clear:
      return "CLEAR";
    case LogLevel::Debug:
      return "DEBUG";
    case LogLevel::Info:
      return "INFO";
    case LogLevel::Warning:
      return "WARNING";
    case LogLevel::Error:
      return "ERROR";
  }
  return "INFO";
}

METASCHEDULE_INLINE Logger Logger::to_stderr(LogLevel least) {
  // One write a line: lines of several threads do not mix.
  return Logger(
      [](LogLevel level, const char*, int, const std::string& message) {
        if (level == LogLevel::Clear) return;
        const std::string line = fmt::format("[{}] {}\n", level_name(level), message);
        std::fwrite(line.data(), 1, line.size(), stderr);
      },
      least);
}

METASCHEDULE_INLINE Logger Logger::to_file(const std::string& path, LogLevel least) {
  struct File {
    std::mutex mutex;
    std::FILE* handle = nullptr;
    ~File() { std::fclose(handle); }
  };
  std::FILE* handle = std::fopen(path.c_str(), "a");
  check<ValueError>(handle != nullptr, "the log file {} cannot be opened for writing", path);
  auto file = std::make_shared<File>();
  file->handle = handle;
  return Logger(
      [file](LogLevel level, const char*, int, const std::string& message) {
        if (level == LogLevel::Clear) return;
        const std::time_t now = std::time(nullptr);
        std::tm date{};
        localtime_r(&now, &date);
        char stamp[32];
        std::strftime(stamp, sizeof stamp, "%Y-%m-%d %H:%M:%S", &date);
        const std::string line = fmt::format("{} [{}] {}\n", stamp, level_name(level), message);
        std::lock_guard lock(file->mutex);
        std::fwrite(line.data(), 1, line.size(), file->handle);
        std::fflush(file->handle);
      },
      least);
}

METASCHEDULE_INLINE Logger Logger::tee(Logger a, Logger b) {
  return Logger([a, b](LogLevel level, const char* file, int line, const std::string& message) {
    for (const Logger* logger : {&a, &b}) {
      if (logger->enabled(level)) (*logger->sink_)(level, file, line, message);
    }
  });
}

}  // namespace metaschedule
