// SPDX-License-Identifier: Apache-2.0
// The nodes of tensor expressions.
#include "bindings.h"
#include "metaschedule/te/create_prim_func.h"
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
  const ComputeOp* c = as<ComputeOp>(op);
  check<TypeError>(c, "output: expected a placeholder or compute operation");
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

}  // namespace

void bind_tensor_expressions(py::module_& m) {
  m.def("te_placeholder", &placeholder);
  m.def("te_compute", &compute);
  m.def("te_output", &output_of);
  m.def("te_same_tensor", &same_tensor);
  m.def("te_create_prim_func", &te::create_prim_func);
  m.def("te_create_workload", &te::create_te_workload);
  m.def("te_workloads", &te::te_workloads);
}

}  // namespace metaschedule::bindings
