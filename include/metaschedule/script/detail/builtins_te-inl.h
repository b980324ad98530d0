// SPDX-License-Identifier: Apache-2.0
// Builtins that make the nodes of tensor expressions as they stand. A function that still holds
// one is not well formed.
#pragma once

#include <limits>

#include "metaschedule/script/detail/convert-inl.h"

namespace metaschedule::script::detail {

/// The elements of a list as nodes of one kind.
template <class T>
List<T> nodes_of(const Value& value, const char* what) {
  check<TypeError>(value.is(ValueType::Sequence), "{}, found {}", what, describe(value));
  std::vector<Ref<T>> out;
  for (const Value& item : value.items()) {
    Ref<T> node = as_ref<T>(item.node);
    check<TypeError>(node != nullptr, "{}, found a list with {}", what, describe(item));
    out.push_back(std::move(node));
  }
  return out;
}

inline Value producer_load(Parser& p, const Builtin&, Args& args) {
  const Value& producer = args.need(0, "producer");
  const Tensor* tensor = as<Tensor>(producer.node);
  check<TypeError>(tensor, "T.ProducerLoad: expected a tensor of a tensor expression, found {}",
                   describe(producer));
  Exprs indices = p.to_exprs(args.need(1, "indices"));
  check<ValueError>(indices.size() == tensor->shape.size(),
                    "T.ProducerLoad: the tensor has {} dimensions, found {} indices",
                    tensor->shape.size(), indices.size());
  return make<ProducerLoad>(producer.node, tensor->dtype, indices);
}

inline Value reduce_node(Parser& p, const Builtin&, Args& args) {
  const Value& combiner = args.need(0, "combiner");
  Ref<CommReducer> reducer = as_ref<CommReducer>(combiner.node);
  check<TypeError>(reducer != nullptr, "T.Reduce: expected a CommReducer, found {}",
                   describe(combiner));
  Exprs source = p.to_exprs(args.need(1, "source"));
  auto axes = nodes_of<IterVar>(args.need(2, "rdom"), "T.Reduce: expected a list of IterVars");
  const Value* condition = args.get(3, "condition");
  const Value* index = args.get(4, "value_index");
  const Value* init = args.get(5, "init");
  int64_t which = index ? p.to_int(*index) : 0;
  check<ValueError>(which >= 0 && which <= std::numeric_limits<int>::max(),
                    "T.Reduce: there is no value {}", which);
  return make<Reduce>(reducer, source, axes, condition ? p.to_expr(*condition) : true_(),
                      static_cast<int>(which), init ? p.to_exprs(*init) : Exprs());
}

inline Value comm_reducer_node(Parser& p, const Builtin&, Args& args) {
  const char* what = "T.CommReducer: expected a list of variables";
  return make<CommReducer>(
      nodes_of<Var>(args.need(0, "lhs"), what), nodes_of<Var>(args.need(1, "rhs"), what),
      p.to_exprs(args.need(2, "result")), p.to_exprs(args.need(3, "identity_element")));
}

inline Value iter_var_node(Parser& p, const Builtin&, Args& args) {
  const Value* dom = args.get(0, "dom");
  const Value& var = args.need(1, "var");
  Ref<Range> range = dom ? p.to_range(*dom) : Ref<Range>();
  VarRef v = var.str() ? make<Var>(var.str()->value, range ? range->extent->dtype : kInt32)
                       : as_ref<Var>(var.node);
  check<TypeError>(v != nullptr, "T.IterVar: expected a variable or its name, found {}",
                   describe(var));
  int64_t type = p.to_int(args.need(2, "iter_type"));
  check<ValueError>(type >= 0 && type <= static_cast<int>(IterType::Tensorized),
                    "T.IterVar: unknown kind {}", type);
  const Value* tag = args.get(3, "thread_tag");
  return make<IterVar>(range, v, static_cast<IterType>(type), tag ? p.to_string(*tag) : "");
}

}  // namespace metaschedule::script::detail
