# SPDX-License-Identifier: Apache-2.0
"""Functions, index maps, tensor intrinsics."""

import inspect

from .. import _core
from ..ir.base import Object, node_class
from .expr import Var


@node_class
class PrimFunc(Object):
    """A function over buffers and scalars. Immutable: methods that change return a new one.
    `buffer_map` binds handle parameters to buffers."""

    __slots__ = ()

    def __new__(cls, params, body, ret_type=None, buffer_map=None, attrs=None):
        return _core.make_prim_func(
            list(params), body, ret_type, dict(buffer_map or {}), dict(attrs or {})
        )

    def with_body(self, body) -> "PrimFunc":
        """A copy with another body."""
        return _core.func_with_body(self, body)

    def specialize(self, param_map) -> "PrimFunc":
        """The function for known values of parameters: numbers or expressions for scalars, buffers
        for buffers, whose sizes those of the parameter then are. ValueError for a key that is no
        parameter, and for a buffer that does not fit."""
        return _core.func_specialize(self, dict(param_map))

    def with_attr(self, key, value=None) -> "PrimFunc":
        """A copy with an attribute, or with all of a dict."""
        return _core.func_with_attrs(self, key if isinstance(key, dict) else {key: value})

    with_attrs = with_attr

    def without_attr(self, key: str) -> "PrimFunc":
        """A copy without an attribute."""
        return _core.func_without_attr(self, key)


@node_class
class TensorIntrin(Object):
    """What a tensor instruction computes (`desc`) and how it is written (`impl`): two functions
    over equally many buffers. `ValueError` for others."""

    __slots__ = ()

    def __new__(cls, desc, impl):
        return _core.make_tensor_intrin(desc, impl)

    @staticmethod
    def register(name: str, desc, impl, override: bool = False) -> None:
        """Makes the pair known to `tensorize`. `ValueError` when the name is taken."""
        _core.register_tensor_intrin(name, _core.make_tensor_intrin(desc, impl), override)

    @staticmethod
    def get(name: str, allow_missing: bool = False):
        """The pair of this name; without one, None if that is allowed, else `ValueError`."""
        return (_core.find_tensor_intrin if allow_missing else _core.get_tensor_intrin)(name)


@node_class
class IndexMap(Object):
    """A map of index tuples."""

    __slots__ = ()

    AXIS_SEPARATOR = "axis_separator"

    def __new__(cls, initial_indices, final_indices, inverse_index_map=None):
        return _core.make_index_map(initial_indices, final_indices, inverse_index_map)

    def map_indices(self, indices):
        """The outputs at some indices, simplified."""
        return _core.index_map_indices(self, list(indices))

    def map_shape(self, shape):
        """The extents of the outputs over a shape. ValueError when one does not start at 0."""
        return _core.index_map_shape(self, list(shape))

    def inverse(self, shape) -> "IndexMap":
        """The inverse over a shape, of extents or ranges. ValueError when the map is not understood
        as a bijection."""
        return _core.index_map_inverse(self, list(shape))

    def non_surjective_inverse(self, shape):
        """The inverse of a map that may leave points unused, and the condition on its inputs that
        holds on those that are used."""
        return _core.index_map_non_surjective_inverse(self, list(shape))

    def is_equivalent_to(self, other_map: "IndexMap") -> bool:
        """Whether both have provably the same outputs."""
        return _core.index_maps_equivalent(self, other_map)

    @staticmethod
    def from_func(mapping, ndim=None, inverse_index_map=None, *, index_dtype="int64") -> "IndexMap":
        """The map that a Python function computes; its parameters name the indices."""
        index_map, separators = IndexMap.from_func_with_separators(
            mapping, ndim, inverse_index_map, index_dtype=index_dtype
        )
        if separators:
            raise ValueError("use from_func_with_separators for maps with axis separators")
        return index_map

    @staticmethod
    def from_func_with_separators(
        mapping, ndim=None, inverse_index_map=None, *, index_dtype="int64"
    ):
        """Like `from_func`; also returns where `AXIS_SEPARATOR` stood among the results."""
        names = []
        for parameter in inspect.signature(mapping).parameters.values():
            if parameter.kind is parameter.VAR_POSITIONAL:
                if ndim is None:
                    raise ValueError("ndim is needed for a mapping that takes *args")
                names += [f"{parameter.name}_{i}" for i in range(ndim - len(names))]
            else:
                names.append(parameter.name)
        variables = [Var(name, index_dtype) for name in names]
        result = mapping(*variables)
        results = list(result) if isinstance(result, (tuple, list)) else [result]
        final, separators = [], []
        for item in results:
            if isinstance(item, str) and item == IndexMap.AXIS_SEPARATOR:
                separators.append(len(final))
            else:
                final.append(item)
        if inverse_index_map is not None and not isinstance(inverse_index_map, IndexMap):
            inverse_index_map = IndexMap.from_func(
                inverse_index_map, ndim=len(final), index_dtype=index_dtype
            )
        return IndexMap(variables, final, inverse_index_map), separators
