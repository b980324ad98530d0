// SPDX-License-Identifier: Apache-2.0
// Lowering of tensor expressions to blocks.
#pragma once

#include <algorithm>
#include <unordered_map>
#include <unordered_set>

#include "metaschedule/arith/analyzer.h"
#include "metaschedule/ir/walk.h"
#include "metaschedule/script/access_region.h"
#include "metaschedule/script/detail/root_block.h"
#include "metaschedule/te/create_prim_func.h"
#include "metaschedule/te/detail/widen.h"

namespace metaschedule::te {

namespace detail {

class FuncCreator {
 public:
  explicit FuncCreator(std::optional<DType> index_dtype) {
    if (!index_dtype) return;
    check<ValueError>(index_dtype->is_int() && index_dtype->is_scalar(),
                      "create_prim_func: indices cannot be {}", to_string(*index_dtype));
    widener_.emplace(*index_dtype);
  }

  PrimFuncRef run(const std::vector<TensorRef>& args) {
    std::vector<VarRef> params;
    NodePairs buffer_map;
    std::vector<BufferRef> arg_buffers;
    for (const TensorRef& tensor : args) find_buffers(tensor->op);
    for (const TensorRef& tensor : args) {
      VarRef param = make<Var>("var_" + name_of(*tensor), DType::handle());
      bool twice = has_buffer(*tensor);
      check<ValueError>(!twice, "create_prim_func: tensor {} is given twice", name_of(*tensor));
      BufferRef buffer = add_buffer(*tensor, true);
      params.push_back(param);
      buffer_map.emplace_back(param, buffer);
      arg_buffers.push_back(buffer);
    }
    args_ = &args;
    for (const TensorRef& tensor : args) visit(tensor->op);
    Stmt body = flatten_seq(stmts_);
    if (script::detail::needs_root(body, !allocations_.empty())) {
      BlockRef root = make<Block>(List<IterVar>(), BufferRegions(), BufferRegions(), "root", body,
                                  nullptr, List<Buffer>(allocations_));
      body = make<BlockRealize>(Exprs(), true_(), root);
    }
    if (const BlockRealize* root = as<BlockRealize>(body)) to_infer_.erase(root->block.get());
    body = infer_access_regions(body, arg_buffers, to_infer_);
    Dict attrs{{"global_symbol", make<String>("main")}, {"tir.noalias", true_()}};
    if (!layout_free_.empty()) {
      std::sort(layout_free_.begin(), layout_free_.end());
      std::vector<Ref<Node>> indices;
      for (int64_t index : layout_free_) indices.push_back(i32(index));
      attrs = attrs.with("layout_free_buffers", make<Array>(List<Node>(indices)));
    }
    return make<PrimFunc>(Vars(params), body, buffer_map, attrs);
  }

 private:
  using Key = std::pair<const Node*, int32_t>;
  struct KeyHash {
    size_t operator()(const Key& key) const {
      return std::hash<const Node*>()(key.first) * 31 + static_cast<size_t>(key.second);
    }
  };

  bool has_buffer(const Tensor& t) const { return buffers_.contains({t.op.get(), t.value_index}); }
  const BufferRef& buffer_of(const Tensor& t) const {
    return buffers_.at({t.op.get(), t.value_index});
  }
  BufferRef add_buffer(const Tensor& t, bool is_arg = false) {
    const Key key{t.op.get(), t.value_index};
    auto given = given_.find(key);
    if (is_arg && given != given_.end()) return buffers_[key] = given->second;
    return buffers_[key] =
               decl_buffer(widener_ ? widener_->shape(t.shape) : t.shape, t.dtype, name_of(t));
  }
  /// An external operation comes with the buffers that its statement knows: those of inputs and
  /// outputs that are parameters stay.
  void find_buffers(const Ref<Node>& op) {
    if (!searched_.insert(op.get()).second) return;
    check<ValueError>(++depth_ < 1000,
                      "create_prim_func: operations depend on one another too deeply");
    for (const TensorRef& input : inputs_of(*op)) find_buffers(input->op);
    --depth_;
    const ExternOp* external = as<ExternOp>(op);
    if (!external) return;
    for (size_t i = 0; i < external->inputs.size(); ++i) {
      const Tensor& input = *external->inputs[i];
      if (as<PlaceholderOp>(input.op))
        given_.try_emplace({input.op.get(), input.value_index}, external->input_placeholders[i]);
    }
    for (size_t i = 0; i < external->output_placeholders.size(); ++i)
      given_.try_emplace({op.get(), static_cast<int32_t>(i)}, external->output_placeholders[i]);
  }

