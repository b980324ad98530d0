// SPDX-License-Identifier: Apache-2.0
// Tensor intrinsics do what they describe: each, alone or in a chain with those that share its
// registers, is run by the interpreter on parts of larger arrays.
#include <gtest/gtest.h>

#include <map>
#include <random>
#include <set>

#include "metaschedule/interp/interpreter.h"
#include "metaschedule/interp/value.h"
#include "metaschedule/ir/op.h"
#include "metaschedule/ir/walk.h"
#include "metaschedule/schedule/tensor_intrin.h"

namespace metaschedule {
namespace {

constexpr int kVscale = 4;  // vectors of 512 bits on ARM, 256 on RISC-V

int64_t extent_of(const Expr& extent) {
  Ref<Node> value = rewrite_post_order(*extent, [](const Node& node) -> Ref<Node> {
    const Call* call = as<Call>(&node);
    if (call && call->op.node() == &Op::get("vscale")) return i32(kVscale);
    if (!is_binary_kind(node.kind)) return nullptr;
    const auto& op = static_cast<const BinaryExpr&>(node);
    return binary(node.kind, op.a, op.b);
  });
  return cast_to<IntImm>(*value).value;
}

/// The array that a buffer of an intrinsic is a part of.
struct Array {
  BufferRef buffer;
  std::vector<int64_t> shape, corner;
};

/// An array in which the intrinsic's buffer is one of several tiles.
Array array_around(const Buffer& part, const std::string& intrin, bool alone) {
  Array out;
  const std::string scope = part.scope();
  // Those of CPUs read all rows as one vector, so that the rows have no neighbours.
  const bool packed = intrin.starts_with("dot_") || intrin.starts_with("rvv_dot_");
  if (scope == "warp") {  // registers: further ones come before
    out.shape.push_back(alone ? 1 : 2);
    out.corner.push_back(alone ? 0 : 1);
  }
  for (size_t d = 0; d < part.ndim(); ++d) {
    const int64_t extent = extent_of(part.shape[d]);
    // AMX reads what one of its sums takes as one number.
    const bool fixed =
        alone || scope == "warp" || (d == 1 && packed) || (d == 2 && intrin.starts_with("amx_"));
    const int64_t tiles = fixed ? 1 : static_cast<int64_t>(2 + d);
    out.shape.push_back(tiles * extent);
    out.corner.push_back(fixed ? 0 : extent);
  }
  std::vector<Expr> shape;
  for (int64_t n : out.shape) shape.push_back(i32(n));
  out.buffer = decl_buffer(Exprs(shape), part.dtype, part.name + "_all", scope);
  return out;
}

/// A sequence of intrinsics on named arrays.
struct Step {
  std::string intrin;
  std::vector<std::string> arrays;
};
struct Chain {
  std::vector<Step> steps;
  std::vector<std::string> results;  // arrays that are compared; empty: all
  bool alone = false;                // whether the arrays have no other tiles
};

class Runner {
 public:
  explicit Runner(const Chain& chain) : chain_(chain) {
    for (const Step& step : chain.steps) {
      TensorIntrinRef intrin = get_tensor_intrin(step.intrin);
      EXPECT_EQ(step.arrays.size(), intrin->desc->params.size()) << step.intrin;
      for (size_t i = 0; i < step.arrays.size(); ++i) {
        const BufferRef part = intrin->desc->buffer_of(intrin->desc->params[i]);
        if (!arrays_.count(step.arrays[i]))
          arrays_.emplace(step.arrays[i], array_around(*part, step.intrin, chain.alone));
      }
    }
  }

