// SPDX-License-Identifier: Apache-2.0
// Random well-formed programs that stay inside their buffers: chains of blocks made from tensor
// expressions, and plain statements. The same seed gives the same programs.
#pragma once

#include <cstdint>
#include <random>
#include <string>
#include <vector>

#include "metaschedule/ir/target.h"
#include "metaschedule/te/create_prim_func.h"

namespace metaschedule::testing {

struct RandomProgramOptions {
  int max_stages = 4;
  int64_t max_extent = 8;
  int max_dims = 3;
  /// int32 makes results exact; float32 values stay small integers unless `transcendental`.
  DType dtype = kInt32;
  bool transcendental = false;
  bool conditionals = true;
  bool reductions = true;
};

class RandomProgram {
 public:
  explicit RandomProgram(uint64_t seed, RandomProgramOptions options = {})
      : random_(seed), options_(options) {}

  /// A function of blocks: element-wise stages, permutations, windows, reductions, products.
  PrimFuncRef blocks() {
    tensors_.clear();
    std::vector<TensorRef> args;
    int inputs = range(1, 2);
    for (int i = 0; i < inputs; ++i) {
      args.push_back(te::placeholder(shape(range(1, options_.max_dims)), options_.dtype,
                                     std::string(1, static_cast<char>('A' + i))));
      tensors_.push_back(args.back());
    }
    int stages = range(1, options_.max_stages);
    for (int i = 0; i < stages; ++i) tensors_.push_back(stage(fmt::format("S{}", i)));
    args.push_back(tensors_.back());
    return te::create_prim_func(args);
  }

  /// A function of loops, branches, lets, local buffers and vectors, without blocks.
  PrimFuncRef statements() {
    buffers_.clear();
    scope_.clear();
    std::vector<VarRef> params;
    NodePairs map;
    for (const char* name : {"A", "B"}) {
      BufferRef buffer = decl_buffer(shape(range(1, 2)), options_.dtype, name);
      params.push_back(make<Var>(std::string(name) + "_handle", DType::handle()));
      map.emplace_back(params.back(), buffer);
      buffers_.push_back(buffer);
    }
    Stmt body = sequence(3);
    Dict attrs{{"global_symbol", make<String>("main")}, {"tir.noalias", true_()}};
    return make<PrimFunc>(Vars(params), body, map, attrs);
  }

  /// A module of one or two functions, with attributes and global infos, or without.
  ModuleRef module() {
    NodePairs functions;
    for (const char* name : {"f", "main"}) {
      if (name[0] == 'f' && chance(50)) continue;
      functions.emplace_back(make<GlobalVar>(name), chance(50) ? blocks() : statements());
    }
    Dict attrs, infos;
    std::vector<Ref<Node>> values = {i32(range(-9, 9)), make<BoxFloat>(range(-9, 9) / 4.0),
                                     make<String>("text"), nullptr, make<DummyGlobalInfo>()};
    for (const char* key : {"a", "b", "c"})
      if (chance(50)) attrs = attrs.with(key, chance(30) ? make<Array>(values) : pick(values));
    const char* targets[] = {"c", "cuda -arch=sm_80", "llvm -mtriple=x86_64-linux-gnu"};
    for (const char* name : {"vdevice", "dummy"}) {
      if (chance(40)) continue;
      std::vector<Ref<Node>> items;
      for (int i = range(0, 3); i > 0; --i) {
        if (name[0] == 'v')
          items.push_back(make<VDevice>(make_target(targets[range(0, 2)]), range(0, 3),
                                        chance(50) ? "global" : "a \"scope\""));
        else
          items.push_back(make<DummyGlobalInfo>());
      }
      infos = infos.with(name, make<Array>(items));
    }
    return make<IRModule>(functions, attrs, infos);
  }

  std::mt19937_64& random() { return random_; }
  /// A number from `low` to `high`, both included.
  int range(int low, int high) {
    return low + static_cast<int>(random_() % static_cast<uint64_t>(high - low + 1));
  }
  bool chance(int percent) { return range(1, 100) <= percent; }

 private:
  using Indices = te::Indices;

  Exprs shape(int dims) {
    std::vector<Expr> out;
    for (int i = 0; i < dims; ++i)
      out.push_back(i32(range(1, static_cast<int>(options_.max_extent))));
    return out;
  }
  static int64_t extent(const Expr& e) { return as_const_int(e).value(); }

  // ---- blocks

  TensorRef stage(const std::string& name) {
    const TensorRef& source = pick(tensors_);
    int kind = options_.reductions ? range(0, 3) : 0;
    if (kind == 1 || kind == 2) return reduction(name, source);
    if (kind == 3 && source->shape.size() == 2) return product(name, source);
    Exprs out = chance(60) ? source->shape : shape(range(1, options_.max_dims));
    auto value = [&](const Indices& i) { return expression(i, out, 3); };
    return te::compute(out, value, {.name = name});
  }

