// SPDX-License-Identifier: Apache-2.0
// Expressions on scalars and vectors. Integers wrap, so no flag says that they do not; floats may
// be contracted and nothing else.
#include "emitter.h"

namespace metaschedule::codegen {

llvm::Type* Emitter::type(DType dtype) {
  llvm::Type* element = nullptr;
  if (dtype.is_handle()) {
    element = builder_.getPtrTy();
  } else if (dtype.is_integral()) {
    element = builder_.getIntNTy(dtype.bits);
  } else if (dtype.is_bfloat16()) {
    element = llvm::Type::getBFloatTy(context_);
  } else if (dtype.is_float() && dtype.bits == 16) {
    check<BuildError>(machine_.has_half, "function {}: the target has no half precision (f16c)",
                      function_name_);
    element = llvm::Type::getHalfTy(context_);
  } else if (dtype.is_float() && dtype.bits == 32) {
    element = builder_.getFloatTy();
  } else if (dtype.is_float() && dtype.bits == 64) {
    element = builder_.getDoubleTy();
  }
  if (!element || dtype.is_scalable() || dtype.lanes == 0) {
    fail<BuildError>("function {}: the target has no type {}", function_name_, to_string(dtype));
  }
  if (dtype.lanes == 1) return element;
  return llvm::FixedVectorType::get(element, dtype.lanes);
}

llvm::Value* Emitter::splat(llvm::Value* scalar, int lanes) {
  if (lanes == 1 || scalar->getType()->isVectorTy()) return scalar;
  return builder_.CreateVectorSplat(lanes, scalar);
}

llvm::Value* Emitter::mask_and(llvm::Value* a, llvm::Value* b) {
  if (!a) return b;
  if (!b) return a;
  auto lanes = [](llvm::Value* v) {
    auto* t = llvm::dyn_cast<llvm::FixedVectorType>(v->getType());
    return t ? static_cast<int>(t->getNumElements()) : 1;
  };
  int n = std::max(lanes(a), lanes(b));
  return builder_.CreateAnd(splat(a, n), splat(b, n));
}

const Binding& Emitter::binding(const Var* var) {
  auto it = frame_->vars.find(var);
  if (it == frame_->vars.end())
    fail<BuildError>("function {}: variable {} is used, but nothing defines it", function_name_,
                     var->name);
  return it->second;
}

llvm::Value* Emitter::expr(const Expr& e) {
  count();
  switch (e->kind) {
    case Kind::IntImm:
      return llvm::ConstantInt::get(type(e->dtype), cast_to<IntImm>(*e).value, true);
    case Kind::FloatImm:
      return llvm::ConstantFP::get(type(e->dtype), cast_to<FloatImm>(*e).value);
    case Kind::StringImm:
      return global_text(cast_to<StringImm>(*e).value);
    case Kind::Var:
    case Kind::SizeVar:
      return binding(static_cast<const Var*>(e.get())).value;
    case Kind::Cast: {
      const auto& c = cast_to<Cast>(*e);
      return cast(c.dtype, c.value->dtype, expr(c.value));
    }
    case Kind::Not:
      return builder_.CreateNot(expr(cast_to<Not>(*e).a));
    case Kind::Select: {
      const auto& s = cast_to<Select>(*e);
      llvm::Value* condition = expr(s.condition);
      llvm::Value* t = expr(s.true_value);
      return builder_.CreateSelect(condition, t, expr(s.false_value));
    }
    case Kind::BufferLoad: {
      const auto& l = cast_to<BufferLoad>(*e);
      return load(*l.buffer, l.indices, l.predicate);
    }
    case Kind::Ramp: {
      const auto& r = cast_to<Ramp>(*e);
      llvm::Type* element = type(r.dtype.element());
      std::vector<llvm::Constant*> steps;
      for (int i = 0; i < r.dtype.lanes; ++i) steps.push_back(llvm::ConstantInt::get(element, i));
      llvm::Value* stride = splat(expr(r.stride), r.dtype.lanes);
      llvm::Value* offsets = builder_.CreateMul(stride, llvm::ConstantVector::get(steps));
      return builder_.CreateAdd(splat(expr(r.base), r.dtype.lanes), offsets);
    }
    case Kind::Broadcast:
      return splat(expr(cast_to<Broadcast>(*e).value), e->dtype.lanes);
    case Kind::Let:
      return expr_let(cast_to<Let>(*e));
    case Kind::Call:
      return call(cast_to<Call>(*e));
    case Kind::Shuffle:
      return shuffle(cast_to<Shuffle>(*e));
    default:
      if (is_binary_kind(e->kind)) return expr_binary(static_cast<const BinaryExpr&>(*e));
      fail<BuildError>("function {}: {} has no machine code; lower the program first",
                       function_name_, kind_name(e->kind));
  }
}

llvm::Value* Emitter::expr_let(const Let& e) {
  bind(e.var.get(), expr(e.value), range(e.value));
  return expr(e.body);
}

llvm::Value* Emitter::shuffle(const Shuffle& e) {
  std::vector<llvm::Value*> lanes;
  for (const Expr& v : e.vectors) {
    llvm::Value* value = expr(v);
    if (v->dtype.is_scalar()) {
      lanes.push_back(value);
      continue;
    }
    for (int i = 0; i < v->dtype.lanes; ++i)
      lanes.push_back(builder_.CreateExtractElement(value, uint64_t(i)));
  }
  std::vector<int64_t> picks;
  for (const Expr& i : e.indices) {
    auto pick = as_const_int(i);
    check<BuildError>(pick && *pick >= 0 && *pick < static_cast<int64_t>(lanes.size()),
                      "function {}: expected constant lanes below {} in a shuffle", function_name_,
                      lanes.size());
    picks.push_back(*pick);
  }
  if (e.dtype.is_scalar()) return lanes[picks[0]];
  llvm::Value* out = llvm::PoisonValue::get(type(e.dtype));
  for (size_t i = 0; i < picks.size(); ++i)
    out = builder_.CreateInsertElement(out, lanes[picks[i]], uint64_t(i));
  return out;
}

llvm::Value* Emitter::compare(const BinaryExpr& e) {
  bool is_float = e.a->dtype.is_floating();
  bool is_signed = e.a->dtype.is_int();
  llvm::CmpInst::Predicate p;
  switch (e.kind) {
    case Kind::EQ:
      p = is_float ? llvm::CmpInst::FCMP_OEQ : llvm::CmpInst::ICMP_EQ;
      break;
    case Kind::NE:
      p = is_float ? llvm::CmpInst::FCMP_UNE : llvm::CmpInst::ICMP_NE;
      break;
    case Kind::LT:
      p = is_float    ? llvm::CmpInst::FCMP_OLT
          : is_signed ? llvm::CmpInst::ICMP_SLT
                      : llvm::CmpInst::ICMP_ULT;
      break;
    case Kind::LE:
      p = is_float    ? llvm::CmpInst::FCMP_OLE
          : is_signed ? llvm::CmpInst::ICMP_SLE
                      : llvm::CmpInst::ICMP_ULE;
      break;
    case Kind::GT:
      p = is_float    ? llvm::CmpInst::FCMP_OGT
          : is_signed ? llvm::CmpInst::ICMP_SGT
                      : llvm::CmpInst::ICMP_UGT;
      break;
    default:
      p = is_float    ? llvm::CmpInst::FCMP_OGE
          : is_signed ? llvm::CmpInst::ICMP_SGE
                      : llvm::CmpInst::ICMP_UGE;
      break;
  }
  if (e.a->dtype.is_scalar() && is_signed && is_index_like(e.a) && is_index_like(e.b)) {
    llvm::Value* a = wide(e.a);
    return builder_.CreateCmp(p, a, wide(e.b));
  }
  llvm::Value* a = expr(e.a);
  return builder_.CreateCmp(p, a, expr(e.b));
}

llvm::Value* Emitter::int_division(Kind kind, llvm::Value* a, llvm::Value* b, const BinaryExpr& e) {
  // A lane that is not wanted must not divide by zero.
  if (mask_) {
    llvm::Value* one = llvm::ConstantInt::get(b->getType(), 1);
    bool same = mask_->getType()->isVectorTy() == b->getType()->isVectorTy();
    if (same) b = builder_.CreateSelect(mask_, b, one);
  }
  bool is_mod = kind == Kind::Mod || kind == Kind::FloorMod;
  if (e.dtype.is_uint() || (range(e.a).is_non_negative() && range(e.b).is_non_negative()))
    return is_mod ? builder_.CreateURem(a, b) : builder_.CreateUDiv(a, b);
  if (kind == Kind::Div) return builder_.CreateSDiv(a, b);
  if (kind == Kind::Mod) return builder_.CreateSRem(a, b);
  llvm::Value* zero = llvm::ConstantInt::get(a->getType(), 0);
  llvm::Value* rest = builder_.CreateSRem(a, b);
  llvm::Value* inexact = builder_.CreateICmpNE(rest, zero);
  llvm::Value* differ = builder_.CreateICmpSLT(builder_.CreateXor(rest, b), zero);
  llvm::Value* adjust = builder_.CreateAnd(inexact, differ);
  if (is_mod) return builder_.CreateSelect(adjust, builder_.CreateAdd(rest, b), rest);
  llvm::Value* quotient = builder_.CreateSDiv(a, b);
  return builder_.CreateAdd(quotient, builder_.CreateSExt(adjust, a->getType()));
}

llvm::Value* Emitter::expr_binary(const BinaryExpr& e) {
  if (is_compare_kind(e.kind)) return compare(e);
  bool is_float = e.dtype.is_floating();
  bool is_signed = e.dtype.is_int();
  bool is_reduction = &e == reduction_;
  if (e.kind == Kind::And) {
    // The right side counts only in lanes that pass the left one; it may load there.
    llvm::Value* a = expr(e.a);
    return builder_.CreateSelect(a, expr(e.b), llvm::ConstantInt::getFalse(a->getType()));
  }
  if (e.kind == Kind::Or) {
    llvm::Value* a = expr(e.a);
    return builder_.CreateSelect(a, llvm::ConstantInt::getTrue(a->getType()), expr(e.b));
  }
  llvm::Value* a = expr(e.a);
  llvm::Value* b = expr(e.b);
  auto floor_of = [&](llvm::Value* v) {
    return builder_.CreateUnaryIntrinsic(llvm::Intrinsic::floor, v);
  };
  auto reassociated = [&](llvm::Value* v) {
    if (auto* inst = llvm::dyn_cast<llvm::Instruction>(v); inst && is_reduction)
      inst->setHasAllowReassoc(true);
    return v;
  };
  switch (e.kind) {
    case Kind::Add:
      return is_float ? reassociated(builder_.CreateFAdd(a, b)) : builder_.CreateAdd(a, b);
    case Kind::Sub:
      return is_float ? builder_.CreateFSub(a, b) : builder_.CreateSub(a, b);
    case Kind::Mul:
      return is_float ? reassociated(builder_.CreateFMul(a, b)) : builder_.CreateMul(a, b);
    case Kind::Div:
      if (is_float) return builder_.CreateFDiv(a, b);
      return int_division(e.kind, a, b, e);
    case Kind::FloorDiv:
      if (is_float) return floor_of(builder_.CreateFDiv(a, b));
      return int_division(e.kind, a, b, e);
    case Kind::FloorMod:
      if (is_float) {
        llvm::Value* quotient = floor_of(builder_.CreateFDiv(a, b));
        return builder_.CreateFSub(a, builder_.CreateFMul(quotient, b));
      }
      return int_division(e.kind, a, b, e);
    case Kind::Mod:
      if (is_float) {
        llvm::Value* quotient =
            builder_.CreateUnaryIntrinsic(llvm::Intrinsic::trunc, builder_.CreateFDiv(a, b));
        return builder_.CreateFSub(a, builder_.CreateFMul(quotient, b));
      }
      return int_division(e.kind, a, b, e);
    case Kind::Min:
    case Kind::Max: {
      // With a NaN among them the second one is taken: one instruction on x86.
      bool is_min = e.kind == Kind::Min;
      llvm::Value* first;
      if (is_float) {
        first = is_min ? builder_.CreateFCmpOLT(a, b) : builder_.CreateFCmpOGT(a, b);
      } else if (is_signed) {
        first = is_min ? builder_.CreateICmpSLT(a, b) : builder_.CreateICmpSGT(a, b);
      } else {
        first = is_min ? builder_.CreateICmpULT(a, b) : builder_.CreateICmpUGT(a, b);
      }
      llvm::Value* out = builder_.CreateSelect(first, a, b);
      if (is_reduction && is_float) {
        // Without NaN the order does not matter either.
        for (llvm::Value* v : {first, out}) {
          if (auto* inst = llvm::dyn_cast<llvm::Instruction>(v)) {
            inst->setHasNoNaNs(true);
            inst->setHasNoSignedZeros(true);
          }
        }
      }
      return out;
    }
    default:
      METASCHEDULE_CHECK(false);
  }
}

llvm::Value* Emitter::cast(DType to, DType from, llvm::Value* value) {
  if (to == from) return value;
  llvm::Type* t = type(to);
  if (to.is_handle() || from.is_handle()) {
    if (to.is_handle() && from.is_handle()) return value;
    return to.is_handle() ? builder_.CreateIntToPtr(value, t) : builder_.CreatePtrToInt(value, t);
  }
  if (to.is_bool()) {
    if (from.is_floating())
      return builder_.CreateFCmpUNE(value, llvm::ConstantFP::get(value->getType(), 0));
    return builder_.CreateICmpNE(value, llvm::ConstantInt::get(value->getType(), 0));
  }
  if (from.is_integral() && to.is_integral())
    return builder_.CreateIntCast(value, t, from.is_int());
  if (from.is_integral())
    return from.is_int() ? builder_.CreateSIToFP(value, t) : builder_.CreateUIToFP(value, t);
  if (to.is_integral()) {
    // Out of range is anything, but the same thing wherever it is used.
    llvm::Value* out =
        to.is_int() ? builder_.CreateFPToSI(value, t) : builder_.CreateFPToUI(value, t);
    return builder_.CreateFreeze(out);
  }
  // To and from formats of 16 bits by way of float, in two steps that must not become one: LLVM
  // would call a function for it.
  llvm::IRBuilder<>::FastMathFlagGuard guard(builder_);
  builder_.clearFastMathFlags();
  bool narrow = to.bits < 32 || from.bits < 32;
  if (narrow && to.bits != 32 && from.bits != 32) {
    value = builder_.CreateFPCast(value, type(DType::float_(32, to.lanes)));
  }
  return builder_.CreateFPCast(value, t);
}

/// The lazy choice: a scalar condition branches; a vector one evaluates both sides, each with the
/// lanes that want it, so that loads of other lanes do not happen.
llvm::Value* Emitter::choose(const Expr& condition, const Expr& t, const Expr& f) {
  llvm::Value* c = expr(condition);
  if (condition->dtype.is_vector()) {
    llvm::Value* outer = mask_;
    mask_ = mask_and(outer, c);
    llvm::Value* tv = expr(t);
    mask_ = mask_and(outer, builder_.CreateNot(c));
    llvm::Value* fv = expr(f);
    mask_ = outer;
    return builder_.CreateSelect(c, tv, fv);
  }
  auto is_safe = [](const Expr& e) {
    int size = 0;
    bool unsafe = any_node(*e, [&](const Node& n) {
      return ++size > 16 || n.kind == Kind::BufferLoad || n.kind == Kind::Call ||
             n.kind == Kind::Div || n.kind == Kind::Mod || n.kind == Kind::FloorDiv ||
             n.kind == Kind::FloorMod;
    });
    return !unsafe;
  };
  if (is_safe(t) && is_safe(f)) {
    llvm::Value* tv = expr(t);
    return builder_.CreateSelect(c, tv, expr(f));
  }
  auto block = [&](const char* name) {
    return llvm::BasicBlock::Create(context_, name, frame_->function, frame_->exit);
  };
  llvm::BasicBlock* then_block = block("if_true");
  llvm::BasicBlock* else_block = block("if_false");
  llvm::BasicBlock* after = block("chosen");
  builder_.CreateCondBr(c, then_block, else_block);
  builder_.SetInsertPoint(then_block);
  llvm::Value* tv = expr(t);
  then_block = builder_.GetInsertBlock();
  builder_.CreateBr(after);
  builder_.SetInsertPoint(else_block);
  llvm::Value* fv = expr(f);
  else_block = builder_.GetInsertBlock();
  builder_.CreateBr(after);
  builder_.SetInsertPoint(after);
  llvm::PHINode* phi = builder_.CreatePHI(tv->getType(), 2);
  phi->addIncoming(tv, then_block);
  phi->addIncoming(fv, else_block);
  return phi;
}

}  // namespace metaschedule::codegen
