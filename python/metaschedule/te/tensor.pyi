# SPDX-License-Identifier: Apache-2.0
# Made by python/bindings/stubs.py with Python 3.11; not to be edited.
from __future__ import annotations

import typing
from metaschedule.ir.base import Array, Map
from metaschedule.ir.base import Object as Object
from metaschedule.ir.base import node_class as node_class
from metaschedule.tir.expr import ExprOp as ExprOp

class Tensor(ExprOp, Object):
    """
    One output of an operation; `t[i, j]` (or `t(i, j)`) reads an element.
    """
    ...
    @property
    def name(self) -> str:
        """
        The operation's name, with `.v<i>` for one output of several.
        """
        ...
    @property
    def ndim(self) -> int:
        """
        The number of dimensions.
        """
        ...
    def __call__(self, *indices: typing.Any) -> typing.Any:
        ...
    def __getitem__(self, indices: typing.Any) -> typing.Any:
        ...
    def __eq__(self, other: object) -> typing.Any: ...
    def __ne__(self, other: object) -> typing.Any: ...
    def __repr__(self) -> str:
        ...
    @property
    def shape(self) -> Array: ...
    @property
    def dtype(self) -> str: ...
    @property
    def op(self) -> typing.Any: ...
    @property
    def value_index(self) -> int: ...

class TensorSlice(ExprOp):
    """
    A tensor with some of its indices; with all of them it is an expression.
    """
    ...
    def __init__(self, tensor: typing.Any, indices: typing.Any) -> None:
        ...
    def simplest(self) -> typing.Any:
        """
        The element, when every index is given.
        """
        ...
    def __getitem__(self, indices: typing.Any) -> typing.Any:
        ...
    def asobject(self) -> typing.Any:
        ...
    @property
    def dtype(self) -> str:
        """
        The dtype of an element.
        """
        ...
    indices: typing.Any
    tensor: typing.Any

class Operation(Object):
    """
    Base of operations.
    """
    ...
    def output(self, index: int) -> Tensor:
        """
        The tensor of output `index`.
        """
        ...
    @property
    def num_outputs(self) -> int:
        """
        How many tensors it computes.
        """
        ...
    @property
    def input_tensors(self) -> list:
        """
        The tensors that it reads, in the order of first use.
        """
        ...
    def __repr__(self) -> str:
        ...

class PlaceholderOp(Operation):
    """
    An input.
    """
    ...
    @property
    def name(self) -> str: ...
    @property
    def shape(self) -> Array: ...
    @property
    def dtype(self) -> str: ...

class ComputeOp(Operation):
    """
    A computation given point by point.
    """
    ...
    @property
    def num_outputs(self) -> int:
        ...
    @property
    def name(self) -> str: ...
    @property
    def tag(self) -> str: ...
    @property
    def attrs(self) -> Map: ...
    @property
    def axis(self) -> Array: ...
    @property
    def reduce_axis(self) -> Array: ...
    @property
    def body(self) -> Array: ...

class ExternOp(Operation):
    """
    A computation given by a statement.
    """
    ...
    @property
    def num_outputs(self) -> int:
        ...
    @property
    def name(self) -> str: ...
    @property
    def tag(self) -> str: ...
    @property
    def attrs(self) -> Map: ...
    @property
    def inputs(self) -> Array: ...
    @property
    def input_placeholders(self) -> Array: ...
    @property
    def output_placeholders(self) -> Array: ...
    @property
    def body(self) -> typing.Any: ...
