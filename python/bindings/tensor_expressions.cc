// SPDX-License-Identifier: Apache-2.0
// The nodes of tensor expressions.
#include "bindings.h"
#include "metaschedule/te/create_prim_func.h"
#include "metaschedule/te/topi.h"
#include "metaschedule/te/workload.h"

namespace metaschedule::bindings {

namespace {

TensorRef make_tensor(Exprs shape, DType dtype, Ref<Node> op, int index) {
  Mutable<Tensor> tensor(new Tensor());
  tensor->shape = std::move(shape);
  tensor->dtype = dtype;
  tensor->op = std::move(op);
  tensor->value_index = index;
  return tensor;
}

TensorRef placeholder(Exprs shape, DType dtype, const std::string& name) {
  Mutable<PlaceholderOp> op(new PlaceholderOp());
  op->name = name;
  op->shape = shape;
  op->dtype = dtype;
  return make_tensor(std::move(shape), dtype, Ref<PlaceholderOp>(op), 0);
}

/// One tensor for each expression of `body`; reduction axes are those of the reductions on top.
std::vector<TensorRef> compute(const std::string& name, const std::string& tag, Dict attrs,
                               List<IterVar> axis, Exprs body) {
  check<ValueError>(!body.empty(), "compute {}: expected at least one expression", name);
  Mutable<ComputeOp> op(new ComputeOp());
  op->name = name;
  op->tag = tag;
  op->attrs = std::move(attrs);
  op->axis = axis;
  op->body = body;
  const Reduce* first = as<Reduce>(body[0]);
  if (first) op->reduce_axis = first->axis;
  std::vector<Expr> shape;
  for (const Ref<IterVar>& v : axis) shape.push_back(v->dom->extent);
  for (const Expr& e : body) {
    check<ValueError>(e->dtype.is_scalar(), "compute {}: expected scalar expressions, found {}",
                      name, to_string(e->dtype));
    bool is_reduction = as<Reduce>(e) != nullptr;
    check<ValueError>(is_reduction == (first != nullptr),
                      "compute {}: either all outputs are reductions or none", name);
    for_each_child(*e, [&](const Node& child) {
      check<ValueError>(!any_node(child, [](const Node& n) { return n.kind == Kind::Reduce; }),
                        "compute {}: a reduction may only stand at the top of an expression", name);
    });
  }
  std::vector<TensorRef> outputs;
  for (size_t i = 0; i < body.size(); ++i)
    outputs.push_back(make_tensor(shape, body[i]->dtype, Ref<ComputeOp>(op), static_cast<int>(i)));
  return outputs;
}

TensorRef output_of(const Ref<Node>& op, int index) {
  if (const PlaceholderOp* p = as<PlaceholderOp>(op)) return make_tensor(p->shape, p->dtype, op, 0);
  if (const ExternOp* e = as<ExternOp>(op)) {
    const List<Buffer>& outputs = e->output_placeholders;
    check<IndexError>(index >= 0 && index < static_cast<int>(outputs.size()),
                      "operation {} has {} outputs, there is no output {}", e->name, outputs.size(),
                      index);
    const BufferRef& buffer = outputs[static_cast<size_t>(index)];
    return make_tensor(buffer->shape, buffer->dtype, op, index);
  }
  const ComputeOp* c = as<ComputeOp>(op);
  check<TypeError>(c, "output: expected an operation");
  check<IndexError>(index >= 0 && index < static_cast<int>(c->body.size()),
                    "operation {} has {} outputs, there is no output {}", c->name, c->body.size(),
                    index);
  std::vector<Expr> shape;
  for (const Ref<IterVar>& v : c->axis) shape.push_back(v->dom->extent);
  return make_tensor(shape, c->body[static_cast<size_t>(index)]->dtype, op, index);
}

/// Two Tensor objects are the same tensor when they are the same output of the same operation.
bool same_tensor(const TensorRef& a, const TensorRef& b) {
  return a->op == b->op && a->value_index == b->value_index;
}

/// A workload by the name of its function and its sizes, in the order of the function's parameters.
te::Tensors workload(const std::string& name, const std::vector<int64_t>& p,
                     const te::ConvOptions& o, int64_t extra) {
  auto sizes = [&](size_t count) {
    check<ValueError>(p.size() == count, "{}: expected {} sizes, found {}", name, count, p.size());
    return true;
  };
  if (name == "conv1d_nlc" && sizes(4)) return te::conv1d_nlc(p[0], p[1], p[2], p[3], o);
  if (name == "conv2d_nhwc" && sizes(5)) return te::conv2d_nhwc(p[0], p[1], p[2], p[3], p[4], o);
  if (name == "conv3d_ndhwc" && sizes(6))
    return te::conv3d_ndhwc(p[0], p[1], p[2], p[3], p[4], p[5], o);
  if (name == "depthwise_conv2d_nhwc" && sizes(4))
    return te::depthwise_conv2d_nhwc(p[0], p[1], p[2], p[3], o);
  if (name == "conv2d_transpose_nhwc" && sizes(5))
    return te::conv2d_transpose_nhwc(p[0], p[1], p[2], p[3], p[4], o);
  if (name == "conv2d_capsule_nhwijc" && sizes(5))
    return te::conv2d_capsule_nhwijc(p[0], p[1], p[2], p[3], p[4], o, extra);
  if (name == "conv2d_nhwc_bn_relu" && sizes(5))
    return te::conv2d_nhwc_bn_relu(p[0], p[1], p[2], p[3], p[4], o);
  if (name == "conv2d_nchw" && sizes(7))
    return te::conv2d_nchw(p[0], p[1], p[2], p[3], p[4], p[5], p[6], o);
  if (name == "conv2d_nchw_bias_bn_relu" && sizes(7))
    return te::conv2d_nchw_bias_bn_relu(p[0], p[1], p[2], p[3], p[4], p[5], p[6], o);
  if (name == "conv2d_winograd_nchw" && sizes(5))
    return te::conv2d_winograd_nchw(p[0], p[1], p[2], p[3], p[4], o);
  if (name == "max_pool2d_nchw" && sizes(4))
    return te::max_pool2d_nchw(p[0], p[1], p[2], p[3], o.padding);
  if (name == "batch_matmul_nkkm" && sizes(4))
    return te::batch_matmul_nkkm(p[0], p[1], p[2], p[3], o.in_dtype, o.out_dtype);
  if (name == "transpose_batch_matmul" && sizes(4))
    return te::transpose_batch_matmul(p[0], p[1], p[2], p[3], o.in_dtype, o.out_dtype);
  fail<ValueError>("unknown workload {}", name);
}

}  // namespace

void bind_tensor_expressions(py::module_& m) {
  using namespace py::literals;
  m.def("te_placeholder", &placeholder);
  m.def("te_compute", &compute);
  m.def("te_output", &output_of);
  m.def("te_same_tensor", &same_tensor);
  m.def("te_create_prim_func", &te::create_prim_func);
  m.def("te_create_workload", &te::create_te_workload);
  m.def("te_workloads", &te::te_workloads);
  m.def(
      "te_workload",
      [](const std::string& name, const std::vector<int64_t>& sizes, int64_t kernel, int64_t stride,
         int64_t padding, int64_t dilation, int64_t groups, DType in_dtype, DType out_dtype,
         int64_t extra) {
        return workload(name, sizes,
                        {kernel, stride, padding, dilation, groups, in_dtype, out_dtype}, extra);
      },
      "name"_a, "sizes"_a, "kernel"_a = 1, "stride"_a = 1, "padding"_a = 0, "dilation"_a = 1,
      "groups"_a = 1, "in_dtype"_a = kFloat32, "out_dtype"_a = kFloat32, "extra"_a = 0);
  m.def("te_extern",
        [](const std::string& name, const std::string& tag, const Dict& attrs,
           const std::vector<TensorRef>& inputs, const std::vector<BufferRef>& input_buffers,
           const std::vector<BufferRef>& outputs, const Stmt& body) {
          return te::external(inputs, input_buffers, outputs, body, {name, tag, attrs});
        });
  m.def("te_inputs", [](const Ref<Node>& op) { return te::inputs_of(*op); });
  m.def("topi_pad", [](const TensorRef& data, const Exprs& before, const Exprs& after,
                       const Expr& value, const std::string& name, const Dict& attrs) {
    return te::pad(data, before, after, {.value = value, .name = name, .attrs = attrs});
  });
  m.def("topi_relu", &te::relu);
  m.def("topi_softmax", &te::softmax);
  m.def("topi_conv2d_nchw",
        [](const TensorRef& data, const TensorRef& filter, const te::Pair& stride,
           const te::Border& padding, const te::Pair& dilation, DType out_dtype) {
          return te::conv2d_nchw(data, filter, {stride, dilation, padding, out_dtype});
        });
  m.def("topi_pool2d", [](const TensorRef& x, const te::Pair& kernel, const te::Pair& stride,
                          const te::Pair& dilation, const te::Border& padding, bool is_max,
                          bool ceil_mode, const std::string& layout, bool count_include_pad) {
    return te::pool2d(
        x, {kernel, stride, dilation, padding, is_max ? te::PoolType::Max : te::PoolType::Avg,
            ceil_mode, layout, count_include_pad});
  });
  m.def("topi_winograd",
        [](const TensorRef& data, const TensorRef& weight, bool nhwc, const te::Border& padding,
           int64_t tile_size, bool pre_computed, DType out_dtype, int64_t write_cache_level) {
          return te::conv2d_winograd(data, weight,
                                     {nhwc ? te::ImageLayout::NHWC : te::ImageLayout::NCHW, padding,
                                      tile_size, pre_computed, out_dtype, write_cache_level});
        });
}

}  // namespace metaschedule::bindings
