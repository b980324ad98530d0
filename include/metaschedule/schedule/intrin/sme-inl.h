// SPDX-License-Identifier: Apache-2.0
// ARM's Scalable Matrix Extension: transposition and outer products in the matrix array. A vector
// has 4 * vscale numbers of 32 bits; the array has four tiles of as many rows of 32 bits.
#pragma once

#include "metaschedule/schedule/intrin/families.h"
#include "metaschedule/support/config.h"

namespace metaschedule::detail {

/// A function on A and A_t that turns `rows` x `cols` vectors' lengths of A.
inline std::string sme_transpose_function(const char* what, const std::string& dtype,
                                          const std::string& rows, const std::string& cols,
                                          const std::string& body) {
  return fill_script(R"(def $WHAT(a: T.handle, a_t: T.handle):
    A = T.match_buffer(a, ($M, $K), "$D", $Aoffset_factor=1)
    A_t = T.match_buffer(a_t, ($K, $M), "$D", $Toffset_factor=1)
    with T.block("root"):
        T.reads(A[0:$M, 0:$K])
        T.writes(A_t[0:$K, 0:$M])
$BODY)",
                     {{"$BODY", body},
                      {"$A", std::string(what) == "impl" ? "strides=(\"A_s0\", \"A_s1\"), " : ""},
                      {"$T", std::string(what) == "impl" ? "strides=(\"T_s0\", \"T_s1\"), " : ""},
                      {"$WHAT", what},
                      {"$M", rows},
                      {"$K", cols},
                      {"$D", dtype}});
}
inline IntrinScript sme_transpose(const std::string& dtype, const std::string& rows,
                                  const std::string& cols, const std::string& impl) {
  const char* desc = R"(        for k, m in T.grid($K, $M):
            with T.block("transpose"):
                v_m, v_k = T.axis.remap("SS", [m, k])
                A_t[v_k, v_m] = A[v_m, v_k]
)";
  return {sme_transpose_function("desc", dtype, rows, cols, desc),
          sme_transpose_function("impl", dtype, rows, cols, impl)};
}

/// One tile: rows of A in, columns out as rows of A_t. `lanes` is the side, `mask` the predicate of
/// row i.
inline std::string sme_turn_tile(int tile, int row, int col, const std::string& dtype,
                                 const std::string& suffix, const std::string& lanes,
                                 const std::string& mask) {
  return fill_script(R"(        for i in range($L):
            T.evaluate(T.call_llvm_intrin("void", "llvm.aarch64.sme.ld1$W.horiz", T.uint32(4), $MASK, T.tvm_access_ptr(T.type_annotation("$D"), A.data, A.elem_offset + ($R * ($L) + i) * A.strides[0] + $C * ($L), $L, 1), $TILE, i))
        for i in range($L):
            T.evaluate(T.call_llvm_intrin("void", "llvm.aarch64.sme.st1$W.vert", T.uint32(4), T.Broadcast(T.bool(True), $L), T.tvm_access_ptr(T.type_annotation("$D"), A_t.data, A_t.elem_offset + ($C * ($L) + i) * A_t.strides[0] + $R * ($L), $L, 2), $TILE, i))
)",
                     {{"$MASK", mask},
                      {"$TILE", std::to_string(tile)},
                      {"$R", std::to_string(row)},
                      {"$C", std::to_string(col)},
                      {"$L", lanes},
                      {"$W", suffix},
                      {"$D", dtype}});
}

/// Beyond `rows` and `cols`, where the matrix ends that A is a part of, A_t becomes zero.
METASCHEDULE_INLINE IntrinScript sme_transpose_fp32(int64_t cols, int64_t rows) {
  std::string impl;
  const std::string lanes = "4 * T.vscale()";
  for (int row : {0, 1}) {
    for (int col : {0, 1}) {
      std::string mask = fill_script(
          R"(T.get_active_lane_mask("uint1xvscalex4", A.elem_offset % A.strides[0] + $C * ($L), T.Select(A.elem_offset // A.strides[0] + $R * ($L) + i < $ROWS, $COLS, 0)))",
          {{"$COLS", std::to_string(cols)},
           {"$ROWS", std::to_string(rows)},
           {"$R", std::to_string(row)},
           {"$C", std::to_string(col)},
           {"$L", lanes}});
      impl += sme_turn_tile(row * 2 + col, row, col, "float32", "w", lanes, mask);
    }
  }
  return sme_transpose("float32", "8 * T.vscale()", "8 * T.vscale()", impl);
}

inline IntrinScript sme_transpose_fp16() {
  std::string impl;
  for (int row : {0, 1})
    impl += sme_turn_tile(row, row, 0, "float16", "h", "8 * T.vscale()",
                          "T.Broadcast(T.bool(True), 8 * T.vscale())");
  return sme_transpose("float16", "16 * T.vscale()", "8 * T.vscale()", impl);
}

