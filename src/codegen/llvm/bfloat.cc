// SPDX-License-Identifier: Apache-2.0
#include "bfloat.h"

#include <llvm/ADT/PostOrderIterator.h>
#include <llvm/IR/CFG.h>
#include <llvm/IR/Constants.h>
#include <llvm/IR/IRBuilder.h>
#include <llvm/IR/IntrinsicInst.h>
#include <llvm/IR/Intrinsics.h>

#include <unordered_map>
#include <vector>

#include "metaschedule/support/error.h"

namespace metaschedule::codegen {
namespace {

using llvm::Value;

bool is_bfloat(const Value* v) { return v->getType()->getScalarType()->isBFloatTy(); }

/// `element` with as many lanes as `shape`.
llvm::Type* like(llvm::Type* shape, llvm::Type* element) {
  auto* vector = llvm::dyn_cast<llvm::VectorType>(shape);
  return vector ? llvm::VectorType::get(element, vector->getElementCount()) : element;
}

class BfloatExpander {
 public:
  explicit BfloatExpander(llvm::Function& function)
      : function_(function), b_(function.getContext()) {}

  void run() {
    std::vector<llvm::Instruction*> old;
    for (llvm::BasicBlock* block : llvm::ReversePostOrderTraversal(&function_)) {
      for (llvm::Instruction& inst : *block) {
        bool touches = is_bfloat(&inst);
        for (Value* operand : inst.operands()) touches = touches || is_bfloat(operand);
        if (touches) old.push_back(&inst);
      }
    }
    for (llvm::Instruction* inst : old) {
      b_.SetInsertPoint(inst);
      Value* out = expand(*inst);
      if (is_bfloat(inst)) {
        bits_.emplace(inst, out);
      } else if (!inst->getType()->isVoidTy()) {
        inst->replaceAllUsesWith(out);
      }
    }
    for (auto [before, after] : phis_) {
      for (unsigned i = 0; i < before->getNumIncomingValues(); ++i) {
        after->addIncoming(bits(before->getIncomingValue(i)), before->getIncomingBlock(i));
      }
    }
    for (llvm::Instruction* inst : old) {
      inst->replaceAllUsesWith(llvm::PoisonValue::get(inst->getType()));
    }
    for (llvm::Instruction* inst : old) inst->eraseFromParent();
  }

 private:
  llvm::Type* integers(const Value* v) { return like(v->getType(), b_.getInt16Ty()); }
  llvm::Type* floats(const Value* v) { return like(v->getType(), b_.getFloatTy()); }
  Value* number(Value* v, uint64_t value) { return llvm::ConstantInt::get(v->getType(), value); }

  /// The bits of a value of bfloat16.
  Value* bits(Value* v) {
    if (auto it = bits_.find(v); it != bits_.end()) return it->second;
    return b_.CreateBitCast(v, integers(v));  // a constant, or what a caller gave
  }
  /// A value as float32; one that is not of bfloat16 stays.
  Value* widen(Value* v) {
    if (!is_bfloat(v)) return v;
    Value* wide = b_.CreateZExt(bits(v), like(v->getType(), b_.getInt32Ty()));
    return b_.CreateBitCast(b_.CreateShl(wide, number(wide, 16)), floats(v));
  }

