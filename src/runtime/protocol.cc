// SPDX-License-Identifier: Apache-2.0
#include "metaschedule/runtime/protocol.h"

#include <poll.h>
#include <sys/socket.h>
#include <sys/uio.h>

#include <cerrno>

#include "metaschedule_build_id.h"

namespace metaschedule::runtime {
namespace {

/// Larger than any program or set of outputs; what claims more is not a frame.
constexpr uint64_t kMaxLength = uint64_t{1} << 34;

uint64_t checksum_of(std::string_view bytes) {
  // Eight bytes at a time: outputs can be large.
  uint64_t hash = 0xcbf29ce484222325u ^ bytes.size();
  size_t i = 0;
  for (; i + 8 <= bytes.size(); i += 8) {
    uint64_t word;
    std::memcpy(&word, bytes.data() + i, 8);
    hash = (hash ^ word) * 0x9e3779b97f4a7c15u;
    hash ^= hash >> 29;
  }
  for (; i < bytes.size(); ++i)
    hash = (hash ^ static_cast<unsigned char>(bytes[i])) * 0x100000001b3u;
  return hash;
}

bool send_all(int socket, const char* data, size_t size) {
  while (size > 0) {
    ssize_t sent = send(socket, data, size, MSG_NOSIGNAL);
    if (sent < 0 && errno == EINTR) continue;
    if (sent <= 0) return false;
    data += sent;
    size -= static_cast<size_t>(sent);
  }
  return true;
}

ReadStatus receive_all(int socket, const Deadline* deadline, char* data, size_t size) {
  while (size > 0) {
    pollfd p{socket, POLLIN, 0};
    int timeout = -1;
    if (deadline) {
      auto left = std::chrono::ceil<std::chrono::milliseconds>(*deadline -
                                                               std::chrono::steady_clock::now());
      timeout = static_cast<int>(std::clamp<int64_t>(left.count(), 0, 1 << 30));
    }
    int ready = poll(&p, 1, timeout);
    if (ready < 0 && errno == EINTR) continue;
    if (ready == 0) return ReadStatus::TimedOut;
    ssize_t got = recv(socket, data, size, 0);
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) return ReadStatus::Closed;
    data += got;
    size -= static_cast<size_t>(got);
  }
  return ReadStatus::Ok;
}

}  // namespace

const char* build_id() { return METASCHEDULE_BUILD_ID; }

bool write_frame(int socket, MessageType type, uint64_t request_id, std::string_view payload) {
  FrameHeader header;
  header.type = type;
  header.request_id = request_id;
  header.length = payload.size();
  header.checksum = checksum_of(payload);
  return send_all(socket, reinterpret_cast<const char*>(&header), sizeof(header)) &&
         send_all(socket, payload.data(), payload.size());
}

ReadStatus read_frame(int socket, const Deadline* deadline, Frame& frame) {
  ReadStatus status =
      receive_all(socket, deadline, reinterpret_cast<char*>(&frame.header), sizeof(frame.header));
  if (status != ReadStatus::Ok) return status;
  FrameHeader expected;
  if (frame.header.magic != expected.magic || frame.header.version != expected.version ||
      frame.header.length > kMaxLength)
    return ReadStatus::Broken;
  frame.payload.resize(frame.header.length);
  status = receive_all(socket, deadline, frame.payload.data(), frame.payload.size());
  if (status != ReadStatus::Ok) return status;
  return checksum_of(frame.payload) == frame.header.checksum ? ReadStatus::Ok : ReadStatus::Broken;
}

}  // namespace metaschedule::runtime