  /// Sum, minimum or maximum over the last dimensions of a tensor.
  TensorRef reduction(const std::string& name, const TensorRef& source) {
    size_t rank = source->shape.size();
    auto kept = static_cast<size_t>(range(0, static_cast<int>(rank) - 1));
    std::vector<Ref<IterVar>> axes;
    for (size_t d = kept; d < rank; ++d)
      axes.push_back(te::reduce_axis(source->shape[d], fmt::format("k{}", d)));
    std::vector<Expr> out(source->shape.begin(),
                          source->shape.begin() + static_cast<std::ptrdiff_t>(kept));
    if (out.empty()) out.push_back(i32(1));
    int kind = range(0, 2);
    auto value = [&](const Indices& i) {
      Indices at;
      for (size_t d = 0; d < rank; ++d) at.push_back(d < kept ? i[d] : axes[d - kept]->var);
      Expr e = te::at(source, at);
      if (kind == 0) return te::sum(e, axes);
      return kind == 1 ? te::min(e, axes) : te::max(e, axes);
    };
    return te::compute(out, value, {.name = name});
  }

  TensorRef product(const std::string& name, const TensorRef& source) {
    auto k = te::reduce_axis(source->shape[1], "k");
    Exprs out = {source->shape[0], i32(range(1, static_cast<int>(options_.max_extent)))};
    const TensorRef& other = pick(tensors_);
    auto value = [&](const Indices& i) {
      Indices at;
      for (size_t d = 0; d < other->shape.size(); ++d)
        at.push_back(within(d == 0 ? Expr(k->var) : i[1], other->shape[d]));
      return te::sum(te::at(source, {i[0], k->var}) * te::at(other, at), {k});
    };
    return te::compute(out, value, {.name = name});
  }

  /// An index that cannot leave [0, size), whatever the value of `e`.
  Expr within(const Expr& e, const Expr& size) { return floormod(e, size); }

  Expr read(const Indices& i, const Exprs& domain) {
    const TensorRef& tensor = pick(tensors_);
    Indices at;
    for (const Expr& size : tensor->shape) at.push_back(index(i, domain, size));
    return te::at(tensor, at);
  }

  /// An index into a dimension of `size` from variables over `domain`.
  Expr index(const Indices& i, const Exprs& domain, const Expr& size) {
    if (i.empty()) return i32(range(0, static_cast<int>(extent(size)) - 1));
    auto d = static_cast<size_t>(range(0, static_cast<int>(i.size()) - 1));
    int64_t n = extent(domain[d]), m = extent(size);
    switch (range(0, 5)) {
      case 0:
        if (n <= m) return i32(n - 1) - i[d];
        break;
      case 1:
        return metaschedule::min(i[d] + 1, size - 1);
      case 2:
        if ((n + 1) / 2 <= m) return floordiv(i[d], 2);
        break;
      case 3:
        return within(i[d] * range(1, 3) + range(0, 3), size);
      default:
        break;
    }
    return n <= m ? i[d] : within(i[d], size);
  }

  Expr condition(const Indices& i) {
    if (i.empty()) return lt(i32(1), i32(2));
    const Expr& var = pick(i);
    Expr limit = i32(range(0, static_cast<int>(options_.max_extent)));
    switch (range(0, 3)) {
      case 0:
        return lt(var, limit);
      case 1:
        return ge(var, limit);
      case 2:
        return eq(floormod(var, 2), i32(range(0, 1)));
      default:
        return logical_and(le(i32(1), var), lt(var, limit));
    }
  }

  Expr expression(const Indices& i, const Exprs& domain, int depth) {
    if (depth == 0 || chance(20)) {
      return chance(75) ? read(i, domain) : make_const(options_.dtype, range(-3, 3));
    }
    Expr a = expression(i, domain, depth - 1);
    switch (range(0, options_.transcendental ? 7 : 6)) {
      case 0:
        return a + expression(i, domain, depth - 1);
      case 1:
        return a - expression(i, domain, depth - 1);
      case 2:
        return a * make_const(options_.dtype, range(-2, 3));
      case 3:
        return metaschedule::max(a, expression(i, domain, depth - 1));
      case 4:
        return metaschedule::min(a, make_const(options_.dtype, range(-3, 3)));
      case 5:
        if (!options_.conditionals) return a;
        return select(condition(i), a, expression(i, domain, depth - 1));
      case 6:
        if (!options_.conditionals) return a;
        return if_then_else(condition(i), a, expression(i, domain, depth - 1));
      default:
        return options_.dtype.is_float() ? call_math("tanh", a) : a;
    }
  }

  // ---- statements