  /// What stands for an instruction: bits where its result is of bfloat16.
  Value* expand(llvm::Instruction& inst) {
    if (auto* op = llvm::dyn_cast<llvm::BinaryOperator>(&inst)) {
      Value* out =
          b_.CreateBinOp(op->getOpcode(), widen(op->getOperand(0)), widen(op->getOperand(1)));
      if (auto* made = llvm::dyn_cast<llvm::Instruction>(out)) made->copyFastMathFlags(op);
      return round(out);
    }
    Value* first = inst.getNumOperands() > 0 ? inst.getOperand(0) : nullptr;
    switch (inst.getOpcode()) {
      case llvm::Instruction::PHI: {
        auto& phi = llvm::cast<llvm::PHINode>(inst);
        phis_.emplace_back(&phi, b_.CreatePHI(integers(&inst), phi.getNumIncomingValues()));
        return phis_.back().second;
      }
      case llvm::Instruction::Load: {
        auto& load = llvm::cast<llvm::LoadInst>(inst);
        llvm::LoadInst* out =
            b_.CreateAlignedLoad(integers(&inst), first, load.getAlign(), load.isVolatile());
        out->copyMetadata(inst);
        return out;
      }
      case llvm::Instruction::Store: {
        auto& store = llvm::cast<llvm::StoreInst>(inst);
        llvm::StoreInst* out = b_.CreateAlignedStore(bits(first), store.getPointerOperand(),
                                                     store.getAlign(), store.isVolatile());
        out->copyMetadata(inst);
        return out;
      }
      case llvm::Instruction::BitCast:
        return b_.CreateBitCast(is_bfloat(first) ? bits(first) : first,
                                is_bfloat(&inst) ? integers(&inst) : inst.getType());
      case llvm::Instruction::Select:
        return b_.CreateSelect(first, bits(inst.getOperand(1)), bits(inst.getOperand(2)));
      case llvm::Instruction::InsertElement:
        return b_.CreateInsertElement(bits(first), bits(inst.getOperand(1)), inst.getOperand(2));
      case llvm::Instruction::ExtractElement:
        return b_.CreateExtractElement(bits(first), inst.getOperand(1));
      case llvm::Instruction::ShuffleVector:
        return b_.CreateShuffleVector(bits(first), bits(inst.getOperand(1)),
                                      llvm::cast<llvm::ShuffleVectorInst>(inst).getShuffleMask());
      case llvm::Instruction::FNeg:
        return b_.CreateXor(bits(first), number(bits(first), 0x8000));
      case llvm::Instruction::FCmp:
        return b_.CreateFCmp(llvm::cast<llvm::FCmpInst>(inst).getPredicate(), widen(first),
                             widen(inst.getOperand(1)));
      case llvm::Instruction::FPExt:
        return b_.CreateFPExt(widen(first), inst.getType());
      case llvm::Instruction::FPToSI:
        return b_.CreateFPToSI(widen(first), inst.getType());
      case llvm::Instruction::FPToUI:
        return b_.CreateFPToUI(widen(first), inst.getType());
      case llvm::Instruction::FPTrunc:
        if (!is_bfloat(&inst)) return b_.CreateFPTrunc(widen(first), inst.getType());
        return narrow(first);
      case llvm::Instruction::SIToFP:  // exact in float64 for all but the largest integers
        return narrow(b_.CreateSIToFP(first, like(inst.getType(), b_.getDoubleTy())));
      case llvm::Instruction::UIToFP:
        return narrow(b_.CreateUIToFP(first, like(inst.getType(), b_.getDoubleTy())));
      default:
        break;
    }
    auto* call = llvm::dyn_cast<llvm::IntrinsicInst>(&inst);
    check<BuildError>(call != nullptr, "bfloat16: there is no way to {} it on this processor",
                      inst.getOpcodeName());
    return expand_call(*call);
  }

  Value* expand_call(llvm::IntrinsicInst& call) {
    switch (call.getIntrinsicID()) {
      case llvm::Intrinsic::fabs: {
        Value* all = bits(call.getArgOperand(0));
        return b_.CreateAnd(all, number(all, 0x7fff));
      }
      case llvm::Intrinsic::masked_load:
      case llvm::Intrinsic::masked_gather:
      case llvm::Intrinsic::masked_store:
      case llvm::Intrinsic::masked_scatter:
        return access(call);
      default:
        break;
    }
    std::vector<Value*> args;
    for (Value* arg : call.args()) args.push_back(widen(arg));
    llvm::Type* shape = is_bfloat(&call) ? call.getType() : call.getArgOperand(0)->getType();
    llvm::Function* wide = llvm::Intrinsic::getOrInsertDeclaration(
        call.getModule(), call.getIntrinsicID(), {like(shape, b_.getFloatTy())});
    llvm::CallInst* out = b_.CreateCall(wide, args);
    if (llvm::isa<llvm::FPMathOperator>(out)) out->copyFastMathFlags(&call);
    return is_bfloat(&call) ? round(out) : out;
  }

