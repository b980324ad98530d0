# SPDX-License-Identifier: Apache-2.0
"""Arrays on the CPU: numpy arrays with the names of the API. Their memory is aligned as compiled
programs want it, so that these work on the arrays themselves."""

from .. import _core
from .device import Device, cpu


class NDArray:
    """An array on the CPU. `numpy()` gives its values; `shape` and `dtype` are numpy's."""

    __slots__ = ("_array",)

    def __init__(self, values):
        self._array = values

    @property
    def shape(self):
        """The extents."""
        return self._array.shape

    @property
    def dtype(self) -> str:
        """The name of the element type."""
        return str(self._array.dtype)

    @property
    def ndim(self) -> int:
        """The number of dimensions."""
        return self._array.ndim

    @property
    def device(self) -> Device:
        """Where it lies."""
        return cpu(0)

    def copyto(self, target):
        """Copies the values into another array, or into a new one on a device, which is
        returned."""
        if isinstance(target, NDArray):
            return target.copyfrom(self)
        return array(self, target)

    def same_as(self, other) -> bool:
        """Whether both are the same memory."""
        return isinstance(other, NDArray) and self._array is other._array

    def numpy(self):
        """A copy of the values."""
        return self._array.copy()

    asnumpy = numpy

    def copyfrom(self, source):
        """Copies values of the same shape into this array."""
        import numpy as np

        values = np.asarray(getattr(source, "_array", source))
        if values.shape != self._array.shape:
            raise ValueError(f"expected shape {self._array.shape}, found {values.shape}")
        self._array[...] = values
        return self

    def __setitem__(self, where, values):
        if where != slice(None):
            raise ValueError("an array is only assigned as a whole: array[:] = values")
        self.copyfrom(values)

    def __len__(self):
        return len(self._array)

    def __array__(self, dtype=None, copy=None):
        return self._array if dtype is None else self._array.astype(dtype)

    def to_dlpack(self):
        """A DLPack capsule on the memory of this array."""
        return self._array.__dlpack__()

    def __dlpack__(self, **options):
        return self._array.__dlpack__(**options)

    def __dlpack_device__(self):
        return self._array.__dlpack_device__()

    def __repr__(self) -> str:
        return f"NDArray(shape={self.shape}, dtype={self.dtype})\n{self._array}"


def _on(device, values):
    """Values on a device: those of a server place them, here there is only the CPU."""
    return device.place(values) if hasattr(device, "place") else NDArray(values)


def _check_scope(mem_scope):
    if mem_scope not in (None, "", "global"):
        raise ValueError(f'mem_scope: expected "global", found {mem_scope!r}')


def array(values, device=None, mem_scope=None):
    """A copy of `values`, contiguous: an NDArray, or a RemoteArray on a server's device."""
    import numpy as np

    _check_scope(mem_scope)
    source = np.asarray(getattr(values, "_array", values))
    copy = _core.aligned_empty(source.dtype.name, source.shape)
    copy[...] = source
    return _on(device, copy)


class _Capsule:
    """A DLPack capsule as an object that numpy takes."""

    def __init__(self, capsule):
        self._capsule = capsule

    def __dlpack__(self, **_options):
        return self._capsule

    def __dlpack_device__(self):
        return (1, 0)


class _Writable:
    """The memory of an array, which it keeps alive, as memory to write to."""

    def __init__(self, array):
        address, _ = array.__array_interface__["data"]
        self.__array_interface__ = {**array.__array_interface__, "data": (address, False)}
        self._array = array


def from_dlpack(tensor):
    """An NDArray on the memory of a tensor with `__dlpack__`, or of a DLPack capsule, without a
    copy. BufferError or ValueError for what numpy cannot take: other devices, bfloat16.

    Only capsules of the first versions of DLPack are asked for where the tensor has them: those
    of memory that must not be written do not exist, while numpy takes all of them for such."""
    import numpy as np

    try:
        capsule = tensor.__dlpack__() if hasattr(tensor, "__dlpack__") else tensor
    except BufferError:
        return NDArray(np.from_dlpack(tensor))
    may_write = '"dltensor"' in repr(capsule)
    array = np.from_dlpack(_Capsule(capsule))
    return NDArray(np.asarray(_Writable(array)) if may_write else array)


def empty(shape, dtype="float32", device=None, mem_scope=None):
    """An array whose values are not set."""
    _check_scope(mem_scope)
    shape = (shape,) if isinstance(shape, int) else shape
    return _on(device, _core.aligned_empty(dtype, shape))
