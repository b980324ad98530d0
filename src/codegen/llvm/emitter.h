// SPDX-License-Identifier: Apache-2.0
// Writes one LLVM module for plain loops. The class is one; its methods stand in emit_*.cc by what
// they emit: functions and statements, expressions, memory, calls, parallel loops, tiles.
#pragma once

#include <llvm/IR/IRBuilder.h>
#include <llvm/IR/MDBuilder.h>
#include <llvm/IR/Module.h>

#include <unordered_map>

#include "interval.h"
#include "machine.h"
#include "metaschedule/codegen/artifact.h"
#include "metaschedule/codegen/compile.h"
#include "metaschedule/ir/op.h"
#include "metaschedule/ir/structural.h"
#include "metaschedule/ir/walk.h"

namespace metaschedule::codegen {

/// Folds constants only: a folder that looks further would see loops before they are closed.
using Builder = llvm::IRBuilder<>;

/// What a variable is in the LLVM function under construction.
struct Binding {
  llvm::Value* value = nullptr;
  /// The same as i64, for scalar integers: addresses are computed in this width.
  llvm::Value* wide = nullptr;
  Interval range;
  /// Depth of the loop that makes it vary; outer terms of an address are added up first.
  int depth = 0;
  /// What it is a multiple of.
  int64_t multiple = 1;
};

/// An address in elements: base + sum of coefficient * value, with what is known about alignment.
struct Linear {
  struct Term {
    llvm::Value* value;
    int64_t coefficient;
    int depth;
    int64_t multiple;
  };
  std::vector<Term> terms;
  int64_t constant = 0;
  void add(llvm::Value* value, int64_t coefficient, int depth, int64_t multiple);
  /// The largest power of two that divides every value it can take (capped at 4096).
  int64_t known_multiple() const;
};

/// Whether an expression is an instruction of AMX: a call of an extern function named `amx.`….
bool is_amx(const Node& node);

class Emitter {
 public:
  Emitter(llvm::Module& module, const Machine& machine, const CompileOptions& options);

  /// Emits a metaschedule_entry for the function and describes it.
  ArtifactFunction emit_entry(const PrimFunc& func, const std::string& name,
                              const std::string& symbol);
  /// True when scalar innermost loops were emitted, for LLVM's vectoriser to look at.
  bool has_scalar_loops() const { return has_scalar_loops_; }
  int64_t num_instructions() const { return num_instructions_; }

 private:
  /// One LLVM function under construction.
  struct Frame {
    llvm::Function* function = nullptr;
    llvm::Value* runtime = nullptr;
    llvm::BasicBlock* entry = nullptr;  // allocas and hoisted allocations; its end is written last
    llvm::BasicBlock* exit = nullptr;
    llvm::Value* status = nullptr;    // i32 slot read by `exit`
    std::vector<llvm::Value*> heap;   // slots of pointers that `exit` releases
    std::vector<llvm::Value*> fixed;  // the same, made before anything else in the function
    int64_t stack_bytes = 0;
    int depth = 0;
    bool parallel = false;
    std::unordered_map<const Var*, Binding> vars;
  };
  struct Access;

  // emit_function.cc
  void begin_frame(Frame& frame, llvm::Function* function);
  void end_frame(Frame& frame);
  llvm::Function* create_function(llvm::FunctionType* type, const std::string& name, bool exported);
  void bind_params(const PrimFunc& func, ArtifactFunction& out, llvm::Value* args);
  void bind_buffer_shape(const Buffer& buffer, int param, ArtifactFunction& out);
  void return_status(llvm::Value* code);
  llvm::Value* call_runtime(int slot, llvm::FunctionType* type, llvm::ArrayRef<llvm::Value*> args);

  // emit_stmt.cc
  void stmt(const Stmt& s);
  void stmt_for(const For& loop);
  void serial_loop(const For& loop, llvm::Value* begin, llvm::Value* end, bool runs_once,
                   Interval range);
  void unrolled_loop(const For& loop, int64_t min, int64_t extent);
  void stmt_if(const IfThenElse& s);
  void stmt_while(const While& s);
  void stmt_let(const LetStmt& s);
  void stmt_assert(const AssertStmt& s);
  void stmt_allocate(const Allocate& s);
  void stmt_allocate_const(const AllocateConst& s);
  void bind(const Var* var, llvm::Value* value, Interval range, int64_t multiple = 1);
  llvm::MDNode* loop_metadata(const For& loop);

