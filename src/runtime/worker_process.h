// SPDX-License-Identifier: Apache-2.0
// One worker process and the socket to it.
#pragma once

#include <sys/types.h>

#include <mutex>
#include <string>

#include "metaschedule/runtime/protocol.h"

namespace metaschedule::runtime {

class WorkerProcess {
 public:
  WorkerProcess(std::string role, WorkerOptions options)
      : role_(std::move(role)), options_(std::move(options)) {}
  ~WorkerProcess() { end(); }
  WorkerProcess(const WorkerProcess&) = delete;
  WorkerProcess& operator=(const WorkerProcess&) = delete;

  bool is_alive() const { return pid_ > 0; }
  /// Raises RunError when there is none to start, or one of another build.
  void start();
  /// Kills and forgets it.
  void end();
  /// From another thread: ends what is under way, and does not let another start.
  void abandon();

  struct Outcome {
    FailureKind kind = FailureKind::None;
    std::string error;
    Frame reply;
  };
  /// Sends a request and waits for its reply. A worker that dies or is late is ended.
  Outcome exchange(MessageType type, std::string_view payload, double timeout_sec);

 private:
  Outcome died();
  std::string error_output() const;

  std::string role_;
  WorkerOptions options_;
  std::mutex mutex_;  // guards pid_ against abandon()
  pid_t pid_ = -1;
  int socket_ = -1;
  int stderr_ = -1;  // a file in memory: what it said before it died
  uint64_t next_id_ = 1;
  bool abandoned_ = false;
};

}  // namespace metaschedule::runtime
