// SPDX-License-Identifier: Apache-2.0
// Building tensor expressions.
#pragma once

#include <algorithm>

#include "metaschedule/ir/walk.h"
#include "metaschedule/te/tensor.h"

namespace metaschedule::te {

METASCHEDULE_INLINE TensorRef output_of(const Ref<Node>& op, const Exprs& shape, DType dtype,
                                        size_t index) {
  auto tensor = mutate(*make<Tensor>());
  tensor->shape = shape;
  tensor->dtype = dtype;
  tensor->op = op;
  tensor->value_index = static_cast<int32_t>(index);
  return tensor;
}

METASCHEDULE_INLINE TensorRef placeholder(Exprs shape, DType dtype, std::string name) {
  auto op = mutate(*make<PlaceholderOp>());
  op->name = std::move(name);
  op->shape = shape;
  op->dtype = dtype;
  return output_of(Ref<PlaceholderOp>(op), shape, dtype, 0);
}

METASCHEDULE_INLINE std::vector<TensorRef> compute_many(
    const Exprs& shape, const std::function<std::vector<Expr>(const Indices&)>& f,
    const ComputeOptions& options) {
  auto op = mutate(*make<ComputeOp>());
  op->name = options.name;
  op->tag = options.tag;
  op->attrs = options.attrs;
  std::vector<Ref<IterVar>> axes;
  Indices indices;
  for (size_t i = 0; i < shape.size(); ++i) {
    const Expr& extent = shape[i];
    std::string name = i < options.axes.size()
                           ? options.axes[i]
                           : fmt::format("i{}", i - std::min(i, options.axes.size()));
    VarRef var = make<Var>(name, extent->dtype);
    axes.push_back(
        make<IterVar>(make<Range>(int_imm(extent->dtype, 0), extent), var, IterType::DataPar));
    indices.push_back(var);
  }
  std::vector<Expr> body = f(indices);
  check<ValueError>(!body.empty(), "compute {}: expected an expression, found none", options.name);
  for (size_t i = 0; i < body.size(); ++i) {
    check<TypeError>(body[i] != nullptr, "compute {}: expected an expression, found none",
                     options.name);
    const Reduce* top = as<Reduce>(body[i]);
    check<ValueError>(!top == !as<Reduce>(body[0]),
                      "compute {}: either all or none of the outputs are reductions", options.name);
    if (top) op->reduce_axis = top->axis;
    auto nested = [&](const Node& node) { return node.kind == Kind::Reduce && &node != top; };
    check<ValueError>(!any_node(*body[i], nested),
                      "compute {}: a reduction may stand only at the top of the expression",
                      options.name);
  }
  op->axis = axes;
  op->body = body;
  std::vector<TensorRef> out;
  for (size_t i = 0; i < body.size(); ++i)
    out.push_back(output_of(Ref<ComputeOp>(op), shape, body[i]->dtype, i));
  return out;
}

METASCHEDULE_INLINE TensorRef compute(const Exprs& shape,
                                      const std::function<Expr(const Indices&)>& f,
                                      const ComputeOptions& options) {
  return compute_many(
      shape, [&](const Indices& indices) { return std::vector<Expr>{f(indices)}; }, options)[0];
}

METASCHEDULE_INLINE std::vector<TensorRef> external(const std::vector<TensorRef>& inputs,
                                                    const std::vector<BufferRef>& input_buffers,
                                                    const std::vector<BufferRef>& outputs,
                                                    const Stmt& body,
                                                    const ExternOptions& options) {
  check<ValueError>(inputs.size() == input_buffers.size(),
                    "extern {}: {} inputs, but {} buffers for them", options.name, inputs.size(),
                    input_buffers.size());
  check<ValueError>(!outputs.empty(), "extern {}: expected an output", options.name);
  for (size_t i = 0; i < inputs.size(); ++i) {
    const Buffer& buffer = *input_buffers[i];
    check<ValueError>(buffer.ndim() == inputs[i]->shape.size() && buffer.dtype == inputs[i]->dtype,
                      "extern {}: buffer {} does not fit input {}: expected {} dimensions of {}",
                      options.name, buffer.name, i, inputs[i]->shape.size(),
                      to_string(inputs[i]->dtype));
  }
  auto op = mutate(*make<ExternOp>());
  op->name = options.name;
  op->tag = options.tag;
  op->attrs = options.attrs;
  op->inputs = inputs;
  op->input_placeholders = input_buffers;
  op->output_placeholders = outputs;
  op->body = body;
  std::vector<TensorRef> out;
  for (size_t i = 0; i < outputs.size(); ++i)
    out.push_back(output_of(Ref<ExternOp>(op), outputs[i]->shape, outputs[i]->dtype, i));
  return out;
}

METASCHEDULE_INLINE Expr at(const TensorRef& tensor, const Indices& indices) {
  check<ValueError>(indices.size() == tensor->shape.size(),
                    "tensor {} is {}-dimensional, but is indexed with {} indices", name_of(*tensor),
                    tensor->shape.size(), indices.size());
  return make<ProducerLoad>(tensor, tensor->dtype, Exprs(indices));
}

METASCHEDULE_INLINE Ref<IterVar> reduce_axis(const Ref<Range>& range, const std::string& name) {
  return make<IterVar>(range, make<Var>(name, range->extent->dtype), IterType::CommReduce);
}
METASCHEDULE_INLINE Ref<IterVar> reduce_axis(const Expr& extent, const std::string& name) {
  return reduce_axis(make<Range>(int_imm(extent->dtype, 0), extent), name);
}

METASCHEDULE_INLINE Ref<CommReducer> comm_reducer(
    const std::function<std::vector<Expr>(const Indices&, const Indices&)>& combine,
    const std::vector<Expr>& identity) {
  std::vector<VarRef> lhs, rhs;
  Indices x, y;
  bool one = identity.size() == 1;
  for (size_t i = 0; i < identity.size(); ++i) {
    lhs.push_back(make<Var>(one ? "x" : fmt::format("x_{}", i), identity[i]->dtype));
    rhs.push_back(make<Var>(one ? "y" : fmt::format("y_{}", i), identity[i]->dtype));
    x.push_back(lhs.back());
    y.push_back(rhs.back());
  }
  return make<CommReducer>(Vars(lhs), Vars(rhs), Exprs(combine(x, y)), Exprs(identity));
}

METASCHEDULE_INLINE std::vector<Expr> reduce(const Ref<CommReducer>& reducer,
                                             const std::vector<Expr>& sources,
                                             const List<IterVar>& axes) {
  check<ValueError>(sources.size() == reducer->identity_element.size(),
                    "the reducer takes {} sources, not {}", reducer->identity_element.size(),
                    sources.size());
  std::vector<Expr> out;
  for (size_t i = 0; i < sources.size(); ++i) {
    out.push_back(
        make<Reduce>(reducer, Exprs(sources), axes, true_(), static_cast<int>(i), Exprs()));
  }
  return out;
}

namespace detail {
inline Expr reduce_with(Kind kind, const Expr& source, const List<IterVar>& axes,
                        const Expr& identity) {
  auto combine = [&](const Indices& x, const Indices& y) {
    return std::vector<Expr>{binary(kind, x[0], y[0])};
  };
  return reduce(comm_reducer(combine, {identity}), {source}, axes)[0];
}
}  // namespace detail

METASCHEDULE_INLINE Expr sum(const Expr& source, const List<IterVar>& axes) {
  return detail::reduce_with(Kind::Add, source, axes, make_zero(source->dtype));
}
METASCHEDULE_INLINE Expr min(const Expr& source, const List<IterVar>& axes) {
  return detail::reduce_with(Kind::Min, source, axes, max_value(source->dtype));
}
METASCHEDULE_INLINE Expr max(const Expr& source, const List<IterVar>& axes) {
  return detail::reduce_with(Kind::Max, source, axes, min_value(source->dtype));
}

METASCHEDULE_INLINE std::string name_of(const Tensor& tensor) {
  if (const PlaceholderOp* op = as<PlaceholderOp>(tensor.op)) return op->name;
  const ComputeOp* compute = as<ComputeOp>(tensor.op);
  const ExternOp* external = as<ExternOp>(tensor.op);
  METASCHEDULE_CHECK(compute || external);
  size_t outputs = compute ? compute->body.size() : external->output_placeholders.size();
  const std::string& name = compute ? compute->name : external->name;
  return outputs == 1 ? name : fmt::format("{}.v{}", name, tensor.value_index);
}

METASCHEDULE_INLINE std::vector<TensorRef> inputs_of(const Node& op) {
  std::vector<TensorRef> out;
  auto add = [&](const TensorRef& tensor) {
    if (std::find(out.begin(), out.end(), tensor) == out.end()) out.push_back(tensor);
  };
  if (const ExternOp* external = as<ExternOp>(&op)) {
    for (const TensorRef& tensor : external->inputs) add(tensor);
  } else if (const ComputeOp* compute = as<ComputeOp>(&op)) {
    for (const Expr& e : compute->body) {
      post_order(*e, [&](const Node& node) {
        if (const ProducerLoad* load = as<ProducerLoad>(&node))
          add(cast_to<Tensor>(load->producer));
      });
    }
  }
  return out;
}

}  // namespace metaschedule::te
