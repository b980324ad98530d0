// SPDX-License-Identifier: Apache-2.0
// oneDNN's kernel for one of the programs: prints a line when it is ready, then times the kernel
// whenever a line comes in, as `side.py serve` does. Arrays are laid out as the programs have them:
// no operand is packed ahead.
//
//   clang++ -O2 -std=c++20 onednn.cc -I ONEDNN/include -L ONEDNN/lib -ldnnl -Wl,-rpath,ONEDNN/lib
//   -fopenmp=libgomp -o onednn OMP_NUM_THREADS=2 ./onednn matmul128 | matmul512 | conv | softmax
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <iostream>
#include <map>
#include <random>
#include <string>
#include <vector>

#include "dnnl.hpp"

namespace {

using dnnl::memory;
using Tag = memory::format_tag;

/// What runs the program once.
using Kernel = std::function<void()>;

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

Kernel matmul(Setup& s, memory::dim n) {
  memory a = s.make({n, n}, Tag::ab), b = s.make({n, n}, Tag::ab), c = s.make({n, n}, Tag::ab);
  const dnnl::matmul::primitive_desc desc(s.engine, a.get_desc(), b.get_desc(), c.get_desc());
  return s.kernel(dnnl::matmul(desc),
                  {{DNNL_ARG_SRC, a}, {DNNL_ARG_WEIGHTS, b}, {DNNL_ARG_DST, c}});
}

Kernel conv(Setup& s) {
  memory data = s.make({1, 64, 56, 56}, Tag::nhwc), weight = s.make({64, 64, 3, 3}, Tag::hwio);
  memory bias = s.make({64}, Tag::a), out = s.make({1, 64, 56, 56}, Tag::nhwc);
  dnnl::post_ops relu;
  relu.append_eltwise(dnnl::algorithm::eltwise_relu, 0, 0);
  dnnl::primitive_attr attr;
  attr.set_post_ops(relu);
  // The weights may be laid out as the kernel likes, as a compiled model would have them.
  const memory::desc any({64, 64, 3, 3}, memory::data_type::f32, Tag::any);
  const dnnl::convolution_forward::primitive_desc desc(
      s.engine, dnnl::prop_kind::forward_inference, dnnl::algorithm::convolution_direct,
      data.get_desc(), any, bias.get_desc(), out.get_desc(), {1, 1}, {1, 1}, {1, 1}, attr);
  memory packed(desc.weights_desc(), s.engine);
  dnnl::reorder(weight, packed).execute(s.stream, weight, packed);
  s.stream.wait();
  return s.kernel(dnnl::convolution_forward(desc), {{DNNL_ARG_SRC, data},
                                                    {DNNL_ARG_WEIGHTS, packed},
                                                    {DNNL_ARG_BIAS, bias},
                                                    {DNNL_ARG_DST, out}});
}

Kernel softmax(Setup& s) {
  memory in = s.make({256, 1024}, Tag::ab), out = s.make({256, 1024}, Tag::ab);
  const dnnl::softmax_forward::primitive_desc desc(s.engine, dnnl::prop_kind::forward_inference,
                                                   dnnl::algorithm::softmax_accurate, in.get_desc(),
                                                   out.get_desc(), 1);
  return s.kernel(dnnl::softmax_forward(desc), {{DNNL_ARG_SRC, in}, {DNNL_ARG_DST, out}});
}

/// Seconds a call: the least of three measurements of at least 50 ms.
double time(const Kernel& kernel) {
  using Clock = std::chrono::steady_clock;
  auto seconds = [&](int calls) {
    const auto start = Clock::now();
    for (int i = 0; i < calls; ++i) kernel();
    return std::chrono::duration<double>(Clock::now() - start).count();
  };
  kernel();
  double best = 1e30;
  int calls = std::max(1, static_cast<int>(0.05 / seconds(1)));
  while (seconds(calls) < 0.05) calls *= 2;
  for (int i = 0; i < 3; ++i) best = std::min(best, seconds(calls) / calls);
  return best;
}

}  // namespace

int main(int argc, char** argv) {
  Setup setup;
  const std::map<std::string, std::function<Kernel()>> programs = {
      {"matmul128", [&] { return matmul(setup, 128); }},
      {"matmul512", [&] { return matmul(setup, 512); }},
      {"conv", [&] { return conv(setup); }},
      {"softmax", [&] { return softmax(setup); }},
  };
  const auto chosen = programs.find(argc == 2 ? argv[1] : "");
  if (chosen == programs.end()) {
    std::fprintf(stderr, "expected one of matmul128, matmul512, conv, softmax\n");
    return 2;
  }
  const Kernel kernel = chosen->second();
  std::printf("{\"ready\": true}\n");
  std::fflush(stdout);
  for (std::string line; std::getline(std::cin, line);) {
    std::printf("{\"seconds\": %.9g}\n", time(kernel));
    std::fflush(stdout);
  }
}
