// SPDX-License-Identifier: Apache-2.0
// Random steps of a schedule: every kind of primitive with arguments of which most are good.
#pragma once

#include <algorithm>

#include "property/schedule/tensor_steps.h"

namespace metaschedule::testing {

class StepMaker : public TensorSteps {
 public:
  using TensorSteps::TensorSteps;

  /// Some calls that make one step. Raises what they raise, and Excluded.
  void step() {
    done = nullptr;
    find_place();
    if (chance(6)) return tensorize();
    const int kind = range(0, 45);
    if (kind < 10)
      loops(kind);
    else if (kind < 24)
      stages(kind - 10);
    else if (kind < 35)
      blocks(kind - 24);
    else
      buffers(kind - 35);
  }

 private:
  // ---- loops

  Factor factor(int n) { return Factor::number(n); }
  void loops(int kind) {
    const LoopRV loop = pick(loops_);
    switch (kind) {
      case 0:
      case 1:
        return split(loop);
      case 2: {
        const auto at = static_cast<size_t>(range(0, static_cast<int>(loops_.size()) - 1));
        const size_t end = std::min(loops_.size(), at + static_cast<size_t>(range(1, 3)));
        old_loops_.push_back(
            call(Fuse{{loops_.begin() + std::ptrdiff_t(at), loops_.begin() + std::ptrdiff_t(end)},
                      chance(70)}));
        return;
      }
      case 3:
      case 4:
        std::shuffle(loops_.begin(), loops_.end(), random_);
        if (loops_.size() > 2) loops_.resize(static_cast<size_t>(range(2, int(loops_.size()))));
        return call(Reorder{loops_});
      case 5:
        return kinds(loop);
      case 6: {
        auto others = call(GetLoops{some_block()});
        if (others.empty()) return;
        const size_t depth = static_cast<size_t>(
            range(0, static_cast<int>(std::min(loops_.size(), others.size())) - 1));
        call(Merge{{loops_[depth], others[depth]}});
        return;
      }
      case 7: {
        std::vector<Factor> factors{factor(range(1, 3))};
        if (chance(50)) factors.push_back(factor(range(1, 2)));
        if (chance(70)) factors.insert(factors.begin() + range(0, 1), Factor());
        call(LoopPartition{loop, factors, chance(50)});
        return;
      }
      case 8:
        if (chance(50))
          old_loops_.push_back(call(AddUnitLoop{block_}));
        else
          old_loops_.push_back(call(AddUnitLoop{loop}));
        return;
      default:
        return annotate(loop);
    }
  }
  void split(LoopRV loop) {
    std::vector<Factor> factors;
    const int way = range(0, 5);
    if (way < 2) {
      auto numbers = way == 0 ? call(SamplePerfectTile{loop, range(2, 3), 4, {}})
                              : call(SamplePartitionedTile{loop, 2, 1, range(1, 2), {}});
      factors.assign(numbers.begin(), numbers.end());
    } else {
      factors = {Factor(), factor(range(1, 5))};
      if (chance(30)) factors.push_back(factor(range(1, 3)));
      if (chance(25)) factors[0] = factor(range(1, 6));
      if (chance(30)) std::swap(factors[0], factors[1]);
    }
    for (LoopRV out : call(Split{loop, factors, chance(75), false})) old_loops_.push_back(out);
  }
  void kinds(LoopRV loop) {
    switch (range(0, 3)) {
      case 0:
        return call(Parallel{loop});
      case 1:
        return call(Vectorize{loops_.back()});
      case 2:
        return call(Unroll{loop});
      default:
        return call(Bind{loop, pick<std::string>({"blockIdx.x", "threadIdx.x", "vthread.y"})});
    }
  }
  void annotate(LoopRV loop) {
    BlockOrLoopRV target = loop;
    if (chance(50)) target = block_;
    if (chance(25)) return call(Unannotate{target, "pragma_note"});
    if (chance(30)) {
      ExprRV n = call(SampleCategorical{{0, 16, 64}, {0.25, 0.25, 0.5}, {}});
      return call(Annotate{target, "pragma_note", AnnotationArg(n)});
    }
    call(Annotate{target, chance(50) ? "pragma_note" : "pragma_other",
                  chance(50) ? AnnotationArg(make<String>("a b")) : AnnotationArg(i32(3))});
  }

