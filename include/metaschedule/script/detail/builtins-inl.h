// SPDX-License-Identifier: Apache-2.0
// The tables of T.name and I.name.
#pragma once

#include <unordered_map>

#include "metaschedule/script/detail/builtins_expr-inl.h"
#include "metaschedule/script/detail/builtins_module-inl.h"
#include "metaschedule/script/detail/builtins_stmt-inl.h"
#include "metaschedule/script/detail/builtins_te-inl.h"

namespace metaschedule::script {

namespace detail {

inline constexpr Builtin kTirBuiltins[] = {
    // loops
    {"serial", loop<ForKind::Serial>},
    {"parallel", loop<ForKind::Parallel>},
    {"vectorized", loop<ForKind::Vectorized>},
    {"unroll", loop<ForKind::Unrolled>},
    {"thread_binding", loop<ForKind::ThreadBinding>},
    {"grid", grid},
    // blocks, in both dialects
    {"block", block},
    {"sblock", block},
    {"init", init},
    {"where", where},
    {"reads", reads, true},
    {"writes", writes, true},
    {"block_attr", block_attr},
    {"sblock_attr", block_attr},
    {"axis.spatial", axis<IterType::DataPar>},
    {"axis.S", axis<IterType::DataPar>},
    {"axis.reduce", axis<IterType::CommReduce>},
    {"axis.R", axis<IterType::CommReduce>},
    {"axis.scan", axis<IterType::Ordered>},
    {"axis.opaque", axis<IterType::Opaque>},
    {"axis.remap", remap},
    // buffers
    {"Buffer", buffer},
    {"buffer_decl", buffer},
    {"alloc_buffer", alloc_buffer},
    {"sblock_alloc_buffer", alloc_buffer},
    {"match_buffer", match_buffer, true},
    {"decl_buffer", decl_buffer_frame},
    {"allocate", allocate},
    {"allocate_const", allocate_const},
    {"realize", realize, true},
    {"buffer_store", buffer_store},
    {"prefetch", prefetch},
    // other statements
    {"LetStmt", let_stmt},
    {"let", let_stmt},
    {"attr", attr},
    {"env_thread", env_thread},
    {"launch_thread", launch_thread},
    {"Assert", assert_frame},
    {"While", while_frame},
    {"If", if_frame},
    {"Then", then_frame},
    {"Else", else_frame},
    {"evaluate", evaluate},
    {"func_attr", func_attr},
    {"func_name", func_name},
    {"func_ret", func_ret},
    // nodes
    {"Add", binary_node<Kind::Add>},
    {"Sub", binary_node<Kind::Sub>},
    {"Mul", binary_node<Kind::Mul>},
    {"Div", binary_node<Kind::Div>},
    {"Mod", binary_node<Kind::Mod>},
    {"FloorDiv", binary_node<Kind::FloorDiv>},
    {"FloorMod", binary_node<Kind::FloorMod>},
    {"Min", binary_node<Kind::Min>},
    {"Max", binary_node<Kind::Max>},
    {"EQ", binary_node<Kind::EQ>},
    {"NE", binary_node<Kind::NE>},
    {"LT", binary_node<Kind::LT>},
    {"LE", binary_node<Kind::LE>},
    {"GT", binary_node<Kind::GT>},
    {"GE", binary_node<Kind::GE>},
    {"And", binary_node<Kind::And>},
    {"Or", binary_node<Kind::Or>},
    {"Not", not_node},
    {"Select", select_node},
    {"Ramp", ramp},
    {"ramp", ramp},
    {"Broadcast", broadcast},
    {"broadcast", broadcast},
    {"Shuffle", shuffle},
    {"Cast", cast_node},
    {"cast", cast_value},
    {"Let", let_expr},
    {"BufferLoad", buffer_load},
    {"Call", call_node},
    {"IntImm", int_node},
    {"FloatImm", float_node},
    {"StringImm", string_node},
    {"ProducerLoad", producer_load},
    {"Reduce", reduce_node},
    {"CommReducer", comm_reducer_node},
    {"IterVar", iter_var_node},
    // functions that match types and fold
    {"min", binary_fold<Kind::Min>},
    {"max", binary_fold<Kind::Max>},
    {"truncdiv", binary_fold<Kind::Div>},
    {"truncmod", binary_fold<Kind::Mod>},
    {"floordiv", binary_fold<Kind::FloorDiv>},
    {"floormod", binary_fold<Kind::FloorMod>},
    {"indexdiv", binary_fold<Kind::FloorDiv>},
    {"indexmod", binary_fold<Kind::FloorMod>},
    {"all", fold_all<Kind::And>},
    {"any", fold_all<Kind::Or>},
    {"ceildiv", ceildiv_value},
    {"abs", abs_value},
    {"if_then_else", if_then_else_value},
    {"likely", likely_value},
    {"floor", rounding},
    {"ceil", rounding},
    {"trunc", rounding},
    {"round", rounding},
    {"nearbyint", rounding},
    {"isnan", isnan_value},
    {"isinf", isinf_value},
    {"isfinite", isfinite_value},
    {"bitwise_and", two<bitwise_and>},
    {"bitwise_or", two<bitwise_or>},
    {"bitwise_xor", two<bitwise_xor>},
    {"bitwise_not", bitwise_not_value},
    {"shift_left", two<shift_left>},
    {"shift_right", two<shift_right>},
    {"pow", math2},
    {"max_value", limit<max_value>},
    {"min_value", limit<min_value>},
    {"infinity", limit<infinity>},
    {"call_intrin", call_intrin},
    // variables and the like
    {"handle", handle},
    {"ptr", handle},
    {"Ptr", handle},
    {"buffer_var", handle},
    {"Var", var_node},
    {"SizeVar", var_node},
    {"var", var_of},
    {"meta_var", meta_var},
    {"Range", range_node},
    {"iter_var", iter_var},
    {"comm_reducer", comm_reducer},
    {"index_map", index_map},
    {"target", target},
    // what only other compilers can do
    {.name = "call_kernel",
     .refused = "T.call_kernel: no compiler for kernels in another language is here. Write the "
                "kernel as a T.prim_func, or compile it elsewhere and call it by T.call_packed; "
                "see docs/migrating.md"},
};

inline constexpr Builtin kIrBuiltins[] = {
    {"module_attrs", module_attrs},
    {"module_set_attr", module_set_attr},
    {"module_get_attr", module_get_attr},
    {"module_global_infos", module_global_infos},
    {"vdevice", vdevice},
    {"lookup_vdevice", lookup_vdevice},
    {"dummy_global_info", dummy_global_info},
    {"Range", range_node},
};

using BuiltinTable = std::unordered_map<std::string_view, Builtin>;

}  // namespace detail

METASCHEDULE_INLINE const Builtin* find_tir_builtin(std::string_view name) {
  static const detail::BuiltinTable& table = *[] {
    auto* out = new detail::BuiltinTable();
    for (const Builtin& builtin : detail::kTirBuiltins) out->emplace(builtin.name, builtin);
    for (const Op* op : Op::all()) {
      std::string_view spelling = op->script_name;
      if (!spelling.empty())
        out->emplace(spelling, Builtin{spelling, detail::intrinsic, false, op});
    }
    return out;
  }();
  auto it = table.find(name);
  return it == table.end() ? nullptr : &it->second;
}

METASCHEDULE_INLINE const Builtin* find_ir_builtin(std::string_view name) {
  for (const Builtin& builtin : detail::kIrBuiltins)
    if (builtin.name == name) return &builtin;
  return nullptr;
}

METASCHEDULE_INLINE std::optional<DType> find_dtype_function(std::string_view name) {
  if (name == "boolean") return kBool;
  constexpr std::string_view prefixes[] = {"int",        "uint",       "float", "bfloat",
                                           "e4m3_float", "e5m2_float", "bool",  "void"};
  bool known = std::any_of(std::begin(prefixes), std::end(prefixes),
                           [&](std::string_view prefix) { return name.starts_with(prefix); });
  if (!known) return std::nullopt;
  try {
    return DType::parse(name);
  } catch (const Error&) {
    return std::nullopt;
  }
}

}  // namespace metaschedule::script
