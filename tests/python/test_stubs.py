# SPDX-License-Identifier: Apache-2.0
"""The type stubs: made from what is there at run time, never stale, and useful to a type checker."""

import inspect
import os
import re
import subprocess
import sys
from pathlib import Path

import metaschedule as ms
import pytest

ROOT = Path(__file__).parents[2]
PACKAGE = Path(ms.__file__).parent
RIGHT = """
import metaschedule as ms
from metaschedule.builder import BuilderResult, PyBuilder
from metaschedule.script import from_source


class Counting(PyBuilder):
    def __init__(self) -> None:
        self.count = 0

    def build(self, build_inputs) -> list[BuilderResult]:
        self.count += len(build_inputs)
        return [BuilderResult("path", None) for _ in build_inputs]


@ms.derived_object
class Rule(ms.schedule_rule.PyScheduleRule):
    def _initialize_with_tune_context(self, context: ms.TuneContext) -> None:
        self.name = context.task_name

    def apply(self, sch: ms.tir.Schedule, block: ms.tir.schedule.BlockRV) -> list:
        loop = sch.get_loops(block)[0]
        outer, inner = sch.split(loop, [None, 4], preserve_unit_iters=False)
        sch.reorder(outer, inner)
        sch.parallel(outer)
        tiles = sch.sample_perfect_tile(inner, n=2, max_innermost_factor=16, decision=[2, 2])
        copy = sch.cache_read(block, 0, "global", consumer_blocks=[block])
        sch.annotate(copy, "mark", tiles[0] + 1)
        extent: ms.tir.PrimExpr = sch.get(loop).extent
        name: str = sch.get(block).name_hint
        return [sch]

    def clone(self) -> "Rule":
        return Rule()


mod = from_source("...")
space = ms.space_generator.PostOrderApply(sch_rules=[Rule()])
database: ms.Database = ms.tune_tir(
    mod, "llvm", "work", 64, space=space, builder=Counting(), seed=1
)
for record in database.get_all_tuning_records():
    seconds = sum(record.run_secs or [])
best = ms.tir_integration.compile_tir(database, mod, ms.target.Target("llvm"))
if best is not None:
    print(best.mod.script(), best.trace)
"""
HEAD = """
import metaschedule as ms

sch: ms.tir.Schedule
block = sch.get_block("C")
loop = sch.get_loops(block)[0]
"""
WRONG = {
    "sch.paralel(loop)": 'has no attribute "paralel"',
    "sch.parallel(block)": 'incompatible type "BlockRV"; expected "LoopRV"',
    "sch.split(loop)": 'Missing positional argument "factors"',
    "sch.split(loop, [2, 4], disable=True)": 'Unexpected keyword argument "disable"',
    "sch.sample_perfect_tile(loop, n='2')": 'incompatible type "str"; expected "int"',
    "sch.get(loop).extents": 'has no attribute "extents"',
    "sch.get(loop).loop_var.names": 'has no attribute "names"',
    "ms.tune_tir(sch.mod, 'llvm', 'work', '64')": 'incompatible type "str"; expected "int"',
    "ms.tune_tir(sch.mod, 'llvm', 'work', 64, builder=ms.Runner())": 'incompatible type "Runner"',
    "ms.TuneContext(sch.mod, targets='llvm')": 'Unexpected keyword argument "targets"',
    "ms.builder.BuilderResult('path')": 'Missing positional argument "error_msg"',
    "ms.search_strategy.EvolutionarySearch(512)": "Too many positional arguments",
}


def mypy(tmp_path, text):
    """The complaints of mypy about a script."""
    pytest.importorskip("mypy")
    script = tmp_path / "script.py"
    script.write_text(text)
    # mypy finds an installed package by itself, and refuses a search path that holds its folder
    installed = PACKAGE.parent.name in ("site-packages", "dist-packages")
    path = {} if installed else {"MYPYPATH": str(PACKAGE.parent)}
    done = subprocess.run(
        [
            *[sys.executable, "-m", "mypy", "--follow-imports=silent", "--no-error-summary"],
            *["--cache-dir", str(tmp_path.parent / "mypy_cache"), str(script)],
        ],
        capture_output=True,
        text=True,
        env={**os.environ, **path},
    )
    assert done.returncode in (0, 1) and done.stderr == "", done.stderr
    return done.stdout


def test_the_stubs_are_not_stale():
    pytest.importorskip("pybind11_stubgen")
    made = re.search(r"with Python (\d+\.\d+)", (PACKAGE / "_core.pyi").read_text())[1]
    if made != f"{sys.version_info[0]}.{sys.version_info[1]}":
        pytest.skip(f"the stubs were made with Python {made}, which prints some types otherwise")
    done = subprocess.run(
        [sys.executable, str(ROOT / "python/bindings/stubs.py"), "--check"],
        capture_output=True,
        text=True,
        env={**os.environ, "PYTHONPATH": str(PACKAGE.parent)},
    )
    assert done.returncode == 0, done.stderr


def test_every_primitive_is_in_the_stub_with_its_keywords_and_what_it_does():
    text = (PACKAGE / "_core.pyi").read_text()
    body = text[text.index("\nclass Schedule:") :]
    for _, method, doc, *_ in ms._core.primitive_table():
        head = re.search(rf"    def {method}\(self(.*?)\) -> (.*):\n((?:        .*\n)+)", body)
        assert head, f"no method {method}"
        assert doc.splitlines()[0] in head[3]
        assert "Any" not in head[2]
        for name in inspect.signature(getattr(ms._core.Schedule, method)).parameters:
            if name == "self":
                continue
            assert re.search(rf"\b{name}\b", head[1]), f"{method} has no {name}"


def test_a_script_that_is_right_passes(tmp_path):
    assert mypy(tmp_path, RIGHT) == ""


def test_calls_that_are_wrong_are_found(tmp_path):
    lines = HEAD.splitlines()
    found = mypy(tmp_path, "\n".join([*lines, *WRONG]) + "\n")
    for number, (call, message) in enumerate(WRONG.items(), len(lines) + 1):
        here = [line for line in found.splitlines() if f":{number}: error" in line]
        assert any(message in line for line in here), f"{call}: {here}"
    assert len([line for line in found.splitlines() if ": error" in line]) == len(WRONG)
