// SPDX-License-Identifier: Apache-2.0
// Tensor expressions: inputs, tensors computed point by point, reductions.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "metaschedule/ir/function.h"
#include "metaschedule/ir/op.h"

namespace metaschedule::te {

using Indices = std::vector<Expr>;

/// An input.
TensorRef placeholder(Exprs shape, DType dtype = kFloat32, std::string name = "placeholder");

/// What a computed tensor is called and says about itself.
struct ComputeOptions {
  std::string name = "compute";
  std::string tag = {};
  Dict attrs = {};
  /// Names of the axes; `i0`, `i1`, … where there are fewer.
  std::vector<std::string> axes = {};
};
/// The tensor whose element at `indices` is `f(indices)`. A reduction may stand at the top only.
TensorRef compute(const Exprs& shape, const std::function<Expr(const Indices&)>& f,
                  const ComputeOptions& options = {});
/// Several tensors of one shape, computed together.
std::vector<TensorRef> compute_many(const Exprs& shape,
                                    const std::function<std::vector<Expr>(const Indices&)>& f,
                                    const ComputeOptions& options = {});

/// The element at `indices`, one for each dimension.
Expr at(const TensorRef& tensor, const Indices& indices);

/// Tensors that a statement computes, one for each of `outputs`: it reads `inputs` through the
/// buffers of `input_buffers`, and writes `outputs`.
struct ExternOptions {
  std::string name = "extern";
  std::string tag = {};
  Dict attrs = {};
};
std::vector<TensorRef> external(const std::vector<TensorRef>& inputs,
                                const std::vector<BufferRef>& input_buffers,
                                const std::vector<BufferRef>& outputs, const Stmt& body,
                                const ExternOptions& options = {});

/// An axis to reduce over: [0, extent), or a range.
Ref<IterVar> reduce_axis(const Expr& extent, const std::string& name = "rv");
Ref<IterVar> reduce_axis(const Ref<Range>& range, const std::string& name = "rv");

/// A commutative combination of tuples with its identity, which gives the types.
Ref<CommReducer> comm_reducer(
    const std::function<std::vector<Expr>(const Indices&, const Indices&)>& combine,
    const std::vector<Expr>& identity);
/// The members of a tuple reduction, one for each source.
std::vector<Expr> reduce(const Ref<CommReducer>& reducer, const std::vector<Expr>& sources,
                         const List<IterVar>& axes);
Expr sum(const Expr& source, const List<IterVar>& axes);
Expr min(const Expr& source, const List<IterVar>& axes);
Expr max(const Expr& source, const List<IterVar>& axes);

/// Output `index` of an operation as a tensor.
TensorRef output_of(const Ref<Node>& op, const Exprs& shape, DType dtype, size_t index);
/// The name of a tensor: that of its operation, with `.v1` where it is one of several.
std::string name_of(const Tensor& tensor);
/// The tensors that an operation reads, in the order of first use.
std::vector<TensorRef> inputs_of(const Node& op);

}  // namespace metaschedule::te
