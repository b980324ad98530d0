// SPDX-License-Identifier: Apache-2.0
// Random loop bodies in every type, compiled and interpreted: the same bits, at every level of
// optimisation, for this processor and for a plain one.
#include "codegen_testing.h"
#include "metaschedule/script/printer.h"
#include "property/interp_util.h"

namespace metaschedule {
namespace {

constexpr int64_t kSize = 64;

/// Makes expressions of one lane count over buffers of several types.
class Generator {
 public:
  Generator(uint64_t seed, int lanes) : random_(seed), lanes_(lanes) {
    for (const char* t : {"float32", "float64", "int32", "int64", "int8", "uint8", "int16", "bool",
                          "uint32", "float16", "bfloat16", "e4m3_float8", "e5m2_float8"})
      buffers_.push_back(decl_buffer({i32(kSize)}, DType::parse(t), std::string("in_") + t));
  }

  const std::vector<BufferRef>& buffers() const { return buffers_; }
  DType pick_type() { return buffers_[below(buffers_.size())]->dtype; }
  int64_t below(int64_t n) { return static_cast<int64_t>(random_() % static_cast<uint64_t>(n)); }

  /// An index that stays inside: contiguous, reversed, strided, repeated or scattered.
  Expr index(const VarRef& i) {
    Expr base = floormod(i * (below(3) + 1) + below(50), 3) * 5;
    if (lanes_ == 1) return below(3) ? Expr(floormod(i * 7 + below(9), kSize)) : floordiv(i, 2) + 1;
    auto ramp = [&](Expr from, int64_t stride) -> Expr {
      return make<Ramp>(from, i32(stride), i32(lanes_));
    };
    switch (below(5)) {
      case 0:
        return ramp(base, 1);
      case 1:
        return ramp(base + (lanes_ - 1), -1);
      case 2:
        return ramp(base, lanes_ <= 16 ? 3 : 1);
      case 3:
        return make<Broadcast>(base, i32(lanes_));
      default: {
        Expr n = make<Broadcast>(i32(kSize), i32(lanes_));
        Expr five = make<Broadcast>(i32(5), i32(lanes_));
        return make<FloorMod>(make<Mul>(ramp(base, 1), five), n);
      }
    }
  }

  Expr constant(DType t) {
    int64_t value = t.is_bool() ? below(2) : below(9) - (t.is_uint() ? 0 : 4);
    return make_const(t.with_lanes(lanes_), static_cast<double>(value));
  }

  Expr load_of(DType t, const VarRef& i) {
    for (const BufferRef& b : buffers_)
      if (b->dtype == t) return make<BufferLoad>(b, Exprs{index(i)});
    return constant(t);
  }

  Expr condition(const VarRef& i, int depth) {
    DType t = pick_type();
    if (t.is_bool()) t = kInt32;
    static const Kind kinds[] = {Kind::EQ, Kind::NE, Kind::LT, Kind::LE, Kind::GT, Kind::GE};
    Expr c = make_binary(kinds[below(6)], value(t, i, depth - 1), value(t, i, depth - 1));
    switch (below(4)) {
      case 0:
        return make<And>(c, load_of(kBool, i));
      case 1:
        return make<Or>(c, load_of(kBool, i));
      case 2:
        return make<Not>(c);
      default:
        return c;
    }
  }

