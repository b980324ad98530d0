// SPDX-License-Identifier: Apache-2.0
// Bodies of record_text.h.
#pragma once

#include <array>
#include <charconv>
#include <cmath>
#include <cstring>

#include "metaschedule/support/config.h"
#include "metaschedule/tune/record/record_text.h"
#include "metaschedule/tune/tuning_record.h"

namespace metaschedule::detail {

/// Finds where values end; what is in them is not checked.
class JsonSkimmer {
 public:
  explicit JsonSkimmer(std::string_view text) : at_(text.data()), end_(at_ + text.size()) {}

  bool take(char c) {
    skip_space();
    if (at_ == end_ || *at_ != c) return false;
    ++at_;
    return true;
  }
  bool at_end() {
    skip_space();
    return at_ == end_;
  }
  /// The text of the next value; empty when there is none that ends.
  std::string_view value() {
    skip_space();
    const char* begin = at_;
    if (at_ == end_) return {};
    const bool whole = kind(*at_) == Kind::Plain ? skip_plain() : skip_nested();
    return whole ? std::string_view(begin, static_cast<size_t>(at_ - begin)) : std::string_view();
  }
  std::optional<double> number() {
    skip_space();
    double out = 0;
    const auto [rest, error] = std::from_chars(at_, end_, out);
    if (error != std::errc() || !std::isfinite(out)) return std::nullopt;
    at_ = rest;
    return out;
  }
  std::optional<int64_t> integer() {
    skip_space();
    int64_t out = 0;
    const auto [rest, error] = std::from_chars(at_, end_, out);
    if (error != std::errc()) return std::nullopt;
    at_ = rest;
    return out;
  }

 private:
  enum class Kind : uint8_t { Plain, Open, Close, Quote };
  static Kind kind(char c) {
    static constexpr std::array<Kind, 256> kKinds = [] {
      std::array<Kind, 256> out{};
      out['['] = out['{'] = Kind::Open;
      out[']'] = out['}'] = Kind::Close;
      out['"'] = Kind::Quote;
      return out;
    }();
    return kKinds[static_cast<unsigned char>(c)];
  }
  void skip_space() {
    while (at_ != end_ && (*at_ == ' ' || *at_ == '\t' || *at_ == '\r' || *at_ == '\n')) ++at_;
  }
  bool skip_plain() {
    const char* begin = at_;
    while (at_ != end_ && kind(*at_) == Kind::Plain && *at_ != ',' && *at_ != ' ') ++at_;
    return at_ != begin;
  }
  /// A list, an object or a string.
  bool skip_nested() {
    int depth = 0;
    while (at_ != end_) {
      switch (kind(*at_++)) {
        case Kind::Plain:
          continue;
        case Kind::Open:
          ++depth;
          continue;
        case Kind::Close:
          --depth;
          break;
        case Kind::Quote:
          if (!skip_string()) return false;
          break;
      }
      if (depth <= 0) return depth == 0;
    }
    return false;
  }
  bool skip_string() {
    for (; at_ != end_; ++at_) {
      if (*at_ == '\\') {
        if (++at_ == end_) return false;
      } else if (*at_ == '"') {
        ++at_;
        return true;
      }
    }
    return false;
  }

  const char* at_;
  const char* end_;
};

/// `[instructions, decisions]`: whether there are instructions before the postproc part.
inline std::optional<bool> has_instructions(std::string_view trace) {
  JsonSkimmer parts(trace);
  if (!parts.take('[')) return std::nullopt;
  const std::string_view instructions = parts.value();
  if (instructions.empty() || instructions[0] != '[' || !parts.take(',')) return std::nullopt;
  const std::string_view decisions = parts.value();
  if (decisions.empty() || decisions[0] != '[' || !parts.take(']') || !parts.at_end())
    return std::nullopt;
  JsonSkimmer list(instructions);
  list.take('[');
  if (list.take(']')) return false;
  JsonSkimmer first(list.value());
  return first.take('[') && first.value() != "\"EnterPostproc\"";
}

METASCHEDULE_INLINE std::optional<RecordText> split_record(std::string_view text) {
  JsonSkimmer list(text);
  RecordText out{};
  if (!list.take('[')) return std::nullopt;
  out.trace = list.value();
  for (std::string_view* part : {&out.run_secs, &out.target, &out.args_info}) {
    if (!list.take(',')) return std::nullopt;
    *part = list.value();
    if (part->empty()) return std::nullopt;
  }
  if (!list.take(']') || !list.at_end()) return std::nullopt;
  const std::optional<bool> has = has_instructions(out.trace);
  if (!has) return std::nullopt;
  out.has_instructions = *has;
  return out;
}

METASCHEDULE_INLINE std::optional<RecordLine> split_record_line(std::string_view text) {
  JsonSkimmer list(text);
  if (!list.take('[')) return std::nullopt;
  const std::optional<int64_t> workload = list.integer();
  if (!workload || !list.take(',')) return std::nullopt;
  const std::string_view record = list.value();
  if (record.empty() || !list.take(']') || !list.at_end()) return std::nullopt;
  return RecordLine{*workload, record};
}

METASCHEDULE_INLINE std::optional<RecordTimes> times_of(std::string_view run_secs) {
  RecordTimes out{kFailedSeconds, false};
  if (run_secs == "null") return out;
  JsonSkimmer list(run_secs);
  if (!list.take('[')) return std::nullopt;
  if (list.take(']')) return out;
  double sum = 0;
  int count = 0;
  do {
    const std::optional<double> seconds = list.number();
    if (!seconds) return std::nullopt;
    sum += *seconds;
    ++count;
    out.is_good |= *seconds != kFailedSeconds;
  } while (list.take(','));
  if (!list.take(']') || !list.at_end()) return std::nullopt;
  out.mean = sum / count;
  return out;
}

}  // namespace metaschedule::detail
