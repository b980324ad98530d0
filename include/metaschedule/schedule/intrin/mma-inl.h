// SPDX-License-Identifier: Apache-2.0
// CUDA tensor cores by mma instructions: operands in the registers of a warp, as buffers
// [32 threads, elements a thread], or as tiles of the scopes m16n8k8.matrixA, B and C.
#pragma once

#include "metaschedule/schedule/intrin/families.h"
#include "metaschedule/support/config.h"

namespace metaschedule::detail {

/// Where element (i, j) of a tile lies: (thread, position in its registers).
inline std::string warp_place(int rows, int cols, const std::string& i, const std::string& j) {
  const char* map = "4 * ($i % 8) + $j % 8 // 2, 4 * ($j // 8) + $i // 8 * 2 + $j % 2";
  if (rows == 16 && cols == 32)
    map = "4 * ($i % 8) + $j % 16 // 4, 8 * ($j // 16) + $i // 8 * 4 + $j % 4";
  if (rows == 32 && cols == 16)
    map = "$i % 16 // 4 + 4 * ($j % 8), 8 * ($j // 8) + $i // 16 * 4 + $i % 4";
  return fill_script(map, {{"$i", i}, {"$j", j}});
}

struct MmaType {
  std::string dtype, ptx, zero;
};
inline MmaType mma_type(const std::string& name) {
  if (name == "f16") return {"float16", "fp16", "T.float16(0)"};
  if (name == "f32") return {"float32", "fp32", "T.float32(0)"};
  if (name == "i8") return {"int8", "int8", "T.int8(0)"};
  return {"int32", "int32", "0"};
}

inline void add_ldmatrix(const AddIntrin& add, const std::string& in, bool is_a, bool trans,
                         bool dyn) {
  std::string name =
      "mma_ldmatrix_" + in + (is_a ? "_a" : "_b") + (trans ? "_trans" : "") + (dyn ? "_dyn" : "");
  add(name, [=] {
    int k = in == "f16" ? 16 : 32, rows = is_a ? 16 : k, cols = is_a ? k : 16;
    if (trans) std::swap(rows, cols);
    // One instruction loads four 8x8 tiles of 16 bits, in the order that the registers want, each
    // transposed when it lies the other way. There is none for single bytes that lie so: the
    // instruction stands for a loop, which needs the length of a row only.
    bool turned = in == "f16" ? is_a == trans : !is_a && !trans;
    std::string head = R"(def $WHAT(warp_handle: T.handle, shared_handle: T.handle):
    warp = T.match_buffer(warp_handle, (32, $L), "$D", align=64, offset_factor=16, scope="warp")
    shared = T.match_buffer(shared_handle, ($R, $C), "$D", align=64, offset_factor=$C, scope="$S"$STRIDES)
    with T.block("root"):
        T.reads(shared[0:$R, 0:$C])
        T.writes(warp[0:32, 0:$L])
)";
    std::string desc = R"(        for i, j in T.grid($R, $C):
            with T.block("load"):
                vi, vj = T.axis.remap("SS", [i, j])
                T.reads(shared[vi, vj])
                T.writes(warp[$PLACE])
                warp[$PLACE] = shared[vi, vj]
)";
    std::string impl = R"(        for tx in T.thread_binding(32, "threadIdx.x"):
            T.evaluate(T.ptx_ldmatrix("$D", $T, 4, ".b16", warp.data, warp.elem_offset + $L * tx, T.tvm_access_ptr(T.type_annotation("$D"), shared.data, shared.elem_offset, shared.strides[0] * $R, 1), $OFFSET))
)";
    std::string offset = "shared.strides[0] * (tx % 16) + $H * (tx // 16)";
    if (trans)
      offset =
          "shared.strides[0] * 8 * (tx // 16) + shared.strides[0] * (tx % 8) + "
          "$H * (tx % 16 // 8)";
    if (in == "i8" && turned) offset = "shared.strides[0]";
    auto fill = [&](const std::string& text, const char* what, const char* strides) {
      return fill_script(text, {{"$WHAT", what},
                                {"$STRIDES", strides},
                                {"$OFFSET", offset},
                                {"$PLACE", warp_place(rows, cols, "vi", "vj")},
                                {"$H", std::to_string(in == "f16" ? 8 : 16)},
                                {"$L", std::to_string(16 * k / 32)},
                                {"$R", std::to_string(rows)},
                                {"$C", std::to_string(cols)},
                                {"$D", mma_type(in).dtype},
                                {"$S", dyn ? "shared.dyn" : "shared"},
                                {"$T", turned ? "True" : "False"}});
    };
    return IntrinScript{fill(head + desc, "desc", ""),
                        fill(head + impl, "impl", ", strides=(\"s0\", \"s1\")")};
  });
}

