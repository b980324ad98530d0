// SPDX-License-Identifier: Apache-2.0
#include "worker_process.h"

#include <dlfcn.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstring>
#include <filesystem>

#include "metaschedule/support/error.h"

extern char** environ;

namespace metaschedule::runtime {
namespace {

constexpr double kStartSeconds = 20;

Deadline after(double seconds) {
  return std::chrono::steady_clock::now() +
         std::chrono::duration_cast<std::chrono::steady_clock::duration>(
             std::chrono::duration<double>(std::clamp(seconds, 0.0, 1e7)));
}

/// Closed in every child that anyone spawns.
void close_on_exec(int fd) { fcntl(fd, F_SETFD, FD_CLOEXEC); }

bool contains(const std::string& text, const char* what) {
  return text.find(what) != std::string::npos;
}

}  // namespace

std::string find_worker(const std::string& path) {
  namespace fs = std::filesystem;
  std::vector<std::string> places;
  if (!path.empty()) {
    places = {path};
  } else if (const char* env = std::getenv("METASCHEDULE_WORKER"); env && *env) {
    places = {env};
  } else {
    Dl_info info{};
    if (dladdr(reinterpret_cast<void*>(&find_worker), &info) && info.dli_fname) {
      fs::path here = fs::path(info.dli_fname);
      std::error_code error;
      fs::path full = fs::canonical(here, error);
      // The link and what it points to: a package may be installed as links.
      for (const fs::path& base : {here, full})
        if (base.has_parent_path()) places.push_back(base.parent_path() / "metaschedule-worker");
    }
    places.push_back(std::string(METASCHEDULE_LIBEXECDIR) + "/metaschedule-worker");
  }
  std::string tried;
  for (const std::string& place : places) {
    if (access(place.c_str(), X_OK) == 0) return place;
    tried += " " + place;
  }
  fail<RunError>(
      "no metaschedule-worker: tried{}; set METASCHEDULE_WORKER, or build the library with LLVM",
      tried);
}

void WorkerProcess::start() {
  std::string executable = find_worker(options_.path);
  int sockets[2];
  if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, sockets) != 0)
    fail<RunError>("no socket for a worker: {}", std::strerror(errno));
  if (stderr_ < 0) {
    stderr_ = memfd_create("metaschedule-worker-stderr", MFD_CLOEXEC);
  } else if (ftruncate(stderr_, 0) != 0 || lseek(stderr_, 0, SEEK_SET) < 0) {
    close(stderr_);
    stderr_ = -1;
  }
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
  posix_spawn_file_actions_addopen(&actions, 1, "/dev/null", O_WRONLY, 0);
  if (stderr_ >= 0) posix_spawn_file_actions_adddup2(&actions, stderr_, 2);
  posix_spawn_file_actions_adddup2(&actions, sockets[1], kWorkerSocket);
  posix_spawnattr_t attributes;
  posix_spawnattr_init(&attributes);
  // A signal of the terminal is for the parent, and no mask of one of its threads is inherited.
  sigset_t none, all;
  sigemptyset(&none);
  sigfillset(&all);
  posix_spawnattr_setsigmask(&attributes, &none);
  posix_spawnattr_setsigdefault(&attributes, &all);
  posix_spawnattr_setpgroup(&attributes, 0);
  posix_spawnattr_setflags(&attributes,
                           POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETPGROUP);
  char* argv[] = {executable.data(), role_.data(), nullptr};
  pid_t pid = -1;
  int error = 0;
  {
    std::lock_guard<std::mutex> lock(mutex_);
    if (abandoned_) error = ECANCELED;
    if (!error) error = posix_spawn(&pid, executable.c_str(), &actions, &attributes, argv, environ);
    if (!error) pid_ = pid;
  }
  posix_spawn_file_actions_destroy(&actions);
  posix_spawnattr_destroy(&attributes);
  close(sockets[1]);
  if (error) {
    close(sockets[0]);
    fail<RunError>("cannot start {}: {}", executable, std::strerror(error));
  }
  socket_ = sockets[0];
  close_on_exec(socket_);

  Frame frame;
  HelloMessage hello;
  Deadline deadline = after(kStartSeconds);
  ReadStatus status = read_frame(socket_, &deadline, frame);
  if (status != ReadStatus::Ok || frame.header.type != MessageType::Hello ||
      !decode(frame.payload, hello)) {
    std::string said = died().error;
    fail<RunError>("{} does not speak as a worker of this version: {}", executable, said);
  }
  if (hello.build_id != build_id()) {
    end();
    fail<RunError>("{} is of build {}, this library of {}: build both anew", executable,
                   hello.build_id, build_id());
  }
  ConfigureMessage configure{options_.memory_limit, options_.num_threads};
  write_frame(socket_, MessageType::Configure, 0, encode(configure));
}

