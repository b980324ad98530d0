// SPDX-License-Identifier: Apache-2.0
// A text file of checked lines that several processes may append to.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

namespace metaschedule::detail {

uint32_t crc32(std::string_view bytes);
/// The line with its checksum as 32 spaces (0) and tabs (1), the lowest bit first.
std::string add_checksum(std::string line);

enum class LineState { Unchecked, Good, Damaged, CutShort };
/// Without the checksum, and what the checksum says. A line counts as cut short when the file ends
/// in it without a newline and it carries no good checksum.
struct CheckedLine {
  std::string_view text;
  LineState state;
};
CheckedLine check_line(std::string_view line, bool has_newline);

/// Calls `each(line, number from 1)` for every line of the file, under a shared lock. Raises
/// DatabaseError when it cannot be read.
void read_lines(const std::string& path,
                const std::function<void(const CheckedLine&, size_t number)>& each);

/// Appends lines under an exclusive lock, each with checksum and newline, in one write. What an
/// earlier writer left unfinished at the end is closed with a newline if it is whole, else removed:
/// `is_whole(text)` tells. Raises DatabaseError.
void append_line(const std::string& path, const std::string& line,
                 const std::function<bool(std::string_view)>& is_whole);
/// The same; returns the position of the new line among the lines of the file, from 0.
size_t append_numbered_line(const std::string& path, const std::string& line,
                            const std::function<bool(std::string_view)>& is_whole);

/// Creates the file if it is missing; false when it can not.
bool create_file(const std::string& path);

}  // namespace metaschedule::detail