inline void add_mma_sync(const AddIntrin& add, const std::string& in, const std::string& out,
                         bool trans_a, bool trans_b) {
  std::string name =
      "mma_" + in + in + out + (trans_a ? "_trans_a" : "") + (trans_b ? "_trans_b" : "");
  add(name, [=] {
    const int k = in == "f16" ? 16 : 32;
    MmaType it = mma_type(in), ot = mma_type(out);
    std::string a = trans_a ? warp_place(k, 16, "vk", "vi") : warp_place(16, k, "vi", "vk"),
                b = trans_b ? warp_place(16, k, "vj", "vk") : warp_place(k, 16, "vk", "vj"),
                c = warp_place(16, 16, "vi", "vj");
    bool same = it.dtype == ot.dtype;
    std::string left = same ? "A[$PA]" : "T.cast(A[$PA], \"$OT\")",
                right = same ? "B[$PB]" : "T.cast(B[$PB], \"$OT\")";
    std::string head = R"(def $WHAT(a: T.handle, b: T.handle, c: T.handle):
    A = T.match_buffer(a, (32, $L), "$IT", align=64, offset_factor=16, scope="warp")
    B = T.match_buffer(b, (32, $L), "$IT", align=64, offset_factor=16, scope="warp")
    C = T.match_buffer(c, (32, 8), "$OT", align=64, offset_factor=16, scope="warp")
    with T.block("root"):
        T.reads(C[0:32, 0:8], A[0:32, 0:$L], B[0:32, 0:$L])
        T.writes(C[0:32, 0:8])
)";
    std::string desc = R"(        for i, j, k in T.grid(16, 16, $K):
            with T.block("update"):
                vi, vj, vk = T.axis.remap("SSR", [i, j, k])
                T.reads(C[$PC], A[$PA], B[$PB])
                T.writes(C[$PC])
                C[$PC] = C[$PC] + $LEFT * $RIGHT
)";
    std::string call =
        R"(            T.evaluate(T.ptx_mma("$OT", "m16n8k$K", "row", "col", "$IP", "$IP", "$OP", A.data, A.elem_offset + tx * $L, B.data, B.elem_offset + tx * $L$HB, C.data, C.elem_offset + tx * 8$HC, False))
)";
    std::string second =
        fill_script(call, {{"$HB", " + " + std::to_string(k / 4)}, {"$HC", " + 4"}});
    std::string impl = "        for tx in T.thread_binding(32, \"threadIdx.x\"):\n" +
                       fill_script(call, {{"$HB", ""}, {"$HC", ""}}) + second;
    auto fill = [&](const std::string& text, const char* what) {
      return fill_script(text, {{"$WHAT", what},
                                {"$LEFT", left},
                                {"$RIGHT", right},
                                {"$PA", a},
                                {"$PB", b},
                                {"$PC", c},
                                {"$IT", it.dtype},
                                {"$OT", ot.dtype},
                                {"$IP", it.ptx},
                                {"$OP", ot.ptx},
                                {"$L", std::to_string(16 * k / 32)},
                                {"$K", std::to_string(k)}});
    };
    return IntrinScript{fill(head + desc, "desc"), fill(head + impl, "impl")};
  });
}

inline void add_mma_fill(const AddIntrin& add, const std::string& out) {
  add("mma_fill_16x16_" + out, [=] {
    std::string head = R"(def $WHAT(c: T.handle):
    C = T.match_buffer(c, (32, 8), "$D", align=64, offset_factor=16, scope="warp")
    with T.block("root"):
        T.reads()
        T.writes(C[0:32, 0:8])
)";
    std::string desc = R"(        for i, j in T.grid(16, 16):
            with T.block("fill"):
                vi, vj = T.axis.remap("SS", [i, j])
                T.reads()
                T.writes(C[$PLACE])
                C[$PLACE] = $ZERO
)";
    auto fill = [&](const std::string& text, const char* what) {
      return fill_script(text, {{"$WHAT", what},
                                {"$PLACE", warp_place(16, 16, "vi", "vj")},
                                {"$ZERO", mma_type(out).zero},
                                {"$D", mma_type(out).dtype}});
    };
    std::string impl = "        T.evaluate(T.mma_fill(\"$D\", 8, C.data, C.elem_offset))\n";
    return IntrinScript{fill(head + desc, "desc"), fill(head + impl, "impl")};
  });
}

