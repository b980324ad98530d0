// SPDX-License-Identifier: Apache-2.0
// Inside the interpreter: programs become closures over a frame of variables and memory. A vector
// expression is a closure that gives one lane at a time.
#pragma once

#include <array>
#include <functional>
#include <unordered_map>

#include "metaschedule/interp/interpreter.h"
#include "metaschedule/interp/value.h"
#include "metaschedule/ir/op.h"

namespace metaschedule::interp::detail {

/// What matrix instructions know of the fragments in an array.
struct TileLayout {
  bool column_major = false;
  std::array<int64_t, 3> shape = {};  // of the product, m, n and k; zeros: not known
};

/// Storage behind a data pointer.
struct Storage {
  uint8_t* data = nullptr;
  int64_t bytes = 0;
  std::vector<uint8_t> own;      // when allocated by the program
  std::vector<uint8_t> written;  // a flag a byte; empty: all of it counts as written
  TileLayout layout = {};

  void mark_written(int64_t byte, int64_t bytes) {
    if (!written.empty()) std::fill_n(written.begin() + byte, bytes, uint8_t{1});
  }
};

struct Frame {
  std::vector<Value> vars;
  std::vector<Storage> storage;
  std::vector<uint8_t> matrix_array;  // of processors that have one; rows as long as a vector
  int64_t steps_left = 0;
  RunOptions options;

  void step(int64_t n = 1) {
    if ((steps_left -= n) < 0) [[unlikely]]
      fail<RunError>("interpreter: stopped after {} steps, the limit that was set",
                     options.max_steps);
  }
};

using EvalFn = std::function<Value(Frame&, int lane)>;
using RunFn = std::function<void(Frame&)>;

/// An evaluated subexpression with its type.
struct Code {
  EvalFn eval;
  DType dtype;
  int64_t integer(Frame& f) const { return eval(f, 0).i; }
};

/// A buffer as it was declared.
struct Home {
  DType dtype;
  std::string scope;
  std::vector<Code> shape;
};
struct Operand;

/// How elements of a buffer are found: `offset + sum(index * stride)` of `storage`.
struct Access {
  std::string name;
  DType dtype;
  int storage = 0;
  std::vector<Code> shape, strides;
  EvalFn offset;  // null is zero
};

/// A match_buffer: an alias of a box of `source`, whose first corner lies in `corner` slots.
struct View {
  const Buffer* source;
  std::vector<int> corner;
};

struct Compiled {
  RunFn body;
  std::vector<std::function<void(Frame&, const NDArrayView&)>> parameters;
  size_t num_vars = 0, num_storage = 0;
  PrimFuncRef func;  // closures point into it
};

class Compiler {
 public:
  Compiler(Compiled& out, int vscale) : out_(out), vscale_(vscale) {}
  void function(const PrimFunc& func);

 private:
  // compiler_expr-inl.h
  Code expr(const Expr& e);
  Code binary(const BinaryExpr& e);
  Code shuffle(const Shuffle& e);
  Code load(const BufferLoad& e);
  Code let(const Let& e);
  // compiler_call-inl.h
  Code call(const Call& e);
  Code math(const Call& e, std::string_view name, std::vector<Code> args);
  Code bits(const Call& e, std::string_view name, std::vector<Code> args);
  Code reinterpret(DType to, Code arg);
  // compiler_instruction-inl.h
  /// The call of a hardware instruction; no code when it is none that is known.
  Code instruction(const Call& e, std::string_view name);
  Operand operand(const Expr& e);
  Operand pointer(const Expr& data, DType element);
  void declare(const Var* data, DType dtype, const Exprs& shape);
  // compiler_stmt-inl.h
  RunFn stmt(const Stmt& s);
  RunFn loop(const For& s);
  RunFn store(const BufferStore& s);
  RunFn allocate(const VarRef& data, DType dtype, const Exprs& extents, RunFn body);
  RunFn block(const BlockRealize& s);
  RunFn attribute(const AttrStmt& s);
  RunFn bind_view(const MatchBufferRegion& match);
  void parameter(const VarRef& param, const BufferRef& buffer);
  // compiler_access-inl.h
  /// The byte address of the element at `indices`, checked, for one lane of the indices.
  std::function<int64_t(Frame&, int)> address(const Buffer& buffer, std::vector<Code> indices);
  std::shared_ptr<const Access> access(const Buffer& buffer);
  std::vector<Code> strides_of(const Buffer& buffer);

  /// The lanes that a scalable vector has here.
  DType fixed(DType dtype) const {
    return dtype.is_scalable() ? dtype.with_lanes(dtype.vscale_factor() * vscale_) : dtype;
  }
  int slot(const Var* var) const;
  int new_slot(const Var* var, int lanes = 1);
  int storage_of(const Var* data);
  int new_storage(const Var* data);

  Compiled& out_;
  const int vscale_;
  int thread_slot_ = -1;  // of the enclosing loop over threadIdx.x
  std::unordered_map<const Var*, std::shared_ptr<const Home>> homes_;  // by data pointer
  std::unordered_map<int, std::shared_ptr<const Home>> roots_;         // by storage
  std::unordered_map<const Var*, int> slots_, storage_;
  std::unordered_map<const Buffer*, View> views_;
  std::unordered_map<const Buffer*, std::shared_ptr<const Access>> accesses_;
};

}  // namespace metaschedule::interp::detail
