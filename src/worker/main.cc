// SPDX-License-Identifier: Apache-2.0
// metaschedule-worker --compile | --run: answers requests on socket 3 until it is closed. Started
// by runtime/worker_client.h; of no use by hand.
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <cstdio>
#include <fstream>
#include <new>
#include <string>
#include <string_view>

#include "handlers.h"
#include "metaschedule/runtime/kernel_pool.h"
#include "metaschedule/support/error.h"

#if defined(__has_feature)
#if __has_feature(address_sanitizer)
/// A candidate's crash is to be seen as what it is, a signal, and memory refused as a null pointer.
extern "C" const char* __asan_default_options() {
  return "handle_segv=0:handle_sigbus=0:handle_sigfpe=0:handle_sigill=0:handle_abort=0:"
         "allocator_may_return_null=1";
}
#endif
#endif

namespace metaschedule::worker {
namespace {

using runtime::FailureKind;
using runtime::MessageType;

/// Pages that this process has mapped, in bytes.
uint64_t mapped_bytes() {
  std::ifstream file("/proc/self/statm");
  uint64_t pages = 0;
  file >> pages;
  return pages * static_cast<uint64_t>(sysconf(_SC_PAGESIZE));
}

void configure(const runtime::ConfigureMessage& message) {
  if (message.num_threads > 0) runtime::KernelPool::configure_global(message.num_threads);
  if (message.memory_limit > 0) {
    // What is mapped already, libraries and stacks, is not the candidate's.
    rlim_t limit = mapped_bytes() + message.memory_limit;
    rlimit value{limit, limit};
    setrlimit(RLIMIT_AS, &value);
  }
  // A dump of a candidate that crashed helps nobody.
  rlimit none{0, 0};
  setrlimit(RLIMIT_CORE, &none);
}

double seconds_since(std::chrono::steady_clock::time_point start) {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

/// The answer to one request, and whether the worker may go on.
template <class Reply, class Work>
bool answer(uint64_t id, Work&& work) {
  auto start = std::chrono::steady_clock::now();
  Reply reply;
  try {
    reply = work();
  } catch (const std::bad_alloc&) {
    reply = {};
    reply.result.kind = FailureKind::OutOfMemory;
    reply.result.error = "the memory limit of the worker was reached";
    reply.retire = true;
  } catch (const std::exception& error) {
    reply = {};
    reply.result.kind = FailureKind::Worker;
    reply.result.error = error.what();
  }
  reply.result.seconds = seconds_since(start);
  return runtime::write_frame(runtime::kWorkerSocket, MessageType::Reply, id, encode(reply)) &&
         !reply.retire;
}

bool handle(const runtime::Frame& frame, bool compiles) {
  uint64_t id = frame.header.request_id;
  switch (frame.header.type) {
    case MessageType::Configure: {
      runtime::ConfigureMessage message;
      if (decode(frame.payload, message)) configure(message);
      return true;
    }
    case MessageType::Compile: {
      runtime::CompileRequest request;
      if (!compiles || !decode(frame.payload, request)) return false;
      return answer<runtime::CompileReply>(id, [&] { return compile(request); });
    }
    case MessageType::Run: {
      runtime::RunRequest request;
      std::string object;
      runtime::MessageReader reader(frame.payload);
      reader(object);
      fields(reader, request);
      if (compiles || !reader.ok) return false;
      return answer<runtime::RunReply>(id, [&] { return run(object, request); });
    }
    default:
      return false;
  }
}

int serve(bool compiles) {
  // The parent's death ends this process, also in an endless loop.
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (getppid() == 1) return 0;
  runtime::HelloMessage hello{runtime::build_id()};
  if (!runtime::write_frame(runtime::kWorkerSocket, MessageType::Hello, 0, encode(hello))) return 1;
  if (compiles) prepare_to_compile();
  runtime::Frame frame;
  while (runtime::read_frame(runtime::kWorkerSocket, nullptr, frame) == runtime::ReadStatus::Ok) {
    if (!handle(frame, compiles)) return 0;
  }
  return 0;
}

}  // namespace
}  // namespace metaschedule::worker

int main(int argc, char** argv) {
  std::string_view role = argc == 2 ? argv[1] : "";
  if (role != "--compile" && role != "--run") {
    std::fputs("usage: metaschedule-worker --compile | --run, with a socket as descriptor 3\n",
               stderr);
    return 2;
  }
  return metaschedule::worker::serve(role == "--compile");
}
