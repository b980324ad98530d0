// SPDX-License-Identifier: Apache-2.0
// Programs for those who do not have this library: an object or a shared library, and a C header
// with a small runtime in it.
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "abi_text.h"
#include "metaschedule/codegen/artifact.h"
#include "metaschedule/support/error.h"

extern char** environ;

namespace metaschedule::codegen {
namespace {

std::string c_type(DType dtype) {
  if (dtype.is_float() && dtype.bits == 32) return "float";
  if (dtype.is_float() && dtype.bits == 64) return "double";
  // Formats that C has no name for are their bits.
  if (dtype.is_floating()) return fmt::format("uint{}_t", dtype.bits);
  if (dtype.is_bool()) return "uint8_t";
  return fmt::format("{}int{}_t", dtype.is_uint() ? "u" : "", dtype.bits);
}

std::string shape_text(const ArtifactFunction& function, const ArtifactParam& param) {
  std::vector<std::string> sizes;
  for (int64_t size : param.shape)
    sizes.push_back(size >= 0 ? std::to_string(size)
                              : function.sizes[static_cast<size_t>(-1 - size)].name);
  return fmt::format("({})", fmt::join(sizes, ", "));
}

/// Parameters by position: their names in the program need not be names in C.
std::string wrapper(const ArtifactFunction& function) {
  std::string name = function.symbol.substr(0, function.symbol.rfind("_entry"));
  std::string remark, params, args;
  for (size_t i = 0; i < function.params.size(); ++i) {
    const ArtifactParam& p = function.params[i];
    std::string comma = i == 0 ? "" : ", ";
    if (p.is_tensor) {
      remark += fmt::format(" *   a{}: {} {}, {}{}\n", i, p.name, shape_text(function, p),
                            to_string(p.dtype), p.is_written ? ", written" : "");
      params += fmt::format("{}{}{}* a{}", comma, p.is_written ? "" : "const ", c_type(p.dtype), i);
      args += fmt::format("{}(void*)a{}", comma, i);
    } else {
      params += fmt::format("{}{} a{}", comma, c_type(p.dtype), i);
      args += fmt::format("{}(void*)&a{}", comma, i);
    }
  }
  for (size_t i = 0; i < function.sizes.size(); ++i) {
    std::string comma = params.empty() ? "" : ", ";
    params += fmt::format("{}int64_t n{}", comma, i);
    args += fmt::format("{}(void*)&n{}", comma, i);
    remark += fmt::format(" *   n{}: {}\n", i, function.sizes[i].name);
  }
  return fmt::format(R"(
int32_t {5}(void* const* args, const metaschedule_runtime* runtime);

/* {1}
{2} */
static inline int32_t {0}({3}) {{
  void* const args[] = {{{4}}};
  return {5}(args, metaschedule_default_runtime());
}}
)",
                     name, function.name, remark, params, args, function.symbol);
}

std::string header_text(const Artifact& artifact) {
  std::string out = "/* Made by metaschedule for " + artifact.target +
                    ". Tensors are compact, aligned to 64 bytes and do not overlap. */\n";
  out += kAbiText;
  out += kRuntimeText;
  for (const ArtifactFunction& f : artifact.functions) out += wrapper(f);
  return out;
}

void write_file(const std::filesystem::path& path, std::string_view bytes) {
  std::ofstream file(path, std::ios::binary);
  file << bytes;
  file.close();
  check<BuildError>(file.good(), "cannot write {}", path.string());
}

void link_shared(const std::string& object, const std::string& path) {
  const char* cc = std::getenv("CC");
  std::vector<std::string> words = {cc && *cc ? cc : "cc", "-shared", "-o", path, object};
  std::vector<char*> argv;
  for (std::string& word : words) argv.push_back(word.data());
  argv.push_back(nullptr);
  pid_t pid;
  int status = 0;
  int error = posix_spawnp(&pid, argv[0], nullptr, nullptr, argv.data(), environ);
  if (error) fail<BuildError>("no C compiler {} to link {} with; set CC", words[0], path);
  waitpid(pid, &status, 0);
  check<BuildError>(WIFEXITED(status) && WEXITSTATUS(status) == 0,
                    "linking {} failed: {} ended with status {}", path, words[0],
                    WEXITSTATUS(status));
}

}  // namespace

void export_artifact(const Artifact& artifact, const std::string& path) {
  std::filesystem::path target(path);
  std::string extension = target.extension();
  check<BuildError>(extension == ".o" || extension == ".so",
                    "expected a path that ends in .o or .so, found {}", path);
  if (extension == ".o") {
    write_file(target, artifact.object);
  } else {
    std::filesystem::path object = path + ".o";
    write_file(object, artifact.object);
    try {
      link_shared(object, path);
    } catch (...) {
      std::filesystem::remove(object);
      throw;
    }
    std::filesystem::remove(object);
  }
  write_file(target.replace_extension(".h"), header_text(artifact));
}

}  // namespace metaschedule::codegen
