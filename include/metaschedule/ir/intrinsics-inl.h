// SPDX-License-Identifier: Apache-2.0
// The table of intrinsics that a Call may name.
#pragma once

#include <algorithm>
#include <memory>
#include <unordered_map>

#include "metaschedule/ir/intrinsics.h"

namespace metaschedule {

namespace detail {

struct OpRow {
  std::string_view names;  // separated by spaces, without the prefix
  int inputs;              // -1: any number
  CallEffect effect;
  bool vectorizable;
  Op::DTypeArg dtype_arg = Op::DTypeArg::None;
};

inline constexpr OpRow kOpRows[] = {
    {"exp exp2 exp10 tanh sigmoid sqrt log log2 log10 tan cos cosh sin sinh fabs floor ceil round "
     "trunc popcount",
     1, CallEffect::Pure, true},
    {"erf rsqrt log1p asin acos atan asinh acosh atanh nearbyint clz isnan", 1, CallEffect::Pure,
     false},
    {"pow", 2, CallEffect::Pure, true},
    {"atan2 nextafter hypot copysign ldexp fmod", 2, CallEffect::Pure, false},
    {"fma", 3, CallEffect::Pure, true},
    {"likely", 1, CallEffect::ExprAnnotation, true},
    {"if_then_else", 3, CallEffect::Pure, false},
    {"bitwise_and bitwise_or bitwise_xor shift_left shift_right", 2, CallEffect::Pure, true},
    {"bitwise_not", 1, CallEffect::Pure, true},
    {"reinterpret", 1, CallEffect::Pure, false, Op::DTypeArg::First},
    {"ret", 1, CallEffect::ControlJump, false},
    {"large_uint_imm", 2, CallEffect::Pure, false},
    {"address_of isnullptr", 1, CallEffect::Pure, false},
    {"q_multiply_shift", 4, CallEffect::Pure, true},
    {"q_multiply_shift_per_axis", 7, CallEffect::Pure, true},
    {"call_extern", -1, CallEffect::Opaque, false, Op::DTypeArg::First},
    {"call_pure_extern", -1, CallEffect::Pure, false, Op::DTypeArg::First},
    {"call_llvm_intrin", -1, CallEffect::Opaque, false, Op::DTypeArg::First},
    {"call_llvm_pure_intrin", -1, CallEffect::Pure, true, Op::DTypeArg::First},
    {"call_spirv_pure_glsl450", -1, CallEffect::Pure, false},
    {"tvm_call_packed tvm_call_cpacked tvm_call_packed_lowered tvm_call_cpacked_lowered", -1,
     CallEffect::Opaque, false},
    {"tvm_access_ptr", 5, CallEffect::SpecialCallArg, false},
    {"type_annotation", 0, CallEffect::Pure, false, Op::DTypeArg::First},
    {"tvm_tuple", -1, CallEffect::EmbedInfo, false},
    {"tvm_struct_get", 3, CallEffect::ReadState, false, Op::DTypeArg::Last},
    {"tvm_struct_set", 4, CallEffect::UpdateState, false},
    {"tvm_throw_last_error", 0, CallEffect::Opaque, false},
    {"tvm_stack_alloca", 2, CallEffect::Opaque, false},
    {"tvm_stack_make_shape", -1, CallEffect::Opaque, false},
    {"tvm_stack_make_array", 6, CallEffect::Opaque, false},
    {"tvm_check_return", 3, CallEffect::Pure, false},
    {"lookup_param", 1, CallEffect::Opaque, false},
    {"tvm_thread_invariant", 1, CallEffect::Pure, false},
    {"tvm_thread_allreduce tvm_storage_sync tvm_warp_shuffle tvm_warp_shuffle_up "
     "tvm_warp_shuffle_down tvm_warp_activemask tvm_global_barrier_kinit tvm_thread_context",
     -1, CallEffect::Opaque, false},
    {"tvm_load_matrix_sync", -1, CallEffect::ReadState, false},
    {"tvm_store_matrix_sync tvm_mma_sync tvm_bmma_sync tvm_fill_fragment", -1, CallEffect::Opaque,
     false},
    {"ptx_mma ptx_mma_sp ptx_ldmatrix ptx_cp_async ptx_cp_async_bulk mma_store mma_fill", -1,
     CallEffect::Opaque, false, Op::DTypeArg::First},
    {"ptx_commit_group ptx_wait_group ptx_cp_async_barrier ptx_init_barrier_thread_count "
     "ptx_arrive_barrier ptx_arrive_barrier_expect_tx ptx_wait_barrier create_barriers",
     -1, CallEffect::Opaque, false},
    {"make_filled_simdgroup_matrix simdgroup_load simdgroup_store simdgroup_multiply_accumulate",
     -1, CallEffect::Opaque, false},
    {"vectorlow vectorhigh", 1, CallEffect::Pure, false, Op::DTypeArg::First},
    {"vectorcombine get_active_lane_mask", 2, CallEffect::Pure, false, Op::DTypeArg::First},
    {"dp4a", 3, CallEffect::Pure, false, Op::DTypeArg::First},
    {"vscale", 0, CallEffect::Pure, false},
    {"assume", 1, CallEffect::EmbedInfo, false},
    {"undef", 0, CallEffect::ReadState, false},
    {"start_profile_intrinsic end_profile_intrinsic", -1, CallEffect::Pure, false},
    {"anylist_getitem", 2, CallEffect::ReadState, false},
    {"anylist_resetitem", 2, CallEffect::Opaque, false},
    {"anylist_setitem_call_packed anylist_setitem_call_cpacked atomic_add nd_mem_alloc_with_scope "
     "dma_copy dma_wait dma_start_group dma_end_group prefetch",
     -1, CallEffect::Opaque, false},
    {"texture2d_load texture2d_store", -1, CallEffect::Opaque, true},
    {"TVMBackendAllocWorkspace", 5, CallEffect::Opaque, false},
    {"TVMBackendFreeWorkspace", 3, CallEffect::Opaque, false},
};

/// Names whose script spelling is not the registered one; an empty spelling is no helper at all.
inline std::string script_name(std::string_view name) {
  if (name.starts_with("tvm_call_")) return std::string(name.substr(4));
  return std::string(name);
}

struct OpRegistry {
  std::vector<const Op*> all;
  std::unordered_map<std::string_view, const Op*> by_name;