  /// Producers first; each operation once.
  void visit(const Ref<Node>& op) {
    if (!seen_.insert(op.get()).second) return;
    check<ValueError>(++depth_ < 1000,
                      "create_prim_func: operations depend on one another too deeply");
    for (const TensorRef& input : inputs_of(*op)) {
      visit(input->op);
      if (!as<PlaceholderOp>(input->op) || has_buffer(*input)) continue;
      std::string names;
      for (const TensorRef& arg : *args_) names += (names.empty() ? "" : ", ") + name_of(*arg);
      fail<ValueError>(
          "The operation {} is used, but this tensor does not appear as a function argument. The "
          "function accepts arguments [{}]",
          name_of(*input), names);
    }
    --depth_;
    if (const ComputeOp* compute = as<ComputeOp>(op)) return lower(op, *compute);
    if (const ExternOp* external = as<ExternOp>(op)) return lower(op, *external);
  }

  std::vector<BufferRef> outputs(const Ref<Node>& op, size_t count, const Exprs& shape,
                                 const std::vector<DType>& dtypes) {
    std::vector<BufferRef> out;
    for (size_t i = 0; i < count; ++i) {
      TensorRef tensor = output_of(op, shape, dtypes[i], i);
      if (!has_buffer(*tensor)) allocations_.push_back(add_buffer(*tensor));
      out.push_back(buffer_of(*tensor));
    }
    return out;
  }

  std::string fresh_name(std::string name) {
    std::replace(name.begin(), name.end(), '.', '_');
    std::string out = name;
    for (int k = 1; !names_.insert(out).second; ++k) out = fmt::format("{}_{}", name, k);
    return out;
  }

  // ---- computed tensors

  /// The axes of one level: a reduction axis whose range depends on other axes is a level deeper.
  static size_t level_of(const IterVar& axis, const std::vector<Ref<IterVar>>& axes,
                         const std::vector<size_t>& levels) {
    size_t level = 0;
    for (size_t i = 0; i < levels.size(); ++i) {
      const Var* var = axes[i]->var.get();
      if (uses_var(*axis.dom, var)) level = std::max(level, levels[i] + 1);
    }
    return level;
  }

  /// The operation with axes and indices of the type asked for.
  Ref<ComputeOp> widened(const ComputeOp& compute) {
    Widener& widener = *widener_;
    auto axes = [&](const List<IterVar>& list) {
      std::vector<Ref<IterVar>> out;
      for (const Ref<IterVar>& axis : list) {
        VarRef var = widener(axis->var);
        out.push_back(make<IterVar>(widener.range(axis->dom), var, axis->iter_type));
      }
      return List<IterVar>(out);
    };
    auto out = mutate(compute);
    out->axis = axes(compute.axis);
    out->reduce_axis = axes(compute.reduce_axis);
    std::vector<Expr> body;
    for (const Expr& e : compute.body) {
      const Reduce* reduce = as<Reduce>(e);
      if (!reduce) {
        body.push_back(widener.value(e));
        continue;
      }
      std::vector<Expr> sources;
      for (const Expr& source : reduce->source) sources.push_back(widener.value(source));
      body.push_back(make<Reduce>(reduce->combiner, sources, out->reduce_axis, reduce->condition,
                                  reduce->value_index, reduce->init));
    }
    out->body = body;
    return out;
  }

