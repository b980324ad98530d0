// SPDX-License-Identifier: Apache-2.0
// Bodies of local_builder.h.
#pragma once

#include <sys/statvfs.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "metaschedule/ir/target.h"
#include "metaschedule/lower/passes.h"
#include "metaschedule/runtime/worker_client.h"
#include "metaschedule/script/printer.h"
#include "metaschedule/support/config.h"
#include "metaschedule/support/thread_pool.h"
#include "metaschedule/tune/measure/local_builder.h"
#include "metaschedule/tune/measure/worker_failure.h"

namespace metaschedule {
namespace detail {

/// Memory where there is some, for a disk takes its time to forget: the runner of this library
/// needs no file, so most are written for nobody.
inline std::filesystem::path artifact_base() {
  constexpr uint64_t kLeastFree = uint64_t{256} << 20;
  const char* memory = "/dev/shm";
  struct statvfs space{};
  if (!std::getenv("TMPDIR") && ::access(memory, W_OK) == 0 && ::statvfs(memory, &space) == 0 &&
      uint64_t{space.f_bavail} * space.f_frsize >= kLeastFree)
    return memory;
  return std::filesystem::temp_directory_path();
}

/// A new folder that no other process knows, with the object in it.
inline std::string write_artifact(const std::string& object) {
  std::string folder = (artifact_base() / "metaschedule-XXXXXX").string();
  check<BuildError>(::mkdtemp(folder.data()) != nullptr, "cannot create a folder like {}", folder);
  const std::string path = folder + "/kernel.o";
  std::ofstream file(path, std::ios::binary);
  file.write(object.data(), static_cast<std::streamsize>(object.size()));
  file.close();
  check<BuildError>(file.good(), "cannot write {}", path);
  return path;
}

/// The module as it is built: without the blocks that rewrite the layout of constant weights.
inline ModuleRef without_preproc(const ModuleRef& mod) {
  ModuleRef out = mod;
  for (const auto& [var, base] : mod->functions) {
    if (const auto func = as_ref<PrimFunc>(base)) {
      const PrimFuncRef stripped = lower::remove_weight_layout_rewrite_block(func);
      if (!stripped.same_as(func))
        out = out->with_function(cast_to<GlobalVar>(*var.node()).name_hint, stripped);
    }
  }
  return out;
}

}  // namespace detail

struct LocalBuilder::Impl {
  runtime::CompilePool pool;
  BuilderResult finish(runtime::CompileResult result, double timeout_sec) const;
};

METASCHEDULE_INLINE BuilderResult LocalBuilder::Impl::finish(runtime::CompileResult result,
                                                             double timeout_sec) const {
  if (result.ok()) {
    try {
      BuilderResult out = BuilderResult::ok(detail::write_artifact(result.artifact->object));
      out.artifact = result.artifact;
      return out;
    } catch (const BuildError& e) {
      return BuilderResult::failed(FailureKind::Exception, e.what());
    }
  }
  const FailureKind kind = detail::failure_of(result.kind);
  if (kind == FailureKind::Timeout) {
    return BuilderResult::failed(
        kind, fmt::format("LocalBuilder: Timeout, killed after {} seconds", timeout_sec));
  }
  return BuilderResult::failed(kind, "LocalBuilder: An exception occurred\n" + result.error);
}

METASCHEDULE_INLINE LocalBuilder::LocalBuilder(LocalBuilderOptions opts)
    : options(std::move(opts)),
      impl_(
          new Impl{runtime::CompilePool(options.max_workers > 0 ? options.max_workers : cpu_count(),
                                        {.path = runtime::find_worker(options.worker_path)})}) {
  check<ValueError>(options.timeout_sec > 0, "LocalBuilder: timeout_sec must be positive, found {}",
                    options.timeout_sec);
}
METASCHEDULE_INLINE LocalBuilder::~LocalBuilder() = default;

METASCHEDULE_INLINE std::vector<BuilderResult> LocalBuilder::build(
    const std::vector<BuilderInput>& build_inputs) {
  std::vector<std::future<runtime::CompileResult>> futures;
  for (const BuilderInput& input : build_inputs) {
    try {
      check<ValueError>(static_cast<bool>(input.target), "LocalBuilder: the input has no target");
      runtime::CompileRequest request;
      request.module_text = to_script(*detail::without_preproc(input.mod));
      request.target = to_string(*input.target);
      request.timeout_sec = options.timeout_sec;
      futures.push_back(impl_->pool.submit(std::move(request)));
    } catch (const Error& e) {
      runtime::CompileResult refused;
      refused.kind = runtime::FailureKind::Build;
      refused.error = e.what();
      std::promise<runtime::CompileResult> promise;
      futures.push_back(promise.get_future());
      promise.set_value(std::move(refused));
    }
  }
  std::vector<BuilderResult> out;
  for (auto& future : futures) {
    detail::wait_interruptibly(future);
    out.push_back(impl_->finish(future.get(), options.timeout_sec));
  }
  return out;
}

}  // namespace metaschedule
