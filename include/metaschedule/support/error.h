// SPDX-License-Identifier: Apache-2.0
// The errors of the library: one base, one class for each party whose move it is next, and the
// helpers that raise them. A message says what was expected, what was found and where.
#pragma once

#include <fmt/format.h>

#include <exception>
#include <source_location>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace metaschedule {

/// Where in a source text something stands; line and column count from 1, 0 means unknown.
struct SourceLocation {
  std::string file;
  int line = 0;
  int column = 0;
};

/// A sentence attached to an error, for instance the program around the failure.
struct Note {
  std::string text;
};

/// Base of all errors. `what()` is one line; `notes()` add context and are rendered on demand.
class Error : public std::exception {
 public:
  explicit Error(std::string message) : message_(std::move(message)) {}
  const char* what() const noexcept override { return message_.c_str(); }
  const std::string& message() const noexcept { return message_; }
  const std::vector<Note>& notes() const noexcept { return notes_; }
  void add_note(std::string text) { notes_.push_back({std::move(text)}); }
  /// The message followed by its notes, one to a paragraph.
  std::string render() const {
    std::string out = message_;
    for (const Note& note : notes_) out += "\n" + note.text;
    return out;
  }

 private:
  std::string message_;
  std::vector<Note> notes_;
};

/// The text is not TVMScript (or not JSON) as this library reads it.
class ParseError : public Error {
 public:
  using Error::Error;
  ParseError(std::string message, SourceLocation where)
      : Error(std::move(message)), where_(std::move(where)) {}
  const SourceLocation& where() const noexcept { return where_; }

 private:
  SourceLocation where_;
};
/// The program is malformed.
class VerifyError : public Error {
  using Error::Error;
};
/// A primitive may not do this here.
class ScheduleError : public Error {
  using Error::Error;
};
/// A program could not be compiled.
class BuildError : public Error {
  using Error::Error;
};
/// A compiled program could not be run.
class RunError : public Error {
  using Error::Error;
};
/// A database or record cannot be read or written.
class DatabaseError : public Error {
  using Error::Error;
};
/// An invariant of this library does not hold: a defect here, not in the input.
class InternalError : public Error {
  using Error::Error;
};
/// Python's ValueError, TypeError, IndexError and KeyError, where the API promises them.
class ValueError : public Error {
  using Error::Error;
};
class TypeError : public Error {
  using Error::Error;
};
class IndexError : public Error {
  using Error::Error;
};
class KeyError : public Error {
  using Error::Error;
};

/// Raises `E` with a formatted message.
template <class E, class... Args>
[[noreturn]] void fail(fmt::format_string<Args...> format, Args&&... args) {
  throw E(fmt::format(format, std::forward<Args>(args)...));
}

/// Raises `E` with a formatted message unless `condition` holds. Arguments are formatted on failure
/// only, but evaluated always: keep costly ones behind an `if` and `fail`.
template <class E, class... Args>
void check(bool condition, fmt::format_string<Args...> format, Args&&... args) {
  if (!condition) [[unlikely]] {
    throw E(fmt::format(format, std::forward<Args>(args)...));
  }
}

namespace detail {
[[noreturn]] inline void invariant_failed(const char* text, std::source_location where) {
  throw InternalError(
      fmt::format("internal check failed: {} ({}:{}); this is a defect of metaschedule", text,
                  where.file_name(), where.line()));
}
}  // namespace detail

/// For invariants of this library only; raises InternalError with file and line.
#define METASCHEDULE_CHECK(condition)                                                        \
  do {                                                                                       \
    if (!(condition)) [[unlikely]]                                                           \
      ::metaschedule::detail::invariant_failed(#condition, std::source_location::current()); \
  } while (false)

}  // namespace metaschedule
