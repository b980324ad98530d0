// SPDX-License-Identifier: Apache-2.0
// codegen::compile: one module of LLVM for one module of ours.
#include "metaschedule/codegen/compile.h"

#include <llvm/IR/Verifier.h>
#include <llvm/Support/raw_ostream.h>
#include <llvm/Transforms/Utils/Cloning.h>

#include <bit>

#include "bfloat.h"
#include "emitter.h"
#include "metaschedule/ir/walk.h"
#include "optimize.h"

namespace metaschedule::codegen {
namespace {

/// A name that C accepts.
std::string c_name(std::string_view name) {
  std::string out;
  for (char c : name) out += std::isalnum(static_cast<unsigned char>(c)) || c == '_' ? c : '_';
  if (out.empty() || std::isdigit(static_cast<unsigned char>(out[0]))) out.insert(0, "_");
  return out;
}

/// The name that other programs see: the global symbol, but never C's own main.
std::string symbol_of(const std::string& name, const PrimFunc& func) {
  std::string symbol = name;
  const Node* attr = func.attrs.find("global_symbol");
  if (const String* s = as<String>(attr)) symbol = s->value;
  if (const StringImm* s = as<StringImm>(attr)) symbol = s->value;
  symbol = c_name(symbol);
  // The name without the ending is left to the typed function of an exported header.
  return (symbol == "main" ? "metaschedule_main" : symbol) + "_entry";
}

void add_description(llvm::Module& module, const std::string& text) {
  llvm::Constant* data = llvm::ConstantDataArray::getString(module.getContext(), text, true);
  new llvm::GlobalVariable(module, data->getType(), true, llvm::GlobalValue::ExternalLinkage, data,
                           Artifact::kDescriptionSymbol);
}

std::string print_ir(const llvm::Module& module) {
  std::string text;
  llvm::raw_string_ostream stream(text);
  module.print(stream, nullptr);
  return text;
}

bool is_scheduled(const IRModule& module) {
  for (const auto& [var, func] : module.functions) {
    const PrimFunc* f = as<PrimFunc>(func);
    if (f && any_node(*f->body, [](const Node& n) {
          return n.kind == Kind::BlockRealize || n.kind == Kind::Block;
        }))
      return true;
  }
  return false;
}

}  // namespace

ModuleRef prepare(const IRModule& module, const Target& target, bool is_scheduled);

bool is_native(const Target& target) { return machine_for(target).is_native; }

Artifact compile(const IRModule& module, const Target& target, const CompileOptions& options) {
  check<ValueError>(std::has_single_bit(static_cast<unsigned>(options.alignment)),
                    "compile: expected an alignment that is a power of two, found {}",
                    options.alignment);
  const Machine& machine = machine_for(target);
  const ModuleRef lowered = prepare(module, target, is_scheduled(module));

  // A context keeps every type and constant it has seen, so each program gets its own.
  llvm::LLVMContext context;
  context.setDiscardValueNames(options.llvm_ir == nullptr);
  llvm::Module out("metaschedule", context);
  out.setTargetTriple(machine.target_machine->getTargetTriple());
  out.setDataLayout(machine.target_machine->createDataLayout());
  out.setPICLevel(llvm::PICLevel::SmallPIC);
  if (!machine.abi.empty())
    out.addModuleFlag(llvm::Module::Error, "target-abi", llvm::MDString::get(context, machine.abi));

  Artifact artifact;
  Emitter emitter(out, machine, options);
  for (const auto& [var, func] : lowered->functions) {
    const PrimFunc* f = as<PrimFunc>(func);
    if (!f) continue;
    std::string name = cast_to<GlobalVar>(var)->name_hint;
    artifact.functions.push_back(emitter.emit_entry(*f, name, symbol_of(name, *f)));
  }
  check<BuildError>(!artifact.functions.empty(), "the module has no function to compile");
  artifact.target = machine.cpu;
  artifact.triple = machine.target_machine->getTargetTriple().str();
  add_description(out, describe(artifact));

  if (!machine.has_bfloat) expand_bfloat(out);
  if (options.verify) {
    std::string problem;
    llvm::raw_string_ostream stream(problem);
    if (llvm::verifyModule(out, &stream))
      fail<InternalError>("LLVM IR is malformed: {}\n{}", problem, print_ir(out));
  }
  int level = options.opt_level >= 0 ? options.opt_level : machine.opt_level;
  optimize(out, machine, level, emitter.has_scalar_loops());
  if (options.llvm_ir) *options.llvm_ir = print_ir(out);
  if (options.assembly) {
    std::unique_ptr<llvm::Module> copy = llvm::CloneModule(out);
    *options.assembly = emit_code(*copy, machine, true);
  }
  artifact.object = emit_code(out, machine, false);
  check_self_contained(artifact.object);
  return artifact;
}

}  // namespace metaschedule::codegen
