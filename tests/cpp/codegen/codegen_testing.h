// SPDX-License-Identifier: Apache-2.0
// Compiles small functions and calls them, for the tests of this folder.
#pragma once

#include <gtest/gtest.h>

#include <functional>

#include "metaschedule/codegen/compile.h"
#include "metaschedule/ir/op.h"
#include "metaschedule/runtime/module.h"

namespace metaschedule {

inline TargetRef llvm_target(std::string cpu = "") {
  auto target = mutate(*make<Target>());
  target->target_kind = "llvm";
  if (!cpu.empty()) target->attrs = Dict({{"mcpu", make<String>(cpu)}});
  return target;
}

/// A function of buffers, in the order given.
inline PrimFuncRef func_of(const std::vector<BufferRef>& buffers, Stmt body, Dict attrs = {}) {
  std::vector<VarRef> params;
  NodePairs map;
  for (const BufferRef& b : buffers) {
    params.push_back(make<Var>("p_" + b->name, DType::handle()));
    map.push_back({params.back(), b});
  }
  return make<PrimFunc>(Vars(params), body, map, attrs);
}

inline runtime::Module build(const PrimFuncRef& func, codegen::CompileOptions options = {}) {
  options.verify = true;
  auto artifact = codegen::compile(*IRModule::from_func(func), *llvm_target(), options);
  return runtime::Module::from_object(artifact.object);
}

inline Expr n32(int64_t v) { return i32(v); }

/// for i in [0, n): body(i)
inline Stmt loop(int64_t n, ForKind kind, const std::function<Stmt(const VarRef&)>& body) {
  VarRef i = make<Var>("i", kInt32);
  return make<For>(i, i32(0), i32(n), kind, body(i));
}

template <class T>
T* data_of(const runtime::Tensor& t) {
  return static_cast<T*>(t.data());
}

}  // namespace metaschedule
