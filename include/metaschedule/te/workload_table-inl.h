// SPDX-License-Identifier: Apache-2.0
// The ready-made workloads by name, and their sizes.
#pragma once

#include <functional>

#include "metaschedule/te/create_prim_func.h"
#include "metaschedule/te/workload.h"

namespace metaschedule::te {

namespace detail {

/// The configurations by name: sizes in the order of the function's parameters.
struct WorkloadRow {
  std::string_view name;
  std::vector<std::vector<int64_t>> configs;
  std::function<Tensors(const std::vector<int64_t>&)> build;
};

/// Kernel, stride, padding, dilation and groups from `p[first]` on; those that are missing default.
inline ConvOptions conv_options(const std::vector<int64_t>& p, size_t first) {
  ConvOptions o;
  int64_t* fields[] = {&o.kernel, &o.stride, &o.padding, &o.dilation, &o.groups};
  for (size_t i = 0; i < 5 && first + i < p.size(); ++i) *fields[i] = p[first + i];
  return o;
}

inline const std::vector<WorkloadRow>& workload_rows() {
  using P = const std::vector<int64_t>&;
  auto conv2d = [](P p) { return conv2d_nhwc(p[0], p[1], p[2], p[3], p[4], conv_options(p, 5)); };
  static const std::vector<WorkloadRow>& rows = *new std::vector<WorkloadRow>{
      {"C1D",
       {{1, 256, 64, 128, 3, 2, 1},
        {1, 128, 128, 256, 1, 2, 0},
        {1, 64, 256, 256, 5, 1, 2},
        {1, 32, 512, 512, 3, 1, 1}},
       [](P p) { return conv1d_nlc(p[0], p[1], p[2], p[3], conv_options(p, 4)); }},
      {"C2D",
       {{1, 224, 224, 3, 64, 7, 2, 3},
        {1, 56, 56, 64, 64, 1, 1, 0},
        {1, 14, 14, 256, 256, 3, 1, 1},
        {1, 7, 7, 512, 512, 3, 1, 1}},
       conv2d},
      {"GRP",
       {{1, 56, 56, 64, 128, 3, 2, 1, 1, 4},
        {1, 56, 56, 64, 64, 1, 1, 0, 1, 4},
        {1, 14, 14, 256, 256, 3, 1, 1, 1, 4},
        {1, 7, 7, 512, 512, 3, 1, 1, 1, 4}},
       conv2d},
      {"DIL",
       {{1, 224, 224, 3, 64, 7, 2, 3, 2},
        {1, 56, 56, 64, 64, 1, 1, 0, 2},
        {1, 14, 14, 256, 256, 3, 1, 1, 2},
        {1, 7, 7, 512, 512, 3, 1, 1, 2}},
       conv2d},
      {"C3D",
       {{1, 16, 224, 224, 3, 64, 7, 2, 3},
        {1, 16, 56, 56, 64, 64, 1, 1, 0},
        {1, 16, 14, 14, 256, 256, 3, 1, 1},
        {1, 16, 7, 7, 512, 512, 3, 1, 1}},
       [](P p) { return conv3d_ndhwc(p[0], p[1], p[2], p[3], p[4], p[5], conv_options(p, 6)); }},
      {"DEP",
       {{1, 112, 112, 32, 3, 1, 1},
        {1, 112, 112, 64, 3, 2, 1},
        {1, 14, 14, 512, 3, 2, 1},
        {1, 7, 7, 1024, 3, 1, 1}},
       [](P p) { return depthwise_conv2d_nhwc(p[0], p[1], p[2], p[3], conv_options(p, 4)); }},
      {"T2D",
       {{1, 4, 4, 512, 256, 4, 2, 1},
        {1, 8, 8, 256, 128, 4, 2, 1},
        {1, 16, 16, 128, 64, 4, 2, 1},
        {1, 32, 32, 64, 3, 4, 2, 1}},
       [](P p) { return conv2d_transpose_nhwc(p[0], p[1], p[2], p[3], p[4], conv_options(p, 5)); }},
      {"CAP",
       {{1, 16, 16, 32, 32, 3, 2, 1},
        {1, 8, 8, 32, 32, 3, 1, 1},
        {1, 16, 16, 8, 16, 3, 2, 1},
        {1, 8, 8, 16, 16, 3, 1, 1}},
       [](P p) { return conv2d_capsule_nhwijc(p[0], p[1], p[2], p[3], p[4], conv_options(p, 5)); }},
      {"CBR",
       {{1, 224, 224, 3, 64, 7, 2, 3},
        {1, 56, 56, 64, 128, 3, 2, 1},
        {1, 28, 28, 128, 256, 1, 2, 0},
        {1, 7, 7, 512, 512, 3, 1, 1}},
       [](P p) { return conv2d_nhwc_bn_relu(p[0], p[1], p[2], p[3], p[4], conv_options(p, 5)); }},
      {"GMM",
       {{1, 128, 128, 128}, {1, 512, 32, 512}, {1, 512, 512, 512}, {1, 1024, 1024, 1024}},
       [](P p) { return batch_matmul_nkkm(p[0], p[1], p[2], p[3]); }},
      {"TBG",
       {{1, 128, 12, 64}, {1, 128, 16, 64}, {1, 64, 12, 128}, {1, 128, 12, 128}},
       [](P p) { return transpose_batch_matmul(p[0], p[1], p[2], p[3]); }},
      {"NRM",
       {{1, 256, 256}, {1, 512, 512}, {1, 1024, 1024}, {1, 4096, 1024}},
       [](P p) { return norm_bmn(p[0], p[1], p[2]); }},
      {"SFM",
       {{256, 256}, {512, 512}, {1024, 1024}, {2048, 2048}},
       [](P p) { return softmax_mn(p[0], p[1]); }},
      {"C2D_WIN_NHWC",
       {{1, 14, 14, 128, 128, 6}},
       [](P p) { return conv2d_winograd_nhwc(p[0], p[1], p[2], p[3], p[4], conv_options(p, 5)); }},
      {"C2D_WIN_NCHW",
       {{1, 56, 56, 64, 64, 6}},
       [](P p) {
         ConvOptions o = conv_options(p, 5);
         if (p.size() < 8) o.padding = 1;
         return conv2d_winograd_nchw(p[0], p[1], p[2], p[3], p[4], o);
       }},
  };
  return rows;
}

}  // namespace detail

METASCHEDULE_INLINE PrimFuncRef create_te_workload(std::string_view name, int index) {
  std::string names;
  for (const detail::WorkloadRow& row : detail::workload_rows()) {
    names += (names.empty() ? "" : ", ") + std::string(row.name);
    if (row.name != name) continue;
    check<ValueError>(index >= 0 && static_cast<size_t>(index) < row.configs.size(),
                      "workload {} has {} configurations, there is no {}", name, row.configs.size(),
                      index);
    return create_prim_func(row.build(row.configs[static_cast<size_t>(index)]));
  }
  fail<ValueError>("unknown workload {}; there are: {}", name, names);
}

METASCHEDULE_INLINE std::vector<std::pair<std::string, int>> te_workloads() {
  std::vector<std::pair<std::string, int>> out;
  for (const detail::WorkloadRow& row : detail::workload_rows())
    out.emplace_back(row.name, static_cast<int>(row.configs.size()));
  return out;
}

}  // namespace metaschedule::te
