// SPDX-License-Identifier: Apache-2.0
// oneDNN's kernel for one of the programs of programs.py: prints a line when it is ready, then
// times the kernel whenever a line comes in, as `side.py serve` does. Arrays are laid out as the
// programs have them, but for the weights of convolutions, which are packed ahead as oneDNN likes
// them; with a second argument `packed` so are those of matrix products.
//
//   clang++ -O2 -std=c++20 onednn.cc -I ONEDNN/include -L ONEDNN/lib -ldnnl -Wl,-rpath,ONEDNN/lib
//   -fopenmp=libgomp -o onednn OMP_NUM_THREADS=2 ./onednn matmul512 [packed]
#include <algorithm>
#include <functional>
#include <map>
#include <random>
#include <string>
#include <unordered_map>

#include "dnnl.hpp"
#include "library.h"

namespace {

using dnnl::memory;
using Tag = memory::format_tag;

using Dim = memory::dim;

class Setup {
 public:
  memory make(const memory::dims& dims, Tag tag) {
    memory out({dims, memory::data_type::f32, tag}, engine);
    auto* data = static_cast<float*>(out.get_data_handle());
    const size_t count = out.get_desc().get_size() / sizeof(float);
    std::generate(data, data + count, [this] { return normal_(random_); });
    return out;
  }
  Kernel kernel(const dnnl::primitive& primitive, std::unordered_map<int, memory> args) {
    return [this, primitive, args] {
      primitive.execute(stream, args);
      stream.wait();
    };
  }
  dnnl::engine engine{dnnl::engine::kind::cpu, 0};
  dnnl::stream stream{engine};

