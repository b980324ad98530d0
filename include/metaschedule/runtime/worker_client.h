// SPDX-License-Identifier: Apache-2.0
// Compiles and runs programs in `metaschedule-worker` processes. Whatever a candidate does there, a
// crash, a hang, a write out of bounds, is a typed failure of that one request.
#pragma once

#include <functional>
#include <future>
#include <memory>
#include <string>
#include <vector>

#include "metaschedule/codegen/artifact.h"
#include "metaschedule/runtime/evaluator.h"

namespace metaschedule::runtime {

/// Why a request has no result.
enum class FailureKind : uint8_t {
  None = 0,
  Build,        // the program cannot be compiled: the compiler says why
  Load,         // the object is not one this machine can load
  Execution,    // the program returned an error: an assertion failed, memory ran out inside it
  OutOfBounds,  // it wrote past the end of an argument
  Timeout,      // it took longer than its time limit
  OutOfMemory,  // the process hit its memory limit
  Crash,        // the process died: a signal, an abort of the compiler
  Worker,       // no worker could be started, or it speaks another version
  Cancelled,    // the pool was closed before the request began
};
const char* to_string(FailureKind kind);

struct CompileRequest {
  /// The module: as `save_json` writes it, or TVMScript.
  std::string module_text;
  /// The target: as JSON or as a command-line string (`llvm -mcpu=native`).
  std::string target;
  int opt_level = -1;  // codegen::CompileOptions
  int alignment = 64;  // codegen::CompileOptions
  /// Also gives the optimised LLVM IR and the assembly as text.
  bool with_text = false;
  double timeout_sec = 30;
};

struct CompileResult {
  FailureKind kind = FailureKind::None;
  std::string error;
  std::shared_ptr<const codegen::Artifact> artifact;  // null on failure
  std::string llvm_ir, assembly;                      // when asked for
  double seconds = 0;                                 // in the worker, without the queue
  bool ok() const { return kind == FailureKind::None; }
};

/// A tensor or scalar to make for a run. The bytes of `data`, when there are any, are its value;
/// otherwise the worker draws uniform values from [1, 10).
struct RunArgument {
  DType dtype;
  std::vector<int64_t> shape;
  bool is_tensor = true;
  std::string data;
};

struct RunRequest {
  std::shared_ptr<const codegen::Artifact> artifact;
  /// The function to run; empty: the entry.
  std::string function;
  /// Empty: one for each parameter of the function, made from its description.
  std::vector<RunArgument> arguments;
  EvaluatorOptions evaluator;
  int alloc_repeat = 1;
  uint64_t seed = 0;
  /// Calls once and gives back the tensors that the function writes, instead of measuring.
  bool return_outputs = false;
  double timeout_sec = 30;
};

struct RunResult {
  FailureKind kind = FailureKind::None;
  std::string error;
  /// Seconds a call: `evaluator.repeat` numbers for each of `alloc_repeat` sets of arguments.
  std::vector<double> run_secs;
  /// True when `stop_if_slower_than` ended it; `run_secs` then holds what was seen until then.
  bool stopped_early = false;
  /// With `return_outputs`: the bytes of each argument after the call; empty for those not written.
  std::vector<std::string> outputs;
  double seconds = 0;  // in the worker, without the queue
  bool ok() const { return kind == FailureKind::None; }
};

struct WorkerOptions {
  /// The executable; empty: METASCHEDULE_WORKER, then beside this library, then libexec.
  std::string path;
  /// Address space above what an idle worker has, in bytes; 0: no limit.
  uint64_t memory_limit = uint64_t{8} << 30;
  /// Threads of the kernel pool in a worker that runs; 0: METASCHEDULE_NUM_THREADS or all cores.
  int num_threads = 0;
  /// Start the workers at once instead of with the first request.
  bool warm = true;
};

/// Finds the executable as WorkerOptions::path says; raises RunError with the places it looked at.
std::string find_worker(const std::string& path = "");

/// Worker processes that compile. Requests are taken in order; each has one future.
class CompilePool {
 public:
  explicit CompilePool(int num_workers, WorkerOptions options = {});
  /// Requests that have not begun are cancelled; those under way are ended.
  ~CompilePool();
  std::future<CompileResult> submit(CompileRequest request);
  /// The same with a call, from a thread of the pool, instead of a future.
  void submit(CompileRequest request, std::function<void(CompileResult)> done);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

/// Worker processes that run, one for measuring by default: two would disturb each other.
class RunPool {
 public:
  explicit RunPool(int num_workers = 1, WorkerOptions options = {});
  ~RunPool();
  std::future<RunResult> submit(RunRequest request);
  void submit(RunRequest request, std::function<void(RunResult)> done);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace metaschedule::runtime
