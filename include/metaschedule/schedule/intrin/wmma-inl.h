// SPDX-License-Identifier: Apache-2.0
// CUDA tensor cores by warp matrices: load, fill, multiply, store of one tile.
#pragma once

#include "metaschedule/schedule/intrin/families.h"
#include "metaschedule/support/config.h"

namespace metaschedule::detail {

struct WmmaType {
  const char *name, *dtype, *zero;
};
inline constexpr WmmaType kWmmaTypes[] = {{"f16", "float16", "T.float16(0)"},
                                          {"f32", "float32", "T.float32(0)"},
                                          {"s8", "int8", "T.int8(0)"},
                                          {"s4", "int4", "T.int4(0)"},
                                          {"s32", "int32", "0"}};
inline const WmmaType& wmma_type(const std::string& name) {
  for (const WmmaType& type : kWmmaTypes)
    if (name == type.name) return type;
  fail<InternalError>("no warp matrix of {}", name);
}

/// The size of one product: m x n x k.
struct WmmaTile {
  int m, n, k;
  std::string name() const {
    return std::to_string(m) + "x" + std::to_string(n) + "x" + std::to_string(k);
  }
  std::string args() const {
    return std::to_string(m) + ", " + std::to_string(n) + ", " + std::to_string(k);
  }
};

/// A buffer of the instruction: parameter, rows, columns, dtype, scope.
struct WmmaBuffer {
  std::string name;
  int rows, cols;
  std::string dtype, scope;

  std::string declare(bool strided) const {
    std::string lower(1, static_cast<char>(name[0] - 'A' + 'a'));
    return fill_script(
        strided
            ? R"(    $N = T.match_buffer($P, ($R, $L), "$D", strides=("$N_s0", "$N_s1"), scope="$S", offset_factor=$L)"
              ")\n"
            : R"(    $N = T.match_buffer($P, ($R, $L), "$D", scope="$S", offset_factor=$L)"
              ")\n",
        {{"$N", name},
         {"$P", lower},
         {"$R", std::to_string(rows)},
         {"$L", std::to_string(cols)},
         {"$D", dtype},
         {"$S", scope}});
  }
  std::string region() const {
    return name + "[0:" + std::to_string(rows) + ", 0:" + std::to_string(cols) + "]";
  }
  /// The position of the tile among the fragments of the array.
  std::string fragment() const {
    return fill_script(
        "$N.elem_offset // $N.strides[0] // $R * ($N.strides[0] // $L) + "
        "$N.elem_offset % $N.strides[0] // $L",
        {{"$N", name}, {"$R", std::to_string(rows)}, {"$L", std::to_string(cols)}});
  }
  std::string pointer(int access) const {
    return fill_script(
        R"(T.tvm_access_ptr(T.type_annotation("$D"), $N.data, $N.elem_offset, $N.strides[0] * $R, $A))",
        {{"$N", name},
         {"$D", dtype},
         {"$R", std::to_string(rows)},
         {"$A", std::to_string(access)}});
  }
};

inline std::string wmma_function(const char* what, std::initializer_list<WmmaBuffer> params,
                                 const std::string& reads, const std::string& writes,
                                 const std::string& body) {
  std::string list, declared;
  for (const WmmaBuffer& buffer : params) {
    list += (list.empty() ? "" : ", ") +
            std::string(1, static_cast<char>(buffer.name[0] - 'A' + 'a')) + ": T.handle";
    declared += buffer.declare(std::string(what) == "impl");
  }
  return std::string("def ") + what + "(" + list + "):\n" + declared +
         "    with T.block(\"root\"):\n        T.reads(" + reads + ")\n        T.writes(" + writes +
         ")\n" + body;
}

/// `C[i, j] = value` over the tile.
inline std::string wmma_map(int rows, int cols, const std::string& value) {
  return fill_script(R"(        for i, j in T.grid($R, $L):
            with T.block("tile"):
                vi, vj = T.axis.remap("SS", [i, j])
                C[vi, vj] = $V
)",
                     {{"$R", std::to_string(rows)}, {"$L", std::to_string(cols)}, {"$V", value}});
}

inline void add_wmma_load(const AddIntrin& add, WmmaTile tile, const std::string& in, bool is_a,
                          bool trans, const std::string& scope) {
  std::string name = "wmma_load_" + tile.name() + "_" + in + (is_a ? "_a" : "_b") +
                     (trans ? "_trans" : "") + (scope == "shared" ? "_shared" : "_shared_dyn");
  add(name, [=] {
    int rows = is_a ? tile.m : tile.k, cols = is_a ? tile.k : tile.n;
    if (trans) std::swap(rows, cols);
    std::string dtype = wmma_type(in).dtype;
    WmmaBuffer a{"A", rows, cols, dtype, scope},
        c{"C", rows, cols, dtype, is_a ? "wmma.matrix_a" : "wmma.matrix_b"};
    std::string body = "        T.tvm_load_matrix_sync(C.data, " + tile.args() + ", " +
                       c.fragment() + ", " + a.pointer(1) + ", A.strides[0], \"" +
                       (trans ? "col_major" : "row_major") + "\")\n";
    return IntrinScript{
        wmma_function("desc", {a, c}, a.region(), c.region(), wmma_map(rows, cols, "A[vi, vj]")),
        wmma_function("impl", {a, c}, a.region(), c.region(), body)};
  });
}

