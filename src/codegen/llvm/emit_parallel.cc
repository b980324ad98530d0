// SPDX-License-Identifier: Apache-2.0
// A parallel loop becomes a function of a range of its iterations, which the runtime calls in one
// or many threads. What the body uses from outside travels in a struct on the caller's stack.
#include <unordered_set>

#include "emitter.h"
#include "metaschedule/codegen/abi.h"

namespace metaschedule::codegen {
namespace {

/// Variables that are used in a statement, in the order of their first use.
class Captures : public Walker {
 public:
  std::vector<const Var*> used;

  void visit(const Node& node) override {
    if (const Var* var = as<Var>(&node)) {
      use(var);
    } else if (const BufferLoad* l = as<BufferLoad>(&node)) {
      use_buffer(*l->buffer);
    } else if (const BufferStore* s = as<BufferStore>(&node)) {
      use_buffer(*s->buffer);
    }
    walk_children(node);
  }

 private:
  void use(const Var* var) {
    if (seen_.insert(var).second) used.push_back(var);
  }
  void use_buffer(const Buffer& buffer) {
    use(buffer.data.get());
    for (const Exprs* list : {&buffer.shape, &buffer.strides})
      for (const Expr& e : *list) visit(*e);
    if (buffer.elem_offset) visit(*buffer.elem_offset);
  }
  std::unordered_set<const Var*> seen_;
};

}  // namespace

void Emitter::parallel_loop(const For& loop) {
  count();
  Captures captures;
  captures.visit(*loop.body);
  // Only what is bound here comes from outside.
  std::vector<const Var*> vars;
  for (const Var* var : captures.used)
    if (var != loop.loop_var.get() && frame_->vars.count(var)) vars.push_back(var);

  Frame& outer = *frame_;
  std::vector<llvm::Type*> types = {builder_.getPtrTy()};
  std::vector<llvm::Value*> values = {outer.runtime};
  for (const Var* var : vars) {
    Binding& b = outer.vars[var];
    if (b.wide ||
        (b.value->getType()->isIntegerTy() && !var->dtype.is_bool() && var->dtype.is_int()))
      b.wide = b.wide ? b.wide : builder_.CreateSExt(b.value, builder_.getInt64Ty());
    llvm::Value* value = b.wide ? b.wide : b.value;
    if (value->getType()->isIntegerTy(1)) value = builder_.CreateZExt(value, builder_.getInt8Ty());
    values.push_back(value);
    types.push_back(value->getType());
  }
  Interval bounds = range(loop.min);
  bounds = bounds + Interval{0, std::max<int64_t>(range(loop.extent).max - 1, 0)};
  llvm::Value* min = wide(loop.min);
  values.push_back(min);
  types.push_back(builder_.getInt64Ty());
  llvm::StructType* closure_type = llvm::StructType::get(context_, types);
  llvm::Value* extent = wide(loop.extent);

  // A call in a loop reuses the space.
  llvm::BasicBlock* here = builder_.GetInsertBlock();
  builder_.SetInsertPoint(outer.entry);
  llvm::AllocaInst* closure = builder_.CreateAlloca(closure_type, nullptr, "closure");
  closure->setAlignment(llvm::Align(64));
  builder_.SetInsertPoint(here);
  for (size_t i = 0; i < values.size(); ++i)
    builder_.CreateStore(values[i], builder_.CreateStructGEP(closure_type, closure, i));

  auto* body_type = llvm::FunctionType::get(
      builder_.getInt32Ty(), {builder_.getPtrTy(), builder_.getInt64Ty(), builder_.getInt64Ty()},
      false);
  llvm::Function* body = create_function(
      body_type, function_name_ + ".parallel" + std::to_string(num_regions_++), false);
  body->addParamAttr(0, llvm::Attribute::NoAlias);
  body->addParamAttr(0, llvm::Attribute::ReadOnly);

  auto* launch_type = llvm::FunctionType::get(
      builder_.getInt32Ty(),
      {builder_.getPtrTy(), builder_.getPtrTy(), builder_.getPtrTy(), builder_.getInt64Ty()},
      false);
  llvm::Value* status = call_runtime(0, launch_type, {outer.runtime, body, closure, extent});
  llvm::BasicBlock* failed = llvm::BasicBlock::Create(context_, "failed", outer.function);
  llvm::BasicBlock* passed =
      llvm::BasicBlock::Create(context_, "joined", outer.function, outer.exit);
  builder_.CreateCondBr(builder_.CreateIsNull(status), passed, failed,
                        llvm::MDBuilder(context_).createLikelyBranchWeights());
  builder_.SetInsertPoint(failed);
  return_status(status);

  Frame inner;
  begin_frame(inner, body);
  inner.parallel = true;
  auto field = [&](size_t i) {
    llvm::Value* place = builder_.CreateStructGEP(closure_type, body->getArg(0), i);
    return builder_.CreateLoad(types[i], place);
  };
  // Also what the entry block allocates reads the table, so the closure is read there.
  llvm::BasicBlock* start = builder_.GetInsertBlock();
  builder_.SetInsertPoint(inner.entry);
  inner.runtime = field(0);
  for (size_t i = 0; i < vars.size(); ++i) {
    const Binding& from = outer.vars[vars[i]];
    llvm::Value* value = field(i + 1);
    Binding to;
    to.range = from.range;
    to.multiple = from.multiple;
    to.value = value;
    if (from.wide) {
      to.wide = value;
      to.value = builder_.CreateTrunc(value, type(vars[i]->dtype));
    } else if (vars[i]->dtype.is_bool()) {
      to.value = builder_.CreateTrunc(value, type(vars[i]->dtype));
    }
    inner.vars[vars[i]] = to;
  }
  llvm::Value* first = field(values.size() - 1);
  builder_.SetInsertPoint(start);
  llvm::Value* begin = builder_.CreateAdd(body->getArg(1), first, "", false, true);
  llvm::Value* end = builder_.CreateAdd(body->getArg(2), first, "", false, true);
  serial_loop(loop, begin, end, false, bounds);
  end_frame(inner);

  frame_ = &outer;
  builder_.SetInsertPoint(passed);
}

}  // namespace metaschedule::codegen
