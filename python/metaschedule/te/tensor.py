# SPDX-License-Identifier: Apache-2.0
"""Tensors and operations of tensor expressions."""

from .. import _core
from ..ir.base import Object, node_class
from ..tir.expr import ExprOp


@node_class
class Tensor(ExprOp, Object):
    """One output of an operation; `t[i, j]` (or `t(i, j)`) reads an element."""

    __slots__ = ()

    @property
    def name(self) -> str:
        """The operation's name, with `.v<i>` for one output of several."""
        several = self.op.num_outputs > 1
        return f"{self.op.name}.v{self.value_index}" if several else self.op.name

    @property
    def ndim(self) -> int:
        """The number of dimensions."""
        return len(self.shape)

    def __call__(self, *indices):
        return _core.make_producer_load(self, list(indices))

    def __getitem__(self, indices):
        indices = indices if isinstance(indices, tuple) else (indices,)
        return TensorSlice(self, indices).simplest()

    def __eq__(self, other):
        if isinstance(other, Tensor):
            return _core.te_same_tensor(self, other)
        return ExprOp.__eq__(self, other)

    def __ne__(self, other):
        return not self == other if isinstance(other, Tensor) else ExprOp.__ne__(self, other)

    def __hash__(self):
        return hash((self.op, self.value_index))

    def __repr__(self) -> str:
        return f"Tensor(shape={list(self.shape)}, op.name={self.op.name})"


class TensorSlice(ExprOp):
    """A tensor with some of its indices; with all of them it is an expression."""

    __slots__ = ("indices", "tensor")

    def __init__(self, tensor, indices):
        self.tensor, self.indices = tensor, tuple(indices)

    def simplest(self):
        """The element, when every index is given."""
        complete = len(self.indices) == self.tensor.ndim
        return self.asobject() if complete else self

    def __getitem__(self, indices):
        indices = indices if isinstance(indices, tuple) else (indices,)
        return TensorSlice(self.tensor, self.indices + indices).simplest()

    def asobject(self):
        return self.tensor(*self.indices)

    @property
    def dtype(self) -> str:
        """The dtype of an element."""
        return self.tensor.dtype


class Operation(Object):
    """Base of operations."""

    __slots__ = ()

    def output(self, index: int) -> Tensor:
        """The tensor of output `index`."""
        return _core.te_output(self, index)

    @property
    def num_outputs(self) -> int:
        """How many tensors it computes."""
        return 1

    @property
    def input_tensors(self) -> list:
        """The tensors that it reads, in the order of first use."""
        return list(_core.te_inputs(self))

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.name})"


@node_class
class PlaceholderOp(Operation):
    """An input."""

    __slots__ = ()


@node_class
class ComputeOp(Operation):
    """A computation given point by point."""

    __slots__ = ()

    @property
    def num_outputs(self) -> int:
        return len(self.body)


@node_class
class ExternOp(Operation):
    """A computation given by a statement."""

    __slots__ = ()

    @property
    def num_outputs(self) -> int:
        return len(self.output_placeholders)