 private:
  std::mt19937 random_{0};
  std::normal_distribution<float> normal_;
};

dnnl::primitive_attr with_relu() {
  dnnl::post_ops relu;
  relu.append_eltwise(dnnl::algorithm::eltwise_relu, 0, 0);
  dnnl::primitive_attr attr;
  attr.set_post_ops(relu);
  return attr;
}

/// `from` in the layout that a primitive asks for.
memory laid_out(Setup& s, memory from, const memory::desc& desc) {
  memory out(desc, s.engine);
  dnnl::reorder(from, out).execute(s.stream, from, out);
  s.stream.wait();
  return out;
}

/// (m, k) by (k, n); with `dense` a bias and ReLU behind it.
Kernel matmul(Setup& s, bool packed, Dim m, Dim n, Dim k, bool dense = false) {
  memory a = s.make({m, k}, Tag::ab), b = s.make({k, n}, Tag::ab), c = s.make({m, n}, Tag::ab);
  memory bias = s.make({1, n}, Tag::ab);
  const memory::desc any({k, n}, memory::data_type::f32, Tag::any);
  const memory::desc weight = packed ? any : b.get_desc();
  const dnnl::matmul::primitive_desc desc =
      dense ? dnnl::matmul::primitive_desc(s.engine, a.get_desc(), weight, bias.get_desc(),
                                           c.get_desc(), with_relu())
            : dnnl::matmul::primitive_desc(s.engine, a.get_desc(), weight, c.get_desc());
  if (packed) b = laid_out(s, b, desc.weights_desc());
  std::unordered_map<int, memory> args = {
      {DNNL_ARG_SRC, a}, {DNNL_ARG_WEIGHTS, b}, {DNNL_ARG_DST, c}};
  if (dense) args.emplace(DNNL_ARG_BIAS, bias);
  return s.kernel(dnnl::matmul(desc), args);
}

struct Conv {
  Dim size, channels, filters, kernel, stride = 1, groups = 1;
  bool epilogue = false;
};

/// NHWC, padded so that the size stays, or is divided by the stride.
Kernel conv(Setup& s, const Conv& c) {
  const Dim out_size = c.size / c.stride, per_group = c.channels / c.groups;
  const Dim border = c.kernel / 2, end = (out_size - 1) * c.stride + c.kernel - c.size - border;
  memory data = s.make({1, c.channels, c.size, c.size}, Tag::nhwc);
  memory out = s.make({1, c.filters, out_size, out_size}, Tag::nhwc);
  memory bias = s.make({c.filters}, Tag::a);
  memory::dims shape = {c.filters, per_group, c.kernel, c.kernel};
  if (c.groups > 1) shape = {c.groups, c.filters / c.groups, per_group, c.kernel, c.kernel};
  memory weight = s.make(shape, c.groups > 1 ? Tag::hwigo : Tag::hwio);
  const memory::desc any(shape, memory::data_type::f32, Tag::any);
  const memory::dims strides = {c.stride, c.stride}, before = {border, border}, after = {end, end};
  const auto kind = dnnl::prop_kind::forward_inference;
  const auto algorithm = dnnl::algorithm::convolution_direct;
  using Desc = dnnl::convolution_forward::primitive_desc;
  const Desc desc = c.epilogue
                        ? Desc(s.engine, kind, algorithm, data.get_desc(), any, bias.get_desc(),
                               out.get_desc(), strides, before, after, with_relu())
                        : Desc(s.engine, kind, algorithm, data.get_desc(), any, out.get_desc(),
                               strides, before, after);
  memory packed = laid_out(s, weight, desc.weights_desc());
  std::unordered_map<int, memory> args = {
      {DNNL_ARG_SRC, data}, {DNNL_ARG_WEIGHTS, packed}, {DNNL_ARG_DST, out}};
  if (c.epilogue) args.emplace(DNNL_ARG_BIAS, bias);
  return s.kernel(dnnl::convolution_forward(desc), args);
}

Kernel softmax(Setup& s) {
  memory in = s.make({256, 1024}, Tag::ab), out = s.make({256, 1024}, Tag::ab);
  const dnnl::softmax_forward::primitive_desc desc(s.engine, dnnl::prop_kind::forward_inference,
                                                   dnnl::algorithm::softmax_accurate, in.get_desc(),
                                                   out.get_desc(), 1);
  return s.kernel(dnnl::softmax_forward(desc), {{DNNL_ARG_SRC, in}, {DNNL_ARG_DST, out}});
}

Kernel layer_norm(Setup& s) {
  memory in = s.make({256, 1024}, Tag::ab), out = s.make({256, 1024}, Tag::ab);
  memory scale = s.make({1024}, Tag::a), shift = s.make({1024}, Tag::a);
  using dnnl::normalization_flags;
  const dnnl::layer_normalization_forward::primitive_desc desc(
      s.engine, dnnl::prop_kind::forward_inference, in.get_desc(), out.get_desc(), 1e-5f,
      normalization_flags::use_scale | normalization_flags::use_shift);
  return s.kernel(
      dnnl::layer_normalization_forward(desc),
      {{DNNL_ARG_SRC, in}, {DNNL_ARG_SCALE, scale}, {DNNL_ARG_SHIFT, shift}, {DNNL_ARG_DST, out}});
}

/// One primitive: an addition with GELU behind it.
Kernel bias_gelu(Setup& s) {
  memory in = s.make({128, 3072}, Tag::ab), out = s.make({128, 3072}, Tag::ab);
  memory bias = s.make({1, 3072}, Tag::ab);
  dnnl::post_ops gelu;
  gelu.append_eltwise(dnnl::algorithm::eltwise_gelu_erf, 0, 0);
  dnnl::primitive_attr attr;
  attr.set_post_ops(gelu);
  const dnnl::binary::primitive_desc desc(s.engine, dnnl::algorithm::binary_add, in.get_desc(),
                                          bias.get_desc(), out.get_desc(), attr);
  return s.kernel(dnnl::binary(desc),
                  {{DNNL_ARG_SRC_0, in}, {DNNL_ARG_SRC_1, bias}, {DNNL_ARG_DST, out}});
}

}  // namespace

int main(int argc, char** argv) {
  Setup s;
  const bool packed = argc > 2 && std::string(argv[2]) == "packed";
  auto product = [&](Dim m, Dim n, Dim k) {
    return [&s, packed, m, n, k] { return matmul(s, packed, m, n, k); };
  };
  return serve(argc > 1 ? argv[1] : "",
               {{"matmul128", product(128, 128, 128)},
                {"matmul512", product(512, 512, 512)},
                {"matmul1024", product(1024, 1024, 1024)},
                {"dense", [&] { return matmul(s, packed, 128, 3072, 768, true); }},
                {"16x1024x1024", product(16, 1024, 1024)},
                {"1x1024x1024", product(1, 1024, 1024)},
                {"1024x16x1024", product(1024, 16, 1024)},
                {"24x64x512", product(24, 64, 512)},
                {"conv", [&] { return conv(s, {56, 64, 64, 3, 1, 1, true}); }},
                {"conv14", [&] { return conv(s, {14, 256, 256, 3}); }},
                {"conv1x1", [&] { return conv(s, {56, 64, 64, 1}); }},
                {"conv7x7", [&] { return conv(s, {224, 3, 64, 7, 2}); }},
                {"depthwise", [&] { return conv(s, {112, 32, 32, 3, 1, 32}); }},
                {"softmax", [&] { return softmax(s); }},
                {"layer_norm", [&] { return layer_norm(s); }},
                {"bias_gelu", [&] { return bias_gelu(s); }}});
}
