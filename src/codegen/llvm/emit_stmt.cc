// SPDX-License-Identifier: Apache-2.0
// Statements: loops in the form that LLVM's loop passes like, choices, allocations.
#include "emitter.h"
#include "metaschedule/codegen/abi.h"

namespace metaschedule::codegen {
namespace {

/// Memory on the stack of one function, and in one allocation. Threads have 8 MiB as a rule.
constexpr int64_t kMaxStackBytes = 256 << 10;
constexpr int64_t kMaxAllocaBytes = 64 << 10;
/// Bodies that an unrolled nest may come to; more stays a loop.
constexpr int64_t kMaxUnrolled = 1024;

bool has_inner_loop(const Stmt& body) {
  return any_node(*body,
                  [](const Node& n) { return n.kind == Kind::For || n.kind == Kind::While; });
}

/// Vectors, or tiles.
bool has_vectors(const Stmt& body) {
  return any_node(*body, [](const Node& n) {
    const ExprNode* e = as<ExprNode>(&n);
    return e && (e->dtype.is_vector() || is_amx(*e));
  });
}

}  // namespace

void Emitter::count() {
  ++num_instructions_;
  check<BuildError>(num_instructions_ <= options_.max_instructions,
                    "function {}: the program comes to more than {} pieces of code; unroll less",
                    function_name_, options_.max_instructions);
}

void Emitter::bind(const Var* var, llvm::Value* value, Interval range, int64_t multiple) {
  Binding b;
  b.value = value;
  b.range = range;
  b.depth = frame_->depth;
  b.multiple = multiple;
  frame_->vars[var] = b;
}

void Emitter::stmt(const Stmt& s) {
  switch (s->kind) {
    case Kind::SeqStmt:
      for (const Stmt& item : cast_to<SeqStmt>(*s).seq) stmt(item);
      return;
    case Kind::For:
      return stmt_for(cast_to<For>(*s));
    case Kind::While:
      return stmt_while(cast_to<While>(*s));
    case Kind::IfThenElse:
      return stmt_if(cast_to<IfThenElse>(*s));
    case Kind::LetStmt:
      return stmt_let(cast_to<LetStmt>(*s));
    case Kind::AssertStmt:
      return stmt_assert(cast_to<AssertStmt>(*s));
    case Kind::Allocate:
      return stmt_allocate(cast_to<Allocate>(*s));
    case Kind::AllocateConst:
      return stmt_allocate_const(cast_to<AllocateConst>(*s));
    case Kind::BufferStore:
      return store(cast_to<BufferStore>(*s));
    case Kind::DeclBuffer:
      return stmt(cast_to<DeclBuffer>(*s).body);
    case Kind::AttrStmt:
      return stmt(cast_to<AttrStmt>(*s).body);
    case Kind::Evaluate: {
      const Expr& value = cast_to<Evaluate>(*s).value;
      if (value->kind == Kind::Call) expr(value);
      return;
    }
    default:
      fail<BuildError>("function {}: expected plain loops, found {}; lower the program first",
                       function_name_, kind_name(s->kind));
  }
}

void Emitter::stmt_for(const For& loop) {
  check<BuildError>(loop.kind != ForKind::ThreadBinding,
                    "function {}: loop {} is bound to a thread, which a CPU has not",
                    function_name_, loop.loop_var->name);
  if (loop.kind == ForKind::Parallel && !frame_->parallel && !is_one(loop.extent))
    return parallel_loop(loop);
  auto min = as_const_int(loop.min);
  auto extent = as_const_int(loop.extent);
  if (extent && *extent <= 0) return;
  if (extent && *extent == 1) {
    llvm::Value* value = expr(loop.min);
    Interval bounds = range(loop.min);
    bind(loop.loop_var.get(), value, bounds);
    if (min) frame_->vars[loop.loop_var.get()].wide = builder_.getInt64(*min);
    return stmt(loop.body);
  }
  if (loop.kind == ForKind::Unrolled && min && extent && *extent * unrolled_ <= kMaxUnrolled)
    return unrolled_loop(loop, *min, *extent);
  Interval bounds = range(loop.min);
  Interval steps = range(loop.extent);
  bounds = bounds + Interval{0, std::max<int64_t>(steps.max - (steps.max > 0), 0)};
  llvm::Value* begin = wide(loop.min);
  llvm::Value* end = builder_.CreateAdd(begin, wide(loop.extent), "", false, true);
  serial_loop(loop, begin, end, extent.has_value(), bounds);
}

void Emitter::unrolled_loop(const For& loop, int64_t min, int64_t extent) {
  unrolled_ *= extent;
  for (int64_t i = 0; i < extent; ++i) {
    bind(loop.loop_var.get(), llvm::ConstantInt::getSigned(type(loop.loop_var->dtype), min + i),
         Interval::point(min + i));
    frame_->vars[loop.loop_var.get()].wide = builder_.getInt64(min + i);
    stmt(loop.body);
  }
  unrolled_ /= extent;
}

llvm::MDNode* Emitter::loop_metadata(const For& loop) {
  auto text = [&](const char* name) {
    return llvm::MDNode::get(context_, llvm::MDString::get(context_, name));
  };
  auto with = [&](const char* name, llvm::Constant* value) {
    return llvm::MDNode::get(
        context_, {llvm::MDString::get(context_, name), llvm::ConstantAsMetadata::get(value)});
  };
  std::vector<llvm::Metadata*> items = {nullptr, text("llvm.loop.mustprogress"),
                                        text("llvm.loop.unroll.disable")};
  bool inner = !has_inner_loop(loop.body);
  if (inner && !has_vectors(loop.body)) {
    has_scalar_loops_ = true;
    // Without the remark on unrolling: the loop is LLVM's to shape.
    items.pop_back();
  } else {
    items.push_back(with("llvm.loop.vectorize.enable", builder_.getFalse()));
  }
  llvm::MDNode* node = llvm::MDNode::getDistinct(context_, items);
  node->replaceOperandWith(0, node);
  return node;
}

void Emitter::serial_loop(const For& loop, llvm::Value* begin, llvm::Value* end, bool runs_once,
                          Interval bounds) {
  count();
  llvm::BasicBlock* before = builder_.GetInsertBlock();
  llvm::BasicBlock* body =
      llvm::BasicBlock::Create(context_, "loop", frame_->function, frame_->exit);
  llvm::BasicBlock* after =
      llvm::BasicBlock::Create(context_, "after", frame_->function, frame_->exit);
  if (runs_once)
    builder_.CreateBr(body);
  else
    builder_.CreateCondBr(builder_.CreateICmpSLT(begin, end), body, after);
  builder_.SetInsertPoint(body);
  llvm::PHINode* iv = builder_.CreatePHI(builder_.getInt64Ty(), 2, loop.loop_var->name);
  iv->addIncoming(begin, before);
  ++frame_->depth;
  llvm::Value* value = builder_.CreateTrunc(iv, type(loop.loop_var->dtype));
  bind(loop.loop_var.get(), value, bounds);
  frame_->vars[loop.loop_var.get()].wide = iv;
  stmt(loop.body);
  --frame_->depth;
  llvm::Value* next =
      builder_.CreateAdd(iv, builder_.getInt64(1), "", bounds.is_non_negative(), true);
  iv->addIncoming(next, builder_.GetInsertBlock());
  llvm::BranchInst* back = builder_.CreateCondBr(builder_.CreateICmpSLT(next, end), body, after);
  back->setMetadata(llvm::LLVMContext::MD_loop, loop_metadata(loop));
  builder_.SetInsertPoint(after);
}

void Emitter::stmt_if(const IfThenElse& s) {
  if (auto known = as_const_int(s.condition)) {
    if (*known != 0) return stmt(s.then_case);
    if (s.else_case) stmt(s.else_case);
    return;
  }
  count();
  check<BuildError>(s.condition->dtype.is_scalar(),
                    "function {}: expected a scalar condition of if, found {}", function_name_,
                    to_string(s.condition->dtype));
  llvm::Value* condition = expr(s.condition);
  auto block = [&](const char* name) {
    return llvm::BasicBlock::Create(context_, name, frame_->function, frame_->exit);
  };
  llvm::BasicBlock* then_block = block("then");
  llvm::BasicBlock* else_block = s.else_case ? block("else") : nullptr;
  llvm::BasicBlock* after = block("endif");
  builder_.CreateCondBr(condition, then_block, else_block ? else_block : after);
  builder_.SetInsertPoint(then_block);
  stmt(s.then_case);
  builder_.CreateBr(after);
  if (else_block) {
    builder_.SetInsertPoint(else_block);
    stmt(s.else_case);
    builder_.CreateBr(after);
  }
  builder_.SetInsertPoint(after);
}

void Emitter::stmt_while(const While& s) {
  count();
  auto block = [&](const char* name) {
    return llvm::BasicBlock::Create(context_, name, frame_->function, frame_->exit);
  };
  llvm::BasicBlock* test = block("while");
  llvm::BasicBlock* body = block("do");
  llvm::BasicBlock* after = block("done");
  builder_.CreateBr(test);
  builder_.SetInsertPoint(test);
  builder_.CreateCondBr(expr(s.condition), body, after);
  builder_.SetInsertPoint(body);
  ++frame_->depth;
  stmt(s.body);
  --frame_->depth;
  builder_.CreateBr(test);
  builder_.SetInsertPoint(after);
}

void Emitter::stmt_let(const LetStmt& s) {
  Interval bounds = range(s.value);
  if (s.var->dtype.is_handle()) {
    pre_order(*s.value, [&](const Node& node) {
      const BufferLoad* l = as<BufferLoad>(&node);
      const Var* from = l ? l->buffer->data.get() : as<Var>(&node);
      if (!from || !(l || from->dtype.is_handle())) return true;
      auto it = aliases_.find(from);
      aliases_[s.var.get()] = it == aliases_.end() ? from : it->second;
      return false;
    });
  }
  if (s.value->dtype.is_scalar() && is_index_like(s.value) && s.value->dtype.is_int()) {
    Linear value;
    linear(s.value, 1, value);
    llvm::Value* full = materialize(value);
    bind(s.var.get(), builder_.CreateTrunc(full, type(s.var->dtype)), bounds,
         value.known_multiple());
    frame_->vars[s.var.get()].wide = full;
  } else {
    bind(s.var.get(), expr(s.value), bounds);
  }
  stmt(s.body);
}

void Emitter::stmt_assert(const AssertStmt& s) {
  llvm::Value* condition = expr(s.condition);
  llvm::BasicBlock* failed = llvm::BasicBlock::Create(context_, "failed", frame_->function);
  llvm::BasicBlock* passed =
      llvm::BasicBlock::Create(context_, "passed", frame_->function, frame_->exit);
  builder_.CreateCondBr(condition, passed, failed,
                        llvm::MDBuilder(context_).createLikelyBranchWeights());
  builder_.SetInsertPoint(failed);
  const StringImm* message = as<StringImm>(s.message);
  auto* report = llvm::FunctionType::get(builder_.getVoidTy(),
                                         {builder_.getPtrTy(), builder_.getPtrTy()}, false);
  call_runtime(3, report,
               {frame_->runtime, global_text(message ? message->value : "assertion failed")});
  return_status(builder_.getInt32(METASCHEDULE_ASSERTION_FAILED));
  builder_.SetInsertPoint(passed);
  stmt(s.body);
}

void Emitter::stmt_allocate(const Allocate& s) {
  auto* allocate = llvm::FunctionType::get(builder_.getPtrTy(),
                                           {builder_.getPtrTy(), builder_.getInt64Ty()}, false);
  int64_t bytes = storage_dtype(s.dtype).bytes() * std::max<int>(s.dtype.lanes, 1);
  bool constant = true;
  for (const Expr& extent : s.extents) {
    auto value = as_const_int(extent);
    if (!value) constant = false;
    if (value) bytes *= *value;
  }
  check<BuildError>(bytes >= 0 && bytes < (int64_t{1} << 40),
                    "function {}: allocation {} of {} bytes", function_name_, s.buffer_var->name,
                    bytes);
  auto* end_of_entry = frame_->entry;
  llvm::BasicBlock* here = builder_.GetInsertBlock();
  if (constant && bytes <= kMaxAllocaBytes && frame_->stack_bytes + bytes <= kMaxStackBytes) {
    frame_->stack_bytes += bytes;
    builder_.SetInsertPoint(end_of_entry);
    llvm::Type* elements = llvm::ArrayType::get(builder_.getInt8Ty(), std::max<int64_t>(bytes, 1));
    llvm::AllocaInst* memory = builder_.CreateAlloca(elements, nullptr, s.buffer_var->name);
    memory->setAlignment(llvm::Align(64));
    builder_.SetInsertPoint(here);
    bind(s.buffer_var.get(), memory, Interval::everything());
    return stmt(s.body);
  }
  if (constant) {
    // Made once in the function, however often control comes here.
    builder_.SetInsertPoint(end_of_entry);
    llvm::Value* memory = call_runtime(1, allocate, {frame_->runtime, builder_.getInt64(bytes)});
    frame_->fixed.push_back(memory);
    builder_.SetInsertPoint(here);
    bind(s.buffer_var.get(), memory, Interval::everything());
    return stmt(s.body);
  }
  builder_.SetInsertPoint(end_of_entry);
  llvm::Value* slot = builder_.CreateAlloca(builder_.getPtrTy());
  llvm::Constant* null = llvm::ConstantPointerNull::get(builder_.getPtrTy());
  builder_.CreateStore(null, slot);
  frame_->heap.push_back(slot);
  builder_.SetInsertPoint(here);
  llvm::Value* size =
      builder_.getInt64(storage_dtype(s.dtype).bytes() * std::max<int>(s.dtype.lanes, 1));
  for (const Expr& extent : s.extents) size = builder_.CreateMul(size, wide(extent));
  llvm::Value* memory = call_runtime(1, allocate, {frame_->runtime, size});
  builder_.CreateStore(memory, slot);
  llvm::BasicBlock* failed = llvm::BasicBlock::Create(context_, "no_memory", frame_->function);
  llvm::BasicBlock* passed =
      llvm::BasicBlock::Create(context_, "memory", frame_->function, frame_->exit);
  builder_.CreateCondBr(builder_.CreateIsNull(memory), failed, passed,
                        llvm::MDBuilder(context_).createUnlikelyBranchWeights());
  builder_.SetInsertPoint(failed);
  return_status(builder_.getInt32(METASCHEDULE_OUT_OF_MEMORY));
  builder_.SetInsertPoint(passed);
  bind(s.buffer_var.get(), memory, Interval::everything());
  stmt(s.body);
  auto* release = llvm::FunctionType::get(builder_.getVoidTy(),
                                          {builder_.getPtrTy(), builder_.getPtrTy()}, false);
  call_runtime(2, release, {frame_->runtime, memory});
  builder_.CreateStore(null, slot);
}

void Emitter::stmt_allocate_const(const AllocateConst& s) {
  check<BuildError>(s.data != nullptr, "function {}: constant {} has no data", function_name_,
                    s.buffer_var->name);
  llvm::StringRef bytes(reinterpret_cast<const char*>(s.data->data.data()), s.data->data.size());
  llvm::Constant* data = llvm::ConstantDataArray::getString(context_, bytes, false);
  auto* global = new llvm::GlobalVariable(module_, data->getType(), true,
                                          llvm::GlobalValue::PrivateLinkage, data);
  global->setAlignment(llvm::Align(64));
  bind(s.buffer_var.get(), global, Interval::everything());
  stmt(s.body);
}

}  // namespace metaschedule::codegen