/// C += A^T * B by outer products of rows of A and B, for the first `rows` of the matrix that C is
/// a part of. The sums grow in the matrix array, which sme_init clears.
METASCHEDULE_INLINE IntrinScript sme_gemm(int64_t rows, int64_t depth, const std::string& dtype) {
  check<ValueError>(dtype == "float32" || dtype == "float16",
                    "expected operands of float32 or float16 for outer products, found {}", dtype);
  const bool wide = dtype == "float16";
  check<ValueError>(depth > 0 && (!wide || depth % 2 == 0),
                    "expected {} number of products, found {}",
                    wide ? "an even positive" : "a positive", depth);
  const char* head = R"(def $WHAT(a: T.handle, b: T.handle, c: T.handle):
    A = T.match_buffer(a, ($DEPTH, 8 * T.vscale()), "$D", offset_factor=1)
    B = T.match_buffer(b, ($DEPTH, 8 * T.vscale()), "$D", offset_factor=1)
    C = T.match_buffer(c, (8 * T.vscale(), 8 * T.vscale()), "float32", $Soffset_factor=1)
    with T.block("root"):
        T.reads(C[0:8 * T.vscale(), 0:8 * T.vscale()], A[0:$DEPTH, 0:8 * T.vscale()], B[0:$DEPTH, 0:8 * T.vscale()])
        T.writes(C[0:8 * T.vscale(), 0:8 * T.vscale()])
)";
  const char* desc = R"(        for m, n, k in T.grid(8 * T.vscale(), 8 * T.vscale(), $DEPTH):
            with T.block("gemm"):
                v_m, v_n, v_k = T.axis.remap("SSR", [m, n, k])
                C[v_m, v_n] = C[v_m, v_n] + T.Cast("float32", A[v_k, v_m]) * T.Cast("float32", B[v_k, v_n])
)";
  std::string impl = fill_script("        for k in range($N):\n",
                                 {{"$N", std::to_string(wide ? depth / 2 : depth)}});
  for (int row : {0, 1}) {
    for (int col : {0, 1}) {
      // Of halves a vector has the numbers of both tiles: pairs of neighbours in k are made of it.
      auto operand = [&](const char* buffer, int half) {
        return fill_script(
            wide
                ? R"(T.call_llvm_pure_intrin("float16xvscalex8", "llvm.aarch64.sve.zip$H.nxv8f16", T.uint32(2), $B[k * 2, 0:8 * T.vscale()], $B[k * 2 + 1, 0:8 * T.vscale()]))"
                : R"($B[k, $FIRST * T.vscale():$FIRST * T.vscale() + 4 * T.vscale()])",
            {{"$B", buffer},
             {"$H", std::to_string(half + 1)},
             {"$FIRST", std::to_string(4 * half)}});
      };
      impl += fill_script(
          R"(            T.evaluate(T.call_llvm_intrin("void", "llvm.aarch64.sme.mopa$WIDE", T.uint32(5), $TILE, T.Broadcast(T.bool(True), $L * T.vscale()), T.Broadcast(T.bool(True), $L * T.vscale()), $A, $B))
)",
          {{"$WIDE", wide ? ".wide.nxv8f16" : ".nxv4f32"},
           {"$TILE", std::to_string(row * 2 + col)},
           {"$L", wide ? "8" : "4"},
           {"$A", operand("A", row)},
           {"$B", operand("B", col)}});
    }
  }
  for (int row : {0, 1}) {
    for (int col : {0, 1}) {
      impl += fill_script(
          R"(        for i in range(4 * T.vscale()):
            T.evaluate(T.call_llvm_intrin("void", "llvm.aarch64.sme.st1w.horiz", T.uint32(4), T.Broadcast(C.elem_offset // C.strides[0] + $R * T.vscale() + i < $ROWS, 4 * T.vscale()), T.tvm_access_ptr(T.type_annotation("float32"), C.data, C.elem_offset + ($R * T.vscale() + i) * C.strides[0] + $C * T.vscale(), 4 * T.vscale(), 2), $TILE, i))
)",
          {{"$ROWS", std::to_string(rows)},
           {"$TILE", std::to_string(row * 2 + col)},
           {"$R", std::to_string(4 * row)},
           {"$C", std::to_string(4 * col)}});
    }
  }
  auto fill = [&](const std::string& text, const char* what, const char* strides) {
    return fill_script(
        text, {{"$WHAT", what}, {"$S", strides}, {"$DEPTH", std::to_string(depth)}, {"$D", dtype}});
  };
  return {fill(std::string(head) + desc, "desc", ""),
          fill(head + impl, "impl", "strides=(\"C_s0\", \"C_s1\"), ")};
}

METASCHEDULE_INLINE void add_sme_intrins(const AddIntrin& add) {
  add("sme_init", [] {
    const char* head = R"(def f(c: T.handle):
    C = T.match_buffer(c, (8 * T.vscale(), 8 * T.vscale()), "float32", offset_factor=1)
    with T.block("root"):
        T.reads()
        T.writes(C[0:8 * T.vscale(), 0:8 * T.vscale()])
)";
    return IntrinScript{
        std::string(head) + R"(        for m, n in T.grid(8 * T.vscale(), 8 * T.vscale()):
            with T.block("init"):
                v_m, v_n = T.axis.remap("SS", [m, n])
                C[v_m, v_n] = T.float32(0)
)",
        std::string(head) +
            R"(        T.evaluate(T.call_llvm_intrin("void", "llvm.aarch64.sme.zero", T.uint32(1), 255))
)"};
  });
  add("sme_block2_2svlx1svl_fp16_transpose_interleave", sme_transpose_fp16);
}

}  // namespace metaschedule::detail
