// SPDX-License-Identifier: Apache-2.0
// Small programs for the tests of the schedule layer, built node by node.
#pragma once

#include <string>
#include <vector>

#include "metaschedule/ir/op.h"
#include "metaschedule/schedule/schedule.h"

namespace metaschedule::testing {

/// A root block around a body, as a module with one function `main` over the buffers.
inline ModuleRef root_module(const std::vector<BufferRef>& params, Stmt body,
                             const std::vector<BufferRef>& alloc = {}) {
  BlockRef root = make<Block>(List<IterVar>{}, BufferRegions{}, BufferRegions{}, "root",
                              std::move(body), nullptr, List<Buffer>(alloc));
  NodePairs map;
  std::vector<VarRef> list;
  for (const BufferRef& buffer : params) {
    VarRef var = make<Var>(buffer->name + "_handle", DType::handle());
    list.push_back(var);
    map.emplace_back(var, buffer);
  }
  PrimFuncRef func = make<PrimFunc>(Vars(list), make<BlockRealize>(Exprs{}, true_(), root), map);
  return make<IRModule>(NodePairs{{make<GlobalVar>("main"), func}});
}

/// One axis of a block with the loop that it is bound to.
struct Axis {
  std::string name;
  int64_t extent;
  IterType type = IterType::DataPar;
};

/// The variables of a nest of loops and of the block in it.
struct Nest {
  std::vector<VarRef> loops, iters;
  std::vector<Expr> point(const std::vector<size_t>& axes) const {
    std::vector<Expr> out;
    for (size_t a : axes) out.push_back(iters[a]);
    return out;
  }
};
inline Nest make_nest(const std::vector<Axis>& axes) {
  Nest nest;
  for (const Axis& axis : axes) {
    nest.loops.push_back(make<Var>(axis.name, kInt32));
    nest.iters.push_back(make<Var>("v" + axis.name, kInt32));
  }
  return nest;
}
inline Stmt close_nest(const Nest& nest, const std::vector<Axis>& axes, const std::string& name,
                       BufferRegions reads, BufferRegions writes, Stmt body, Stmt init = nullptr) {
  std::vector<Ref<IterVar>> iters;
  std::vector<Expr> values;
  for (size_t i = 0; i < axes.size(); ++i) {
    iters.push_back(
        make<IterVar>(make<Range>(i32(0), i32(axes[i].extent)), nest.iters[i], axes[i].type));
    values.push_back(nest.loops[i]);
  }
  Stmt out =
      make<BlockRealize>(values, true_(),
                         make<Block>(List<IterVar>(iters), std::move(reads), std::move(writes),
                                     name, std::move(body), std::move(init)));
  for (size_t i = axes.size(); i-- > 0;)
    out = make<For>(nest.loops[i], i32(0), i32(axes[i].extent), ForKind::Serial, out);
  return out;
}

/// C[n, m] = A[n, k] * B[k, m].
inline ModuleRef matmul(int64_t n, int64_t m, int64_t k) {
  BufferRef a = decl_buffer({i32(n), i32(k)}, kFloat32, "A");
  BufferRef b = decl_buffer({i32(k), i32(m)}, kFloat32, "B");
  BufferRef c = decl_buffer({i32(n), i32(m)}, kFloat32, "C");
  std::vector<Axis> axes{{"i", n}, {"j", m}, {"k", k, IterType::CommReduce}};
  Nest nest = make_nest(axes);
  Exprs at_c(nest.point({0, 1})), at_a(nest.point({0, 2})), at_b(nest.point({2, 1}));
  Stmt body = make<BufferStore>(c, load(c, at_c) + load(a, at_a) * load(b, at_b), at_c);
  Stmt init = make<BufferStore>(c, make_zero(kFloat32), at_c);
  return root_module({a, b, c},
                     close_nest(nest, axes, "C", {point_region(a, at_a), point_region(b, at_b)},
                                {point_region(c, at_c)}, body, init));
}

/// B[i] = A[i] + 1, then C[i] = B[i] * 2, with B allocated in the root.
inline ModuleRef two_stages(int64_t n) {
  BufferRef a = decl_buffer({i32(n)}, kFloat32, "A");
  BufferRef b = decl_buffer({i32(n)}, kFloat32, "B");
  BufferRef c = decl_buffer({i32(n)}, kFloat32, "C");
  auto stage = [&](const char* name, const BufferRef& in, const BufferRef& out, double factor) {
    std::vector<Axis> axes{{"i", n}};
    Nest nest = make_nest(axes);
    Exprs at(nest.point({0}));
    Stmt body = make<BufferStore>(
        out, load(in, at) * make_const(kFloat32, factor) + make_const(kFloat32, 1), at);
    return close_nest(nest, axes, name, {point_region(in, at)}, {point_region(out, at)}, body);
  };
  return root_module({a, c}, flatten_seq({stage("B", a, b, 1), stage("C", b, c, 2)}), {b});
}

}  // namespace metaschedule::testing
