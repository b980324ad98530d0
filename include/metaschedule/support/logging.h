// SPDX-License-Identifier: Apache-2.0
// Loggers as values: a level, a message and where it was logged go to a sink. There is no global
// state; who tunes passes a logger.
#pragma once

#include <fmt/format.h>

#include <functional>
#include <memory>
#include <source_location>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

namespace metaschedule {

/// The numbers are those of Python's `logging`; Clear asks an interactive screen to start afresh.
enum class LogLevel : int { Clear = -10, Debug = 10, Info = 20, Warning = 30, Error = 40 };

/// "DEBUG", "INFO", ...
std::string_view level_name(LogLevel level);

namespace detail {
/// A checked format string and the line that holds it.
template <class... Args>
struct LogFormat {
  fmt::format_string<Args...> text;
  std::source_location where;
  template <class T>
    requires std::is_convertible_v<const T&, std::string_view>
  FMT_CONSTEVAL LogFormat(const T& t,
                          std::source_location w = std::source_location::current())  // NOLINT
      : text(t), where(w) {}
};
}  // namespace detail

/// Copies share the sink. A sink may be called from several threads at once; those made here lock.
class Logger {
 public:
  using Sink =
      std::function<void(LogLevel level, const char* file, int line, const std::string& message)>;
  /// Drops everything.
  Logger() = default;
  explicit Logger(Sink sink, LogLevel least = LogLevel::Debug)
      : sink_(std::make_shared<const Sink>(std::move(sink))), least_(least) {}
  /// Writes `[LEVEL] message` lines to standard error.
  static Logger to_stderr(LogLevel least = LogLevel::Info);
  /// Appends dated lines to a file; raises ValueError when it cannot be opened.
  static Logger to_file(const std::string& path, LogLevel least = LogLevel::Debug);
  /// Sends to both.
  static Logger tee(Logger a, Logger b);

  bool enabled(LogLevel level) const {
    return sink_ && (level == LogLevel::Clear || level >= least_);
  }
  void log(LogLevel level, const std::string& message,
           std::source_location where = std::source_location::current()) const {
    if (enabled(level)) (*sink_)(level, where.file_name(), static_cast<int>(where.line()), message);
  }
  template <class... Args>
  void debug(detail::LogFormat<std::type_identity_t<Args>...> format, Args&&... args) const {
    write(LogLevel::Debug, format, std::forward<Args>(args)...);
  }
  template <class... Args>
  void info(detail::LogFormat<std::type_identity_t<Args>...> format, Args&&... args) const {
    write(LogLevel::Info, format, std::forward<Args>(args)...);
  }
  template <class... Args>
  void warning(detail::LogFormat<std::type_identity_t<Args>...> format, Args&&... args) const {
    write(LogLevel::Warning, format, std::forward<Args>(args)...);
  }
  template <class... Args>
  void error(detail::LogFormat<std::type_identity_t<Args>...> format, Args&&... args) const {
    write(LogLevel::Error, format, std::forward<Args>(args)...);
  }

 private:
  template <class... Args>
  void write(LogLevel level, const detail::LogFormat<std::type_identity_t<Args>...>& format,
             Args&&... args) const {
    if (enabled(level)) {
      log(level, fmt::format(format.text, std::forward<Args>(args)...), format.where);
    }
  }
  std::shared_ptr<const Sink> sink_;
  LogLevel least_ = LogLevel::Debug;
};

}  // namespace metaschedule
