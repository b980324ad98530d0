# SPDX-License-Identifier: Apache-2.0
"""The code of a page runs, all of its blocks in order, as one script."""

import re
import runpy
from pathlib import Path

import pytest

PAGES = Path(__file__).parents[2] / "docs"


def code_of(page):
    """The Python blocks of a page at the lines where they stand in it, so that a traceback names
    the line of the page."""
    lines, inside = [], False
    for line in page.read_text().splitlines():
        if re.match(r"```(python)?\s*$", line):
            inside = line.startswith("```python")
            line = ""
        lines.append(line if inside else "")
    return "\n".join(lines) + "\n"


@pytest.mark.parametrize("page", ["extending"])
def test_the_code_of_a_page_runs(page, tmp_path, monkeypatch):
    from metaschedule.interfaces import OVERRIDES

    code = code_of(PAGES / f"{page}.md")
    script = tmp_path / f"{page}.py"
    script.write_text(code)
    monkeypatch.chdir(tmp_path)
    runpy.run_path(str(script))
    bases = set(re.findall(r"\.Py(\w+)\)", code))
    assert bases == set(OVERRIDES), "the page has a class for each interface"
