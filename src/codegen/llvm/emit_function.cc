// SPDX-License-Identifier: Apache-2.0
// Functions: the entry with its parameters, and the frame that every LLVM function of ours has:
// an entry block with what is made once, and one exit that gives back memory.
#include <llvm/IR/Verifier.h>

#include "emitter.h"
#include "metaschedule/codegen/abi.h"

namespace metaschedule::codegen {
namespace {

/// The intervals of sizes: a tensor has no negative extent.
constexpr Interval kSize{0, std::numeric_limits<int32_t>::max()};

}  // namespace

Emitter::Emitter(llvm::Module& module, const Machine& machine, const CompileOptions& options)
    : module_(module),
      context_(module.getContext()),
      machine_(machine),
      options_(options),
      builder_(context_) {
  // Products may be fused with sums; nothing else about floats is assumed.
  llvm::FastMathFlags flags;
  flags.setAllowContract(true);
  builder_.setFastMathFlags(flags);
}

llvm::Function* Emitter::create_function(llvm::FunctionType* type, const std::string& name,
                                         bool exported) {
  auto linkage = exported ? llvm::Function::ExternalLinkage : llvm::Function::InternalLinkage;
  llvm::Function* function = llvm::Function::Create(type, linkage, name, module_);
  function->addFnAttr("target-cpu", machine_.cpu);
  function->addFnAttr("target-features", machine_.features);
  function->addFnAttr("no-trapping-math", "true");
  // No call of libc may appear for a loop that looks like memset.
  function->addFnAttr("no-builtins");
  function->addFnAttr("prefer-vector-width", std::to_string(machine_.vector_bytes * 8));
  function->addFnAttr(llvm::Attribute::NoUnwind);
  function->addFnAttr(llvm::Attribute::MustProgress);
  return function;
}

void Emitter::begin_frame(Frame& frame, llvm::Function* function) {
  frame.function = function;
  frame.entry = llvm::BasicBlock::Create(context_, "entry", function);
  frame.exit = llvm::BasicBlock::Create(context_, "exit", function);
  llvm::BasicBlock* body = llvm::BasicBlock::Create(context_, "body", function, frame.exit);
  builder_.SetInsertPoint(frame.entry);
  frame.status = builder_.CreateAlloca(builder_.getInt32Ty(), nullptr, "status");
  builder_.CreateStore(builder_.getInt32(0), frame.status);
  builder_.SetInsertPoint(body);
  frame_ = &frame;
}

void Emitter::end_frame(Frame& frame) {
  builder_.CreateBr(frame.exit);
  llvm::BasicBlock* body = frame.entry->getNextNode();
  // What is allocated once is checked once, before the body.
  builder_.SetInsertPoint(frame.entry);
  if (frame.fixed.empty()) {
    builder_.CreateBr(body);
  } else {
    llvm::Value* failed = builder_.getFalse();
    for (llvm::Value* memory : frame.fixed)
      failed = builder_.CreateOr(failed, builder_.CreateIsNull(memory));
    llvm::BasicBlock* out = llvm::BasicBlock::Create(context_, "no_memory", frame.function);
    builder_.CreateCondBr(failed, out, body);
    builder_.SetInsertPoint(out);
    builder_.CreateStore(builder_.getInt32(METASCHEDULE_OUT_OF_MEMORY), frame.status);
    builder_.CreateBr(frame.exit);
  }
  builder_.SetInsertPoint(frame.exit);
  auto* release = llvm::FunctionType::get(builder_.getVoidTy(),
                                          {builder_.getPtrTy(), builder_.getPtrTy()}, false);
  for (auto it = frame.heap.rbegin(); it != frame.heap.rend(); ++it) {
    llvm::Value* memory = builder_.CreateLoad(builder_.getPtrTy(), *it);
    call_runtime(2, release, {frame.runtime, memory});
  }
  for (auto it = frame.fixed.rbegin(); it != frame.fixed.rend(); ++it)
    call_runtime(2, release, {frame.runtime, *it});
  builder_.CreateRet(builder_.CreateLoad(builder_.getInt32Ty(), frame.status));
  frame_ = nullptr;
}

llvm::Value* Emitter::call_runtime(int slot, llvm::FunctionType* type,
                                   llvm::ArrayRef<llvm::Value*> args) {
  llvm::Value* place =
      builder_.CreateConstInBoundsGEP1_32(builder_.getPtrTy(), frame_->runtime, slot);
  llvm::LoadInst* callee = builder_.CreateLoad(builder_.getPtrTy(), place);
  // The table never changes while a kernel runs.
  callee->setMetadata(llvm::LLVMContext::MD_invariant_load, llvm::MDNode::get(context_, {}));
  return builder_.CreateCall(type, callee, args);
}

void Emitter::return_status(llvm::Value* code) {
  builder_.CreateStore(code, frame_->status);
  builder_.CreateBr(frame_->exit);
}

void Emitter::bind_buffer_shape(const Buffer& buffer, int param, ArtifactFunction& out) {
  ArtifactParam& described = out.params[param];
  auto number = [&](const Expr& value, size_t axis, bool is_stride) -> int64_t {
    auto constant = as_const_int(value);
    if (constant && *constant >= 0) return *constant;
    const Var* var = as<Var>(value);
    if (!var) {
      fail<BuildError>(
          "function {}: expected each {} of parameter {} to be a constant of at least 0 or a "
          "variable, found {}",
          function_name_, is_stride ? "stride" : "size", described.name,
          constant ? std::to_string(*constant) : std::string(kind_name(value->kind)));
    }
    auto [it, is_new] = sizes_.emplace(var, static_cast<int64_t>(out.sizes.size()));
    if (is_new) out.sizes.push_back({var->name, param, static_cast<int>(axis), is_stride});
    return -1 - it->second;
  };
  for (size_t axis = 0; axis < buffer.shape.size(); ++axis)
    described.shape.push_back(number(buffer.shape[axis], axis, false));
  if (!buffer.has_strides()) return;
  for (size_t axis = 0; axis < buffer.strides.size(); ++axis)
    described.strides.push_back(number(buffer.strides[axis], axis, true));
}

void Emitter::bind_params(const PrimFunc& func, ArtifactFunction& out, llvm::Value* args) {
  llvm::Type* ptr = builder_.getPtrTy();
  auto argument = [&](size_t i) {
    llvm::Value* place = builder_.CreateConstInBoundsGEP1_64(ptr, args, i);
    llvm::LoadInst* value = builder_.CreateLoad(ptr, place);
    auto empty = llvm::MDNode::get(context_, {});
    value->setMetadata(llvm::LLVMContext::MD_invariant_load, empty);
    value->setMetadata(llvm::LLVMContext::MD_nonnull, empty);
    value->setMetadata(llvm::LLVMContext::MD_noundef, empty);
    return value;
  };
  auto constant = [&](uint64_t v) {
    return llvm::MDNode::get(context_, llvm::ConstantAsMetadata::get(builder_.getInt64(v)));
  };
  for (size_t i = 0; i < func.params.size(); ++i) {
    const VarRef& param = func.params[i];
    ArtifactParam described{param->name, param->dtype, false, false, 64, {}};
    BufferRef buffer = func.buffer_of(param);
    if (!buffer) {
      const PointerType* pointer = as<PointerType>(param->type_annotation);
      check<BuildError>(!param->dtype.is_handle() || pointer,
                        "function {}: parameter {} is a handle that no buffer is bound to",
                        function_name_, param->name);
      out.params.push_back(described);
      llvm::LoadInst* place = argument(i);
      if (param->dtype.is_handle()) {
        const PrimType* element = as<PrimType>(pointer->element_type);
        out.params.back().is_tensor = true;
        out.params.back().dtype = element ? element->dtype : DType::int_(8);
        alignments_[param.get()] = out.params.back().alignment =
            std::clamp(options_.alignment, 1, 64);
        bind(param.get(), place, Interval::everything());
      } else {
        llvm::Value* value = builder_.CreateLoad(memory_type(param->dtype), place);
        bind(param.get(), from_memory(param->dtype, value), Interval::of(param->dtype));
      }
      continue;
    }
    // The caller hands over the first element, so an offset that is a variable is 0.
    const Var* offset = as<Var>(buffer->elem_offset);
    check<BuildError>(offset || !buffer->elem_offset || is_zero(buffer->elem_offset),
                      "function {}: expected a tensor whose elem_offset is 0 or a variable for "
                      "parameter {}",
                      function_name_, param->name);
    check<BuildError>(buffer->strides.empty() || buffer->has_strides(),
                      "function {}: expected {} strides for parameter {}, found {}", function_name_,
                      buffer->ndim(), param->name, buffer->strides.size());
    if (offset && !frame_->vars.count(offset))
      bind(offset, llvm::ConstantInt::get(type(offset->dtype), 0), kSize);
    described.name = buffer->name;
    described.dtype = buffer->dtype;
    described.is_tensor = true;
    described.is_written = written_.count(buffer->data.get()) != 0;
    // An element that spans a power of two lies on one; what is asked beyond that is the caller's.
    const int element = storage_dtype(buffer->dtype).element().bytes();
    const int least = element & -element;
    described.alignment = std::clamp(options_.alignment, least, 64);
    alignments_[buffer->data.get()] = described.alignment;
    described.alignment = std::max(least, alignment_of(*buffer));
    // A view into another tensor starts anywhere.
    if (buffer->has_strides()) alignments_[buffer->data.get()] = described.alignment = least;
    out.params.push_back(described);
    bind_buffer_shape(*buffer, static_cast<int>(i), out);
    llvm::LoadInst* data = argument(i);
    data->setMetadata(llvm::LLVMContext::MD_align, constant(described.alignment));
    int64_t bytes = buffer->dtype.bytes() * buffer->dtype.lanes;
    for (int64_t size : out.params.back().shape) bytes *= size;
    if (bytes > 0 && !buffer->has_strides()) {
      bool known = std::all_of(out.params.back().shape.begin(), out.params.back().shape.end(),
                               [](int64_t s) { return s >= 0; });
      if (known) data->setMetadata(llvm::LLVMContext::MD_dereferenceable, constant(bytes));
    }
    bind(buffer->data.get(), data, Interval::everything());
  }
  // The values of the sizes come after the parameters.
  for (const auto& [var, index] : sizes_) {
    if (frame_->vars.count(var)) continue;  // also a parameter
    llvm::Value* size =
        builder_.CreateLoad(builder_.getInt64Ty(), argument(func.params.size() + index));
    bind(var, builder_.CreateTrunc(size, type(var->dtype)), kSize);
    frame_->vars[var].wide = size;
  }
}

ArtifactFunction Emitter::emit_entry(const PrimFunc& func, const std::string& name,
                                     const std::string& symbol) {
  function_name_ = name;
  scopes_.clear();
  tagged_.clear();
  written_.clear();
  alignments_.clear();
  sizes_.clear();
  aliases_.clear();
  alias_domain_ = nullptr;
  bool uses_tiles = false;
  pre_order(*func.body, [&](const Node& node) {
    if (const BufferStore* s = as<BufferStore>(&node)) written_[s->buffer->data.get()] = true;
    // What leaves as an address may be written to, unless the call says that it is only read.
    if (const Call* c = as<Call>(&node); c && c->op && c->op->kind == Kind::Op) {
      const std::string& op = cast_to<Op>(c->op)->name;
      uses_tiles |= is_amx(*c);
      if (op == "tir.tvm_access_ptr" && c->args.size() == 5 && is_one(c->args[4])) return true;
      if (op == "tir.address_of" || op == "tir.tvm_access_ptr") {
        for (const Expr& arg : c->args) {
          if (const BufferLoad* l = as<BufferLoad>(arg)) written_[l->buffer->data.get()] = true;
          if (const Var* v = as<Var>(arg)) written_[v] = true;
        }
      }
    }
    return true;
  });

  llvm::Type* ptr = builder_.getPtrTy();
  auto* signature = llvm::FunctionType::get(builder_.getInt32Ty(), {ptr, ptr}, false);
  auto create = [&](const std::string& text, bool exported) {
    llvm::Function* made = create_function(signature, text, exported);
    for (int i = 0; i < 2; ++i) {
      made->addParamAttr(i, llvm::Attribute::NoAlias);
      made->addParamAttr(i, llvm::Attribute::ReadOnly);
      made->addParamAttr(i, llvm::Attribute::NoUndef);
    }
    return made;
  };
  llvm::Function* function = create(symbol, true);
  if (uses_tiles) {
    llvm::Function* body = create(symbol + "_tiles", false);
    ask_for_tiles(function, body);
    function = body;
  }
  Frame frame;
  begin_frame(frame, function);
  frame.runtime = function->getArg(1);
  ArtifactFunction out{name, symbol, {}, {}};
  bind_params(func, out, function->getArg(0));
  stmt(func.body);
  end_frame(frame);
  finish_alias_scopes();
  return out;
}

}  // namespace metaschedule::codegen
