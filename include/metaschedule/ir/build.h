// SPDX-License-Identifier: Apache-2.0
// Writing programs in C++: loops, blocks and functions around bodies given as functions.
//
//   build::FuncBuilder f("main");
//   BufferRef a = f.buffer("A", {16, 8}), b = f.buffer("B", {16});
//   f.body(build::grid({{"i", 16}, {"k", 8}}, [&](const build::Indices& at) {
//     build::BlockBuilder block("sum");
//     Expr i = block.spatial("vi", 16, at[0]), k = block.reduce("vk", 8, at[1]);
//     block.init(build::store(b, {i}, make_zero(kFloat32)));
//     return block.body(build::store(b, {i}, load(b, {i}) + load(a, {i, k})));
//   }));
//   PrimFuncRef func = complete_blocks(*f.finish());  // script/access_region.h: finds the regions
//
// examples/build_program.cc has more.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "metaschedule/ir/op.h"

namespace metaschedule::build {

using Indices = std::vector<Expr>;

/// A size or an index: an expression, or a number, which is int32.
struct Size {
  Size(int64_t v) : value(i32(v)) {}              // NOLINT: numbers are sizes
  Size(int v) : Size(static_cast<int64_t>(v)) {}  // NOLINT
  Size(Expr e) : value(std::move(e)) {}           // NOLINT
  Size(const VarRef& v) : value(v) {}             // NOLINT
  Expr value;
};
using Sizes = std::vector<Size>;

/// What a loop is besides its variable and extent.
struct LoopOptions {
  ForKind kind = ForKind::Serial;
  Size min = 0;
  /// The thread of ForKind::ThreadBinding: "threadIdx.x".
  std::string thread = {};
  Dict annotations = {};
};
/// A loop over `extent` steps; `body` makes one step from the loop variable.
Stmt loop(const std::string& name, const Size& extent, const std::function<Stmt(const Expr&)>& body,
          const LoopOptions& options = {});
/// Serial loops from 0, the first outermost.
Stmt grid(const std::vector<std::pair<std::string, Size>>& loops,
          const std::function<Stmt(const Indices&)>& body);

/// `buffer[indices] = value`; the value is converted to the type of the elements.
Stmt store(const BufferRef& buffer, const Sizes& indices, const Expr& value);
/// Statements in order.
inline Stmt seq(const std::vector<Stmt>& stmts) { return flatten_seq(stmts); }
/// A variable of that value, for the statement that `body` makes.
Stmt let(const std::string& name, const Expr& value, const std::function<Stmt(const Expr&)>& body);

/// The region of a buffer from `min` on; `extent` and `min` have one number for each dimension.
Ref<BufferRegion> region(const BufferRef& buffer, const Sizes& min, const Sizes& extent);

/// The annotation of a block whose regions are still to be found: 1 for what it reads, 2 for what
/// it writes, 3 for both. `complete_blocks` takes it away.
inline constexpr const char* kDetectAccess = "tir.script_parsing_detect_access";

/// A block while it is written: first its axes and what else is said of it, then its body.
class BlockBuilder {
 public:
  explicit BlockBuilder(std::string name) : name_(std::move(name)) {}

  /// An axis over 0 … extent - 1 (or a range) that takes the value `binding`: the axis variable.
  Expr spatial(const std::string& name, const Size& extent, const Expr& binding) {
    return axis(name, from_zero(extent), binding, IterType::DataPar);
  }
  Expr reduce(const std::string& name, const Size& extent, const Expr& binding) {
    return axis(name, from_zero(extent), binding, IterType::CommReduce);
  }
  Expr axis(const std::string& name, const Ref<Range>& domain, const Expr& binding, IterType type);

  /// Runs only where `predicate` holds.
  void where(const Expr& predicate);
  /// What it reads and writes; where it is not told, `complete_blocks` finds it.
  void reads(const BufferRegions& regions) { reads_ = regions; }
  void writes(const BufferRegions& regions) { writes_ = regions; }
  void annotate(const std::string& key, const Ref<Node>& value);
  /// A buffer of this block's own.
  BufferRef alloc(const std::string& name, const Sizes& shape, DType dtype = kFloat32,
                  const std::string& scope = "global");
  /// Another name for a region of a buffer.
  BufferRef match(const std::string& name, const Ref<BufferRegion>& source);
  /// Runs before the first step of the reduction axes.
  void init(const Stmt& stmt) { init_ = stmt; }

  /// The block around its body, with the values of its axes. The builder is used up.
  Stmt body(const Stmt& stmt);

 private:
  static Ref<Range> from_zero(const Size& extent);

  std::string name_;
  std::vector<Ref<IterVar>> axes_;
  std::vector<Expr> values_;
  Expr predicate_;
  std::optional<BufferRegions> reads_, writes_;
  Dict annotations_;
  std::vector<BufferRef> allocated_;
  std::vector<Ref<MatchBufferRegion>> matched_;
  Stmt init_;
};

/// A function while it is written: parameters in order, then the body.
class FuncBuilder {
 public:
  /// `name` is its global symbol; without one the function is private to its module.
  explicit FuncBuilder(const std::string& name = "");

  /// A parameter that is a buffer.
  BufferRef buffer(const std::string& name, const Sizes& shape, DType dtype = kFloat32);
  /// A parameter that is a scalar.
  VarRef scalar(const std::string& name, DType dtype = kInt32);
  /// A buffer of the root block.
  BufferRef alloc(const std::string& name, const Sizes& shape, DType dtype = kFloat32,
                  const std::string& scope = "global");
  void annotate(const std::string& key, const Ref<Node>& value) {
    attrs_ = attrs_.with(key, value);
  }
  void body(const Stmt& stmt) { body_ = stmt; }
  PrimFuncRef finish() const;

 private:
  std::vector<VarRef> params_;
  NodePairs buffer_map_;
  std::vector<BufferRef> allocated_;
  Dict attrs_;
  Stmt body_;
};

}  // namespace metaschedule::build
