// SPDX-License-Identifier: Apache-2.0
// Metal: 8 x 8 matrices in the registers of a SIMD group.
#pragma once

#include "metaschedule/schedule/intrin/families.h"
#include "metaschedule/support/config.h"

namespace metaschedule::detail {

/// A function on 8 x 8 buffers given as (name, dtype, scope); an implementation has strides.
inline std::string simdgroup_function(const char* what,
                                      std::initializer_list<std::array<std::string, 3>> buffers,
                                      const std::string& reads, const std::string& writes,
                                      const std::string& body) {
  std::string params, declared;
  const bool strided = std::string(what) == "impl";
  for (const auto& [name, dtype, scope] : buffers) {
    params += (params.empty() ? "" : ", ") + std::string("p_") + name + ": T.handle";
    declared +=
        fill_script(R"(    $N = T.match_buffer(p_$N, (8, 8), "$D", $Lscope="$S", offset_factor=1)"
                    ")\n",
                    {{"$L", strided ? "strides=(\"$N_s0\", \"$N_s1\"), " : ""},
                     {"$N", name},
                     {"$D", dtype},
                     {"$S", scope}});
  }
  return std::string("def ") + what + "(" + params + "):\n" + declared +
         "    with T.block(\"root\"):\n        T.reads(" + reads + ")\n        T.writes(" + writes +
         ")\n" + body;
}
/// The position of a matrix among those of its array.
inline std::string simdgroup_index(const char* name) {
  return fill_script(
      "$N.elem_offset // $N.strides[0] // 8 * ($N.strides[0] // 8) + "
      "$N.elem_offset % $N.strides[0] // 8",
      {{"$N", name}});
}

inline void add_simdgroup_fill(const AddIntrin& add, const std::string& name,
                               const std::string& dtype) {
  add(name, [=] {
    std::string desc = fill_script(R"(        for i, j in T.grid(8, 8):
            with T.block("fill"):
                vi, vj = T.axis.remap("SS", [i, j])
                A[vi, vj] = T.$D(0)
)",
                                   {{"$D", dtype}});
    std::string impl = "        T.make_filled_simdgroup_matrix(A.data, " + simdgroup_index("A") +
                       ", T.float32(0), 8, 8)\n";
    const std::array<std::string, 3> a{"A", dtype, "metal.simdgroup"};
    return IntrinScript{simdgroup_function("desc", {a}, "", "A[0:8, 0:8]", desc),
                        simdgroup_function("impl", {a}, "", "A[0:8, 0:8]", impl)};
  });
}

/// A copy between a matrix and memory; `turned` reads the memory by columns.
inline void add_simdgroup_copy(const AddIntrin& add, const std::string& name,
                               const std::string& scope, bool load, bool turned) {
  add(name, [=] {
    std::string desc = fill_script(R"(        for i, j in T.grid(8, 8):
            with T.block("copy"):
                vi, vj = T.axis.remap("SS", [i, j])
                C[$TO] = A[vi, vj]
)",
                                   {{"$TO", turned ? "vj, vi" : "vi, vj"}});
    const char *tile = load ? "C" : "A", *memory = load ? "A" : "C";
    std::string impl = fill_script(
        R"(        T.$OP($T.data, $I, T.tvm_access_ptr(T.type_annotation("float16"), $M.data, $M.elem_offset, $M.strides[0] * 8, $ACCESS), $M.strides[0], 8, 8, T.bool($TURNED))
)",
        {{"$OP", load ? "simdgroup_load" : "simdgroup_store"},
         {"$ACCESS", load ? "1" : "2"},
         {"$TURNED", turned ? "True" : "False"},
         {"$T", tile},
         {"$M", memory},
         {"$I", simdgroup_index(tile)}});
    const std::array<std::string, 3> a{"A", "float16", load ? scope : "metal.simdgroup"},
        c{"C", "float16", load ? "metal.simdgroup" : scope};
    return IntrinScript{simdgroup_function("desc", {a, c}, "A[0:8, 0:8]", "C[0:8, 0:8]", desc),
                        simdgroup_function("impl", {a, c}, "A[0:8, 0:8]", "C[0:8, 0:8]", impl)};
  });
}

METASCHEDULE_INLINE void add_metal_intrins(const AddIntrin& add) {
  add_simdgroup_fill(add, "simdgroup_make_filled_8x8x8_f16", "float16");
  add_simdgroup_fill(add, "simdgroup_fill_8x8x8_f32", "float32");
  add_simdgroup_fill(add, "simdgroup_fill_8x8x8_bf16", "bfloat16");
  add_simdgroup_copy(add, "simdgroup_load_8x8x8_f16_shared", "shared", true, false);
  add_simdgroup_copy(add, "simdgroup_load_8x8x8_f16_shared_trans", "shared", true, true);
  add_simdgroup_copy(add, "simdgroup_store_8x8x8_f16_global", "global", false, false);
  add_simdgroup_copy(add, "simdgroup_store_8x8x8_f16_shared", "shared", false, false);
  add("simdgroup_multiply_accumulate_8x8x8_f16", [] {
    const char* desc = R"(        for i, j, k in T.grid(8, 8, 8):
            with T.block("update"):
                vi, vj, vk = T.axis.remap("SSR", [i, j, k])
                C[vi, vj] = C[vi, vj] + A[vi, vk] * B[vk, vj]
)";
    std::string impl = "        T.simdgroup_multiply_accumulate(";
    for (const char* name : {"C", "A", "B", "C"})
      impl +=
          std::string(impl.back() == '(' ? "" : ", ") + name + ".data, " + simdgroup_index(name);
    impl += ")\n";
    const std::array<std::string, 3> a{"A", "float16", "metal.simdgroup"},
        b{"B", "float16", "metal.simdgroup"}, c{"C", "float16", "metal.simdgroup"};
    const std::string reads = "C[0:8, 0:8], A[0:8, 0:8], B[0:8, 0:8]", writes = "C[0:8, 0:8]";
    return IntrinScript{simdgroup_function("desc", {a, b, c}, reads, writes, desc),
                        simdgroup_function("impl", {a, b, c}, reads, writes, impl)};
  });
}

}  // namespace metaschedule::detail