inline void add_mma_store(const AddIntrin& add, const std::string& out, const std::string& scope,
                          bool simple) {
  std::string name = "mma_store_16x16_" + out + (scope == "global" ? "_global_" : "_shared_dyn_") +
                     (simple ? "simple_" : "");
  add(name, [=] {
    std::string head = R"(def $WHAT(a: T.handle, c: T.handle):
    A = T.match_buffer(a, (32, 8), "$D", align=64, offset_factor=1, scope="warp")
    C = T.match_buffer(c, (16, 16), "$D", align=64, offset_factor=1, scope="$S"$STRIDES)
    with T.block("root"):
        T.reads(A[0:32, 0:8])
        T.writes(C[0:16, 0:16])
)";
    std::string desc = R"(        for i, j in T.grid(16, 16):
            with T.block("store"):
                vi, vj = T.axis.remap("SS", [i, j])
                T.reads(A[$PLACE])
                T.writes(C[vi, vj])
                C[vi, vj] = A[$PLACE]
)";
    std::string impl =
        simple
            ? R"(        for tx in T.thread_binding(32, "threadIdx.x"):
            for l in range(8):
                C[8 * (l % 4 // 2) + tx // 4, 8 * (l // 4) + tx % 4 * 2 + l % 2] = A[tx, l]
)"
            : R"(        T.evaluate(T.mma_store("$D", 16, 16, T.tvm_access_ptr(T.type_annotation("$D"), C.data, C.elem_offset, C.strides[0] * 16, 2), A.data, A.elem_offset, C.strides[0]))
)";
    auto fill = [&](const std::string& text, const char* what, const char* strides) {
      return fill_script(text, {{"$WHAT", what},
                                {"$STRIDES", strides},
                                {"$PLACE", warp_place(16, 16, "vi", "vj")},
                                {"$S", scope},
                                {"$D", mma_type(out).dtype}});
    };
    return IntrinScript{fill(head + desc, "desc", ""),
                        fill(head + impl, "impl", ", strides=(\"s0\", \"s1\")")};
  });
}

