# SPDX-License-Identifier: Apache-2.0
"""What scripts ask of a code generator."""


def llvm_lookup_intrinsic_id(name: str) -> str:
    """What stands for an intrinsic of LLVM in calls such as `call_llvm_pure_intrin`: here its name,
    which is looked up where the program is compiled, so that nothing else needs LLVM."""
    if not name.startswith("llvm."):
        raise ValueError(f"expected the name of an intrinsic of LLVM (llvm.…), found {name!r}")
    return name


__all__ = ["llvm_lookup_intrinsic_id"]