  /// The arrays after the chain ran on numbers made from the seed.
  std::map<std::string, std::vector<uint8_t>> run(bool described, unsigned seed) {
    std::vector<Stmt> body;
    for (const Step& step : chain_.steps) {
      TensorIntrinRef intrin = get_tensor_intrin(step.intrin);
      body.push_back(call(*renew_definitions(described ? *intrin->desc : *intrin->impl), step));
    }
    std::vector<VarRef> params;
    NodePairs map;
    std::map<std::string, std::vector<uint8_t>> memory;
    std::vector<interp::NDArrayView> views;
    std::mt19937 random(seed);
    for (const auto& [name, array] : arrays_) {
      params.push_back(make<Var>(name, DType::handle()));
      map.emplace_back(params.back(), array.buffer);
      memory[name] = numbers(array, random);
      views.push_back({memory[name].data(), array.buffer->dtype, array.shape});
    }
    BlockRef root =
        make<Block>(List<IterVar>{}, BufferRegions{}, BufferRegions{}, "root", flatten_seq(body));
    PrimFuncRef func =
        make<PrimFunc>(Vars(params), make<BlockRealize>(Exprs{}, true_(), root), map);
    interp::RunOptions options;
    options.vscale = kVscale;
    interp::run(*func, views, options);
    for (auto it = memory.begin(); it != memory.end();) {
      const auto& wanted = chain_.results;
      const bool kept =
          wanted.empty() || std::find(wanted.begin(), wanted.end(), it->first) != wanted.end();
      it = kept ? std::next(it) : memory.erase(it);
    }
    return memory;
  }

 private:
  /// The function's body on parts of the arrays.
  Stmt call(const PrimFunc& func, const Step& step) const {
    std::vector<Ref<MatchBufferRegion>> matches;
    for (size_t i = 0; i < func.params.size(); ++i) {
      const BufferRef part = func.buffer_of(func.params[i]);
      const Array& array = arrays_.at(step.arrays[i]);
      std::vector<Ref<Range>> region;
      const size_t lead = array.shape.size() - part->ndim();
      for (size_t d = 0; d < array.shape.size(); ++d)
        region.push_back(make<Range>(i32(array.corner[d]),
                                     d < lead ? i32(1) : i32(extent_of(part->shape[d - lead]))));
      matches.push_back(
          make<MatchBufferRegion>(part, make<BufferRegion>(array.buffer, Ranges(region))));
    }
    const Block& block = *cast_to<BlockRealize>(*func.body).block;
    BlockRef around =
        make<Block>(List<IterVar>{}, BufferRegions{}, BufferRegions{}, step.intrin, block.body,
                    nullptr, List<Buffer>{}, List<MatchBufferRegion>(matches));
    return make<BlockRealize>(Exprs{}, true_(), around);
  }

  /// Small enough that no instruction saturates and that sums are exact in 16 bits of float.
  static std::vector<uint8_t> numbers(const Array& array, std::mt19937& random) {
    const DType dtype = array.buffer->dtype;
    int64_t count = 1;
    for (int64_t n : array.shape) count *= n;
    const int64_t high = dtype.is_floating() ? 3 : dtype.bits < 8 ? 7 : 60;
    std::uniform_int_distribution<int64_t> draw(dtype.is_uint() ? 0 : -high, high);
    const auto width = static_cast<size_t>(dtype.bytes());
    std::vector<uint8_t> out(static_cast<size_t>(count) * width);
    for (int64_t i = 0; i < count; ++i) {
      const int64_t v = draw(random);
      interp::storer(dtype)(
          out.data() + static_cast<size_t>(i) * width,
          dtype.is_floating() ? interp::of_float(static_cast<double>(v)) : interp::of_int(v));
    }
    return out;
  }