  Expr value(DType t, const VarRef& i, int depth) {
    if (t.is_bool()) return depth > 0 ? condition(i, depth) : load_of(t, i);
    if (depth <= 0) return below(4) ? load_of(t, i) : constant(t);
    auto sub = [&] { return value(t, i, depth - 1); };
    switch (below(t.is_integral() ? 12 : 8)) {
      case 0:
        return make<Add>(sub(), sub());
      case 1:
        return make<Sub>(sub(), sub());
      case 2:
        return make<Mul>(sub(), load_of(t, i));
      case 3:
        return make<Min>(sub(), sub());
      case 4:
        return make<Max>(sub(), sub());
      case 5:
        return select(condition(i, depth), sub(), sub());
      case 6: {
        DType from = pick_type();
        // Halves overflow, and what an integer makes of infinity is nobody's promise.
        if (from.is_floating() != t.is_floating() && t.is_integral()) return load_of(t, i);
        return make<Cast>(t.with_lanes(lanes_), load_of(from, i));
      }
      case 7: {
        Expr c = condition(i, depth);
        Expr a = sub(), b = sub();
        return call(t.with_lanes(lanes_), "if_then_else", {c, a, b});
      }
      case 8:
      case 9: {
        static const Kind kinds[] = {Kind::FloorDiv, Kind::FloorMod, Kind::Div, Kind::Mod};
        // Any divisor but zero: something is or-ed in.
        Expr divisor = bitwise_or(load_of(t, i), make_const(t.with_lanes(lanes_), 1));
        if (below(2))
          divisor = make_const(t.with_lanes(lanes_), static_cast<double>(1 << below(4)));
        return make_binary(kinds[below(4)], sub(), divisor);
      }
      case 10:
        return below(2) ? bitwise_xor(sub(), sub()) : bitwise_and(sub(), sub());
      default: {
        Expr amount = make_const(t.with_lanes(lanes_), static_cast<double>(below(t.bits)));
        return below(2) ? shift_right(sub(), amount) : shift_left(sub(), amount);
      }
    }
  }

 private:
  std::mt19937_64 random_;
  int lanes_;
  std::vector<BufferRef> buffers_;
};

/// A few statements, each of which stores a random value of its own type.
PrimFuncRef random_program(uint64_t seed) {
  static const int kLanes[] = {1, 1, 4, 16, 5, 32};
  int lanes = kLanes[seed % 6];
  Generator g(seed, lanes);
  std::vector<BufferRef> params = g.buffers();
  std::vector<Stmt> stmts;
  for (int s = 0; s < 3; ++s) {
    DType t = g.pick_type();
    BufferRef out = decl_buffer({i32(8 * lanes)}, t, "out" + std::to_string(s));
    params.push_back(out);
    static const ForKind kinds[] = {ForKind::Serial, ForKind::Parallel, ForKind::Unrolled};
    stmts.push_back(loop(8, kinds[g.below(3)], [&](const VarRef& i) -> Stmt {
      Expr index = i * lanes;
      if (lanes > 1) index = make<Ramp>(index, i32(1), i32(lanes));
      Stmt store = make<BufferStore>(out, g.value(t, i, 3), Exprs{index});
      if (g.below(3) == 0) store = make<IfThenElse>(lt(i, i32(g.below(9))), store);
      return store;
    }));
  }
  return func_of(params, make<SeqStmt>(List<StmtNode>(stmts)));
}

/// Runs compiled code on copies of the tensors.
void run_compiled(const PrimFunc& func, int level, testing::TestTensors& tensors) {
  codegen::CompileOptions options;
  options.opt_level = level;
  runtime::Module module = build(PrimFuncRef(&func), options);
  std::vector<runtime::Argument> args;
  for (const auto& t : tensors) {
    runtime::Tensor copy = runtime::Tensor::empty(t.dtype, t.shape);
    std::memcpy(copy.data(), t.data.data(), t.data.size());
    args.push_back(copy);
  }
  module.call("main", args);
  for (size_t i = 0; i < tensors.size(); ++i)
    std::memcpy(tensors[i].data.data(), std::get<runtime::Tensor>(args[i]).data(),
                tensors[i].data.size());
}

TEST(AgainstInterpreter, RandomBodiesComputeTheSameBits) {
  int failures = 0;
  for (uint64_t seed = 0; seed < 60; ++seed) {
    PrimFuncRef func = random_program(seed);
    testing::TestTensors start = testing::random_arguments(*func, seed);
    testing::TestTensors expected = start;
    interp::RunOptions options;
    options.check_uninitialised = false;
    interp::run(*func, testing::views(expected), options);
    testing::TestTensors found = start;
    run_compiled(*func, static_cast<int>(seed % 3), found);
    std::string difference = testing::difference(expected, found, false);
    EXPECT_EQ(difference, "") << "seed " << seed << "\n" << to_script(*func);
    if (!difference.empty() && ++failures > 2) return;
  }
}

}  // namespace
}  // namespace metaschedule
