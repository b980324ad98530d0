# SPDX-License-Identifier: Apache-2.0
"""The checks of this folder find what they are for."""

import sys
from pathlib import Path
from types import SimpleNamespace

sys.path.insert(0, str(Path(__file__).parent))

import files
import headers
import layers

ROOT = Path(__file__).resolve().parents[2]
TABLE = layers.read_table((ROOT / "docs/architecture.md").read_text())


def test_the_table_is_read_with_its_exceptions():
    assert TABLE["support"] == {"support"}
    assert TABLE["schedule"] == {"support", "ir", "arith", "script", "schedule"}
    assert TABLE["tune"] == set(TABLE) - {"interp", "codegen"}


def test_an_include_of_a_higher_layer_is_found():
    text = '#pragma once\n#include "metaschedule/schedule/state.h"\n'
    found = layers.problems_of("include/metaschedule/lower/flatten.h", text, TABLE)
    assert len(found) == 1 and found[0].startswith("include/metaschedule/lower/flatten.h:2: lower")
    assert not layers.problems_of("include/metaschedule/tune/x.h", text, TABLE)
    assert layers.problems_of("src/lower_passes.cc", text, TABLE)


def test_foreign_headers_stay_in_their_folders():
    llvm = "#include <llvm/IR/Module.h>\n"
    assert layers.problems_of("include/metaschedule/codegen/emit.h", llvm, TABLE)
    assert layers.problems_of("src/runtime/load.cc", llvm, TABLE)
    assert not layers.problems_of("src/codegen/llvm/emit.cc", llvm, TABLE)
    python = "#include <pybind11/pybind11.h>\n"
    assert layers.problems_of("src/tune.cc", python, TABLE)
    assert not layers.problems_of("python/bindings/tune.cc", python, TABLE)


def test_a_layer_outside_the_table_is_found():
    assert layers.problems_of("include/metaschedule/stray/x.h", "", TABLE)


def test_long_files_and_leftovers_are_found(tmp_path, monkeypatch):
    spdx = "// " + files.SPDX + "\n"
    (tmp_path / "long.h").write_text(spdx + "\n" * files.MAX_LINES)
    (tmp_path / "bare.h").write_text("int x;\n")
    (tmp_path / "left.h").write_text(spdx + "// TO" + "DO: more\n")
    (tmp_path / "good.h").write_text(spdx)
    names = ["long.h", "bare.h", "left.h", "good.h"]
    monkeypatch.setattr(files, "tracked", lambda root: names)
    problems, _ = files.check(tmp_path, None)
    assert [text.split(":")[0] for text in problems] == ["long.h", "bare.h", "left.h"]


def test_a_header_that_leans_on_its_includer_is_found(tmp_path):
    folder = tmp_path / "include" / "metaschedule" / "support"
    folder.mkdir(parents=True)
    (folder / "good.h").write_text("#pragma once\n#include <cstddef>\ninline std::size_t one();\n")
    (folder / "bad.h").write_text("#pragma once\ninline std::vector<int> two();\n")
    problems, _ = headers.check(tmp_path, SimpleNamespace(jobs=2, strict=True))
    assert len(problems) == 1
    assert "support/bad.h does not compile alone" in problems[0]
