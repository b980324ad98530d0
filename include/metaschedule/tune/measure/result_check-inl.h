// SPDX-License-Identifier: Apache-2.0
// Bodies of result_check.h.
#pragma once

#include <algorithm>

#include "metaschedule/ir/target.h"
#include "metaschedule/lower/passes.h"
#include "metaschedule/runtime/worker_client.h"
#include "metaschedule/schedule/analysis_module.h"
#include "metaschedule/schedule/schedule.h"
#include "metaschedule/script/printer.h"
#include "metaschedule/support/config.h"
#include "metaschedule/support/random.h"
#include "metaschedule/tune/arg_info.h"
#include "metaschedule/tune/measure/compare_outputs.h"
#include "metaschedule/tune/measure/result_check.h"
#include "metaschedule/tune/measure/worker_failure.h"
#include "metaschedule/tune/tune_context.h"

namespace metaschedule {

struct LocalResultCheck::Impl {
  /// What the unscheduled program makes of the inputs.
  struct Reference {
    ModuleRef mod;
    bool usable = false;
    std::vector<runtime::RunArgument> arguments;
    std::vector<std::string> outputs;
    double operations = 1;  // for one element written
  };

  explicit Impl(ResultCheckOptions opts)
      : options(std::move(opts)),
        compilers(1, {.path = runtime::find_worker(options.worker_path)}),
        runners(1, {.path = runtime::find_worker(options.worker_path)}) {}

  Reference make_reference(const TuneContext& context);
  const Reference& reference(const TuneContext& context);
  runtime::CompileResult compile(const TuneContext& context, const IRModule& mod);
  runtime::RunResult run(const std::shared_ptr<const codegen::Artifact>& artifact,
                         const std::vector<runtime::RunArgument>& arguments);

  ResultCheckOptions options;
  runtime::CompilePool compilers;
  runtime::RunPool runners;
  std::vector<Reference> references;
};

namespace detail {

/// Small integers for every parameter; nothing where a size is symbolic or a type not made.
inline std::optional<std::vector<runtime::RunArgument>> small_integers(
    const codegen::ArtifactFunction& function, uint64_t seed) {
  Rand rand(static_cast<int64_t>(seed));
  std::vector<runtime::RunArgument> out;
  for (const codegen::ArtifactParam& param : function.params) {
    runtime::RunArgument argument;
    argument.dtype = param.dtype;
    argument.is_tensor = param.is_tensor;
    size_t elements = 1;
    for (int64_t extent : param.shape) {
      if (extent < 0) return std::nullopt;
      elements *= static_cast<size_t>(extent);
      argument.shape.push_back(extent);
    }
    argument.data.assign(elements * static_cast<size_t>(param.dtype.bytes()), '\0');
    const int64_t least = param.dtype.is_uint() ? 0 : -3;
    for (size_t i = 0; i < elements; ++i) {
      if (!set_element(argument.data, param.dtype, i, rand.sample_int(least, 4)))
        return std::nullopt;
    }
    out.push_back(std::move(argument));
  }
  return out;
}

}  // namespace detail

METASCHEDULE_INLINE runtime::RunResult LocalResultCheck::Impl::run(
    const std::shared_ptr<const codegen::Artifact>& artifact,
    const std::vector<runtime::RunArgument>& arguments) {
  runtime::RunRequest request;
  request.artifact = artifact;
  request.arguments = arguments;
  request.return_outputs = true;
  request.timeout_sec = options.timeout_sec;
  std::future<runtime::RunResult> future = runners.submit(std::move(request));
  detail::wait_interruptibly(future);
  return future.get();
}

METASCHEDULE_INLINE runtime::CompileResult LocalResultCheck::Impl::compile(
    const TuneContext& context, const IRModule& mod) {
  runtime::CompileRequest request;
  request.module_text = to_script(mod);
  request.target = context.target ? to_string(*context.target) : "llvm";
  request.timeout_sec = options.timeout_sec;
  std::future<runtime::CompileResult> future = compilers.submit(std::move(request));
  detail::wait_interruptibly(future);
  return future.get();
}

METASCHEDULE_INLINE LocalResultCheck::Impl::Reference LocalResultCheck::Impl::make_reference(
    const TuneContext& context) {
  Reference out;
  out.mod = context.mod;
  const runtime::CompileResult compiled = compile(context, *context.mod);
  if (!compiled.ok()) return out;
  auto arguments = detail::small_integers(compiled.artifact->entry(), options.seed);
  if (!arguments) return out;
  runtime::RunResult result = run(compiled.artifact, *arguments);
  if (!result.ok()) return out;
  size_t written = 0;
  for (size_t i = 0; i < result.outputs.size(); ++i)
    written += result.outputs[i].size() / static_cast<size_t>((*arguments)[i].dtype.bytes());
  out.operations =
      estimate_tir_flops(*context.mod) / static_cast<double>(std::max<size_t>(written, 1));
  out.arguments = std::move(*arguments);
  out.outputs = std::move(result.outputs);
  out.usable = true;
  return out;
}

METASCHEDULE_INLINE const LocalResultCheck::Impl::Reference& LocalResultCheck::Impl::reference(
    const TuneContext& context) {
  for (const Reference& known : references) {
    if (known.mod == context.mod) return known;
  }
  Reference made;
  made.mod = context.mod;
  try {
    made = make_reference(context);
  } catch (const Interrupted&) {
    throw;
  } catch (const Error& e) {
    context.logger.warning("results of {} are not checked: {}", context.task_name, e.what());
  }
  if (!made.usable)
    context.logger.warning("results of {} are not checked: there is no reference",
                           context.task_name);
  references.push_back(std::move(made));
  return references.back();
}

METASCHEDULE_INLINE LocalResultCheck::LocalResultCheck(ResultCheckOptions options)
    : impl_(new Impl(std::move(options))) {}
METASCHEDULE_INLINE LocalResultCheck::~LocalResultCheck() = default;

METASCHEDULE_INLINE std::optional<std::string> LocalResultCheck::fault(const TuneContext& context,
                                                                       const Schedule& candidate,
                                                                       const BuilderResult& built) {
  if (!built.artifact) return std::nullopt;
  const Impl::Reference& expected = impl_->reference(context);
  if (!expected.usable) return std::nullopt;
  std::shared_ptr<const codegen::Artifact> artifact = built.artifact;
  const PrimFuncRef func = entry_func(*candidate.mod());
  if (!lower::remove_weight_layout_rewrite_block(func).same_as(func)) {
    const runtime::CompileResult whole = impl_->compile(context, *candidate.mod());
    if (!whole.ok()) return fmt::format("it does not build with its layouts: {}", whole.error);
    artifact = whole.artifact;
  }
  const runtime::RunResult found = impl_->run(artifact, expected.arguments);
  if (!found.ok()) return fmt::format("it failed on other inputs: {}", found.error);
  for (size_t i = 0; i < expected.outputs.size(); ++i) {
    if (expected.outputs[i].empty()) continue;
    if (const auto difference =
            detail::first_difference(expected.outputs[i], found.outputs.at(i),
                                     expected.arguments[i].dtype, expected.operations))
      return fmt::format("argument {}: {}", i, *difference);
  }
  return std::nullopt;
}

}  // namespace metaschedule
