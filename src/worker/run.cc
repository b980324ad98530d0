// SPDX-License-Identifier: Apache-2.0
// The role that runs: loads an object, makes its arguments, measures it.
#include <algorithm>
#include <cstring>
#include <new>
#include <numeric>

#include "guarded.h"
#include "handlers.h"
#include "metaschedule/runtime/module.h"
#include "metaschedule/support/error.h"

namespace metaschedule::worker {
namespace {

using codegen::ArtifactFunction;
using codegen::ArtifactParam;
using runtime::FailureKind;
using runtime::RunArgument;

/// Arguments as the description asks for them.
std::vector<RunArgument> arguments_of(const ArtifactFunction& function) {
  std::vector<RunArgument> out;
  for (const ArtifactParam& p : function.params) out.push_back({p.dtype, p.shape, p.is_tensor, ""});
  return out;
}

/// One set of arguments in guarded memory.
class ArgumentSet {
 public:
  ArgumentSet(const ArtifactFunction& function, const std::vector<RunArgument>& arguments,
              uint64_t seed) {
    check<ValueError>(arguments.size() == function.params.size(),
                      "{}: expected {} arguments, found {}", function.name, function.params.size(),
                      arguments.size());
    sizes_.assign(function.sizes.size(), -1);
    for (size_t i = 0; i < arguments.size(); ++i) {
      const RunArgument& a = arguments[i];
      const ArtifactParam& p = function.params[i];
      check<ValueError>(a.is_tensor == p.is_tensor && a.dtype == p.dtype,
                        "{}: argument {}: expected {} {}, found {} {}", function.name, i,
                        p.is_tensor ? "tensor of" : "scalar", to_string(p.dtype),
                        a.is_tensor ? "tensor of" : "scalar", to_string(a.dtype));
      check_shape(function, i, a.shape);
      size_t bytes = runtime::tensor_bytes(a.dtype, a.is_tensor ? a.shape : std::vector<int64_t>{});
      memory_.emplace_back(bytes);
      if (a.data.empty()) {
        int64_t n =
            std::accumulate(a.shape.begin(), a.shape.end(), int64_t{1}, std::multiplies<>());
        runtime::fill_random(memory_.back().data(), a.dtype, a.is_tensor ? n : 1, seed + i);
      } else {
        check<ValueError>(a.data.size() == bytes,
                          "{}: argument {}: expected {} bytes of data, found {}", function.name, i,
                          bytes, a.data.size());
        std::memcpy(memory_.back().data(), a.data.data(), bytes);
      }
      pointers_.push_back(memory_.back().data());
    }
    for (int64_t& size : sizes_) pointers_.push_back(&size);
  }

  void* const* data() const { return pointers_.data(); }
  const std::vector<GuardedMemory>& memory() const { return memory_; }
  /// The index of an argument beside which something was written; -1 when there is none.
  int broken() const {
    for (size_t i = 0; i < memory_.size(); ++i)
      if (!memory_[i].is_intact()) return static_cast<int>(i);
    return -1;
  }

 private:
  void check_shape(const ArtifactFunction& function, size_t i, const std::vector<int64_t>& shape) {
    const ArtifactParam& p = function.params[i];
    bool fits = shape.size() == p.shape.size() || !p.is_tensor;
    for (size_t axis = 0; fits && p.is_tensor && axis < shape.size(); ++axis) {
      int64_t expected = p.shape[axis];
      if (expected < 0) {
        int64_t& size = sizes_[static_cast<size_t>(-1 - expected)];
        if (size < 0) size = shape[axis];
        expected = size;
      }
      fits = expected == shape[axis] && expected >= 0;
    }
    check<ValueError>(fits, "{}: argument {}: expected shape ({}), found ({})", function.name, i,
                      fmt::join(p.shape, ", "), fmt::join(shape, ", "));
  }

  std::vector<GuardedMemory> memory_;
  std::vector<void*> pointers_;
  std::vector<int64_t> sizes_;
};

void measure(const runtime::RunRequest& request, const runtime::Module& module,
             const ArtifactFunction& function, runtime::RunReply& reply) {
  metaschedule_entry entry = module.entry(function.name);
  std::vector<RunArgument> arguments =
      request.arguments.empty() ? arguments_of(function) : request.arguments;
  for (int set = 0; set < std::max(request.alloc_repeat, 1); ++set) {
    ArgumentSet args(function, arguments, request.seed + static_cast<uint64_t>(set) * 1000);
    runtime::CallContext context;
    int status = 0;
    auto call = [&] { return static_cast<int>(entry(args.data(), context.table())); };
    if (request.return_outputs) {
      status = call();
    } else {
      std::function<void()> flush;
      if (request.evaluator.enable_cpu_cache_flush) {
        flush = [&] {
          for (size_t i = 1; i < args.memory().size(); ++i)
            runtime::flush_cache(args.memory()[i].data(), args.memory()[i].bytes());
        };
      }
      runtime::Evaluation evaluation = runtime::evaluate(request.evaluator, call, flush, &status);
      reply.result.run_secs.insert(reply.result.run_secs.end(), evaluation.seconds.begin(),
                                   evaluation.seconds.end());
      reply.result.stopped_early |= evaluation.stopped_early;
    }
    if (int broken = args.broken(); broken >= 0) {
      reply.result.kind = FailureKind::OutOfBounds;
      reply.result.error = fmt::format("{} wrote outside of argument {} ({})", function.name,
                                       broken, function.params[static_cast<size_t>(broken)].name);
      // It may have written anywhere else, too.
      reply.retire = true;
      return;
    }
    if (status != 0) {
      reply.result.kind =
          status == METASCHEDULE_OUT_OF_MEMORY ? FailureKind::OutOfMemory : FailureKind::Execution;
      reply.result.error = context.explain(status);
      return;
    }
    if (request.return_outputs) {
      for (size_t i = 0; i < function.params.size(); ++i) {
        const GuardedMemory& m = args.memory()[i];
        reply.result.outputs.push_back(function.params[i].is_written
                                           ? std::string(static_cast<char*>(m.data()), m.bytes())
                                           : "");
      }
      return;
    }
  }
}

}  // namespace

runtime::RunReply run(const std::string& object, const runtime::RunRequest& request) {
  runtime::RunReply reply;
  auto failed = [&](FailureKind kind, const char* what) {
    reply.result = {};
    reply.result.kind = kind;
    reply.result.error = what;
  };
  try {
    runtime::Module module = runtime::Module::from_object(object);
    try {
      const codegen::Artifact& artifact = module.artifact();
      measure(request, module,
              request.function.empty() ? artifact.entry() : artifact.lookup(request.function),
              reply);
    } catch (const Error& error) {
      failed(FailureKind::Execution, error.what());
    }
  } catch (const Error& error) {
    failed(FailureKind::Load, error.what());
  } catch (const std::bad_alloc&) {
    failed(FailureKind::OutOfMemory, "no memory for the arguments");
  }
  if (!reply.result.ok()) {
    reply.result.run_secs.clear();
    reply.result.outputs.clear();
  }
  return reply;
}

}  // namespace metaschedule::worker
