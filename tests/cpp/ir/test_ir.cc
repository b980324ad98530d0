// SPDX-License-Identifier: Apache-2.0
// Nodes, builders, walks, rewriting, structural equality and hash.
#include <gtest/gtest.h>

#include "metaschedule/ir/ir.h"

namespace metaschedule {
namespace {

/// for i in range(n): A[i] = A[i] + value
PrimFuncRef add_const(const std::string& name, int64_t n, double value) {
  BufferRef a = decl_buffer({i32(n)}, kFloat32, name);
  VarRef i = make<Var>("i_" + name, kInt32);
  VarRef param = make<Var>(name + "_handle", DType::handle());
  Stmt store = make<BufferStore>(a, load(a, {i}) + make_const(kFloat32, value), Exprs{i});
  Stmt loop = make<For>(i, i32(0), i32(n), ForKind::Serial, store);
  return make<PrimFunc>(Vars{param}, loop, NodePairs{{param, a}});
}

TEST(DTypes, PrintAndParseAreInverse) {
  for (const char* text : {"int32", "uint8", "float16x8", "bool", "handle", "void", "bfloat16",
                           "e4m3_float8", "e5m2_float8x4", "float32xvscalex4", "uint1x4"}) {
    EXPECT_EQ(to_string(DType::parse(text)), text);
  }
  EXPECT_EQ(DType::parse("float"), kFloat32);
  for (const char* text : {"flot32", "int32x", "int32y4", "float32xvscalex1", "int-3"}) {
    EXPECT_THROW(DType::parse(text), ValueError) << text;
  }
}

TEST(Builders, FoldConstantsAndIdentities) {
  Expr x = make<Var>("x", kInt32);
  EXPECT_TRUE((x + 0).same_as(x));
  EXPECT_TRUE(is_zero(x * 0));
  EXPECT_EQ(as_const_int(floordiv(i32(7), i32(-2))), -4);
  EXPECT_EQ(as_const_int(floormod(i32(-7), i32(3))), 2);
  EXPECT_EQ(as_const_int(div(i32(-7), i32(2))), -3);
  EXPECT_EQ(as_const_int(i32(2147483647) + i32(1)), -2147483648LL);
  EXPECT_EQ(as_const_int(int_imm(DType::uint(8), 5) - int_imm(DType::uint(8), 7)), 254);
  const Expr nothing = x - x;
  EXPECT_TRUE(as<Sub>(nothing));
  EXPECT_THROW(floordiv(x, i32(0)), ValueError);
  EXPECT_EQ(as_const_int(lt(i32(3), i32(4))), 1);
}

TEST(Builders, MatchTypes) {
  Expr i8 = make<Var>("a", DType::int_(8)), u8 = make<Var>("b", DType::uint(8));
  Expr f16 = make<Var>("c", DType::float_(16)), i64 = make<Var>("d", kInt64);
  EXPECT_EQ((i8 + i32(1))->dtype, kInt32);
  EXPECT_EQ((i8 + u8)->dtype, DType::uint(8));
  EXPECT_EQ((i64 + f16)->dtype, DType::float_(16));
  EXPECT_THROW(make<Add>(i8, u8), TypeError);
}

TEST(Literals, OutsideTheirTypeAreRefused) {
  EXPECT_THROW(make<IntImm>(DType::int_(8), 128), ValueError);
  EXPECT_THROW(make<IntImm>(DType::uint(8), -1), ValueError);
  EXPECT_THROW(make<FloatImm>(DType::float_(16), 1e6), ValueError);
}

TEST(Structural, NamesDoNotCount) {
  PrimFuncRef f = add_const("A", 8, 1.0), g = add_const("B", 8, 1.0), h = add_const("A", 9, 1.0);
  EXPECT_TRUE(structural_equal(f, g));
  EXPECT_EQ(structural_hash(f), structural_hash(g));
  EXPECT_FALSE(structural_equal(f, h));
  EXPECT_NE(structural_hash(f), structural_hash(h));
}

TEST(Structural, FreeVariablesMatchWhenAskedTo) {
  Expr x = make<Var>("x", kInt32), y = make<Var>("y", kInt32);
  EXPECT_FALSE(structural_equal(x + y, y + x));
  EXPECT_TRUE(structural_equal(x + y, y + x, {.map_free_vars = true}));
  EXPECT_FALSE(structural_equal(x + x, x + y, {.map_free_vars = true}));
}

TEST(Structural, MismatchNamesThePath) {
  PrimFuncRef f = add_const("A", 8, 1.0), g = add_const("A", 8, 2.0);
  auto where = first_mismatch(f.get(), g.get());
  ASSERT_TRUE(where.has_value());
  EXPECT_EQ(where->lhs, "<root>.body.body.value.b.value");
}

TEST(Rewriting, SubstituteKeepsWhatDoesNotChange) {
  VarRef x = make<Var>("x", kInt32), y = make<Var>("y", kInt32);
  Expr e = Expr(x) + 1;
  EXPECT_TRUE(substitute(e, VarMap{{y.get(), i32(3)}}).same_as(e));
  Expr replaced = substitute(e, VarMap{{x.get(), i32(3)}});
  EXPECT_TRUE(structural_equal(replaced, make<Add>(i32(3), i32(1))))
      << "substitution does not fold";
}

TEST(Rewriting, SequencesStayFlat) {
  Stmt a = make<Evaluate>(i32(1)), b = make<Evaluate>(i32(2)), c = make<Evaluate>(i32(3));
  Stmt two = flatten_seq({a, b});
  Stmt out = cast_to<StmtNode>(rewrite_post_order(*flatten_seq({a, c}), [&](const Node& n) {
    return &n == c.get() ? Ref<Node>(two) : nullptr;
  }));
  ASSERT_TRUE(as<SeqStmt>(out));
  EXPECT_EQ(as<SeqStmt>(out)->seq.size(), 3u);
}

TEST(Rewriting, ListsKeepTheirUnchangedElements) {
  VarRef x = make<Var>("x", kInt32), y = make<Var>("y", kInt32);
  BufferRef a = decl_buffer({i32(4), i32(4), i32(4)});
  Expr e = load(a, {y, x, y});
  Expr out = substitute(e, VarMap{{x.get(), i32(3)}});
  const BufferLoad* l = as<BufferLoad>(out);
  ASSERT_TRUE(l);
  ASSERT_EQ(l->indices.size(), 3u);
  EXPECT_TRUE(l->indices[0].same_as(y) && is_const_int(l->indices[1], 3) &&
              l->indices[2].same_as(y));
}

TEST(Copying, DeepCopySharesNothingAndIsEqual) {
  ModuleRef m = IRModule::from_func(add_const("A", 8, 1.0));
  ModuleRef copy = deep_copy(*m);
  EXPECT_TRUE(structural_equal(m, copy));
  EXPECT_EQ(structural_hash(m), structural_hash(copy));
  std::unordered_map<const Node*, bool> seen;
  post_order(*m, [&](const Node& n) { seen[&n] = n.refs < Node::kImmortal; });
  post_order(*copy, [&](const Node& n) { EXPECT_FALSE(seen.count(&n) && seen[&n]); });
}

TEST(Dicts, KeepKeysSortedAndUnique) {
  Dict d{{"b", make<String>("2")}, {"a", make<String>("1")}};
  EXPECT_EQ(d.begin()->first, "a");
  EXPECT_TRUE(d.contains("b"));
  EXPECT_FALSE(d.without("b").contains("b"));
  EXPECT_THROW((Dict{{"a", nullptr}, {"a", nullptr}}), ValueError);
}

}  // namespace
}  // namespace metaschedule
