// SPDX-License-Identifier: Apache-2.0
// Files of checked lines: what a reader makes of damage, and what a killed writer leaves.
#include "metaschedule/tune/record/line_file.h"

#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <vector>

#include "metaschedule/support/base64.h"
#include "metaschedule/support/error.h"
#include "temp_dir.h"

namespace metaschedule::detail {
namespace {

using metaschedule::testing::TempDir;

bool ends_in_bracket(std::string_view text) { return !text.empty() && text.back() == ']'; }

std::vector<std::pair<std::string, LineState>> lines_of(const std::string& path) {
  std::vector<std::pair<std::string, LineState>> out;
  read_lines(path, [&](const CheckedLine& line, size_t number) {
    EXPECT_EQ(number, out.size() + 1);
    out.emplace_back(line.text, line.state);
  });
  return out;
}

std::string slurp(const std::string& path) {
  std::ifstream file(path);
  return {std::istreambuf_iterator<char>(file), {}};
}

TEST(LineFile, checksums_are_crc32_in_spaces_and_tabs) {
  EXPECT_EQ(crc32("123456789"), 0xcbf43926u);
  const std::string line = add_checksum("[1]");
  ASSERT_EQ(line.size(), 35u);
  EXPECT_EQ(line.find_first_not_of(" \t", 3), std::string::npos);
  EXPECT_EQ(check_line(line, true).state, LineState::Good);
  EXPECT_EQ(check_line("[1]", true).state, LineState::Unchecked);
  std::string damaged = line;
  damaged[1] = '2';
  EXPECT_EQ(check_line(damaged, true).state, LineState::Damaged);
  EXPECT_EQ(check_line("[1", false).state, LineState::CutShort);
}

TEST(LineFile, appends_and_reads_back_with_foreign_lines_between) {
  TempDir dir;
  const std::string path = dir / "lines";
  append_line(path, "[1]", ends_in_bracket);
  std::ofstream(path, std::ios::app) << "[\"by another program\"]\r\n";
  LineCount counted;
  EXPECT_EQ(append_numbered_line(path, "[3]", ends_in_bracket, counted), 2u);
  const auto lines = lines_of(path);
  ASSERT_EQ(lines.size(), 3u);
  EXPECT_EQ(lines[0], std::pair(std::string("[1]"), LineState::Good));
  EXPECT_EQ(lines[1], std::pair(std::string("[\"by another program\"]"), LineState::Unchecked));
  EXPECT_EQ(lines[2], std::pair(std::string("[3]"), LineState::Good));
}

TEST(LineFile, lines_are_numbered_whatever_others_did_to_the_file_meanwhile) {
  TempDir dir;
  const std::string path = dir / "lines";
  LineCount counted;
  const auto append = [&](const char* line) {
    return append_numbered_line(path, line, ends_in_bracket, counted);
  };
  EXPECT_EQ(append("[0]"), 0u);
  EXPECT_EQ(append("[1]"), 1u);
  append_line(path, "[\"another process\"]", ends_in_bracket);
  EXPECT_EQ(append("[3]"), 3u);
  // Another file of that name, longer than the first was.
  std::ofstream(dir / "other") << "[\"" << std::string(1000, 'x') << "\"]\n";
  std::filesystem::rename(dir / "other", path);
  EXPECT_EQ(append("[1]"), 1u);
  std::ofstream(path, std::ios::trunc) << "[0]\n";
  EXPECT_EQ(append("[1]"), 1u);
}

TEST(LineFile, blocks_hold_all_lines_with_their_places) {
  TempDir dir;
  const std::string path = dir / "lines";
  // Some are longer than what is read at once.
  std::vector<std::string> written;
  std::string text;
  std::vector<uint64_t> offsets;
  for (size_t i = 0; i < 40; ++i) {
    offsets.push_back(text.size());
    written.emplace_back(i % 13 == 5 ? size_t{20} << 20 : size_t{400000} * (i % 3), 'x');
    text += written.back() + "\n";
  }
  std::ofstream(path) << text;
  size_t next = 0;
  read_line_blocks(path, [&](std::span<const RawLine> lines) {
    for (const RawLine& line : lines) {
      ASSERT_LT(next, written.size());
      ASSERT_EQ(line.bytes, written[next]);
      ASSERT_EQ(line.offset, offsets[next]);
      ASSERT_EQ(line.number, ++next);
      ASSERT_TRUE(line.has_newline);
    }
  });
  EXPECT_EQ(next, written.size());
  EXPECT_EQ(read_bytes(path, offsets[1], 5), "xxxxx");
  EXPECT_EQ(read_bytes(path, text.size() - 1, 5), "\n");
}

TEST(LineFile, every_prefix_of_a_file_reads_and_can_be_appended_to) {
  TempDir dir;
  const std::string whole = dir / "whole", path = dir / "prefix";
  append_line(whole, "[1,2]", ends_in_bracket);
  append_line(whole, "[3,4]", ends_in_bracket);
  const std::string text = slurp(whole);
  for (size_t length = 0; length <= text.size(); ++length) {
    std::ofstream(path, std::ios::trunc) << text.substr(0, length);
    size_t complete = 0;
    for (const auto& [line, state] : lines_of(path)) complete += line.size() == 5;
    append_line(path, "[5]", ends_in_bracket);
    const auto lines = lines_of(path);
    ASSERT_EQ(lines.size(), complete + 1) << "cut at " << length;
    EXPECT_EQ(lines.back(), std::pair(std::string("[5]"), LineState::Good));
    for (size_t i = 0; i < complete; ++i) EXPECT_EQ(lines[i].first, i == 0 ? "[1,2]" : "[3,4]");
  }
}

TEST(LineFile, a_writer_killed_at_any_moment_loses_at_most_its_last_line) {
  TempDir dir;
  for (int round = 0; round < 20; ++round) {
    const std::string path = dir / ("killed" + std::to_string(round));
    const std::string acknowledged = path + ".ack";
    const pid_t child = fork();
    ASSERT_GE(child, 0);
    if (child == 0) {
      const std::string payload(20000, 'x');
      for (int i = 0;; ++i) {
        append_line(path, "[" + std::to_string(i) + "," + payload + "]", ends_in_bracket);
        append_line(acknowledged, "[" + std::to_string(i) + "]", ends_in_bracket);
      }
    }
    usleep(3000 + 1700 * round);
    kill(child, SIGKILL);
    waitpid(child, nullptr, 0);
    size_t good = 0;
    if (std::filesystem::exists(path)) {
      for (const auto& [line, state] : lines_of(path)) {
        if (state == LineState::CutShort) continue;
        ASSERT_EQ(state, LineState::Good);
        ASSERT_EQ(line.substr(0, line.find(',')), "[" + std::to_string(good));
        ++good;
      }
    }
    size_t promised = 0;
    if (std::filesystem::exists(acknowledged)) {
      for (const auto& [line, state] : lines_of(acknowledged)) promised += state == LineState::Good;
    }
    EXPECT_GE(good, promised);
  }
}

TEST(LineFile, a_missing_file_is_an_error_that_names_it) {
  try {
    read_lines("/nonexistent/file", [](const CheckedLine&, size_t) {});
    FAIL();
  } catch (const DatabaseError& e) {
    EXPECT_NE(std::string(e.what()).find("/nonexistent/file"), std::string::npos);
  }
}

TEST(Base64, encodes_and_refuses_what_is_cut_short) {
  const std::string text = "{\"root\": 1, \"nodes\": []}";
  const std::string bytes = std::string("\x18\0\0\0\0\0\0\0", 8) + text;
  EXPECT_EQ(encode_base64(bytes), "GAAAAAAAAAB7InJvb3QiOiAxLCAibm9kZXMiOiBbXX0=");
  EXPECT_EQ(decode_base64(encode_base64(bytes)), bytes);
  for (const char* plain : {"", "a", "ab", "abc"})
    EXPECT_EQ(decode_base64(encode_base64(plain)), plain);
  EXPECT_FALSE(decode_base64("abc"));
  EXPECT_FALSE(decode_base64("ab=c"));
  EXPECT_FALSE(decode_base64("ab!c"));
}

}  // namespace
}  // namespace metaschedule::detail