void WorkerProcess::end() {
  std::lock_guard<std::mutex> lock(mutex_);
  if (socket_ >= 0) close(socket_);
  socket_ = -1;
  if (pid_ > 0) {
    kill(pid_, SIGKILL);
    int status;
    while (waitpid(pid_, &status, 0) < 0 && errno == EINTR) {
    }
  }
  pid_ = -1;
  if (abandoned_ && stderr_ >= 0) {
    close(stderr_);
    stderr_ = -1;
  }
}

void WorkerProcess::abandon() {
  std::lock_guard<std::mutex> lock(mutex_);
  abandoned_ = true;
  // Its owner reads the end of file and cleans up.
  if (pid_ > 0) kill(pid_, SIGKILL);
}

std::string WorkerProcess::error_output() const {
  if (stderr_ < 0) return "";
  constexpr off_t kTail = 2000;
  off_t size = lseek(stderr_, 0, SEEK_END);
  off_t from = size > kTail ? size - kTail : 0;
  std::string text(static_cast<size_t>(size - from), '\0');
  ssize_t got = pread(stderr_, text.data(), text.size(), from);
  text.resize(got > 0 ? static_cast<size_t>(got) : 0);
  while (!text.empty() && text.back() == '\n') text.pop_back();
  return text;
}

WorkerProcess::Outcome WorkerProcess::died() {
  Outcome out;
  out.kind = FailureKind::Crash;
  int status = 0;
  pid_t pid;
  {
    std::lock_guard<std::mutex> lock(mutex_);
    pid = pid_;
    pid_ = -1;
    if (socket_ >= 0) close(socket_);
    socket_ = -1;
  }
  if (pid > 0) {
    // It closed its end, so it is dying; one that is not is helped.
    for (int i = 0; waitpid(pid, &status, WNOHANG) == 0; ++i) {
      if (i == 200) kill(pid, SIGKILL);
      usleep(1000);
    }
  }
  if (WIFSIGNALED(status)) {
    out.error = fmt::format("the worker was ended by signal {} ({})", WTERMSIG(status),
                            strsignal(WTERMSIG(status)));
    // Nobody but the system's memory manager sends this one.
    if (WTERMSIG(status) == SIGKILL) out.kind = FailureKind::OutOfMemory;
  } else {
    out.error = fmt::format("the worker ended with status {}", WEXITSTATUS(status));
  }
  std::string said = error_output();
  if (contains(said, "out of memory") || contains(said, "bad_alloc"))
    out.kind = FailureKind::OutOfMemory;
  if (!said.empty()) out.error += "; it said: " + said;
  if (abandoned_) out.kind = FailureKind::Cancelled;
  return out;
}

WorkerProcess::Outcome WorkerProcess::exchange(MessageType type, std::string_view payload,
                                               double timeout_sec) {
  uint64_t id = next_id_++;
  Deadline deadline = after(timeout_sec);
  if (!write_frame(socket_, type, id, payload)) return died();
  Outcome out;
  ReadStatus status = read_frame(socket_, &deadline, out.reply);
  if (status == ReadStatus::Ok && out.reply.header.type == MessageType::Reply &&
      out.reply.header.request_id == id)
    return out;
  if (status == ReadStatus::Closed) return died();
  end();
  if (status == ReadStatus::TimedOut) {
    out.kind = FailureKind::Timeout;
    out.error = fmt::format("no result within {} seconds", timeout_sec);
  } else {
    out.kind = FailureKind::Worker;
    out.error = "the worker's answer is not one to this request";
  }
  return out;
}

}  // namespace metaschedule::runtime
