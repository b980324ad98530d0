// SPDX-License-Identifier: Apache-2.0
// The tensor intrinsics that ship, one file a family. Each file adds names; the scripts are made
// when a name is looked up.
#pragma once

#include <initializer_list>
#include <string>
#include <utility>

#include "metaschedule/schedule/tensor_intrin.h"

namespace metaschedule::detail {

void add_x86_intrins(const AddIntrin& add);
void add_amx_intrins(const AddIntrin& add);
void add_arm_intrins(const AddIntrin& add);
void add_hexagon_intrins(const AddIntrin& add);
void add_dp4a_intrins(const AddIntrin& add);
void add_wmma_intrins(const AddIntrin& add);
void add_mma_intrins(const AddIntrin& add);
void add_rocm_intrins(const AddIntrin& add);
void add_sme_intrins(const AddIntrin& add);
/// Not known until they are asked for.
void add_metal_intrins(const AddIntrin& add);
void add_rvv_intrins(int64_t register_bits, const AddIntrin& add);
IntrinScript sme_transpose_fp32(int64_t cols, int64_t rows);
IntrinScript sme_gemm(int64_t rows, int64_t depth, const std::string& dtype);

inline void add_intrin_families(const AddIntrin& add) {
  add_x86_intrins(add);
  add_amx_intrins(add);
  add_arm_intrins(add);
  add_hexagon_intrins(add);
  add_dp4a_intrins(add);
  add_wmma_intrins(add);
  add_mma_intrins(add);
  add_rocm_intrins(add);
  add_sme_intrins(add);
}

/// A template with `$NAME` replaced; no name may be the beginning of another.
inline std::string fill_script(std::string text,
                               std::initializer_list<std::pair<const char*, std::string>> values) {
  for (const auto& [name, value] : values) {
    for (size_t at = text.find(name); at != std::string::npos;
         at = text.find(name, at + value.size()))
      text.replace(at, std::string(name).size(), value);
  }
  return text;
}

/// `lanes` numbers, each with the sum of `depth` products of a row of B with A added: what the dot
/// product instructions of CPUs do.
inline std::string dot_product_desc(int lanes, int depth, const std::string& a,
                                    const std::string& b, const std::string& c,
                                    const std::string& scope = "global") {
  std::string lhs = a == c ? "A[vk]" : "T.cast(A[vk], \"$CT\")";
  std::string rhs = b == c ? "B[vi, vk]" : "T.cast(B[vi, vk], \"$CT\")";
  return fill_script(R"(def desc(a: T.handle, b: T.handle, c: T.handle):
    A = T.match_buffer(a, ($K,), "$AT", offset_factor=1, scope="$SCOPE")
    B = T.match_buffer(b, ($N, $K), "$BT", offset_factor=1, scope="$SCOPE")
    C = T.match_buffer(c, ($N,), "$CT", offset_factor=1, scope="$SCOPE")
    with T.block("root"):
        T.reads(C[0:$N], A[0:$K], B[0:$N, 0:$K])
        T.writes(C[0:$N])
        for i in range($N):
            for k in range($K):
                with T.block("update"):
                    vi, vk = T.axis.remap("SR", [i, k])
                    C[vi] = C[vi] + $LHS * $RHS
)",
                     {{"$LHS", lhs},
                      {"$RHS", rhs},
                      {"$N", std::to_string(lanes)},
                      {"$K", std::to_string(depth)},
                      {"$AT", a},
                      {"$BT", b},
                      {"$CT", c},
                      {"$SCOPE", scope}});
}

/// The same buffers and regions with another body; the body is indented by eight columns.
inline std::string dot_product_impl(int lanes, int depth, const std::string& a,
                                    const std::string& b, const std::string& c,
                                    const std::string& body, const std::string& scope = "global") {
  return fill_script(R"(def impl(a: T.handle, b: T.handle, c: T.handle):
    A = T.match_buffer(a, ($K,), "$AT", offset_factor=1, scope="$SCOPE")
    B = T.match_buffer(b, ($N, $K), "$BT", offset_factor=1, scope="$SCOPE")
    C = T.match_buffer(c, ($N,), "$CT", offset_factor=1, scope="$SCOPE")
    with T.block("root"):
        T.reads(C[0:$N], A[0:$K], B[0:$N, 0:$K])
        T.writes(C[0:$N])
)",
                     {{"$N", std::to_string(lanes)},
                      {"$K", std::to_string(depth)},
                      {"$AT", a},
                      {"$BT", b},
                      {"$CT", c},
                      {"$SCOPE", scope}}) +
         body;
}

}  // namespace metaschedule::detail