  void lower(const Ref<Node>& op, const ComputeOp& given) {
    Ref<ComputeOp> wide = widener_ ? widened(given) : Ref<ComputeOp>();
    const ComputeOp& compute = wide ? *wide : given;
    std::vector<Ref<IterVar>> axes = compute.axis.vec();
    for (const Ref<IterVar>& axis : compute.reduce_axis) axes.push_back(axis);
    std::vector<size_t> levels;
    size_t depth = 0;
    for (size_t i = 0; i < axes.size(); ++i) {
      levels.push_back(level_of(*axes[i], axes, levels));
      depth = std::max(depth, levels.back());
    }
    std::vector<Expr> shape;
    for (const Ref<IterVar>& axis : compute.axis) shape.push_back(axis->dom->extent);
    std::vector<DType> dtypes;
    for (const Expr& e : compute.body) dtypes.push_back(e->dtype);
    std::vector<BufferRef> buffers = outputs(op, compute.body.size(), shape, dtypes);

    if (as<Reduce>(compute.body[0]) || compute.body.size() == 1) {
      std::string name = fresh_name(compute.name);
      stmts_.push_back(nest(compute, axes, levels, depth, name, buffers));
      return;
    }
    // Elementwise with several outputs: a block for each, in one nest.
    std::vector<std::string> names;
    for (const BufferRef& buffer : buffers) names.push_back(fresh_name(buffer->name));
    std::vector<Stmt> blocks;
    VarMap to_loop;
    std::vector<Ref<For>> loops = make_loops(axes, levels, 0, VarMap(), to_loop);
    for (size_t i = 0; i < buffers.size(); ++i) {
      blocks.push_back(
          innermost(compute, axes, levels, 0, names[i], buffers, i, to_loop, VarMap()));
    }
    stmts_.push_back(wrap(loops, flatten_seq(blocks)));
  }

  /// The loops of one level, without their body; `to_loop` maps its axes to their variables.
  static std::vector<Ref<For>> make_loops(const std::vector<Ref<IterVar>>& axes,
                                          const std::vector<size_t>& levels, size_t level,
                                          const VarMap& outer, VarMap& to_loop) {
    std::vector<Ref<For>> loops;
    for (size_t i = 0; i < axes.size(); ++i) {
      if (levels[i] != level) continue;
      const IterVar& axis = *axes[i];
      VarRef var = make<Var>(axis.var->name, axis_dtype(axis));
      loops.push_back(make<For>(var, substitute(axis.dom->min, outer),
                                substitute(axis.dom->extent, outer), ForKind::Serial, nullptr));
      to_loop[axis.var.get()] = var;
    }
    return loops;
  }
  static DType axis_dtype(const IterVar& axis) {
    int bits = std::max({axis.dom->min->dtype.bits, axis.dom->extent->dtype.bits});
    return DType::int_(bits);
  }
  static Stmt wrap(const std::vector<Ref<For>>& loops, Stmt body) {
    for (size_t i = loops.size(); i-- > 0;) {
      auto loop = mutate(*loops[i]);
      loop->body = body;
      body = Ref<For>(loop);
    }
    return body;
  }

  /// Loops and blocks from one level inwards. `outer` maps axes of outer levels to the axes of the
  /// block around.
  Stmt nest(const ComputeOp& compute, const std::vector<Ref<IterVar>>& axes,
            const std::vector<size_t>& levels, size_t depth, const std::string& name,
            const std::vector<BufferRef>& buffers, size_t level = 0, const VarMap& outer = {}) {
    VarMap to_loop;
    std::vector<Ref<For>> loops = make_loops(axes, levels, level, outer, to_loop);
    if (level == depth) {
      return wrap(loops, innermost(compute, axes, levels, level, name, buffers, 0, to_loop, outer));
    }
    std::vector<Ref<IterVar>> iters;
    std::vector<Expr> values;
    VarMap inner;
    add_axes(axes, levels, level, to_loop, outer, iters, values, inner);
    Stmt body = nest(compute, axes, levels, depth, name, buffers, level + 1, inner);
    BlockRef block = make<Block>(List<IterVar>(iters), BufferRegions(), BufferRegions(),
                                 fresh_name(fmt::format("{}_l{}", name, level + 1)), body);
    to_infer_[block.get()] = 3;
    return wrap(loops, make<BlockRealize>(Exprs(values), true_(), block));
  }

