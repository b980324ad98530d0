// SPDX-License-Identifier: Apache-2.0
// A text file of checked lines that several processes may append to.
#pragma once

#include <cstdint>
#include <functional>
#include <span>
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

/// A line as it lies in a file, the checksum with it.
struct RawLine {
  std::string_view bytes;
  uint64_t offset;  // of its first byte
  size_t number;    // from 1
  bool has_newline;
};
/// Calls `each` for one stretch of lines of the file after another, under a shared lock; a stretch
/// lies in memory while `each` runs. Raises DatabaseError when it cannot be read.
void read_line_blocks(const std::string& path,
                      const std::function<void(std::span<const RawLine>)>& each);
/// Calls `each(line, number from 1)` for every line of the file.
void read_lines(const std::string& path,
                const std::function<void(const CheckedLine&, size_t number)>& each);
/// The bytes of a file from `offset` on, fewer than `length` where it ends. Raises DatabaseError.
std::string read_bytes(const std::string& path, uint64_t offset, size_t length);

/// Appends lines under an exclusive lock, each with checksum and newline, in one write. What an
/// earlier writer left unfinished at the end is closed with a newline if it is whole, else removed:
/// `is_whole(text)` tells. Returns the offset of the line. Raises DatabaseError.
uint64_t append_line(const std::string& path, const std::string& line,
                     const std::function<bool(std::string_view)>& is_whole);

/// How many lines the first `bytes` of a file have, so that they are counted once.
struct LineCount {
  uint64_t file = 0;  // its number in the file system
  uint64_t bytes = 0;
  size_t lines = 0;
};
/// The same; returns the position of the new line among the lines of the file, from 0.
size_t append_numbered_line(const std::string& path, const std::string& line,
                            const std::function<bool(std::string_view)>& is_whole,
                            LineCount& counted);

/// Creates the file if it is missing; false when it can not.
bool create_file(const std::string& path);

}  // namespace metaschedule::detail