/// Tiles of m16n8k8 in their natural indices; a pass of the lowering gives them to threads.
inline void add_m16n8k8(const AddIntrin& add) {
  // Fills and stores: 16 x 8, each thread two neighbours in two rows.
  const char* threads = R"(        for tx in T.thread_binding(32, "threadIdx.x"):
            for b, v in T.grid(2, 2):
                $C[b * 8 + tx // 4, tx % 4 * 2 + v] = $V
)";
  const char* tile = R"(        for i, j in T.grid($R, $L):
            with T.block("tile"):
                vi, vj = T.axis.remap("SS", [i, j])
                C[vi, vj] = $V
)";
  for (const char* out : {"f16", "f32"}) {
    MmaType ot = mma_type(out);
    add(std::string("mma_init_m16n8k8_") + out, [=] {
      const char* head = R"(def f(c: T.handle):
    C = T.match_buffer(c, (16, 8), "$D", align=64, offset_factor=1, scope="m16n8k8.matrixC")
    with T.block("root"):
        T.reads()
        T.writes(C[0:16, 0:8])
)";
      auto fill = [&](const char* body) {
        return fill_script(
            std::string(head) + body,
            {{"$D", ot.dtype}, {"$R", "16"}, {"$L", "8"}, {"$V", ot.zero}, {"$C", "C"}});
      };
      return IntrinScript{fill(tile), fill(threads)};
    });
    // The destination is shared memory whatever the name says, and the implementation copies as the
    // description does.
    add(std::string("mma_store_m16n8k8_") + out + "_global", [=] {
      const char* head = R"(def f(a: T.handle, c: T.handle):
    A = T.match_buffer(a, (16, 8), "$D", align=64, offset_factor=1, scope="m16n8k8.matrixC")
    C = T.match_buffer(c, (16, 8), "$D", align=64, offset_factor=1, scope="shared.dyn")
    with T.block("root"):
        T.reads(A[0:16, 0:8])
        T.writes(C[0:16, 0:8])
)";
      std::string text =
          fill_script(std::string(head) + tile,
                      {{"$D", ot.dtype}, {"$R", "16"}, {"$L", "8"}, {"$V", "A[vi, vj]"}});
      return IntrinScript{text, text};
    });
    add(std::string("mma_sync_m16n8k8_f16f16") + out, [=] {
      const char* head = R"(def f(a: T.handle, b: T.handle, c: T.handle):
    A = T.match_buffer(a, (16, 8), "float16", align=64, offset_factor=1, scope="m16n8k8.matrixA"$STRIDES)
    B = T.match_buffer(b, (8, 8), "float16", align=64, offset_factor=1, scope="m16n8k8.matrixB"$STRIDES)
    C = T.match_buffer(c, (16, 8), "$D", align=64, offset_factor=1, scope="m16n8k8.matrixC"$STRIDES)
    with T.block("root"):
        T.reads(C[0:16, 0:8], A[0:16, 0:8], B[0:8, 0:8])
        T.writes(C[0:16, 0:8])
)";
      bool same = ot.dtype == "float16";
      std::string desc =
          R"(        for i, j, k in T.grid(16, 8, 8):
            with T.block("update"):
                vi, vj, vk = T.axis.remap("SSR", [i, j, k])
                C[vi, vj] = C[vi, vj] + )" +
          std::string(same ? "A[vi, vk] * B[vk, vj]\n"
                           : "T.cast(A[vi, vk], \"$D\") * T.cast(B[vk, vj], \"$D\")\n");
      std::string impl =
          R"(        T.evaluate(T.ptx_mma("$D", "m16n8k8", "row", "col", "fp16", "fp16", "$P", A.data, (A.elem_offset // A.strides[0] // 32 * (A.strides[0] // 8) + A.elem_offset % A.strides[0] // 8) * 8 + A.elem_offset // A.strides[0] % 32 // 16 * 4, B.data, B.elem_offset // B.strides[0] // 8 * (B.strides[0] // 8 * 2) + B.elem_offset % B.strides[0] // 8 * 2, C.data, C.elem_offset // C.strides[0] // 16 * (C.strides[0] // 8 * 4) + C.elem_offset % C.strides[0] // 8 * 4, False))
)";
      auto fill = [&](const std::string& body, const char* strides) {
        return fill_script(head + body, {{"$STRIDES", strides}, {"$D", ot.dtype}, {"$P", ot.ptx}});
      };
      std::string impl_text = fill(impl, ", strides=(\"s0\", \"s1\")");
      // Each buffer has strides of its own.
      for (const char* buffer : {"A", "B", "C"}) {
        size_t at = impl_text.find(std::string(buffer) + " = T.match_buffer");
        for (const char* stride : {"\"s0\"", "\"s1\""}) {
          size_t found = impl_text.find(stride, at);
          impl_text.insert(found + 1, std::string(buffer) + "_");
        }
      }
      return IntrinScript{fill(desc, ""), impl_text};
    });
  }
  for (bool is_a : {true, false}) {
    add(std::string("mma_load_m16n8k8_f16_") + (is_a ? "A" : "B") + "_shared_dyn", [=] {
      const char* head = R"(def f(a: T.handle, c: T.handle):
    A = T.match_buffer(a, ($R, $L), "float16", align=64, offset_factor=1, scope="shared.dyn"$SA)
    C = T.match_buffer(c, ($R, $L), "float16", align=64, offset_factor=1, scope="m16n8k8.matrix$M"$SC)
    with T.block("root"):
        T.reads(A[0:$R, 0:$L])
        T.writes(C[0:$R, 0:$L])
)";
      std::string impl = R"(        for tx in T.thread_binding(32, "threadIdx.x"):
            T.evaluate(T.ptx_ldmatrix("float16", $T, 4, ".b16", C.data, (C.elem_offset // C.strides[0] // $R * (C.strides[0] // $L) + C.elem_offset % C.strides[0] // $L) * 8, T.tvm_access_ptr(T.type_annotation("float16"), A.data, A.elem_offset, A.strides[0] * $R, 1), $OFFSET))
)";
      auto fill = [&](const std::string& body, const char* sa, const char* sc) {
        return fill_script(head + body, {{"$SA", sa},
                                         {"$SC", sc},
                                         {"$OFFSET", is_a ? "tx * A.strides[0]"
                                                          : "tx % 8 * A.strides[0] + tx // 8 * 8"},
                                         {"$R", is_a ? "32" : "8"},
                                         {"$L", is_a ? "8" : "32"},
                                         {"$M", is_a ? "A" : "B"},
                                         {"$V", "A[vi, vj]"},
                                         {"$T", is_a ? "False" : "True"}});
      };
      return IntrinScript{fill(tile, "", ""), fill(impl, ", strides=(\"A_s0\", \"A_s1\")",
                                                   ", strides=(\"C_s0\", \"C_s1\")")};
    });
  }
}

METASCHEDULE_INLINE void add_mma_intrins(const AddIntrin& add) {
  for (bool dyn : {false, true})
    for (bool is_a : {true, false})
      for (bool trans : {false, true}) add_ldmatrix(add, "f16", is_a, trans, dyn);
  add_ldmatrix(add, "i8", true, false, false);
  add_ldmatrix(add, "i8", false, false, false);
  add_ldmatrix(add, "i8", false, true, false);
  for (const char* out : {"f32", "f16"})
    for (bool trans_a : {false, true})
      for (bool trans_b : {false, true}) add_mma_sync(add, "f16", out, trans_a, trans_b);
  add_mma_sync(add, "i8", "i32", false, false);
  add_mma_sync(add, "i8", "i32", false, true);
  for (const char* out : {"f32", "f16", "i32"}) {
    add_mma_fill(add, out);
    add_mma_store(add, out, "global", false);
  }
  add_mma_store(add, "f32", "shared.dyn", false);
  add_mma_store(add, "f32", "shared.dyn", true);
  add_mma_store(add, "f16", "shared.dyn", true);
  add_m16n8k8(add);
}

}  // namespace metaschedule::detail
