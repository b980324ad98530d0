// SPDX-License-Identifier: Apache-2.0
// Programs for those who do not have this library: files of objects and libraries, and a C header
// with a small runtime in it.
#include "metaschedule/codegen/export.h"

#include <elf.h>
#include <fmt/ranges.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>

#include "abi_text.h"
#include "archive.h"
#include "elf_loader.h"
#include "metaschedule/codegen/c_source.h"
#include "metaschedule/support/error.h"

extern char** environ;

namespace metaschedule::codegen {
namespace {

std::string numbers_text(const ArtifactFunction& function, const std::vector<int64_t>& numbers) {
  std::vector<std::string> sizes;
  for (int64_t size : numbers)
    sizes.push_back(size >= 0 ? std::to_string(size)
                              : function.sizes[static_cast<size_t>(-1 - size)].name);
  return fmt::format("({})", fmt::join(sizes, ", "));
}

/// Parameters by position: their names in the program need not be names in C.
std::string wrappers(const ArtifactFunction& function) {
  std::string name = function.symbol.substr(0, function.symbol.rfind("_entry"));
  std::string remark;
  std::vector<std::string> params, packed, names;
  for (size_t i = 0; i < function.params.size(); ++i) {
    const ArtifactParam& p = function.params[i];
    names.push_back(fmt::format("a{}", i));
    if (p.is_tensor) {
      const std::string strides =
          p.strides.empty() ? "" : " strides " + numbers_text(function, p.strides);
      remark +=
          fmt::format(" *   a{}: {} {}{}, {}, aligned to {} byte{}{}\n", i, p.name,
                      numbers_text(function, p.shape), strides, to_string(p.dtype), p.alignment,
                      p.alignment == 1 ? "" : "s", p.is_written ? ", written" : "");
      params.push_back(fmt::format("{}{}* a{}", p.is_written ? "" : "const ", c_type(p.dtype), i));
      packed.push_back(fmt::format("(void*)a{}", i));
    } else {
      params.push_back(fmt::format("{} a{}", c_type(p.dtype), i));
      packed.push_back(fmt::format("(void*)&a{}", i));
    }
  }
  for (size_t i = 0; i < function.sizes.size(); ++i) {
    names.push_back(fmt::format("n{}", i));
    params.push_back(fmt::format("int64_t n{}", i));
    packed.push_back(fmt::format("(void*)&n{}", i));
    remark += fmt::format(" *   n{}: {}\n", i, function.sizes[i].name);
  }
  std::string list = fmt::format("{}", fmt::join(params, ", "));
  std::string comma = params.empty() ? "" : ", ";
  if (packed.empty()) packed.push_back("0");  // C has no empty arrays
  return fmt::format(R"(
#ifndef METASCHEDULE_HAS_{symbol}
#define METASCHEDULE_HAS_{symbol}
METASCHEDULE_C int32_t {symbol}(void* const* args, const metaschedule_runtime* runtime);

/* {title}
{remark} */
static inline int32_t {name}_on(const metaschedule_runtime* runtime{comma}{params}) {{
  void* const args[] = {{{packed}}};
  return {symbol}(args, runtime);
}}
#ifndef METASCHEDULE_NO_DEFAULT_RUNTIME
static inline int32_t {name}({only}) {{
  return {name}_on(metaschedule_default_runtime(){comma}{names});
}}
#endif
#endif
)",
                     fmt::arg("symbol", function.symbol), fmt::arg("title", function.name),
                     fmt::arg("remark", remark), fmt::arg("name", name), fmt::arg("comma", comma),
                     fmt::arg("params", list), fmt::arg("packed", fmt::join(packed, ", ")),
                     fmt::arg("only", params.empty() ? "void" : list),
                     fmt::arg("names", fmt::join(names, ", ")));
}

void write_file(const std::filesystem::path& path, std::string_view bytes) {
  std::ofstream file(path, std::ios::binary);
  file << bytes;
  file.close();
  check<BuildError>(file.good(), "cannot write {}", path.string());
}

/// Runs a command; false when there is no such program.
bool run_linker(std::vector<std::string> words, const std::string& path) {
  std::vector<char*> argv;
  for (std::string& word : words) argv.push_back(word.data());
  argv.push_back(nullptr);
  pid_t pid;
  int status = 0;
  if (posix_spawnp(&pid, argv[0], nullptr, nullptr, argv.data(), environ) != 0) return false;
  while (waitpid(pid, &status, 0) < 0 && errno == EINTR) {
  }
  // Where the program is found out to be missing only in the child, the status says so.
  if (WIFEXITED(status) && WEXITSTATUS(status) == 127) return false;
  check<BuildError>(WIFEXITED(status) && WEXITSTATUS(status) == 0,
                    "linking {} failed: {} ended with status {}", path, words[0],
                    WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status));
  return true;
}

void link_shared(const Artifact& artifact, const std::string& object, const std::string& path) {
  std::vector<std::string> tools;
  const char* cc = std::getenv("CC");
  if (cc && *cc) {
    tools = {cc};
  } else if (runtime::is_for_this_machine(artifact.object)) {
    tools = {"cc", "ld.lld", "ld"};
  } else {
    // The object needs nothing, so the linker need not know the libraries of the other machine.
    tools = {"ld.lld"};
  }
  for (const std::string& tool : tools)
    if (run_linker({tool, "-shared", "-o", path, object}, path)) return;
  fail<BuildError>("linking {}: there is no {}; set CC to a compiler for {}", path,
                   fmt::join(tools, ", no "), artifact.triple);
}

}  // namespace

std::string c_header(const Artifact& artifact) {
  std::string out = fmt::format(
      "/* Made by metaschedule for {}, {}. Tensors are compact; those that are written overlap no\n"
      " * other. Functions give 0 or one of the codes below. */\n",
      artifact.triple, artifact.target);
  out += kAbiText;
  out += kRuntimeText;
  for (const ArtifactFunction& f : artifact.functions) out += wrappers(f);
  return out;
}

void export_artifact(const Artifact& artifact, const std::string& path,
                     const ModuleRef& reference) {
  std::filesystem::path target(path);
  const std::string extension = target.extension();
  check<BuildError>(
      extension == ".o" || extension == ".a" || extension == ".so" || extension == ".h",
      "expected a path that ends in .o, .a, .so or .h, found {}", path);
  std::filesystem::path header = target;
  header.replace_extension(".h");
  // Before anything is written: the program may have no plain form.
  std::string test;
  if (reference) test = c_self_test(artifact, *reference, header.filename());
  if (extension == ".o") {
    write_file(target, artifact.object);
  } else if (extension == ".a") {
    std::vector<std::string> symbols = {Artifact::kDescriptionSymbol};
    for (const ArtifactFunction& f : artifact.functions) symbols.push_back(f.symbol);
    write_file(target, make_archive(target.stem().string() + ".o", artifact.object, symbols));
  } else if (extension == ".so") {
    std::filesystem::path object = path + ".o";
    write_file(object, artifact.object);
    try {
      link_shared(artifact, object, path);
    } catch (...) {
      std::filesystem::remove(object);
      throw;
    }
    std::filesystem::remove(object);
  }
  write_file(header, c_header(artifact));
  if (reference) {
    std::filesystem::path file = target;
    write_file(file.replace_filename(target.stem().string() + "_test.c"), test);
  }
}

}  // namespace metaschedule::codegen