  // emit_parallel.cc
  void parallel_loop(const For& loop);

  // emit_expr.cc
  llvm::Value* expr(const Expr& e);
  llvm::Value* expr_binary(const BinaryExpr& e);
  llvm::Value* compare(const BinaryExpr& e);
  llvm::Value* int_division(Kind kind, llvm::Value* a, llvm::Value* b, const BinaryExpr& e);
  llvm::Value* cast(DType to, DType from, llvm::Value* value);
  llvm::Value* expr_let(const Let& e);
  llvm::Value* shuffle(const Shuffle& e);
  llvm::Value* choose(const Expr& condition, const Expr& t, const Expr& f);
  const Binding& binding(const Var* var);

  // emit_index.cc
  void linear(const Expr& e, int64_t scale, Linear& out);
  bool linear_vector(const Expr& e, int64_t scale, Linear& base, int64_t& stride);
  llvm::Value* wide(const Expr& e);
  llvm::Value* materialize(const Linear& linear);
  Interval range(const Expr& e) const;
  bool is_index_like(const Expr& e) const;
  llvm::Value* wide_division(Kind kind, const Expr& a, int64_t divisor);

  // emit_memory.cc
  Access access(const Buffer& buffer, const Exprs& indices);
  llvm::Value* load(const Buffer& buffer, const Exprs& indices, const Expr& predicate);
  void store(const BufferStore& s);
  llvm::Value* load_lanes(const Access& a, llvm::Type* element, llvm::Value* mask);
  llvm::Instruction* tag(llvm::Instruction* inst, const Access& a);
  llvm::MDNode* scope_of(const Var* data);
  /// Bytes that the data of a buffer is known to be aligned to.
  int alignment_of(const Buffer& buffer) const;
  void finish_alias_scopes();
  llvm::Value* address(const Access& a, int64_t extra_elements);
  llvm::Value* address(const BufferLoad& element);
  llvm::Value* to_memory(DType dtype, llvm::Value* value);
  llvm::Value* from_memory(DType dtype, llvm::Value* value);

  // emit_call.cc
  llvm::Value* call(const Call& c);
  llvm::Value* call_math_op(std::string_view name, const Call& c);
  llvm::Value* call_extern(const Call& c);
  llvm::Value* call_llvm(const Call& c);
  llvm::Value* call_found(const std::string& name, llvm::Type* result,
                          llvm::ArrayRef<llvm::Value*> args);
  llvm::Value* multiply_shift(const Call& c);

  // emit_amx.cc
  llvm::Value* call_amx(std::string_view name, const Call& c);
  llvm::CallInst* tag_tile(llvm::CallInst* access, const Expr& pointer);
  void ask_for_tiles(llvm::Function* entry, llvm::Function* body);

  llvm::Type* type(DType dtype);
  llvm::Type* memory_type(DType dtype);
  llvm::Value* splat(llvm::Value* scalar, int lanes);
  llvm::Value* mask_and(llvm::Value* a, llvm::Value* b);
  llvm::Constant* global_text(const std::string& text);
  void count();

  llvm::Module& module_;
  llvm::LLVMContext& context_;
  const Machine& machine_;
  const CompileOptions& options_;
  Builder builder_;
  Frame* frame_ = nullptr;
  /// Lanes that are wanted, inside a choice on a vector condition; null: all of them.
  llvm::Value* mask_ = nullptr;
  std::string function_name_;
  llvm::MDNode* alias_domain_ = nullptr;
  std::unordered_map<const Var*, llvm::MDNode*> scopes_;
  std::vector<std::pair<llvm::Instruction*, const Var*>> tagged_;
  std::unordered_map<const Var*, bool> written_;
  /// The data of parameters, with the bytes that callers align it to.
  std::unordered_map<const Var*, int> alignments_;
  /// Pointers made from another one, by that one: they may overlap.
  std::unordered_map<const Var*, const Var*> aliases_;
  /// Symbolic sizes of the function by their index in its description.
  std::unordered_map<const Var*, int64_t> sizes_;
  int64_t num_instructions_ = 0;
  int64_t unrolled_ = 1;
  int num_regions_ = 0;
  bool has_scalar_loops_ = false;
  /// Set while the value of a reduction step is emitted: its sum may be reassociated.
  const ExprNode* reduction_ = nullptr;
};

}  // namespace metaschedule::codegen
