# SPDX-License-Identifier: Apache-2.0
"""Everything that a winner leaves behind for those who do not have this library."""

from .module import build


def export_schedule(sch, folder, name="kernel", target="llvm", *, reference=None, alignment=64):
    """Writes a scheduled program into `folder` and returns the paths by what they are:

    `object`, `static`, `shared`: NAME.o, libNAME.a, libNAME.so
    `header`: NAME.h, the C interface (libNAME.h is the same), with a runtime of its own
    `self_test`: NAME_test.c, a C program that compares the kernel with `reference` (the program
    before it was scheduled; the scheduled one without) as a plain loop nest
    `llvm_ir`: NAME.ll
    `python`, `cpp`: NAME_schedule.py and NAME_schedule.cc, the schedule as a function that makes it
    anew from the unscheduled program; absent when the schedule records no trace

    `alignment` is what callers align tensors to, in bytes. Raises BuildError as `build` and
    `export_library` do."""
    from pathlib import Path

    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    module = build(sch, target, alignment=alignment)
    paths = {
        "object": folder / f"{name}.o",
        "static": folder / f"lib{name}.a",
        "shared": folder / f"lib{name}.so",
        "header": folder / f"{name}.h",
        "self_test": folder / f"{name}_test.c",
        "llvm_ir": folder / f"{name}.ll",
    }
    module.export_library(str(paths["object"]), self_test=True if reference is None else reference)
    module.export_library(str(paths["static"]))
    module.export_library(str(paths["shared"]))
    module.export_library(str(paths["llvm_ir"]))
    trace = getattr(sch, "trace", None)
    if trace is not None:
        paths["python"] = folder / f"{name}_schedule.py"
        paths["python"].write_text(trace.python_function("apply_schedule"), encoding="utf-8")
        paths["cpp"] = folder / f"{name}_schedule.cc"
        paths["cpp"].write_text(trace.cpp_function("apply_schedule"), encoding="utf-8")
    return paths