  // ---- stages

  std::vector<BlockRV> some_consumers() {
    if (chance(75)) return {};
    std::vector<BlockRV> out;
    for (BlockRV one : call(GetConsumers{block_}))
      if (chance(60)) out.push_back(one);
    return out;
  }
  void stages(int kind) {
    switch (kind) {
      case 0:
        return keep(call(CacheRead{block_, position(), memory(), some_consumers()}));
      case 1:
        return keep(call(CacheWrite{block_, position(), memory(), some_consumers()}));
      case 2:
        return keep(call(ReIndex{block_, {position(), chance(50)}}));
      case 3:
        return reindex_cache();
      case 4:
        return keep(call(ReadAt{other_loop(), block_, position(), memory()}));
      case 5:
        return keep(call(WriteAt{other_loop(), block_, position(), memory()}));
      case 6:
        call(CacheInplace{block_, position(), memory()});
        return;
      case 7:
        if (!chance(40)) return inlining();
        call(CacheIndex{block_, memory(), range(0, 2)});
        return;
      case 8:
      case 9:
        return call(ComputeAt{block_, other_loop(), chance(30), index()});
      case 10:
      case 11:
        return call(ReverseComputeAt{block_, other_loop(), chance(30), index()});
      case 12:
        return inlining();
      default: {
        LoopRV loop = call(SampleComputeLocation{block_, {}});
        return call(ComputeAt{block_, loop, true, -1});
      }
    }
  }
  void inlining() {
    if (chance(50)) return call(ComputeInline{block_});
    call(ReverseComputeInline{block_});
  }
  int64_t index() { return chance(70) ? -1 : range(-2, 2); }
  void reindex_cache() {
    const bool read = chance(50);
    const BufferRegions& regions = read ? node().reads : node().writes;
    if (regions.empty()) throw Excluded{"nothing to choose from"};
    std::vector<VarRef> inputs;
    std::vector<Expr> outputs;
    for (const auto& iter : node().iter_vars) {
      inputs.push_back(make<Var>(iter->var->name, iter->var->dtype));
      for (const auto& one : regions[0]->region) {
        if (!uses_var(*one->min, iter->var.get())) continue;
        outputs.push_back(inputs.back());
        break;
      }
    }
    std::shuffle(outputs.begin(), outputs.end(), random_);
    if (outputs.size() > 1 && chance(30)) {
      outputs[0] = outputs[0] + outputs[1] * range(1, 8);
      if (chance(50)) outputs.erase(outputs.begin() + 1);
    }
    auto map = make<IndexMap>(Vars(inputs), outputs);
    keep(read ? call(ReindexCacheRead{block_, 0, memory(), map})
              : call(ReindexCacheWrite{block_, 0, memory(), map}));
  }

  // ---- blocks

  void blocks(int kind) {
    switch (kind) {
      case 0:
      case 1:
        return keep(call(DecomposeReduction{block_, pick(loops_)}));
      case 2:
      case 3:
        return keep(call(RFactor{pick(loops_), range(-2, 2)}));
      case 4:
        return keep(call(Blockize{pick(loops_), chance(70)}));
      case 5: {
        std::vector<BlockRV> all{block_};
        for (BlockRV one : call(GetConsumers{block_})) all.push_back(one);
        return keep(call(Blockize{all, chance(70)}));
      }
      case 6: {
        std::vector<int64_t> order;
        for (size_t i = 0; i < node().iter_vars.size(); ++i) order.push_back(int64_t(i));
        std::shuffle(order.begin(), order.end(), random_);
        return call(ReorderBlockIterVar{block_, order});
      }
      case 7:
        return block_layout();
      case 8:
        return keep(call(DecomposePadding{block_, pick(loops_)}));
      case 9: {
        std::vector<int64_t> padding;
        for (size_t i = 0; i < node().iter_vars.size(); ++i) padding.push_back(range(1, 4));
        return call(PadEinsum{block_, padding});
      }
      default:
        return call(Tensorize{pick(loops_), some_intrin(), chance(70)});
    }
  }
  void block_layout() {
    std::vector<VarRef> inputs;
    std::vector<Expr> outputs;
    for (const auto& iter : node().iter_vars) {
      if (!as<IntImm>(iter->dom->extent)) throw Excluded{"the map would name a symbolic extent"};
      inputs.push_back(make<Var>(iter->var->name, iter->var->dtype));
      outputs.push_back(inputs.back());
    }
    if (outputs.empty()) throw Excluded{"nothing to choose from"};
    if (outputs.size() > 1 && chance(50)) {
      outputs[0] = outputs[0] * node().iter_vars[1]->dom->extent + outputs[1];
      outputs.erase(outputs.begin() + 1);
    } else {
      const int n = range(2, 3);
      outputs.push_back(floormod(outputs[0], n));
      outputs[0] = floordiv(outputs[0], n);
    }
    if (chance(30)) std::shuffle(outputs.begin(), outputs.end(), random_);
    call(TransformBlockLayout{block_, make<IndexMap>(Vars(inputs), outputs)});
  }

