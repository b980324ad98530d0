// SPDX-License-Identifier: Apache-2.0
// The JSON text of a record taken apart without reading its trace, which is most of it.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace metaschedule::detail {

/// The parts of `[trace, run_secs, target, args_info]`, as text.
struct RecordText {
  std::string_view trace, run_secs, target, args_info;
  bool has_instructions;  // before the postproc part
};
/// Nothing where the text is not of this shape. Of the trace only the brackets are looked at.
std::optional<RecordText> split_record(std::string_view text);

/// The parts of a line `[workload, record]`.
struct RecordLine {
  int64_t workload;
  std::string_view record;
};
std::optional<RecordLine> split_record_line(std::string_view text);

/// How a record did.
struct RecordTimes {
  double mean;   // seconds; kFailedSeconds without any
  bool is_good;  // some time is not the mark of failure
};
/// Of the text of `run_secs`; nothing where it is neither null nor a list of numbers.
std::optional<RecordTimes> times_of(std::string_view run_secs);

}  // namespace metaschedule::detail
