// SPDX-License-Identifier: Apache-2.0
// AMD matrix cores (MFMA): operands in the registers of a wave, as buffers [64 threads, elements a
// thread].
#pragma once

#include "metaschedule/schedule/intrin/families.h"
#include "metaschedule/support/config.h"

namespace metaschedule::detail {

/// Element (i, j) of A, and of B and C, of which a thread holds `n` neighbours.
inline std::string mfma_place(bool is_a, int n, const std::string& i, const std::string& j) {
  if (n == 1)
    return fill_script(is_a ? "$i + 16 * $j, 0" : "$j + 16 * $i, 0", {{"$i", i}, {"$j", j}});
  return fill_script(is_a ? "$i + 16 * ($j // 4), $j % 4" : "$j + 16 * ($i // 4), $i % 4",
                     {{"$i", i}, {"$j", j}});
}

/// A function over the buffers declared in `head`, which `fill` completes.
inline void add_mfma_load(const AddIntrin& add, const std::string& name, bool is_a, int k,
                          const std::string& dtype) {
  add(name, [=] {
    int rows = is_a ? 16 : k, cols = is_a ? k : 16, n = k / 4;
    const char* head = R"(def f(warp_handle: T.handle, shared_handle: T.handle):
    warp = T.match_buffer(warp_handle, (64, $N), "$D", align=64, offset_factor=16, scope="warp")
    shared = T.match_buffer(shared_handle, ($R, $L), "$D", align=64, offset_factor=$O, scope="shared")
    with T.block("root"):
        T.reads(shared[0:$R, 0:$L])
        T.writes(warp[0:64, 0:$N])
)";
    const char* desc = R"(        for i, j in T.grid($R, $L):
            with T.block("load"):
                vi, vj = T.axis.remap("SS", [i, j])
                T.reads(shared[vi, vj])
                T.writes(warp[$PLACE])
                warp[$PLACE] = shared[vi, vj]
)";
    const char* impl = R"(        for tx in T.thread_binding(64, "threadIdx.x"):
            for l in range($N):
                warp[tx, l] = shared[$BACK]
)";
    std::string back = is_a ? "tx % 16, tx // 16 * $N + l" : "tx // 16 * $N + l, tx % 16";
    auto fill = [&](const char* body) {
      return fill_script(std::string(head) + body, {{"$PLACE", mfma_place(is_a, n, "vi", "vj")},
                                                    {"$BACK", back},
                                                    {"$N", std::to_string(n)},
                                                    {"$R", std::to_string(rows)},
                                                    {"$L", std::to_string(cols)},
                                                    {"$O", "16"},
                                                    {"$D", dtype}});
    };
    return IntrinScript{fill(desc), fill(impl)};
  });
}

inline void add_mfma_compute(const AddIntrin& add, const std::string& name, int k,
                             const std::string& in, const std::string& out,
                             const std::string& llvm) {
  add(name, [=] {
    const int n = k / 4;
    const char* head = R"(def f(a: T.handle, b: T.handle, c: T.handle):
    A = T.match_buffer(a, (64, $N), "$IT", align=64, offset_factor=1, scope="warp")
    B = T.match_buffer(b, (64, $N), "$IT", align=64, offset_factor=1, scope="warp")
    C = T.match_buffer(c, (64, 4), "$OT", align=64, offset_factor=1, scope="warp")
    with T.block("root"):
        T.reads(C[0:64, 0:4], A[0:64, 0:$N], B[0:64, 0:$N])
        T.writes(C[0:64, 0:4])
)";
    std::string left = in == out ? "A[$PA]" : "T.cast(A[$PA], \"$OT\")",
                right = in == out ? "B[$PB]" : "T.cast(B[$PB], \"$OT\")";
    std::string desc = R"(        for i, j, k in T.grid(16, 16, $K):
            with T.block("update"):
                vi, vj, vk = T.axis.remap("SSR", [i, j, k])
                T.reads(C[$PC], A[$PA], B[$PB])
                T.writes(C[$PC])
                C[$PC] = C[$PC] + $LEFT * $RIGHT
)";
    std::string operand_a = "A[tx, 0:$N]", operand_b = "B[tx, 0:$N]";
    if (n == 1) operand_a = "A[tx, 0]", operand_b = "B[tx, 0]";
    if (in == "int8") {
      operand_a = "T.reinterpret(\"int32\", A[tx, 0:4])";
      operand_b = "T.reinterpret(\"int32\", B[tx, 0:4])";
    }
    std::string impl = R"(        for tx in T.thread_binding(64, "threadIdx.x"):
            C[tx, 0:4] = T.call_llvm_pure_intrin("$OTx4", "llvm.amdgcn.mfma.$LLVM", T.uint32(6), $OA, $OB, C[tx, 0:4], 0, 0, 0)
)";
    auto fill = [&](const std::string& body) {
      return fill_script(head + body, {{"$OA", operand_a},
                                       {"$OB", operand_b},
                                       {"$LLVM", llvm},
                                       {"$LEFT", left},
                                       {"$RIGHT", right},
                                       {"$PA", mfma_place(true, n, "vi", "vk")},
                                       {"$PB", mfma_place(false, n, "vk", "vj")},
                                       {"$PC", mfma_place(false, 4, "vi", "vj")},
                                       {"$N", std::to_string(n)},
                                       {"$K", std::to_string(k)},
                                       {"$IT", in},
                                       {"$OT", out}});
    };
    return IntrinScript{fill(desc), fill(impl)};
  });
}