  /// The axes of a block: those of outer levels again, as ranges of one, then its own.
  static void add_axes(const std::vector<Ref<IterVar>>& axes, const std::vector<size_t>& levels,
                       size_t level, const VarMap& to_loop, const VarMap& outer,
                       std::vector<Ref<IterVar>>& iters, std::vector<Expr>& values,
                       VarMap& to_block) {
    for (size_t i = 0; i < axes.size(); ++i) {
      if (levels[i] > level) continue;
      const IterVar& axis = *axes[i];
      VarRef var = make<Var>("v_" + axis.var->name, axis_dtype(axis));
      Ref<Range> dom;
      Expr value;
      if (levels[i] < level) {
        value = outer.at(axis.var.get());
        dom = make<Range>(value, int_imm(value->dtype, 1));
      } else {
        value = to_loop.at(axis.var.get());
        dom = substitute(axis.dom, outer);
      }
      iters.push_back(make<IterVar>(dom, var, axis.iter_type));
      values.push_back(value);
      to_block[axis.var.get()] = var;
    }
  }

  /// The block that computes: one output of an elementwise operation, or a whole reduction.
  Stmt innermost(const ComputeOp& compute, const std::vector<Ref<IterVar>>& axes,
                 const std::vector<size_t>& levels, size_t level, const std::string& name,
                 const std::vector<BufferRef>& buffers, size_t output, const VarMap& to_loop,
                 const VarMap& outer) {
    std::vector<Ref<IterVar>> iters;
    std::vector<Expr> values;
    VarMap to_block;
    add_axes(axes, levels, level, to_loop, outer, iters, values, to_block);
    Indices indices;
    for (const Ref<IterVar>& axis : compute.axis) indices.push_back(to_block.at(axis->var.get()));
    if (iters.empty()) {
      iters.push_back(
          make<IterVar>(make<Range>(i32(0), i32(1)), make<Var>("vi", kInt32), IterType::DataPar));
      values.push_back(i32(0));
    }
    Stmt body, init;
    if (const Reduce* reduce = as<Reduce>(compute.body[0])) {
      std::tie(body, init) = reduction(*reduce, buffers, indices, to_block);
    } else {
      body = make<BufferStore>(buffers[output], transform(compute.body[output], to_block),
                               Exprs(indices));
    }
    BlockRef block =
        make<Block>(List<IterVar>(iters), BufferRegions(), BufferRegions(), name, body, init,
                    List<Buffer>(), List<MatchBufferRegion>(), annotations(compute.attrs));
    to_infer_[block.get()] = 3;
    return make<BlockRealize>(Exprs(values), true_(), block);
  }

  std::pair<Stmt, Stmt> reduction(const Reduce& reduce, const std::vector<BufferRef>& buffers,
                                  const Indices& indices, const VarMap& to_block) {
    VarMap operands;
    const CommReducer& combiner = *reduce.combiner;
    std::vector<Stmt> inits;
    for (size_t i = 0; i < buffers.size(); ++i) {
      operands[combiner.lhs[i].get()] = load(buffers[i], Exprs(indices));
      operands[combiner.rhs[i].get()] = transform(reduce.source[i], to_block);
      inits.push_back(make<BufferStore>(buffers[i], combiner.identity_element[i], Exprs(indices)));
    }
    if (buffers.size() == 1) {
      Expr value = substitute(combiner.result[0], operands);
      return {make<BufferStore>(buffers[0], value, Exprs(indices)), inits[0]};
    }
    // All new values are known before the first of them is stored.
    std::vector<VarRef> vars;
    std::vector<Stmt> stores;
    for (const BufferRef& buffer : buffers) {
      vars.push_back(make<Var>("v_" + buffer->name, buffer->dtype));
      stores.push_back(make<BufferStore>(buffer, vars.back(), Exprs(indices)));
    }
    Stmt body = flatten_seq(stores);
    for (size_t i = buffers.size(); i-- > 0;)
      body = make<LetStmt>(vars[i], substitute(combiner.result[i], operands), body);
    return {body, flatten_seq(inits)};
  }

  /// An expression of tensors and axes as one of buffers and block axes, simplified.
  Expr transform(const Expr& e, const VarMap& to_block) {
    Ref<Node> loads = rewrite_post_order(*e, [&](const Node& node) -> Ref<Node> {
      const ProducerLoad* producer = as<ProducerLoad>(&node);
      if (!producer) return nullptr;
      return make<BufferLoad>(buffer_of(*cast_to<Tensor>(producer->producer)), producer->indices);
    });
    Expr replaced = substitute(loads ? cast_to<ExprNode>(loads) : e, to_block);
    return arith::Analyzer().simplify(replaced);
  }