  /// The same masked load or store of integers.
  Value* access(llvm::IntrinsicInst& call) {
    std::vector<Value*> args;
    for (Value* arg : call.args()) args.push_back(is_bfloat(arg) ? bits(arg) : arg);
    const bool stores = call.getType()->isVoidTy();
    llvm::Type* data = stores ? args[0]->getType() : integers(&call);
    llvm::Function* function = llvm::Intrinsic::getOrInsertDeclaration(
        call.getModule(), call.getIntrinsicID(), {data, args[stores ? 1 : 0]->getType()});
    llvm::CallInst* out = b_.CreateCall(function, args);
    out->copyMetadata(call);
    for (unsigned i = 0; i < call.arg_size(); ++i) {
      if (llvm::MaybeAlign align = call.getParamAlign(i)) {
        out->addParamAttr(i, llvm::Attribute::getWithAlignment(call.getContext(), *align));
      }
    }
    return out;
  }

  /// The bits of a float32 rounded to bfloat16, ties to even; a NaN stays one.
  Value* round(Value* f) {
    Value* all = b_.CreateBitCast(f, like(f->getType(), b_.getInt32Ty()));
    Value* high = b_.CreateLShr(all, number(all, 16));
    Value* bias = b_.CreateAdd(b_.CreateAnd(high, number(all, 1)), number(all, 0x7fff));
    Value* rounded = b_.CreateLShr(b_.CreateAdd(all, bias), number(all, 16));
    Value* quiet = b_.CreateOr(high, number(all, 0x40));
    Value* chosen = b_.CreateSelect(b_.CreateFCmpUNO(f, f), quiet, rounded);
    return b_.CreateTrunc(chosen, like(f->getType(), b_.getInt16Ty()));
  }

  /// The bits of any float rounded once to bfloat16.
  Value* narrow(Value* v) {
    if (v->getType()->getScalarType()->isHalfTy()) return round(b_.CreateFPExt(v, floats(v)));
    if (!v->getType()->getScalarType()->isDoubleTy()) return round(v);
    // By way of a float32 that is rounded to odd, which keeps ties apart from what is near them.
    Value* f = b_.CreateFPTrunc(v, floats(v));
    Value* back = b_.CreateFPExt(f, v->getType());
    Value* all = b_.CreateBitCast(f, like(f->getType(), b_.getInt32Ty()));
    Value* larger = b_.CreateFCmpOGT(b_.CreateUnaryIntrinsic(llvm::Intrinsic::fabs, back),
                                     b_.CreateUnaryIntrinsic(llvm::Intrinsic::fabs, v));
    Value* toward_zero = b_.CreateSub(all, b_.CreateZExt(larger, all->getType()));
    Value* odd = b_.CreateOr(toward_zero, number(all, 1));
    Value* chosen = b_.CreateSelect(b_.CreateFCmpONE(back, v), odd, all);
    return round(b_.CreateBitCast(chosen, f->getType()));
  }

  llvm::Function& function_;
  llvm::IRBuilder<> b_;
  std::unordered_map<const Value*, Value*> bits_;
  std::vector<std::pair<llvm::PHINode*, llvm::PHINode*>> phis_;
};

}  // namespace

void expand_bfloat(llvm::Module& module) {
  for (llvm::Function& function : module) {
    if (!function.isDeclaration()) BfloatExpander(function).run();
  }
}

}  // namespace metaschedule::codegen
