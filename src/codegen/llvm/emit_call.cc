// SPDX-License-Identifier: Apache-2.0
// Calls of intrinsics, of C functions through the runtime table, and of LLVM's own intrinsics.
#include <llvm/IR/Intrinsics.h>

#include "emitter.h"
#include "math.h"
#include "metaschedule/codegen/abi.h"

namespace metaschedule::codegen {

llvm::Constant* Emitter::global_text(const std::string& text) {
  return builder_.CreateGlobalString(text, "text", 0, &module_);
}

/// A function found by name when control comes here; null ends the program with a code.
llvm::Value* Emitter::call_found(const std::string& name, llvm::Type* result,
                                 llvm::ArrayRef<llvm::Value*> args) {
  auto* find = llvm::FunctionType::get(builder_.getPtrTy(),
                                       {builder_.getPtrTy(), builder_.getPtrTy()}, false);
  llvm::Value* callee = call_runtime(4, find, {frame_->runtime, global_text(name)});
  llvm::BasicBlock* failed = llvm::BasicBlock::Create(context_, "missing", frame_->function);
  llvm::BasicBlock* passed =
      llvm::BasicBlock::Create(context_, "found", frame_->function, frame_->exit);
  builder_.CreateCondBr(builder_.CreateIsNull(callee), failed, passed,
                        llvm::MDBuilder(context_).createUnlikelyBranchWeights());
  builder_.SetInsertPoint(failed);
  auto* report = llvm::FunctionType::get(builder_.getVoidTy(),
                                         {builder_.getPtrTy(), builder_.getPtrTy()}, false);
  call_runtime(3, report, {frame_->runtime, global_text("no C function " + name)});
  return_status(builder_.getInt32(METASCHEDULE_SYMBOL_MISSING));
  builder_.SetInsertPoint(passed);
  std::vector<llvm::Type*> types;
  for (llvm::Value* arg : args) types.push_back(arg->getType());
  return builder_.CreateCall(llvm::FunctionType::get(result, types, false), callee, args);
}

llvm::Value* Emitter::call_extern(const Call& c) {
  const StringImm* name = as<StringImm>(c.args.empty() ? nullptr : c.args[0].get());
  check<BuildError>(name != nullptr, "function {}: expected the name of a C function to call",
                    function_name_);
  if (name->value.starts_with("amx.")) return call_amx(name->value, c);
  std::vector<llvm::Value*> args;
  for (size_t i = 1; i < c.args.size(); ++i) args.push_back(expr(c.args[i]));
  llvm::Type* result = c.dtype.is_void() ? builder_.getVoidTy() : type(c.dtype);
  return call_found(name->value, result, args);
}

llvm::Value* Emitter::call_llvm(const Call& c) {
  check<BuildError>(!c.args.empty(), "function {}: expected the LLVM intrinsic to call",
                    function_name_);
  llvm::Intrinsic::ID id = llvm::Intrinsic::not_intrinsic;
  if (const StringImm* name = as<StringImm>(c.args[0])) {
    id = llvm::Intrinsic::lookupIntrinsicID(name->value);
    check<BuildError>(id != llvm::Intrinsic::not_intrinsic, "function {}: LLVM has no intrinsic {}",
                      function_name_, name->value);
  } else if (auto number = as_const_int(c.args[0])) {
    id = static_cast<llvm::Intrinsic::ID>(*number);
    check<BuildError>(*number > 0 && *number < llvm::Intrinsic::num_intrinsics,
                      "function {}: LLVM has no intrinsic number {}", function_name_, *number);
  }
  // An older form has the number of types in the signature as the second argument.
  size_t first = 1;
  std::vector<llvm::Value*> args;
  if (c.args.size() > 1 && c.args[1]->dtype == DType::uint(32) && c.args[1]->kind == Kind::IntImm)
    first = 2;
  for (size_t i = first; i < c.args.size(); ++i) args.push_back(expr(c.args[i]));
  llvm::Type* result = c.dtype.is_void() ? builder_.getVoidTy() : type(c.dtype);
  std::vector<llvm::Type*> types;
  for (llvm::Value* arg : args) types.push_back(arg->getType());
  llvm::Function* callee;
  if (llvm::Intrinsic::isOverloaded(id)) {
    llvm::FunctionType* wanted = llvm::FunctionType::get(result, types, false);
    llvm::SmallVector<llvm::Intrinsic::IITDescriptor, 8> table;
    llvm::Intrinsic::getIntrinsicInfoTableEntries(id, table);
    llvm::ArrayRef<llvm::Intrinsic::IITDescriptor> rest = table;
    llvm::SmallVector<llvm::Type*, 4> overloads;
    auto match = llvm::Intrinsic::matchIntrinsicSignature(wanted, rest, overloads);
    check<BuildError>(match == llvm::Intrinsic::MatchIntrinsicTypes_Match,
                      "function {}: the arguments do not fit LLVM intrinsic {}", function_name_,
                      llvm::Intrinsic::getBaseName(id).str());
    callee = llvm::Intrinsic::getOrInsertDeclaration(&module_, id, overloads);
  } else {
    callee = llvm::Intrinsic::getOrInsertDeclaration(&module_, id);
  }
  llvm::FunctionType* signature = callee->getFunctionType();
  bool fits =
      signature->getNumParams() == args.size() &&
      (signature->getReturnType() == result ||
       signature->getReturnType()->getPrimitiveSizeInBits() == result->getPrimitiveSizeInBits());
  for (size_t i = 0; fits && i < args.size(); ++i) {
    // The same bits under another type: LLVM's idea of an operand changes between releases.
    llvm::Type* wanted = signature->getParamType(i);
    if (args[i]->getType() == wanted) continue;
    fits = wanted->getPrimitiveSizeInBits() != 0 &&
           wanted->getPrimitiveSizeInBits() == types[i]->getPrimitiveSizeInBits();
    if (fits) args[i] = builder_.CreateBitCast(args[i], wanted);
  }
  check<BuildError>(fits, "function {}: the arguments do not fit LLVM intrinsic {}", function_name_,
                    llvm::Intrinsic::getBaseName(id).str());
  llvm::Value* out = builder_.CreateCall(callee, args);
  return out->getType() == result ? out : builder_.CreateBitCast(out, result);
}

/// round(x * y * 2^(s - q)), half upwards, in 64 bits.
llvm::Value* Emitter::multiply_shift(const Call& c) {
  check<BuildError>(c.args.size() == 4 && as_const_int(c.args[2]) && as_const_int(c.args[3]),
                    "function {}: expected constants q and s of q_multiply_shift", function_name_);
  int64_t q = *as_const_int(c.args[2]);
  int64_t s = *as_const_int(c.args[3]);
  llvm::Type* wide_type = type(DType::int_(64, c.dtype.lanes));
  llvm::Value* x = builder_.CreateSExt(expr(c.args[0]), wide_type);
  llvm::Value* y = builder_.CreateSExt(expr(c.args[1]), wide_type);
  if (s > 0) x = builder_.CreateShl(x, s);
  llvm::Value* product = builder_.CreateMul(x, y);
  int64_t right = q + (s < 0 ? -s : 0);
  if (right > 0) {
    llvm::Value* half = llvm::ConstantInt::get(wide_type, int64_t{1} << (right - 1));
    product = builder_.CreateAShr(builder_.CreateAdd(product, half), right);
  }
  return builder_.CreateTrunc(product, type(c.dtype));
}

llvm::Value* Emitter::call_math_op(std::string_view name, const Call& c) {
  std::vector<llvm::Value*> args;
  for (const Expr& arg : c.args) args.push_back(expr(arg));
  DType dtype = c.dtype;
  bool narrow = dtype.is_floating() && dtype.bits < 32;
  if (!dtype.is_floating()) {
    if (name == "fabs" && dtype.is_integral()) {
      llvm::Value* zero = llvm::ConstantInt::get(args[0]->getType(), 0);
      llvm::Value* negative = builder_.CreateICmpSLT(args[0], zero);
      return dtype.is_uint()
                 ? args[0]
                 : builder_.CreateSelect(negative, builder_.CreateNeg(args[0]), args[0]);
    }
    fail<BuildError>("function {}: {} is not defined on {}", function_name_, name,
                     to_string(dtype));
  }
  if (narrow)
    for (llvm::Value*& arg : args)
      arg = builder_.CreateFPExt(arg, type(DType::float_(32, dtype.lanes)));
  auto done = [&](llvm::Value* v) { return narrow ? builder_.CreateFPTrunc(v, type(dtype)) : v; };

  static const std::pair<std::string_view, llvm::Intrinsic::ID> kDirect[] = {
      {"sqrt", llvm::Intrinsic::sqrt},   {"floor", llvm::Intrinsic::floor},
      {"ceil", llvm::Intrinsic::ceil},   {"trunc", llvm::Intrinsic::trunc},
      {"round", llvm::Intrinsic::round}, {"nearbyint", llvm::Intrinsic::nearbyint},
      {"fabs", llvm::Intrinsic::fabs}};
  for (const auto& [direct, id] : kDirect) {
    if (name != direct) continue;
    bool rounds = id != llvm::Intrinsic::sqrt && id != llvm::Intrinsic::fabs;
    if (rounds && !machine_.has_rounding) break;
    return done(builder_.CreateUnaryIntrinsic(id, args[0]));
  }
  if (name == "rsqrt") {
    llvm::Value* root = builder_.CreateUnaryIntrinsic(llvm::Intrinsic::sqrt, args[0]);
    return done(builder_.CreateFDiv(llvm::ConstantFP::get(root->getType(), 1.0), root));
  }
  if (name == "copysign")
    return done(builder_.CreateBinaryIntrinsic(llvm::Intrinsic::copysign, args[0], args[1]));
  if (name == "fma")
    return done(builder_.CreateFAdd(builder_.CreateFMul(args[0], args[1]), args[2]));
  if (llvm::Value* out = Math(builder_, machine_).emit(name, args)) return done(out);

  // What has no code here is the C library's, lane by lane.
  std::string c_name(name);
  llvm::Type* scalar = args[0]->getType()->getScalarType();
  if (scalar->isFloatTy()) c_name += "f";
  if (dtype.is_scalar()) return done(call_found(c_name, scalar, args));
  llvm::Value* out = llvm::PoisonValue::get(args[0]->getType());
  for (int i = 0; i < dtype.lanes; ++i) {
    std::vector<llvm::Value*> lane;
    for (llvm::Value* arg : args)
      lane.push_back(builder_.CreateExtractElement(arg, static_cast<uint64_t>(i)));
    out = builder_.CreateInsertElement(out, call_found(c_name, scalar, lane),
                                       static_cast<uint64_t>(i));
  }
  return done(out);
}

llvm::Value* Emitter::call(const Call& c) {
  const Op* op = as<Op>(c.op);
  if (!op) {
    fail<BuildError>(
        "function {}: calls of other functions of the module have no code; inline them",
        function_name_);
  }
  std::string_view name = op->name;
  if (name.starts_with("tir.")) name.remove_prefix(4);
  auto arg = [&](size_t i) { return expr(c.args[i]); };
  auto shift_amount = [&] { return splat(arg(1), c.dtype.lanes); };
  if (name == "if_then_else") return choose(c.args[0], c.args[1], c.args[2]);
  if (name == "likely") return arg(0);
  if (name == "bitwise_and") {
    llvm::Value* a = arg(0);
    return builder_.CreateAnd(a, arg(1));
  }
  if (name == "bitwise_or") {
    llvm::Value* a = arg(0);
    return builder_.CreateOr(a, arg(1));
  }
  if (name == "bitwise_xor") {
    llvm::Value* a = arg(0);
    return builder_.CreateXor(a, arg(1));
  }
  if (name == "bitwise_not") return builder_.CreateNot(arg(0));
  if (name == "shift_left") {
    llvm::Value* a = arg(0);
    return builder_.CreateShl(a, shift_amount());
  }
  if (name == "shift_right") {
    llvm::Value* a = arg(0);
    return c.dtype.is_int() ? builder_.CreateAShr(a, shift_amount())
                            : builder_.CreateLShr(a, shift_amount());
  }
  if (name == "reinterpret") {
    DType from = c.args[0]->dtype;
    if (from.is_handle() || c.dtype.is_handle()) return cast(c.dtype, from, arg(0));
    check<BuildError>(from.bits * from.lanes == c.dtype.bits * c.dtype.lanes,
                      "function {}: reinterpret of {} as {}", function_name_, to_string(from),
                      to_string(c.dtype));
    return builder_.CreateBitCast(arg(0), type(c.dtype));
  }
  if (name == "popcount") return builder_.CreateUnaryIntrinsic(llvm::Intrinsic::ctpop, arg(0));
  if (name == "clz") {
    llvm::Value* x = arg(0);
    llvm::Value* out =
        builder_.CreateBinaryIntrinsic(llvm::Intrinsic::ctlz, x, builder_.getFalse());
    return builder_.CreateIntCast(out, type(c.dtype), false);
  }
  if (name == "isnan") {
    llvm::Value* x = arg(0);
    if (!c.args[0]->dtype.is_floating()) return llvm::Constant::getNullValue(type(c.dtype));
    return builder_.CreateFCmpUNO(x, x);
  }
  if (name == "large_uint_imm") {
    auto low = as_const_int(c.args[0]);
    auto high = as_const_int(c.args[1]);
    check<BuildError>(low && high, "function {}: expected constants in large_uint_imm",
                      function_name_);
    return llvm::ConstantInt::get(
        type(c.dtype), (static_cast<uint64_t>(*high) << 32) | static_cast<uint64_t>(*low));
  }
  if (name == "q_multiply_shift") return multiply_shift(c);
  if (name == "address_of") {
    const BufferLoad* l = as<BufferLoad>(c.args[0]);
    check<BuildError>(l != nullptr, "function {}: expected an element in address_of",
                      function_name_);
    return address(*l);
  }
  if (name == "tvm_access_ptr") {
    const Var* data = as<Var>(c.args[1]);
    check<BuildError>(data != nullptr, "function {}: expected a buffer in tvm_access_ptr",
                      function_name_);
    DType element = c.args[0]->dtype;
    llvm::Value* offset = builder_.CreateMul(
        wide(c.args[2]), builder_.getInt64(element.bytes() * element.lanes), "", false, true);
    return builder_.CreateInBoundsGEP(builder_.getInt8Ty(), binding(data).value, offset);
  }
  if (name == "isnullptr") return builder_.CreateIsNull(arg(0));
  if (name == "vectorlow" || name == "vectorhigh") {
    std::vector<int> lanes;
    for (int i = 0; i < c.dtype.lanes; ++i)
      lanes.push_back(name == "vectorlow" ? i : c.dtype.lanes + i);
    return builder_.CreateShuffleVector(arg(0), lanes);
  }
  if (name == "vectorcombine") {
    std::vector<int> lanes;
    for (int i = 0; i < c.dtype.lanes; ++i) lanes.push_back(i);
    llvm::Value* a = arg(0);
    return builder_.CreateShuffleVector(a, arg(1), lanes);
  }
  if (name == "assume" || name == "undef" || name == "prefetch" || name == "ret" ||
      name == "start_profile_intrinsic" || name == "end_profile_intrinsic") {
    // Remarks, or the end of the program where it ends anyway.
    if (name == "undef" && !c.dtype.is_void()) return llvm::UndefValue::get(type(c.dtype));
    return builder_.getInt32(0);
  }
  if (name == "call_extern" || name == "call_pure_extern") return call_extern(c);
  if (name == "call_llvm_intrin" || name == "call_llvm_pure_intrin") return call_llvm(c);
  if (name.starts_with("tvm_call_packed") || name.starts_with("tvm_call_cpacked") ||
      name.starts_with("tvm_call_trace_packed")) {
    const StringImm* callee = as<StringImm>(c.args.empty() ? nullptr : c.args[0].get());
    fail<BuildError>(
        "function {}: it calls the packed function {}, which a compiled program has no way to; "
        "call a C function instead (T.call_extern)",
        function_name_, callee ? callee->value : "");
  }
  if (op->effect == CallEffect::Pure && c.dtype.is_floating()) return call_math_op(name, c);
  if (name == "fabs") return call_math_op(name, c);
  fail<BuildError>("function {}: {} has no machine code on a CPU", function_name_, op->name);
}

}  // namespace metaschedule::codegen