  Dict annotations(const Dict& attrs) {
    Dict out;
    for (const auto& [key, value] : attrs) {
      if (key == "layout_free_placeholders") {
        const Array* tensors = as<Array>(value);
        check<ValueError>(tensors, "layout_free_placeholders must be a list of tensors");
        for (const Ref<Node>& item : tensors->items) {
          for (size_t i = 0; i < args_->size(); ++i) {
            const Tensor* tensor = as<Tensor>(item);
            bool same = tensor && (*args_)[i]->op == tensor->op &&
                        (*args_)[i]->value_index == tensor->value_index;
            auto index = static_cast<int64_t>(i);
            bool known =
                std::find(layout_free_.begin(), layout_free_.end(), index) != layout_free_.end();
            if (same && !known) layout_free_.push_back(index);
          }
        }
        continue;
      }
      if (key == "const_matrix" || key == "workload" ||
          key == "auto_scheduler_simplify_const_tensor_indices") {
        continue;
      }
      const Tensor* tensor = as<Tensor>(value);
      out = out.with(key, tensor ? Ref<Node>(buffer_of(*tensor)) : normalized(value));
    }
    return out;
  }
  static Ref<Node> normalized(const Ref<Node>& value) {
    if (const BoxInt* box = as<BoxInt>(value)) return i32(box->value);
    if (const BoxBool* box = as<BoxBool>(value)) return int_imm(kBool, box->value);
    if (const BoxFloat* box = as<BoxFloat>(value)) return make<FloatImm>(kFloat32, box->value);
    return value;
  }

  // ---- statements over buffers

  void lower(const Ref<Node>& op, const ExternOp& external) {
    BufferMap buffers;
    VarMap data;
    auto bind = [&](const BufferRef& from, const BufferRef& to) {
      if (from == to) return;
      buffers[from.get()] = to;
      data[from->data.get()] = to->data;
      // Where the statement asks for the offset and strides of its own buffer, those of the other.
      if (const Var* offset = as<Var>(from->elem_offset)) data[offset] = to->elem_offset;
      for (size_t d = 0; d < from->strides.size(); ++d) {
        const Var* stride = as<Var>(from->strides[d]);
        if (!stride) continue;
        data[stride] = to->has_strides() ? to->strides[d] : compact_stride(*to, d);
      }
    };
    for (size_t i = 0; i < external.inputs.size(); ++i)
      bind(external.input_placeholders[i], buffer_of(*external.inputs[i]));
    for (size_t i = 0; i < external.output_placeholders.size(); ++i) {
      const BufferRef& from = external.output_placeholders[i];
      TensorRef tensor = output_of(op, from->shape, from->dtype, i);
      if (!has_buffer(*tensor)) allocations_.push_back(add_buffer(*tensor));
      bind(from, buffer_of(*tensor));
    }
    Stmt body = substitute(replace_buffers(external.body, buffers), data);
    BlockRef block = make<Block>(List<IterVar>(), BufferRegions(), BufferRegions(),
                                 fresh_name(external.name), body);
    stmts_.push_back(make<BlockRealize>(Exprs(), true_(), block));
  }

  static Expr compact_stride(const Buffer& buffer, size_t d) {
    Expr out = i32(1);
    for (size_t i = d + 1; i < buffer.ndim(); ++i) out = out * buffer.shape[i];
    return out;
  }

  std::optional<Widener> widener_;
  const std::vector<TensorRef>* args_ = nullptr;
  std::unordered_map<Key, BufferRef, KeyHash> buffers_;
  std::unordered_map<Key, BufferRef, KeyHash> given_;
  std::unordered_set<const Node*> seen_, searched_;
  std::unordered_set<std::string> names_;
  std::vector<BufferRef> allocations_;
  std::vector<Stmt> stmts_;
  std::unordered_map<const Block*, uint8_t> to_infer_;
  std::vector<int64_t> layout_free_;
  int depth_ = 0;
};

}  // namespace detail

METASCHEDULE_INLINE PrimFuncRef create_prim_func(const std::vector<TensorRef>& args,
                                                 std::optional<DType> index_dtype) {
  return detail::FuncCreator(index_dtype).run(args);
}

}  // namespace metaschedule::te
