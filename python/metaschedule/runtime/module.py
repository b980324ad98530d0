# SPDX-License-Identifier: Apache-2.0
"""Compiled modules: building, calling, timing, export."""

from .. import _core
from ..ir.module import IRModule
from ..target import Target


class Module:
    """A compiled program. Call it, or one of its functions (`module["name"]`), with numpy arrays or
    NDArrays, inputs and outputs in the order of the program's parameters."""

    def __init__(self, compiled, artifact=None):
        self._compiled, self._artifact = compiled, artifact

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

    def export_library(self, path: str) -> None:
        """Writes an object file (`.o`) or a shared library (`.so`, with the system's linker), and a
        C header beside it that declares the functions and brings what they need to run."""
        if self._artifact is None:
            raise ValueError("this module was loaded from a file; copy that file instead")
        self._artifact.export_to(path)

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


def build(mod, target="llvm", *, timeout_sec=60.0) -> Module:
    """Compiles a function, module or schedule for a target, in a worker process."""
    mod = getattr(mod, "mod", mod)
    if not isinstance(mod, IRModule):
        mod = IRModule.from_expr(mod)
    artifact = _core.compile(mod, str(Target(target)), timeout_sec)
    return Module(_core.CompiledModule.from_object(artifact.object), artifact)


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
