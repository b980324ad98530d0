// SPDX-License-Identifier: Apache-2.0
// Bodies of line_file.h.
#pragma once

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <vector>

#include "metaschedule/support/config.h"
#include "metaschedule/support/error.h"
#include "metaschedule/tune/record/line_file.h"

namespace metaschedule::detail {

/// Eight bytes at a time: `tables[k][b]` is the remainder of byte `b` with `k` zero bytes behind
/// it.
METASCHEDULE_INLINE uint32_t crc32(std::string_view bytes) {
  using Tables = std::array<std::array<uint32_t, 256>, 8>;
  static const Tables tables = [] {
    Tables out{};
    for (uint32_t i = 0; i < 256; ++i) {
      uint32_t c = i;
      for (int k = 0; k < 8; ++k) c = c & 1 ? 0xedb88320u ^ c >> 1 : c >> 1;
      out[0][i] = c;
    }
    for (size_t k = 1; k < out.size(); ++k) {
      for (size_t i = 0; i < 256; ++i) {
        const uint32_t before = out[k - 1][i];
        out[k][i] = out[0][before & 255] ^ before >> 8;
      }
    }
    return out;
  }();
  const auto* p = reinterpret_cast<const unsigned char*>(bytes.data());
  size_t left = bytes.size();
  uint32_t crc = ~0u;
  for (; left >= 8; left -= 8, p += 8) {
    const uint32_t low =
        crc ^ (uint32_t{p[0]} | uint32_t{p[1]} << 8 | uint32_t{p[2]} << 16 | uint32_t{p[3]} << 24);
    crc = tables[7][low & 255] ^ tables[6][low >> 8 & 255] ^ tables[5][low >> 16 & 255] ^
          tables[4][low >> 24] ^ tables[3][p[4]] ^ tables[2][p[5]] ^ tables[1][p[6]] ^
          tables[0][p[7]];
  }
  for (; left > 0; --left, ++p) crc = tables[0][(crc ^ *p) & 255] ^ crc >> 8;
  return ~crc;
}

METASCHEDULE_INLINE std::string add_checksum(std::string line) {
  const uint32_t crc = crc32(line);
  for (int bit = 0; bit < 32; ++bit) line += crc >> bit & 1 ? '\t' : ' ';
  return line;
}

METASCHEDULE_INLINE CheckedLine check_line(std::string_view line, bool has_newline) {
  const size_t end = line.find_last_not_of(" \t") + 1;
  const std::string_view text = line.substr(0, end);
  if (line.size() - end != 32) {
    return {text, has_newline ? LineState::Unchecked : LineState::CutShort};
  }
  uint32_t crc = 0;
  for (int bit = 0; bit < 32; ++bit) crc |= (line[end + bit] == '\t' ? 1u : 0u) << bit;
  if (crc == crc32(text)) return {text, LineState::Good};
  return {text, has_newline ? LineState::Damaged : LineState::CutShort};
}

/// An open file with a lock; both end with it.
class LockedFile {
 public:
  LockedFile(const std::string& path, int flags, int lock) : path_(path) {
    fd_ = ::open(path.c_str(), flags | O_CLOEXEC, 0666);
    check<DatabaseError>(fd_ >= 0, "cannot open {}: {}", path, std::strerror(errno));
    int status;
    do {
      status = ::flock(fd_, lock);
    } while (status != 0 && errno == EINTR);
    // A file system without locks: one writer at a time is then the user's business.
    if (status != 0 && errno != ENOLCK && errno != ENOTSUP && errno != EINVAL) {
      const int error = errno;
      ::close(fd_);
      fail<DatabaseError>("cannot lock {}: {}", path, std::strerror(error));
    }
  }
  LockedFile(const LockedFile&) = delete;
  ~LockedFile() { ::close(fd_); }

  size_t size() const {
    struct stat info{};
    ::fstat(fd_, &info);
    return static_cast<size_t>(info.st_size);
  }
  /// The file's number in its file system: another file of the same name has another.
  uint64_t number() const {
    struct stat info{};
    ::fstat(fd_, &info);
    return static_cast<uint64_t>(info.st_ino);
  }
  std::string read(size_t offset, size_t length) const {
    std::string out;
    read(offset, length, out);
    return out;
  }
  void read(size_t offset, size_t length, std::string& out) const {
    out.resize(length);
    size_t done = 0;
    while (done < length) {
      const ssize_t got =
          ::pread(fd_, out.data() + done, length - done, static_cast<off_t>(offset + done));
      if (got < 0 && errno == EINTR) continue;
      check<DatabaseError>(got >= 0, "cannot read {}: {}", path_, std::strerror(errno));
      if (got == 0) break;
      done += static_cast<size_t>(got);
    }
    out.resize(done);
  }
  void write(std::string_view bytes) {
    const size_t before = size();
    while (!bytes.empty()) {
      const ssize_t put = ::write(fd_, bytes.data(), bytes.size());
      if (put < 0 && errno == EINTR) continue;
      if (put < 0) {
        const int error = errno;
        truncate(before);  // a full disk: leave no half of a line
        fail<DatabaseError>("cannot write {}: {}", path_, std::strerror(error));
      }
      bytes.remove_prefix(static_cast<size_t>(put));
    }
  }
  void truncate(size_t size) {
    [[maybe_unused]] const int status = ::ftruncate(fd_, static_cast<off_t>(size));
  }

