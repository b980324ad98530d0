// SPDX-License-Identifier: Apache-2.0
// The pass lists. Vectors, tiles and unrolling are in the program already, so most of LLVM's
// pipeline has nothing to do; what is here costs 2 to 5 ms a program.
#include "optimize.h"

#include <llvm/IR/IntrinsicsX86.h>
#include <llvm/IR/LegacyPassManager.h>
#include <llvm/MC/TargetRegistry.h>
#include <llvm/Object/ObjectFile.h>
#include <llvm/Object/SymbolicFile.h>
#include <llvm/Passes/PassBuilder.h>
#include <llvm/Support/SmallVectorMemoryBuffer.h>
#include <llvm/Support/raw_ostream.h>

#include "keep_tiles.h"

namespace metaschedule::codegen {
namespace {

constexpr const char* kPromote =
    "function(sroa<modify-cfg>,early-cse<memssa>,simplifycfg,instcombine<no-verify-fixpoint>,"
    "loop-mssa(loop-rotate,licm<no-allowspeculation>),sroa<modify-cfg>,early-cse<memssa>,"
    "simplifycfg)";
constexpr const char* kVectorize =
    "function(loop-simplify,lcssa,loop-mssa(licm),loop-vectorize,"
    "instcombine<no-verify-fixpoint>,simplifycfg,loop-mssa(licm),loop-unroll<O2>)";
constexpr const char* kFinish =
    "function(instcombine<no-verify-fixpoint>,early-cse<memssa>,simplifycfg)";
constexpr const char* kThorough =
    "function(gvn,dse,loop-mssa(licm<allowspeculation>),reassociate,slp-vectorizer,vector-combine,"
    "instcombine<no-verify-fixpoint>,early-cse<memssa>,simplifycfg)";

}  // namespace

void optimize(llvm::Module& module, const Machine& machine, int level, bool scalar_loops) {
  if (level <= 0) return;
  llvm::PipelineTuningOptions tuning;
  tuning.LoopInterleaving = true;
  tuning.LoopVectorization = true;
  llvm::LoopAnalysisManager loops;
  llvm::FunctionAnalysisManager functions;
  llvm::CGSCCAnalysisManager components;
  llvm::ModuleAnalysisManager modules;
  llvm::PassBuilder passes(machine.target_machine.get(), tuning);
  passes.registerModuleAnalyses(modules);
  passes.registerCGSCCAnalyses(components);
  passes.registerFunctionAnalyses(functions);
  passes.registerLoopAnalyses(loops);
  passes.crossRegisterProxies(loops, functions, components, modules);
  llvm::ModulePassManager manager;
  auto add = [&](const std::string& text) {
    if (llvm::Error error = passes.parsePassPipeline(manager, text))
      fail<InternalError>("LLVM does not know a pass: {}", llvm::toString(std::move(error)));
  };
  add(kPromote);
  // Few programs have tiles.
  if (module.getFunction(llvm::Intrinsic::getName(llvm::Intrinsic::x86_tilestored64_internal)))
    manager.addPass(llvm::createModuleToFunctionPassAdaptor(KeepTiles()));
  std::string text = kFinish;
  if (level >= 2) text = std::string(kThorough) + "," + text;
  if (scalar_loops) text = std::string(kVectorize) + "," + text;
  add(text);
  manager.run(module, modules);
}

std::string emit_code(llvm::Module& module, const Machine& machine, bool assembly) {
  llvm::SmallVector<char, 0> bytes;
  bytes.reserve(16 << 10);
  llvm::raw_svector_ostream stream(bytes);
  llvm::legacy::PassManager manager;
  auto kind = assembly ? llvm::CodeGenFileType::AssemblyFile : llvm::CodeGenFileType::ObjectFile;
  bool failed = machine.target_machine->addPassesToEmitFile(manager, stream, nullptr, kind, true);
  check<BuildError>(!failed, "LLVM emits no code for this target");
  manager.run(module);
  return std::string(bytes.data(), bytes.size());
}

void check_self_contained(const std::string& object) {
  llvm::MemoryBufferRef buffer(object, "object");
  auto file = llvm::object::ObjectFile::createObjectFile(buffer);
  if (!file)
    fail<InternalError>("LLVM cannot read its own object: {}", llvm::toString(file.takeError()));
  std::string missing;
  for (const llvm::object::SymbolRef& symbol : (*file)->symbols()) {
    auto flags = symbol.getFlags();
    auto name = symbol.getName();
    if (!flags || !name || name->empty()) {
      llvm::consumeError(flags.takeError());
      llvm::consumeError(name.takeError());
      continue;
    }
    if (*flags & llvm::object::SymbolRef::SF_Undefined) missing += " " + name->str();
  }
  check<BuildError>(missing.empty(),
                    "the target has no instructions for part of the program; LLVM wants to call{}",
                    missing);
}

}  // namespace metaschedule::codegen