  // ---- buffers

  void buffers(int kind) {
    switch (kind) {
      case 0:
        return call(SetScope{block_, position(), memory()});
      case 1:
        return call(StorageAlign{block_, position(), range(-2, 1), range(1, 32), range(0, 8)});
      case 2:
        return call(UnsafeSetDType{block_, position(), chance(50) ? "float64" : "int64"});
      case 3:
        return call(SetAxisSeparator{block_, {position(), chance(70)}, {1}});
      case 4:
        return call(RollingBuffer{block_, position()});
      case 5:
        if (!chance(20)) return layout();
        return call(UnsafeHideBufferAccess{block_, chance(50) ? "read" : "write", {position()}});
      case 6:
        return annotate_access();
      default:
        return layout();
    }
  }
  void annotate_access() {
    const bool write = chance(50);
    const int64_t at = position();
    const BufferRegions& regions = write ? node().writes : node().reads;
    if (size_t(at) >= regions.size()) throw Excluded{"nothing to choose from"};
    std::vector<VarRef> inputs;
    std::vector<Expr> outputs;
    VarMap vars;
    for (const auto& iter : node().iter_vars) {
      inputs.push_back(make<Var>(iter->var->name, iter->var->dtype));
      vars.emplace(iter->var.get(), inputs.back());
    }
    auto foreign = [&](const Var* var) { return !vars.count(var); };
    for (const auto& one : regions[size_t(at)]->region) {
      if (uses_var(*one->min, foreign) || uses_var(*one->extent, foreign))
        throw Excluded{"the map would name what is not an axis of the block"};
      outputs.push_back(substitute(one->min, vars));
      outputs.push_back(substitute(one->min + one->extent, vars));
    }
    call(AnnotateBufferAccess{block_, at, write, make<IndexMap>(Vars(inputs), outputs)});
  }
  void layout() {
    const bool write = chance(70);
    const int64_t at = position();
    const BufferRegions& regions = write ? node().writes : node().reads;
    if (size_t(at) >= regions.size()) throw Excluded{"nothing to choose from"};
    const BufferRef buffer = regions[size_t(at)]->buffer;
    std::vector<VarRef> inputs, padded;
    std::vector<Expr> outputs;
    for (size_t i = 0; i < buffer->ndim(); ++i) {
      if (!as<IntImm>(buffer->shape[i])) throw Excluded{"the map would name a symbolic extent"};
      inputs.push_back(make<Var>("i", buffer->shape[i]->dtype));
      outputs.push_back(inputs.back());
    }
    const size_t d = static_cast<size_t>(range(0, static_cast<int>(buffer->ndim()) - 1));
    if (chance(70)) {
      const int n = range(2, 3);
      outputs.push_back(floormod(Expr(inputs[d]), n));
      outputs[d] = floordiv(Expr(inputs[d]), n);
    } else if (outputs.size() > 1 && chance(50)) {
      outputs[0] = outputs[0] * buffer->shape[1] + outputs[1];
      outputs.erase(outputs.begin() + 1);
    }
    if (chance(40)) std::shuffle(outputs.begin(), outputs.end(), random_);
    for (size_t i = 0; i < outputs.size(); ++i) padded.push_back(make<Var>("j", kInt32));
    Ref<IndexMap> pad;
    if (chance(60)) pad = make<IndexMap>(Vars(padded), Exprs{make_const(buffer->dtype, 7)});
    call(TransformLayout{block_, {at, write}, make<IndexMap>(Vars(inputs), outputs), pad, false});
  }
};

}  // namespace metaschedule::testing