  struct Scoped {
    VarRef var;
    int64_t extent;  // its values are in [0, extent)
  };

  Stmt sequence(int depth) {
    std::vector<Stmt> stmts;
    int count = range(1, 3);
    for (int i = 0; i < count; ++i) stmts.push_back(statement(depth));
    return flatten_seq(stmts);
  }

  Stmt statement(int depth) {
    switch (depth == 0 ? 5 : range(0, 6)) {
      case 0:
      case 1:
        return loop(depth);
      case 2: {
        Expr test = scoped_condition();
        Stmt then_case = sequence(depth - 1);
        return make<IfThenElse>(test, then_case, chance(40) ? sequence(depth - 1) : Stmt());
      }
      case 3: {
        Expr value = scoped_expression(2);
        VarRef var = make<Var>(fmt::format("x{}", depth), value->dtype);
        Stmt stored = store(Expr(var) + scoped_expression(1));
        return make<LetStmt>(var, value, flatten_seq({stored, statement(depth - 1)}));
      }
      case 4:
        return local(depth);
      default:
        return store(scoped_expression(3));
    }
  }

  Stmt loop(int depth) {
    int64_t n = range(1, static_cast<int>(options_.max_extent));
    VarRef var = make<Var>(fmt::format("i{}", depth), kInt32);
    constexpr ForKind kinds[] = {ForKind::Serial, ForKind::Serial, ForKind::Serial,
                                 ForKind::Unrolled};
    Dict annotations;
    if (chance(20)) annotations = annotations.with("pragma_note", i32(range(0, 9)));
    scope_.push_back({var, n});
    Stmt body = sequence(depth - 1);
    scope_.pop_back();
    return make<For>(var, i32(0), i32(n), kinds[range(0, 3)], body, nullptr, annotations);
  }

  /// A local buffer, written in full before anything reads it.
  Stmt local(int depth) {
    BufferRef buffer = decl_buffer({i32(range(1, 8))}, options_.dtype, fmt::format("L{}", depth),
                                   chance(50) ? "local" : "");
    VarRef var = make<Var>("f", kInt32);
    Stmt fill = make<For>(var, i32(0), buffer->shape[0], ForKind::Serial,
                          make<BufferStore>(buffer, make_zero(options_.dtype), Exprs{var}));
    buffers_.push_back(buffer);
    Stmt body = flatten_seq({fill, sequence(depth - 1)});
    buffers_.pop_back();
    return make<Allocate>(buffer->data, options_.dtype, buffer->shape, true_(),
                          make<DeclBuffer>(buffer, body));
  }

  Exprs place(const Buffer& buffer) {
    std::vector<Expr> out;
    for (const Expr& size : buffer.shape) {
      if (scope_.empty() || chance(15)) {
        out.push_back(i32(range(0, static_cast<int>(extent(size)) - 1)));
        continue;
      }
      const Scoped& scoped = pick(scope_);
      bool fits = scoped.extent <= extent(size);
      out.push_back(fits ? Expr(scoped.var) : within(Expr(scoped.var) + range(0, 3), size));
    }
    return out;
  }
  Stmt store(const Expr& value) {
    const BufferRef& buffer = pick(buffers_);
    return make<BufferStore>(buffer, value, place(*buffer));
  }
  Indices scoped_vars() const {
    Indices out;
    for (const Scoped& scoped : scope_) out.push_back(scoped.var);
    return out;
  }
  Expr scoped_condition() {
    Indices vars = scoped_vars();
    if (!vars.empty()) return condition(vars);
    const BufferRef& buffer = pick(buffers_);
    return lt(load(buffer, place(*buffer)), make_const(options_.dtype, range(-3, 3)));
  }
  Expr scoped_expression(int depth) {
    if (depth == 0 || chance(25)) {
      const BufferRef& buffer = pick(buffers_);
      return chance(75) ? load(buffer, place(*buffer)) : make_const(options_.dtype, range(-3, 3));
    }
    Expr a = scoped_expression(depth - 1), b = scoped_expression(depth - 1);
    switch (range(0, 4)) {
      case 0:
        return a + b;
      case 1:
        return a - b;
      case 2:
        return metaschedule::max(a, b);
      case 3:
        return select(scoped_condition(), a, b);
      default:
        return metaschedule::min(a, b) * make_const(options_.dtype, 2);
    }
  }

  template <class T>
  const T& pick(const std::vector<T>& items) {
    return items[static_cast<size_t>(range(0, static_cast<int>(items.size()) - 1))];
  }

  std::mt19937_64 random_;
  RandomProgramOptions options_;
  std::vector<TensorRef> tensors_;
  std::vector<BufferRef> buffers_;
  std::vector<Scoped> scope_;
};

}  // namespace metaschedule::testing