 private:
  std::string path_;
  int fd_;
};

METASCHEDULE_INLINE void read_line_blocks(
    const std::string& path, const std::function<void(std::span<const RawLine>)>& each) {
  constexpr size_t kBlock = size_t{16} << 20;
  const LockedFile file(path, O_RDONLY, LOCK_SH);
  const size_t size = file.size();
  std::vector<RawLine> lines;
  std::string text;
  size_t number = 0, block = kBlock;
  for (size_t offset = 0; offset < size;) {
    file.read(offset, std::min(block, size - offset), text);
    if (text.empty()) break;  // somebody without lock made it shorter
    const bool is_last = offset + text.size() >= size;
    const size_t newline = text.rfind('\n');
    if (!is_last && newline == std::string::npos) {  // a line longer than the block
      block *= 2;
      continue;
    }
    const size_t stop = is_last ? text.size() : newline + 1;
    lines.clear();
    for (size_t begin = 0; begin < stop;) {
      const size_t end = text.find('\n', begin);
      const bool has_newline = end != std::string::npos;
      std::string_view line = std::string_view(text).substr(begin, end - begin);
      if (!line.empty() && line.back() == '\r') line.remove_suffix(1);
      lines.push_back({line, offset + begin, ++number, has_newline});
      begin = has_newline ? end + 1 : stop;
    }
    each(lines);
    offset += stop;
    block = kBlock;
  }
}

METASCHEDULE_INLINE void read_lines(const std::string& path,
                                    const std::function<void(const CheckedLine&, size_t)>& each) {
  read_line_blocks(path, [&](std::span<const RawLine> lines) {
    for (const RawLine& line : lines) each(check_line(line.bytes, line.has_newline), line.number);
  });
}

METASCHEDULE_INLINE std::string read_bytes(const std::string& path, uint64_t offset,
                                           size_t length) {
  return LockedFile(path, O_RDONLY, LOCK_SH).read(offset, length);
}

/// Closes or removes what the last writer left unfinished because it was killed.
inline void mend_tail(LockedFile& file, const std::function<bool(std::string_view)>& is_whole) {
  const size_t size = file.size();
  if (size == 0 || file.read(size - 1, 1) == "\n") return;
  size_t begin = size;
  while (begin > 0) {
    const size_t from = begin < 65536 ? 0 : begin - 65536;
    const size_t newline = file.read(from, begin - from).rfind('\n');
    begin = newline == std::string::npos ? from : from + newline + 1;
    if (newline != std::string::npos) break;
  }
  const std::string tail = file.read(begin, size - begin);
  if (is_whole(check_line(tail, false).text)) {
    file.write("\n");
  } else {
    file.truncate(begin);
  }
}

METASCHEDULE_INLINE uint64_t append_line(const std::string& path, const std::string& line,
                                         const std::function<bool(std::string_view)>& is_whole) {
  LockedFile file(path, O_RDWR | O_APPEND | O_CREAT, LOCK_EX);
  mend_tail(file, is_whole);
  const uint64_t offset = file.size();
  file.write(add_checksum(line) + "\n");
  return offset;
}

METASCHEDULE_INLINE size_t
append_numbered_line(const std::string& path, const std::string& line,
                     const std::function<bool(std::string_view)>& is_whole, LineCount& counted) {
  LockedFile file(path, O_RDWR | O_APPEND | O_CREAT, LOCK_EX);
  mend_tail(file, is_whole);
  const uint64_t size = file.size();
  if (counted.file != file.number() || counted.bytes > size) counted = {file.number(), 0, 0};
  const std::string text = file.read(counted.bytes, size - counted.bytes);
  const size_t position =
      counted.lines + static_cast<size_t>(std::count(text.begin(), text.end(), '\n'));
  file.write(add_checksum(line) + "\n");
  counted.bytes = file.size();
  counted.lines = position + 1;
  return position;
}

METASCHEDULE_INLINE bool create_file(const std::string& path) {
  const int fd = ::open(path.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0666);
  if (fd < 0) return false;
  ::close(fd);
  return true;
}

}  // namespace metaschedule::detail
