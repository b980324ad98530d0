// SPDX-License-Identifier: Apache-2.0
// The format is text headers of 60 bytes, each before the bytes of a member; the member `/` lists
// the symbols, with numbers in big-endian order. Every linker of ELF systems reads it, whatever the
// machine, so no `ar` is called.
#include "archive.h"

#include <fmt/format.h>

namespace metaschedule::codegen {
namespace {

std::string big_endian(uint32_t value) {
  std::string out;
  for (int shift = 24; shift >= 0; shift -= 8) out += static_cast<char>(value >> shift & 0xff);
  return out;
}

/// Without time, owner or group: the same program gives the same library.
std::string header(const std::string& name, size_t bytes) {
  return fmt::format("{:<16}{:<12}{:<6}{:<6}{:<8}{:<10}`\n", name, 0, 0, 0, 644, bytes);
}
std::string padded(std::string bytes) {
  if (bytes.size() % 2) bytes += '\n';
  return bytes;
}

}  // namespace

std::string make_archive(const std::string& member, const std::string& object,
                         const std::vector<std::string>& symbols) {
  constexpr size_t kMagic = 8, kHeader = 60, kLongestName = 15;
  // A long name would need a table of its own; nobody looks at it.
  const std::string name = member.size() <= kLongestName ? member : "kernel.o";
  std::string names;
  for (const std::string& symbol : symbols) names += symbol + '\0';
  const size_t index_size = 4 + 4 * symbols.size() + names.size();
  const size_t offset = kMagic + kHeader + index_size + index_size % 2;
  std::string index = big_endian(static_cast<uint32_t>(symbols.size()));
  for (size_t i = 0; i < symbols.size(); ++i) index += big_endian(static_cast<uint32_t>(offset));
  index += names;
  return "!<arch>\n" + header("/", index.size()) + padded(index) +
         header(name + "/", object.size()) + padded(object);
}

}  // namespace metaschedule::codegen
