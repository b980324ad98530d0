// SPDX-License-Identifier: Apache-2.0
#include "machine.h"

#include <llvm/ADT/StringMap.h>
#include <llvm/Config/llvm-config.h>
#include <llvm/MC/MCSubtargetInfo.h>
#include <llvm/MC/TargetRegistry.h>
#include <llvm/Support/TargetSelect.h>
#include <llvm/TargetParser/Host.h>
#include <llvm/TargetParser/Triple.h>

#include <mutex>
#include <unordered_map>

#include "metaschedule/ir/op.h"

namespace metaschedule::codegen {
namespace {

void initialize_native() {
  static std::once_flag once;
  std::call_once(once, [] {
    llvm::InitializeNativeTarget();
    llvm::InitializeNativeTargetAsmPrinter();
    llvm::InitializeNativeTargetAsmParser();
  });
}
/// The others, which most processes never need.
void initialize_all() {
  static std::once_flag once;
  std::call_once(once, [] {
    llvm::InitializeAllTargetInfos();
    llvm::InitializeAllTargets();
    llvm::InitializeAllTargetMCs();
    llvm::InitializeAllAsmPrinters();
    llvm::InitializeAllAsmParsers();
  });
}

std::string text_of(const Node* node) {
  if (const String* s = as<String>(node)) return s->value;
  if (const StringImm* s = as<StringImm>(node)) return s->value;
  return "";
}

std::string joined_features(const Target& target) {
  std::string out;
  if (const Array* list = as<Array>(target.attrs.find("mattr"))) {
    for (const Ref<Node>& item : list->items) {
      if (!out.empty()) out += ',';
      out += text_of(item.get());
    }
  }
  return out;
}

const std::string& host_features() {
  static const std::string features = [] {
    std::string out;
    for (const auto& feature : llvm::sys::getHostCPUFeatures()) {
      if (!out.empty()) out += ',';
      out += (feature.second ? "+" : "-") + feature.first().str();
    }
    return out;
  }();
  return features;
}

bool is_native(const llvm::Triple& triple) {
  return triple.getArch() == llvm::Triple(llvm::sys::getDefaultTargetTriple()).getArch();
}

std::unique_ptr<Machine> create(const std::string& triple_text, const std::string& cpu,
                                const std::string& features) {
  auto machine = std::make_unique<Machine>();
  llvm::Triple triple(triple_text);
  std::string error;
  machine->is_native = is_native(triple);
  const llvm::Target* target = llvm::TargetRegistry::lookupTarget(triple, error);
  if (!target) fail<BuildError>("target: LLVM has no machine {}: {}", triple_text, error);
  llvm::TargetOptions options;
  options.TrapUnreachable = false;
  if (triple.isRISCV64()) {
    // Distributions pass floats in registers, which the back end does only when told.
    machine->abi = ("," + features + ",").find(",-d,") == std::string::npos ? "lp64d" : "lp64";
    options.MCOptions.ABIName = machine->abi;
  }
  machine->target_machine.reset(
      target->createTargetMachine(triple, cpu, features, options, llvm::Reloc::PIC_,
                                  llvm::CodeModel::Small, llvm::CodeGenOptLevel::Default));
  check<BuildError>(machine->target_machine != nullptr, "target: LLVM makes no code for {}",
                    triple_text);
  const llvm::MCSubtargetInfo& info = *machine->target_machine->getMCSubtargetInfo();
  check<BuildError>(info.isCPUStringValid(cpu),
                    "target: expected a processor that LLVM knows, or native, found -mcpu={}", cpu);
  machine->cpu = cpu;
  machine->features = features;
  if (triple.isX86()) {
    machine->has_fma = info.checkFeatures("+fma");
    // Earlier releases of LLVM call a library's ldexp for each lane.
    machine->has_scale = LLVM_VERSION_MAJOR >= 22 && info.checkFeatures("+avx512f,+avx512vl");
    machine->has_lookup = info.checkFeatures("+avx512f");
    machine->has_rounding = info.checkFeatures("+sse4.1");
    machine->has_half = info.checkFeatures("+f16c");
    machine->has_bfloat =
        info.checkFeatures("+avx512bf16,+avx512vl") || info.checkFeatures("+avxneconvert");
    machine->vector_bytes = info.checkFeatures("+avx512f") ? 64
                            : info.checkFeatures("+avx")   ? 32
                                                           : 16;
  } else if (triple.isRISCV()) {
    machine->has_fma = machine->has_rounding = info.checkFeatures("+f");
    machine->has_half = info.checkFeatures("+zfhmin");
  } else {
    machine->has_fma = machine->has_rounding = machine->has_half = triple.isAArch64();
  }
  return machine;
}

}  // namespace

const Machine& machine_for(const Target& target) {
  initialize_native();
  check<BuildError>(target.target_kind == "llvm",
                    "target: expected kind llvm, found {}; no other kind can be compiled",
                    target.target_kind);
  std::string cpu = text_of(target.attrs.find("mcpu"));
  std::string triple = text_of(target.attrs.find("mtriple"));
  std::string features = joined_features(target);
  triple = triple.empty() ? llvm::sys::getDefaultTargetTriple() : llvm::Triple::normalize(triple);
  if (const llvm::Triple wanted(triple); !is_native(wanted)) {
    initialize_all();
    check<BuildError>(cpu != "native",
                      "target: -mcpu=native is the processor at hand, which is no {}; name one",
                      wanted.getArchName().str());
    if (cpu.empty() || cpu == "generic") {
      cpu = wanted.isRISCV64() ? "generic-rv64" : "generic";
      // What every distribution for it asks of a processor.
      if (wanted.isRISCV64())
        features = "+m,+a,+f,+d,+c" + (features.empty() ? "" : "," + features);
    }
  } else if (cpu.empty() || cpu == "native") {
    // The host's features go in full: a hypervisor may hide some of what the name promises.
    cpu = llvm::sys::getHostCPUName().str();
    features = features.empty() ? host_features() : host_features() + "," + features;
  }
  int level = 1;
  if (auto value = as_const_int(target.attrs.find("opt-level"))) level = *value == 0 ? 0 : 1;
  if (const BoxInt* value = as<BoxInt>(target.attrs.find("opt-level")))
    level = value->value ? 1 : 0;

  thread_local std::unordered_map<std::string, std::unique_ptr<Machine>> machines;
  std::string key = triple + '\n' + cpu + '\n' + features + '\n' + std::to_string(level);
  std::unique_ptr<Machine>& machine = machines[key];
  if (!machine) {
    machine = create(triple, cpu, features);
    machine->opt_level = level;
  }
  return *machine;
}

}  // namespace metaschedule::codegen
