# SPDX-License-Identifier: Apache-2.0
"""Compiled modules: building, calling, timing, export."""

import os

from .. import _core
from .._core import RunError
from ..ir.module import IRModule
from ..target import Target


class Module:
    """A compiled program. Call it, or one of its functions (`module["name"]`), with tensors on the
    CPU: NDArrays, numpy arrays, tensors of torch, jax and whatever has `__dlpack__`, or a DLPack
    capsule; inputs and outputs in the order of the program's parameters. Their memory is used as it
    is, without a copy, when it is compact and aligned as the program was built for. (A numpy array
    that is not is copied in and back; another library's is refused.)"""

    def __init__(self, compiled, artifact=None, source=None):
        self._loaded, self._artifact, self._source = compiled, artifact, source

    @property
    def _compiled(self):
        if self._loaded is None:
            raise RunError(
                f"the program was compiled for {self._artifact.triple}, not for this machine; it "
                "can be exported but not called"
            )
        return self._loaded

    @property
    def entry_name(self) -> str:
        """The function that `module(...)` calls."""
        return self._compiled.entry_name

    def __call__(self, *arguments) -> None:
        self._compiled.call("", *arguments)

    def __getitem__(self, name: str):
        if name not in self._compiled.functions:
            raise AttributeError(f"Module has no function '{name}'")
        return lambda *arguments: self._compiled.call(name, *arguments)

    def get_source(self, fmt: str = "ll") -> str:
        """The optimised LLVM IR (`ll`) or the assembly (`s`, `asm`) as text. Compiles once more.
        ValueError for another format, or for a module that was loaded from a file."""
        if fmt not in ("", "ll", "s", "asm"):
            raise ValueError(f"get_source: expected 'll', 's' or 'asm', found {fmt!r}")
        if self._source is None:
            raise ValueError("get_source: this module was loaded from a file, without its source")
        llvm_ir, assembly = _core.compile_text(*self._source)
        return llvm_ir if fmt in ("", "ll") else assembly

    get_function = __getitem__

    def time_evaluator(
        self,
        func_name="",
        dev=None,
        number=10,
        repeat=1,
        min_repeat_ms=0,
        enable_cpu_cache_flush=False,
        f_preproc="",
    ):
        """A function that times calls with given arguments and returns a BenchmarkResult.
        `f_preproc="cache_flush_cpu_non_first_arg"` is another way to flush the cache."""
        del dev  # there is only the CPU
        enable_cpu_cache_flush = enable_cpu_cache_flush or flushes_cache(f_preproc)

        def evaluate(*arguments):
            return BenchmarkResult(
                self._compiled.time(
                    func_name, number, repeat, min_repeat_ms, enable_cpu_cache_flush, *arguments
                )
            )

        return evaluate

    def export_library(self, path: str, self_test=None) -> None:
        """Writes an object file (`.o`), a static library (`.a`) or a shared one (`.so`; by $CC, the
        system's C compiler or LLVM's linker), and a C header beside it that declares the functions
        and brings what they need to run; or LLVM IR (`.ll`) or assembly (`.s`) alone.

        With `self_test`, True for the program that was built, or a function or module that should
        compute the same (the program before it was scheduled, say), there is also `STEM_test.c`: a
        C program that compares the kernel with that one as a plain loop nest. BuildError when the
        program has no such form, because it calls a processor's intrinsics for one."""
        if self._artifact is None:
            raise ValueError("this module was loaded from a file; copy that file instead")
        suffix = os.path.splitext(path)[1]
        if suffix in (".ll", ".s"):
            with open(path, "w", encoding="utf-8") as file:
                file.write(self.get_source(suffix[1:]))
            return
        reference = None
        if self_test is not None and self_test is not False:
            reference = self._source[0] if self_test is True else _as_module(self_test)
        self._artifact.export_to(path, reference)

    save = export_library


def flushes_cache(f_preproc: str) -> bool:
    """Whether a preparation of calls, by name, is the one that there is; ValueError for another."""
    if f_preproc not in ("", "cache_flush_cpu_non_first_arg"):
        raise ValueError(
            f"f_preproc: expected 'cache_flush_cpu_non_first_arg' or nothing, found {f_preproc!r}"
        )
    return bool(f_preproc)


class BenchmarkResult:
    """Seconds a call: `results` has one number for each repeat."""

    def __init__(self, results):
        self.results = tuple(results)

    @property
    def mean(self) -> float:
        """The mean of the repeats."""
        return sum(self.results) / len(self.results)

    @property
    def median(self) -> float:
        """The median of the repeats."""
        import statistics

        return statistics.median(self.results)

    @property
    def min(self) -> float:
        """The smallest repeat."""
        return min(self.results)

    @property
    def max(self) -> float:
        """The largest repeat."""
        return max(self.results)

    @property
    def std(self) -> float:
        """The standard deviation of the repeats."""
        import statistics

        return statistics.pstdev(self.results)

    def __repr__(self) -> str:
        return (
            f"BenchmarkResult(min={self.min}, mean={self.mean}, median={self.median}, "
            f"max={self.max}, std={self.std})"
        )


def _as_module(program) -> IRModule:
    """The module of a function, module or schedule."""
    program = getattr(program, "mod", program)
    return program if isinstance(program, IRModule) else IRModule.from_expr(program)


def build(mod, target="llvm", *, timeout_sec=60.0, alignment=None) -> Module:
    """Compiles a function, module or schedule for a target, in a worker process.

    `alignment` is what callers align the data of tensors to, in bytes, at most 64. None asks for no
    more than the elements need, so that arrays of other libraries are taken as they are; tuning
    measures with 64, which lets a processor without AVX use shorter instructions. A target of
    another kind of processor (`llvm -mtriple=aarch64-linux-gnu`) gives a module to export."""
    mod = _as_module(mod)
    source = (mod, str(Target(target)), timeout_sec, 1 if alignment is None else alignment)
    artifact = _core.compile(*source)
    compiled = _core.CompiledModule.from_object(artifact.object) if artifact.is_native else None
    return Module(compiled, artifact, source)


def lower(inp, args=None, name="main", binds=None, simple_mode=False) -> IRModule:
    """A function, schedule or module as plain loops over one-dimensional buffers. A single function
    is named `name`, and exported by it. Listens to `tir.disable_vectorize` of the PassContext."""
    from ..transform import PassContext

    if args is not None or binds is not None:
        raise ValueError("lower: args and binds belong to te.Schedule, which is not here")
    del simple_mode
    inp = getattr(inp, "mod", inp)
    if not isinstance(inp, IRModule):
        inp = IRModule({name: inp.with_attr("global_symbol", name)})
    config = PassContext.current().config
    if config.get("tir.add_lower_pass"):
        raise ValueError(
            "lower: tir.add_lower_pass names phases of TVM's pipeline; run the passes of "
            "tir.transform in a transform.Sequential instead"
        )
    return _core.lower(inp, not config.get("tir.disable_vectorize", False))


def load_module(path: str) -> Module:
    """Opens an object file or shared library that `export_library` wrote."""
    return Module(_core.CompiledModule.load(path))
