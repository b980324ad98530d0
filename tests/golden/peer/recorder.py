# SPDX-License-Identifier: Apache-2.0
"""Runs a schedule of the peer and writes down what became of each step. Needs the peer's Python."""

import inspect
import json
import re

import tvm
import tvm_ffi
from tvm.s_tir import Schedule, TensorIntrin
from tvm.s_tir.schedule import LoopRV, SBlockRV
from tvm.tirx import IndexMap

HEAD = """# from tvm.script import ir as I
# from tvm.script import tirx as T
"""
# Programs are written in the earlier dialect; the peer reads the later one.
SPELLINGS = [
    ("@T.prim_func\n", "@T.prim_func(s_tir=True)\n"),
    ("T.block(", "T.sblock("),
    ("T.block_attr(", "T.sblock_attr("),
    ("T.alloc_buffer(", "T.sblock_alloc_buffer("),
]
# Of refused steps there is no instruction to read in the trace, so it is put together here: the
# kind of each method, and which of its arguments are inputs and attributes.
INSTRUCTIONS = {
    "cache_index": ("CacheIndex", ["block"], ["storage_scope", "cse_thresh"]),
    "cache_inplace": ("CacheInplace", ["block"], ["read_buffer_index", "storage_scope"]),
    "decompose_padding": ("DecomposePadding", ["block", "loop"], []),
    "fuse_reduction_epilogue": (
        "FuseReductionEpilogue",
        ["reduction_block", "epilogue_block"],
        [],
    ),
    "get_output_blocks": ("GetOutputBlocks", ["scope_block"], []),
    "merge": ("Merge", ["loops"], []),
    "reindex_cache_read": (
        "ReindexCacheRead",
        ["block", "index_map"],
        ["read_buffer_index", "storage_scope"],
    ),
    "reindex_cache_write": (
        "ReindexCacheWrite",
        ["block", "index_map"],
        ["write_buffer_index", "storage_scope"],
    ),
    "rolling_buffer": ("RollingBuffer", ["block"], ["write_buffer_index"]),
    "tensorize": ("Tensorize", ["block_or_loop"], ["tensor_intrin", "preserve_unit_iters"]),
}
ADDRESS = re.compile(r"0x[0-9a-f]+")
QUERIES = {"get_sblock", "get_loops", "get_child_blocks", "get_producers", "get_consumers"}


def to_peer(text: str) -> str:
    for earlier, later in SPELLINGS:
        text = text.replace(earlier, later)
    return HEAD + text


def parse(text: str):
    """A function or a module written in the earlier dialect."""
    return tvm.script.from_source(to_peer(text))


def index_map(function):
    """The map of a function over int32, as every case here gives it to the peer."""
    return IndexMap.from_func(function, index_dtype="int32")


def plain(value):
    """What `Trace.as_json` gives, with the peer's boxed numbers taken out."""
    return json.loads(json.dumps(value, default=lambda number: number.value))


class Stop(Exception):
    """The peer failed in a way that leaves no schedule to go on with."""


class Recorder:
    """Calls go to the schedule; each that changes the program, or is refused, becomes a step."""

    def __init__(self, text: str, **options):
        mod = parse(text)
        self.sch = Schedule(mod, seed=1, **options)
        self.before = self.sch.mod.script()
        self.steps = []
        self.names = []  # of the outputs so far, with what they name

    def block(self, name):
        return self.get_sblock(name)

    def loops(self, name):
        return self.get_loops(self.block(name))

    def __getattr__(self, method):
        def call(*args, **kwargs):
            return self._call(method, args, kwargs)

        return call

    def _call(self, method, args, kwargs):
        args = [index_map(a) if inspect.isfunction(a) else a for a in args]
        upto = len(self.sch.trace.insts)
        try:
            out = getattr(self.sch, method)(*args, **kwargs)
        except Exception as error:
            kind = type(error).__name__
            self.steps.append(
                {
                    "upto": upto,
                    "ok": False,
                    "inst": self._instruction(method, args, kwargs),
                    "error": kind,
                    "text": ADDRESS.sub("0x", str(error)[-300:].split("Error message: ")[-1]),
                }
            )
            if kind != "ScheduleError" and not kind.startswith("ValueError"):
                raise Stop from error
            return None
        lists = (list, tuple, tvm_ffi.Array)
        outputs = list(out) if isinstance(out, lists) else [] if out is None else [out]
        for rv in outputs:
            letter = "b" if isinstance(rv, SBlockRV) else "l" if isinstance(rv, LoopRV) else "v"
            self.names.append((f"{letter}{len(self.names)}", rv))
        if method not in QUERIES:
            self.steps.append(
                {
                    "upto": len(self.sch.trace.insts),
                    "ok": True,
                    "outputs": [self._shown(rv) for rv in outputs],
                    "mod": self.sch.mod.script(),
                }
            )
        return outputs if isinstance(out, lists) else out

    def _shown(self, rv):
        if isinstance(rv, SBlockRV):
            return self.sch.get(rv).name_hint
        if isinstance(rv, LoopRV):
            return self.sch.get(rv).loop_var.name
        return int(self.sch.get(rv))

    def _instruction(self, method, args, kwargs):
        kind, inputs, attrs = INSTRUCTIONS[method]
        bound = inspect.signature(getattr(self.sch, method)).bind(*args, **kwargs)
        bound.apply_defaults()

        def encode(value):
            for name, rv in self.names:
                if rv is value:
                    return name
            if isinstance(value, (list, tuple)):
                return [encode(item) for item in value]
            return tvm.ir.save_json(value) if isinstance(value, IndexMap) else value

        encoded = [encode(bound.arguments[name]) for name in inputs]
        if inputs == ["loops"]:
            encoded = encoded[0]
        return [kind, encoded, [bound.arguments[name] for name in attrs], []]

    def line(self, name: str, intrins: dict) -> dict:
        return {
            "name": name,
            "intrins": intrins,
            "before": self.before,
            "trace": plain(self.sch.trace.as_json()),
            "steps": self.steps,
        }


def register_intrinsics(intrins: dict) -> dict:
    """Registers pairs of texts, description and implementation; returns them as the peer prints
    them."""
    out = {}
    for name, (description, implementation) in intrins.items():
        pair = [parse(description), parse(implementation)]
        TensorIntrin.register(name, *pair, override=True)
        out[name] = [function.script() for function in pair]
    return out
