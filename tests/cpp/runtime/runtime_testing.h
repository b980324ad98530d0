// SPDX-License-Identifier: Apache-2.0
// Programs that behave well and badly, for the tests of this folder.
#pragma once

#include <gtest/gtest.h>

#include <functional>

#include "metaschedule/codegen/compile.h"
#include "metaschedule/ir/op.h"
#include "metaschedule/runtime/module.h"
#include "metaschedule/runtime/worker_client.h"

namespace metaschedule {

inline TargetRef host_target() {
  auto target = mutate(*make<Target>());
  target->target_kind = "llvm";
  return target;
}

inline std::shared_ptr<const codegen::Artifact> compile_func(const std::vector<BufferRef>& buffers,
                                                             Stmt body) {
  std::vector<VarRef> params;
  NodePairs map;
  for (const BufferRef& b : buffers) {
    params.push_back(make<Var>("p_" + b->name, DType::handle()));
    map.push_back({params.back(), b});
  }
  PrimFuncRef func = make<PrimFunc>(Vars(params), body, map);
  return std::make_shared<codegen::Artifact>(
      codegen::compile(*IRModule::from_func(func), *host_target()));
}

inline BufferRef vector_of(int64_t n, std::string name) {
  return decl_buffer({i32(n)}, kFloat32, std::move(name));
}

/// for i in [begin, end): body(i), of kind `kind`
inline Stmt loop_over(int64_t begin, int64_t end, const std::function<Stmt(const VarRef&)>& body,
                      ForKind kind = ForKind::Serial) {
  VarRef i = make<Var>("i", kInt32);
  return make<For>(i, i32(begin), i32(end - begin), kind, body(i));
}

/// B[i] = A[i] + 1 over `written` elements of tensors of n.
inline std::shared_ptr<const codegen::Artifact> add_one(int64_t n, int64_t written) {
  BufferRef a = vector_of(n, "A"), b = vector_of(n, "B");
  return compile_func({a, b}, loop_over(0, written, [&](const VarRef& i) -> Stmt {
                        Expr value = load(a, {i}) + make_const(kFloat32, 1);
                        return make<BufferStore>(b, value, Exprs{i});
                      }));
}

}  // namespace metaschedule
