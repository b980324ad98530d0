# SPDX-License-Identifier: Apache-2.0
"""Types of elements as values of Python."""

import re


class DataTypeCode:
    """The kinds of types, as DLPack numbers them."""

    INT, UINT, FLOAT, HANDLE, BFLOAT, E4M3Float, E5M2Float = 0, 1, 2, 3, 4, 6, 7


_CODES = {
    "int": DataTypeCode.INT,
    "uint": DataTypeCode.UINT,
    "float": DataTypeCode.FLOAT,
    "handle": DataTypeCode.HANDLE,
    "bfloat": DataTypeCode.BFLOAT,
    "e4m3_float": DataTypeCode.E4M3Float,
    "e5m2_float": DataTypeCode.E5M2Float,
}
_NAMES = {code: name for name, code in _CODES.items()}
_TEXT = re.compile(r"([a-z][a-z0-9_]*?[a-z])(\d*)(?:x(vscalex)?(\d+))?")


class DataType:
    """`DataType("float32x4")`: its code, bits of an element and lanes (negative: so many for each
    unit of vscale). numpy's types are taken too. ValueError for another text."""

    def __init__(self, dtype):
        text = str(dtype)
        if not isinstance(dtype, (str, DataType)):
            import numpy as np

            text = np.dtype(dtype).name
        if text == "bool":
            text = "uint1"
        match = _TEXT.fullmatch(text)
        if match is None or match[1] not in _CODES:
            raise ValueError(f"Do not know how to handle type {dtype}")
        name, bits, scalable, lanes = match.groups()
        self.type_code = _CODES[name]
        self.bits = int(bits) if bits else (64 if name == "handle" else 32)
        self.lanes = int(lanes or 1) * (-1 if scalable else 1)

    def itemsize(self) -> int:
        """Bytes of an element with all its lanes."""
        return (self.bits * abs(self.lanes) + 7) // 8

    def __str__(self):
        if self.bits == 1 and self.lanes == 1:
            return "bool"
        lanes = f"xvscalex{-self.lanes}" if self.lanes < 0 else f"x{self.lanes}"
        return f"{_NAMES[self.type_code]}{self.bits}{'' if self.lanes == 1 else lanes}"

    def __repr__(self):
        return f'DataType("{self}")'

    def __eq__(self, other):
        if isinstance(other, str):
            other = DataType(other)
        if not isinstance(other, DataType):
            return NotImplemented
        mine = (self.type_code, self.bits, self.lanes)
        return mine == (other.type_code, other.bits, other.lanes)

    def __hash__(self):
        return hash((self.type_code, self.bits, self.lanes))