  OpRegistry() {
    for (const OpRow& row : kOpRows) {
      std::string_view rest = row.names;
      while (!rest.empty()) {
        size_t end = std::min(rest.find(' '), rest.size());
        std::string_view name = rest.substr(0, end);
        rest.remove_prefix(std::min(end + 1, rest.size()));
        Op* op = new Op();  // immortal: calls hold it for the life of the process
        op->refs.store(Node::kImmortal, std::memory_order_relaxed);
        op->name = "tir." + std::string(name);
        op->num_inputs = row.inputs;
        op->effect = row.effect;
        op->vectorizable = row.vectorizable;
        op->script_name = script_name(name);
        op->dtype_arg = row.dtype_arg;
        all.push_back(op);
        by_name.emplace(op->name, op);
      }
    }
  }
};
inline const OpRegistry& op_registry() {
  // Never destroyed: calls in static objects may outlive it.
  static const OpRegistry& registry = *new OpRegistry();
  return registry;
}

}  // namespace detail

METASCHEDULE_INLINE const Op* Op::find(std::string_view name) {
  const auto& table = detail::op_registry().by_name;
  if (auto it = table.find(name); it != table.end()) return it->second;
  if (name.starts_with("tir.")) return nullptr;
  auto it = table.find("tir." + std::string(name));
  return it == table.end() ? nullptr : it->second;
}
METASCHEDULE_INLINE const Op& Op::get(std::string_view name) {
  const Op* op = find(name);
  if (!op) fail<ValueError>("unknown intrinsic {}", name);
  return *op;
}
METASCHEDULE_INLINE const std::vector<const Op*>& Op::all() { return detail::op_registry().all; }

METASCHEDULE_INLINE DType intrinsic_dtype(std::string_view name, const Exprs& args) {
  auto any_of = [&](std::initializer_list<std::string_view> names) {
    return std::find(names.begin(), names.end(), name) != names.end();
  };
  if (name.starts_with("tvm_call_") || name.starts_with("q_multiply_shift") ||
      any_of({"tvm_struct_set", "tvm_check_return", "tvm_storage_sync", "undef", "vscale", "clz",
              "dma_copy", "dma_wait", "dma_start_group", "dma_end_group",
              "TVMBackendFreeWorkspace"})) {
    return kInt32;
  }
  if (name == "if_then_else" && args.size() > 1) return args[1]->dtype;
  if (name == "isnan" && !args.empty()) return kBool.with_lanes(args[0]->dtype.lanes);
  if (any_of({"isnullptr", "assume"})) return kBool;
  if (any_of({"tvm_warp_activemask"})) return DType::uint(32);
  if (any_of({"large_uint_imm"})) return DType::uint(64);
  if (name.starts_with("ptx_") || any_of({"create_barriers"})) return DType::void_();
  if (name.starts_with("tvm_warp_shuffle") && args.size() > 1) return args[1]->dtype;
  bool handle = name.starts_with("tvm_stack_") || name.starts_with("simdgroup_") ||
                name.starts_with("anylist_") || name.ends_with("_profile_intrinsic") ||
                name.starts_with("texture2d_") || name.ends_with("_matrix_sync") ||
                name.ends_with("mma_sync");
  if (handle || args.empty() ||
      any_of({"address_of", "tvm_access_ptr", "tvm_tuple", "tvm_throw_last_error", "lookup_param",
              "tvm_thread_allreduce", "tvm_fill_fragment", "make_filled_simdgroup_matrix",
              "tvm_thread_context", "tvm_global_barrier_kinit", "nd_mem_alloc_with_scope",
              "TVMBackendAllocWorkspace", "prefetch"})) {
    return DType::handle();
  }
  return args[0]->dtype;
}

METASCHEDULE_INLINE Expr packed_array(const Buffer& buffer) {
  Exprs shape = buffer.shape, strides = buffer.strides;
  auto make_shape = [](const Exprs& dims) {
    return call(DType::handle(), "tvm_stack_make_shape", dims);
  };
  return call(
      DType::handle(), "tvm_stack_make_array",
      {buffer.data, make_shape(shape), strides.empty() ? i32(0) : make_shape(strides),
       i32(static_cast<int64_t>(shape.size())), make_zero(buffer.dtype), buffer.elem_offset});
}

}  // namespace metaschedule