inline void add_mfma_result(const AddIntrin& add, const std::string& suffix,
                            const std::string& dtype, const std::string& zero) {
  auto fill = [dtype, zero](const std::string& body) {
    return fill_script(
        body, {{"$PLACE", mfma_place(false, 4, "vi", "vj")}, {"$ZERO", zero}, {"$D", dtype}});
  };
  add("ROCM_mfma_fill_16x16_" + (suffix == "s32" ? std::string("i32") : suffix), [fill] {
    std::string head = R"(def f(c: T.handle):
    C = T.match_buffer(c, (64, 4), "$D", align=64, offset_factor=16, scope="warp")
    with T.block("root"):
        T.reads()
        T.writes(C[0:64, 0:4])
)";
    return IntrinScript{fill(head + R"(        for i, j in T.grid(16, 16):
            with T.block("fill"):
                vi, vj = T.axis.remap("SS", [i, j])
                T.reads()
                T.writes(C[$PLACE])
                C[$PLACE] = $ZERO
)"),
                        fill(head + R"(        for tx in T.thread_binding(64, "threadIdx.x"):
            for l in range(4):
                C[tx, l] = $ZERO
)")};
  });
  add("rocm_mfma_store_16x16_" + suffix, [fill] {
    std::string head = R"(def f(a: T.handle, c: T.handle):
    A = T.match_buffer(a, (64, 4), "$D", align=64, offset_factor=1, scope="warp")
    C = T.match_buffer(c, (16, 16), "$D", align=64, offset_factor=1, scope="global")
    with T.block("root"):
        T.reads(A[0:64, 0:4])
        T.writes(C[0:16, 0:16])
)";
    return IntrinScript{fill(head + R"(        for i, j in T.grid(16, 16):
            with T.block("store"):
                vi, vj = T.axis.remap("SS", [i, j])
                T.reads(A[$PLACE])
                T.writes(C[vi, vj])
                C[vi, vj] = A[$PLACE]
)"),
                        fill(head + R"(        for tx in T.thread_binding(64, "threadIdx.x"):
            for l in range(4):
                C[tx // 16 * 4 + l, tx % 16] = A[tx, l]
)")};
  });
}

METASCHEDULE_INLINE void add_rocm_intrins(const AddIntrin& add) {
  add_mfma_result(add, "f32", "float32", "T.float32(0)");
  add_mfma_result(add, "s32", "int32", "0");
  add_mfma_load(add, "rocm_mfma_load_16x16_a_shared_s8", true, 16, "int8");
  add_mfma_load(add, "rocm_mfma_load_16x16_a_shared_f16", true, 16, "float16");
  add_mfma_load(add, "rocm_mfma_load_b_16x16_shared_s8", false, 16, "int8");
  add_mfma_load(add, "rocm_mfma_load_b_16x16_shared_f16", false, 16, "float16");
  add_mfma_load(add, "rocm_mfma_load_16x4_a_shared_f32", true, 4, "float32");
  add_mfma_load(add, "rocm_mfma_load_b_16x4_shared_f32", false, 4, "float32");
  add_mfma_compute(add, "rocm_mfma_f32f32f32", 4, "float32", "float32", "f32.16x16x4f32");
  add_mfma_compute(add, "rocm_mfma_f16f16f32", 16, "float16", "float32", "f32.16x16x16f16");
  add_mfma_compute(add, "rocm_mfma_s8s8s32", 16, "int8", "int32", "i32.16x16x16i8");
}

}  // namespace metaschedule::detail