  const Chain& chain_;
  std::map<std::string, Array> arrays_;
};

void expect_same(const Chain& chain) {
  for (unsigned seed : {1u, 2u}) {
    Runner runner(chain);
    auto described = runner.run(true, seed), done = runner.run(false, seed);
    for (const auto& [name, bytes] : described)
      EXPECT_TRUE(bytes == done.at(name)) << "array " << name << " differs";
  }
}

/// Chains for the intrinsics whose result another one takes in a form of its own: the description
/// names the elements of registers in an order that the hardware does not keep.
std::vector<Chain> chains() {
  std::vector<Chain> out;
  auto mma = [&](const std::string& in, const std::string& acc, bool trans_a, bool trans_b,
                 const std::string& dyn) {
    const std::string a = trans_a ? "_trans" : "", b = trans_b ? "_trans" : "";
    out.push_back(
        {{{"mma_ldmatrix_" + in + "_a" + a + dyn, {"A_warp", "A"}},
          {"mma_ldmatrix_" + in + "_b" + b + dyn, {"B_warp", "B"}},
          {"mma_fill_16x16_" + acc, {"C_warp"}},
          {"mma_" + in + in + acc + (trans_a ? "_trans_a" : "") + (trans_b ? "_trans_b" : ""),
           {"A_warp", "B_warp", "C_warp"}},
          {"mma_store_16x16_" + acc + "_global_", {"C_warp", "C"}}},
         {"A", "B", "C"}});
  };
  for (const char* acc : {"f16", "f32"})
    for (const char* dyn : {"", "_dyn"})
      for (bool trans_a : {false, true})
        for (bool trans_b : {false, true}) mma("f16", acc, trans_a, trans_b, dyn);
  for (bool trans_b : {false, true}) mma("i8", "i32", false, trans_b, "");
  auto wmma = [&](const std::string& tile, const std::string& in, const std::string& acc) {
    const std::string t = "_" + tile + "_";
    out.push_back({{{"wmma_load" + t + in + "_a_shared", {"A", "A_tile"}},
                    {"wmma_load" + t + in + "_b_trans_shared", {"B", "B_tile"}},
                    {"wmma_fill" + t + acc, {"C_tile"}},
                    {"wmma_sync" + t + in + in + acc + "_trans", {"A_tile", "B_tile", "C_tile"}},
                    {"wmma_store" + t + acc + "_shared", {"C_tile", "C"}}},
                   {}});
  };
  wmma("16x16x16", "f16", "f32");
  wmma("16x16x16", "f16", "f16");
  wmma("16x16x16", "s8", "s32");
  wmma("8x8x32", "s4", "s32");
  // The sums are in the matrix array until the product stores them.
  for (const char* dtype : {"f32", "f16"})
    out.push_back({{{"sme_init", {"C"}}, {std::string("sme_gemm_") + dtype, {"A", "B", "C"}}}, {}});
  return out;
}

/// Not run alone, and why: what the registers hold is not in the description's order, or is
/// written by a later one only.
bool is_only_run_in_a_chain(const std::string& name) {
  if (name.starts_with("wmma_sync")) return name.ends_with("_trans");
  if (name.starts_with("mma_ldmatrix_f16"))
    return name.find("_b") != std::string::npos || name.find("_trans") != std::string::npos;
  if (name.starts_with("mma_f16f16") || name == "sme_init" || name.starts_with("sme_gemm_"))
    return true;
  return name == "mma_ldmatrix_i8_b_trans" || name == "mma_i8i8i32_trans_b";
}

/// All that ship, with some of those that are made to measure.
std::vector<std::string> names() {
  register_metal_intrins();
  register_tensor_intrin("sme_transpose", sme_transpose_intrin(4096, 4096), true);
  register_tensor_intrin("sme_gemm_f32", sme_gemm_intrin(4096, 9, "float32"), true);
  register_tensor_intrin("sme_gemm_f16", sme_gemm_intrin(4096, 10, "float16"), true);
  register_rvv_intrins(64 * kVscale);
  return tensor_intrin_names();
}

class TensorIntrinProgram : public testing::TestWithParam<std::string> {};

TEST_P(TensorIntrinProgram, DoesWhatItDescribes) {
  const std::string& name = GetParam();
  if (is_only_run_in_a_chain(name)) {
    std::set<std::string> covered;
    for (const Chain& chain : chains())
      for (const Step& step : chain.steps) covered.insert(step.intrin);
    EXPECT_TRUE(covered.count(name)) << "no chain has it";
    return;
  }
  TensorIntrinRef intrin = get_tensor_intrin(name);
  Chain chain;
  chain.steps.push_back({name, {}});
  for (const VarRef& param : intrin->desc->params) chain.steps[0].arrays.push_back(param->name);
  expect_same(chain);
  chain.alone = true;
  expect_same(chain);
}
INSTANTIATE_TEST_SUITE_P(All, TensorIntrinProgram, testing::ValuesIn(names()),
                         [](const auto& info) { return info.param; });

TEST(TensorIntrinPrograms, ChainsDoWhatTheyDescribe) {
  for (const Chain& chain : chains()) {
    SCOPED_TRACE(chain.steps.size() > 3 ? chain.steps[3].intrin : chain.steps[1].intrin);
    expect_same(chain);
  }
}

}  // namespace
}  // namespace metaschedule