inline void add_wmma_fill(const AddIntrin& add, WmmaTile tile, const std::string& out) {
  add("wmma_fill_" + tile.name() + "_" + out, [=] {
    const WmmaType& type = wmma_type(out);
    WmmaBuffer c{"C", tile.m, tile.n, type.dtype, "wmma.accumulator"};
    std::string body = "        T.tvm_fill_fragment(C.data, " + tile.args() + ", " + c.fragment() +
                       ", T.float32(0))\n";
    return IntrinScript{
        wmma_function("desc", {c}, "", c.region(), wmma_map(tile.m, tile.n, type.zero)),
        wmma_function("impl", {c}, "", c.region(), body)};
  });
}

inline void add_wmma_sync(const AddIntrin& add, WmmaTile tile, const std::string& in,
                          const std::string& out, bool trans) {
  add("wmma_sync_" + tile.name() + "_" + in + in + out + (trans ? "_trans" : ""), [=] {
    std::string it = wmma_type(in).dtype, ot = wmma_type(out).dtype;
    WmmaBuffer a{"A", tile.m, tile.k, it, "wmma.matrix_a"},
        b{"B", trans ? tile.n : tile.k, trans ? tile.k : tile.n, it, "wmma.matrix_b"},
        c{"C", tile.m, tile.n, ot, "wmma.accumulator"};
    std::string left = "A[vi, vk]", right = trans ? "B[vj, vk]" : "B[vk, vj]";
    if (it != ot) {
      left = "T.cast(" + left + ", \"" + ot + "\")";
      right = "T.cast(" + right + ", \"" + ot + "\")";
    }
    std::string reads = c.region() + ", " + a.region() + ", " + b.region();
    std::string desc = fill_script(R"(        for i, j, k in T.grid($M, $N, $K):
            with T.block("update"):
                vi, vj, vk = T.axis.remap("SSR", [i, j, k])
                C[vi, vj] = C[vi, vj] + $A * $B
)",
                                   {{"$M", std::to_string(tile.m)},
                                    {"$N", std::to_string(tile.n)},
                                    {"$K", std::to_string(tile.k)},
                                    {"$A", left},
                                    {"$B", right}});
    std::string impl = "        T.tvm_mma_sync(C.data, " + c.fragment() + ", A.data, " +
                       a.fragment() + ", B.data, " + b.fragment() + ", C.data, " + c.fragment() +
                       ")\n";
    return IntrinScript{wmma_function("desc", {a, b, c}, reads, c.region(), desc),
                        wmma_function("impl", {a, b, c}, reads, c.region(), impl)};
  });
}

inline void add_wmma_store(const AddIntrin& add, WmmaTile tile, const std::string& out,
                           const std::string& scope) {
  std::string suffix = scope == "shared.dyn" ? "shared_dyn" : scope;
  add("wmma_store_" + tile.name() + "_" + out + "_" + suffix, [=] {
    std::string dtype = wmma_type(out).dtype;
    WmmaBuffer a{"A", tile.m, tile.n, dtype, "wmma.accumulator"},
        c{"C", tile.m, tile.n, dtype, scope};
    std::string body = "        T.tvm_store_matrix_sync(A.data, " + tile.args() + ", " +
                       a.fragment() + ", " + c.pointer(2) + ", C.strides[0], \"row_major\")\n";
    return IntrinScript{wmma_function("desc", {a, c}, a.region(), c.region(),
                                      wmma_map(tile.m, tile.n, "A[vi, vj]")),
                        wmma_function("impl", {a, c}, a.region(), c.region(), body)};
  });
}

METASCHEDULE_INLINE void add_wmma_intrins(const AddIntrin& add) {
  const WmmaTile tile{16, 16, 16}, small{8, 8, 32};
  for (const char* scope : {"shared", "shared.dyn"}) {
    for (const char* in : {"f16", "s8"})
      for (bool is_a : {true, false})
        for (bool trans : {false, true}) add_wmma_load(add, tile, in, is_a, trans, scope);
    add_wmma_load(add, small, "s4", true, false, scope);
    add_wmma_load(add, small, "s4", false, true, scope);
  }
  for (const char* out : {"f32", "f16", "s32"}) {
    add_wmma_fill(add, tile, out);
    for (const char* scope : {"shared", "shared.dyn", "global"})
      add_wmma_store(add, tile, out, scope);
  }
  add_wmma_fill(add, small, "s32");
  for (const char* scope : {"shared", "shared.dyn", "global"})
    add_wmma_store(add, small, "s32", scope);
  for (bool trans : {false, true}) {
    add_wmma_sync(add, tile, "f16", "f32", trans);
    add_wmma_sync(add, tile, "f16", "f16", trans);
    add_wmma_sync(add, tile, "s8", "s32", trans);
  }
  add_wmma_sync(add, small, "s4", "s32", true);
}

}  // namespace metaschedule::detail
