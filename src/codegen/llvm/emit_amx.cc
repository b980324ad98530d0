// SPDX-License-Identifier: Apache-2.0
// Tiles of x86 (AMX): a call is one step on places in memory. LLVM gives tiles to its values and
// configures them; here is what it leaves open: the permission of the system, without which the
// first such instruction ends the process. See docs/decisions/0010-amx.md.
#include <llvm/IR/InlineAsm.h>
#include <llvm/IR/IntrinsicsX86.h>
#include <llvm/MC/MCSubtargetInfo.h>

#include "emitter.h"
#include "metaschedule/codegen/abi.h"

namespace metaschedule::codegen {
namespace {

struct TileOp {
  std::string_view name;
  llvm::Intrinsic::ID id;
  const char* feature;
  /// Bytes of the elements that C, A and B point at.
  std::vector<int> element_bytes;
};

const TileOp* find_tile_op(std::string_view name) {
  static const TileOp kOps[] = {
      {"amx.tilezero", llvm::Intrinsic::x86_tilezero_internal, "amx-tile", {4}},
      {"amx.tdpbssd", llvm::Intrinsic::x86_tdpbssd_internal, "amx-int8", {4, 1, 1}},
      {"amx.tdpbsud", llvm::Intrinsic::x86_tdpbsud_internal, "amx-int8", {4, 1, 1}},
      {"amx.tdpbusd", llvm::Intrinsic::x86_tdpbusd_internal, "amx-int8", {4, 1, 1}},
      {"amx.tdpbuud", llvm::Intrinsic::x86_tdpbuud_internal, "amx-int8", {4, 1, 1}},
      {"amx.tdpbf16ps", llvm::Intrinsic::x86_tdpbf16ps_internal, "amx-bf16", {4, 2, 2}},
  };
  for (const TileOp& op : kOps)
    if (op.name == name) return &op;
  return nullptr;
}

}  // namespace

bool is_amx(const Node& node) {
  const Call* call = as<Call>(&node);
  const Op* op = call ? as<Op>(call->op) : nullptr;
  const StringImm* name = op && !call->args.empty() ? as<StringImm>(call->args[0]) : nullptr;
  return name && name->value.starts_with("amx.") &&
         (op->name == "tir.call_extern" || op->name == "tir.call_pure_extern");
}

llvm::Value* Emitter::call_amx(std::string_view name, const Call& c) {
  count();
  const TileOp* op = find_tile_op(name);
  check<BuildError>(op != nullptr,
                    "function {}: expected amx.tilezero, amx.tdpbssd, amx.tdpbsud, amx.tdpbusd, "
                    "amx.tdpbuud or amx.tdpbf16ps, found {}",
                    function_name_, name);
  const llvm::TargetMachine& target = *machine_.target_machine;
  check<BuildError>(target.getTargetTriple().getArch() == llvm::Triple::x86_64 &&
                        target.getTargetTriple().isOSLinux(),
                    "function {}: {} is an instruction of x86-64 under Linux, the target is {}",
                    function_name_, name, target.getTargetTriple().str());
  for (const char* feature : {"amx-tile", op->feature})
    check<BuildError>(target.getMCSubtargetInfo()->checkFeatures(std::string("+") + feature),
                      "function {}: {} needs {}, which the target (-mcpu={}) has not; name a "
                      "processor that has it, -mcpu=sapphirerapids, or add "
                      "-mattr=+amx-tile,+amx-int8,+amx-bf16",
                      function_name_, name, feature, machine_.cpu);

  const size_t num_tiles = op->element_bytes.size();
  check<BuildError>(c.args.size() == 1 + 2 * num_tiles,
                    "function {}: {} takes {} pointers, each with the length of a row in elements; "
                    "found {} arguments",
                    function_name_, name, num_tiles, c.args.size() - 1);
  std::vector<llvm::Value*> places, rows;
  for (size_t i = 0; i < num_tiles; ++i) {
    const Expr &pointer = c.args[1 + 2 * i], &row = c.args[2 + 2 * i];
    check<BuildError>(
        pointer->dtype.is_handle() && row->dtype.is_scalar() && row->dtype.is_integral(),
        "function {}: {} takes pointers, each with the length of a row; found {} and "
        "{}",
        function_name_, name, to_string(pointer->dtype), to_string(row->dtype));
    const Call* access = as<Call>(pointer);
    if (access && access->op.node() == &Op::get("tvm_access_ptr")) {
      const DType element = access->args[0]->dtype;
      check<BuildError>(element.is_scalar() && element.bytes() == op->element_bytes[i],
                        "function {}: {}: expected a pointer to elements of {} bytes, found {}",
                        function_name_, name, op->element_bytes[i], to_string(element));
    }
    places.push_back(expr(pointer));
    rows.push_back(builder_.CreateMul(wide(row), builder_.getInt64(op->element_bytes[i])));
  }

  llvm::Value *height = builder_.getInt16(16), *width = builder_.getInt16(64);
  auto load = [&](size_t i) {
    return tag_tile(builder_.CreateIntrinsic(llvm::Intrinsic::x86_tileloadd64_internal, {},
                                             {height, width, places[i], rows[i]}),
                    c.args[1 + 2 * i]);
  };
  llvm::Value* out =
      num_tiles == 1
          ? builder_.CreateIntrinsic(op->id, {}, {height, width})
          : builder_.CreateIntrinsic(op->id, {}, {height, width, width, load(0), load(1), load(2)});
  tag_tile(builder_.CreateIntrinsic(llvm::Intrinsic::x86_tilestored64_internal, {},
                                    {height, width, places[0], rows[0], out}),
           c.args[1]);
  return builder_.getInt32(0);
}

/// The alias scope of the buffer that a pointer leads into, as loads and stores of numbers have it.
llvm::CallInst* Emitter::tag_tile(llvm::CallInst* access, const Expr& pointer) {
  const Var* data = as<Var>(pointer);
  if (const Call* call = as<Call>(pointer)) {
    const Op* op = as<Op>(call->op);
    if (op && op->name == "tir.tvm_access_ptr") data = as<Var>(call->args[1]);
    if (op && op->name == "tir.address_of")
      if (const BufferLoad* element = as<BufferLoad>(call->args[0]))
        data = element->buffer->data.get();
  }
  if (!data) return access;
  if (auto it = aliases_.find(data); it != aliases_.end()) data = it->second;
  access->setMetadata(llvm::LLVMContext::MD_alias_scope,
                      llvm::MDNode::get(context_, {scope_of(data)}));
  tagged_.push_back({access, data});
  return access;
}

/// The function that others see: asks the system once for the state of tiles, for all threads of
/// the process, then runs `body`. They are two functions because tiles are configured at the start
/// of the one that uses them.
void Emitter::ask_for_tiles(llvm::Function* entry, llvm::Function* body) {
  body->addFnAttr(llvm::Attribute::NoInline);
  llvm::Type* i32 = builder_.getInt32Ty();
  llvm::GlobalVariable* granted = module_.getGlobalVariable("amx_granted", true);
  if (!granted)
    granted = new llvm::GlobalVariable(module_, i32, false, llvm::GlobalValue::InternalLinkage,
                                       builder_.getInt32(0), "amx_granted");
  auto block = [&](const char* name) { return llvm::BasicBlock::Create(context_, name, entry); };
  llvm::BasicBlock *start = block("entry"), *ask = block("ask"), *keep = block("keep"),
                   *run = block("run"), *refused = block("refused");
  Frame frame;
  frame.function = entry;
  frame.runtime = entry->getArg(1);
  frame_ = &frame;
  llvm::MDBuilder metadata(context_);
  builder_.SetInsertPoint(start);
  llvm::LoadInst* known = builder_.CreateAlignedLoad(i32, granted, llvm::Align(4));
  known->setAtomic(llvm::AtomicOrdering::Monotonic);
  builder_.CreateCondBr(builder_.CreateIsNotNull(known), run, ask,
                        metadata.createLikelyBranchWeights());

  builder_.SetInsertPoint(ask);
  // arch_prctl(ARCH_REQ_XCOMP_PERM, XFEATURE_XTILEDATA), without a C library.
  llvm::Type* i64 = builder_.getInt64Ty();
  llvm::InlineAsm* syscall = llvm::InlineAsm::get(
      llvm::FunctionType::get(i64, {i64, i64, i64}, false), "syscall",
      "={rax},{rax},{rdi},{rsi},~{rcx},~{r11},~{memory},~{dirflag},~{fpsr},~{flags}", true);
  llvm::Value* code = builder_.CreateCall(
      syscall, {builder_.getInt64(158), builder_.getInt64(0x1023), builder_.getInt64(18)});
  builder_.CreateCondBr(builder_.CreateIsNull(code), keep, refused,
                        metadata.createLikelyBranchWeights());

  builder_.SetInsertPoint(keep);
  llvm::StoreInst* store =
      builder_.CreateAlignedStore(builder_.getInt32(1), granted, llvm::Align(4));
  store->setAtomic(llvm::AtomicOrdering::Monotonic);
  builder_.CreateBr(run);

  builder_.SetInsertPoint(run);
  builder_.CreateRet(builder_.CreateCall(body, {entry->getArg(0), entry->getArg(1)}));

  builder_.SetInsertPoint(refused);
  llvm::Value* is_small = builder_.CreateICmpEQ(code, builder_.getInt64(-28));  // ENOSPC
  llvm::Value* text = builder_.CreateSelect(
      is_small,
      global_text("no AMX tiles: a thread of this process has a signal stack (sigaltstack) that is "
                  "too small to keep them; make it as large as AT_MINSIGSTKSZ says and more"),
      global_text("no AMX tiles: this processor has none, or the system does not give them "
                  "(Linux 5.16 and later do: arch_prctl, ARCH_REQ_XCOMP_PERM)"));
  auto* report = llvm::FunctionType::get(builder_.getVoidTy(),
                                         {builder_.getPtrTy(), builder_.getPtrTy()}, false);
  call_runtime(3, report, {frame.runtime, text});
  builder_.CreateRet(builder_.getInt32(METASCHEDULE_NO_TILES));
  frame_ = nullptr;
}

}  // namespace metaschedule::codegen
