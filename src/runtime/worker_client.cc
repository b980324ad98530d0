// SPDX-License-Identifier: Apache-2.0
// A pool is a queue and a thread for each worker process: the thread writes a request, waits, and
// starts another process when one has died.
#include "metaschedule/runtime/worker_client.h"

#include <condition_variable>
#include <deque>
#include <thread>

#include "elf_loader.h"
#include "metaschedule/support/error.h"
#include "worker_process.h"

namespace metaschedule::runtime {

const char* to_string(FailureKind kind) {
  switch (kind) {
    case FailureKind::None:
      return "none";
    case FailureKind::Build:
      return "build error";
    case FailureKind::Load:
      return "load error";
    case FailureKind::Execution:
      return "execution error";
    case FailureKind::OutOfBounds:
      return "write out of bounds";
    case FailureKind::Timeout:
      return "timeout";
    case FailureKind::OutOfMemory:
      return "out of memory";
    case FailureKind::Crash:
      return "crash";
    case FailureKind::Worker:
      return "no worker";
    case FailureKind::Cancelled:
      return "cancelled";
  }
  return "unknown";
}

namespace {

/// The part of a pool that does not care what is asked: `Traits` encodes and decodes.
template <class Traits>
class Pool {
 public:
  using Request = typename Traits::Request;
  using Result = typename Traits::Result;
  using Done = std::function<void(Result)>;

  Pool(int num_workers, const WorkerOptions& options) {
    check<ValueError>(num_workers > 0, "expected at least one worker, found {}", num_workers);
    for (int i = 0; i < num_workers; ++i) {
      workers_.push_back(std::make_unique<WorkerProcess>(Traits::kRole, options));
      // The system ends a worker with the thread that started it, so each has its own.
      threads_.emplace_back(
          [this, worker = workers_.back().get(), warm = options.warm] { serve(*worker, warm); });
    }
  }

  ~Pool() {
    std::deque<Job> left;
    {
      std::lock_guard<std::mutex> lock(mutex_);
      stop_ = true;
      left.swap(queue_);
    }
    wake_.notify_all();
    for (auto& worker : workers_) worker->abandon();
    for (std::thread& t : threads_) t.join();
    for (Job& job : left) job.done(failure(FailureKind::Cancelled, "the pool was closed"));
  }

  void submit(Request request, Done done) {
    {
      std::lock_guard<std::mutex> lock(mutex_);
      queue_.push_back({std::move(request), std::move(done)});
    }
    wake_.notify_one();
  }

  std::future<Result> submit(Request request) {
    auto promise = std::make_shared<std::promise<Result>>();
    std::future<Result> future = promise->get_future();
    submit(std::move(request), [promise](Result result) { promise->set_value(std::move(result)); });
    return future;
  }

 private:
  struct Job {
    Request request;
    Done done;
  };

  static Result failure(FailureKind kind, std::string error) {
    Result result;
    result.kind = kind;
    result.error = std::move(error);
    return result;
  }

  void serve(WorkerProcess& worker, bool warm) {
    for (;;) {
      if (warm && !worker.is_alive()) try_start(worker);
      Job job;
      {
        std::unique_lock<std::mutex> lock(mutex_);
        wake_.wait(lock, [&] { return stop_ || !queue_.empty(); });
        if (stop_) return;
        job = std::move(queue_.front());
        queue_.pop_front();
      }
      job.done(handle(worker, job.request));
    }
  }

  /// Why no worker could be started; empty when one is there.
  std::string try_start(WorkerProcess& worker) {
    try {
      worker.start();
      return "";
    } catch (const Error& error) {
      return error.what();
    }
  }

  Result handle(WorkerProcess& worker, const Request& request) {
    if (!worker.is_alive()) {
      std::string problem = try_start(worker);
      if (!problem.empty()) return failure(FailureKind::Worker, problem);
    }
    WorkerProcess::Outcome outcome =
        worker.exchange(Traits::kType, Traits::payload(request), request.timeout_sec);
    if (outcome.kind != FailureKind::None) return failure(outcome.kind, outcome.error);
    typename Traits::Reply reply;
    if (!decode(outcome.reply.payload, reply)) {
      worker.end();
      return failure(FailureKind::Worker, "the worker's answer cannot be read");
    }
    if (reply.retire) worker.end();
    try {
      Traits::finish(reply);
    } catch (const Error& error) {
      return failure(FailureKind::Worker, error.what());
    }
    return std::move(reply.result);
  }

  std::mutex mutex_;
  std::condition_variable wake_;
  std::deque<Job> queue_;
  bool stop_ = false;
  std::vector<std::unique_ptr<WorkerProcess>> workers_;
  std::vector<std::thread> threads_;
};

struct CompileTraits {
  using Request = CompileRequest;
  using Result = CompileResult;
  using Reply = CompileReply;
  static constexpr const char* kRole = "--compile";
  static constexpr MessageType kType = MessageType::Compile;
  static std::string payload(const CompileRequest& request) { return encode(request); }
  static void finish(CompileReply& reply) {
    if (!reply.result.ok()) return;
    auto artifact = std::make_shared<codegen::Artifact>(codegen::parse_description(
        read_text_symbol(reply.object, codegen::Artifact::kDescriptionSymbol)));
    artifact->object = std::move(reply.object);
    reply.result.artifact = std::move(artifact);
  }
};

struct RunTraits {
  using Request = RunRequest;
  using Result = RunResult;
  using Reply = RunReply;
  static constexpr const char* kRole = "--run";
  static constexpr MessageType kType = MessageType::Run;
  static std::string payload(const RunRequest& request) {
    MessageWriter writer;
    writer(request.artifact ? request.artifact->object : std::string());
    fields(writer, request);
    return std::move(writer.bytes);
  }
  static void finish(RunReply&) {}
};

}  // namespace

struct CompilePool::Impl : Pool<CompileTraits> {
  using Pool::Pool;
};
CompilePool::CompilePool(int num_workers, WorkerOptions options)
    : impl_(std::make_unique<Impl>(num_workers, options)) {}
CompilePool::~CompilePool() = default;
std::future<CompileResult> CompilePool::submit(CompileRequest request) {
  return impl_->submit(std::move(request));
}
void CompilePool::submit(CompileRequest request, std::function<void(CompileResult)> done) {
  impl_->submit(std::move(request), std::move(done));
}

struct RunPool::Impl : Pool<RunTraits> {
  using Pool::Pool;
};
RunPool::RunPool(int num_workers, WorkerOptions options)
    : impl_(std::make_unique<Impl>(num_workers, options)) {}
RunPool::~RunPool() = default;
std::future<RunResult> RunPool::submit(RunRequest request) {
  return impl_->submit(std::move(request));
}
void RunPool::submit(RunRequest request, std::function<void(RunResult)> done) {
  impl_->submit(std::move(request), std::move(done));
}

}  // namespace metaschedule::runtime
