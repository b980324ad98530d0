// SPDX-License-Identifier: Apache-2.0
// What goes over the socket between this library and metaschedule-worker: frames with length,
// version, request id and checksum, and the fields of each message, listed once.
#pragma once

#include <chrono>
#include <cstring>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include "metaschedule/runtime/worker_client.h"

namespace metaschedule::runtime {

/// Where the worker finds its end of the socket.
inline constexpr int kWorkerSocket = 3;
inline constexpr uint32_t kProtocolVersion = 1;
/// A hash of the sources that this library was built from: both ends must agree.
const char* build_id();

enum class MessageType : uint32_t { Hello = 1, Configure, Compile, Run, Reply };

struct FrameHeader {
  uint32_t magic = 0x4d535750;
  uint32_t version = kProtocolVersion;
  MessageType type = MessageType::Hello;
  uint32_t reserved = 0;
  uint64_t request_id = 0;
  uint64_t length = 0;
  uint64_t checksum = 0;
};

struct Frame {
  FrameHeader header;
  std::string payload;
};

enum class ReadStatus { Ok, Closed, TimedOut, Broken };
using Deadline = std::chrono::steady_clock::time_point;

/// False when the other end is gone.
bool write_frame(int socket, MessageType type, uint64_t request_id, std::string_view payload);
/// Waits until the deadline; null waits for ever. Broken: not a frame, or its checksum is wrong.
ReadStatus read_frame(int socket, const Deadline* deadline, Frame& frame);

/// First message of a worker.
struct HelloMessage {
  std::string build_id;
};
struct ConfigureMessage {
  uint64_t memory_limit = 0;
  int num_threads = 0;
};
/// What a worker answers besides its result: whether it may go on.
struct CompileReply {
  CompileResult result;
  std::string object;
  bool retire = false;
};
struct RunReply {
  RunResult result;
  bool retire = false;
};

/// Turns fields into bytes.
class MessageWriter {
 public:
  std::string bytes;

  template <class... T>
  void operator()(const T&... values) {
    (put(values), ...);
  }

 private:
  template <class T>
    requires std::is_trivially_copyable_v<T>
  void put(const T& value) {
    bytes.append(reinterpret_cast<const char*>(&value), sizeof(T));
  }
  void put(const std::string& text) {
    put(static_cast<uint64_t>(text.size()));
    bytes += text;
  }
  template <class T>
  void put(const std::vector<T>& list) {
    put(static_cast<uint64_t>(list.size()));
    for (const T& item : list) {
      if constexpr (std::is_same_v<T, RunArgument>)
        fields(*this, item);
      else
        put(item);
    }
  }
};

/// Turns bytes into fields; `ok` is false when they ran out.
class MessageReader {
 public:
  explicit MessageReader(std::string_view bytes) : rest_(bytes) {}
  bool ok = true;

  template <class... T>
  void operator()(T&... values) {
    (get(values), ...);
  }

 private:
  template <class T>
    requires std::is_trivially_copyable_v<T>
  void get(T& value) {
    if (rest_.size() < sizeof(T)) {
      ok = false;
      return;
    }
    std::memcpy(&value, rest_.data(), sizeof(T));
    rest_.remove_prefix(sizeof(T));
  }
  uint64_t get_size() {
    uint64_t size = 0;
    get(size);
    if (size > rest_.size()) ok = false;
    return ok ? size : 0;
  }
  void get(std::string& text) {
    text = std::string(rest_.substr(0, get_size()));
    rest_.remove_prefix(text.size());
  }
  template <class T>
  void get(std::vector<T>& list) {
    list.resize(get_size());
    for (T& item : list) {
      if constexpr (std::is_same_v<T, RunArgument>)
        fields(*this, item);
      else
        get(item);
    }
  }
  std::string_view rest_;
};

// The fields of each message, for both directions.
template <class A, class M>
  requires std::is_same_v<std::remove_const_t<M>, HelloMessage>
void fields(A& a, M& m) {
  a(m.build_id);
}
template <class A, class M>
  requires std::is_same_v<std::remove_const_t<M>, ConfigureMessage>
void fields(A& a, M& m) {
  a(m.memory_limit, m.num_threads);
}
template <class A, class M>
  requires std::is_same_v<std::remove_const_t<M>, CompileRequest>
void fields(A& a, M& m) {
  a(m.module_text, m.target, m.opt_level, m.alignment, m.with_text);
}
template <class A, class M>
  requires std::is_same_v<std::remove_const_t<M>, CompileReply>
void fields(A& a, M& m) {
  a(m.result.kind, m.result.error, m.result.seconds, m.result.llvm_ir, m.result.assembly, m.object,
    m.retire);
}
template <class A, class M>
  requires std::is_same_v<std::remove_const_t<M>, RunArgument>
void fields(A& a, M& m) {
  a(m.dtype, m.shape, m.is_tensor, m.data);
}
/// The artifact itself goes as its object, in front.
template <class A, class M>
  requires std::is_same_v<std::remove_const_t<M>, RunRequest>
void fields(A& a, M& m) {
  a(m.function, m.arguments, m.evaluator, m.alloc_repeat, m.seed, m.return_outputs);
}
template <class A, class M>
  requires std::is_same_v<std::remove_const_t<M>, RunReply>
void fields(A& a, M& m) {
  a(m.result.kind, m.result.error, m.result.run_secs, m.result.stopped_early, m.result.outputs,
    m.result.seconds, m.retire);
}

template <class M>
std::string encode(const M& message) {
  MessageWriter writer;
  fields(writer, message);
  return std::move(writer.bytes);
}
/// False when the bytes are not such a message.
template <class M>
bool decode(std::string_view bytes, M& message) {
  MessageReader reader(bytes);
  fields(reader, message);
  return reader.ok;
}

}  // namespace metaschedule::runtime
