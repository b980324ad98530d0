# SPDX-License-Identifier: Apache-2.0
"""Includes follow the layer table of docs/architecture.md; LLVM and pybind11 stay where they belong."""

import re
from pathlib import Path

INCLUDE = re.compile(r'^\s*#\s*include\s+[<"]([^>"]+)[>"]')
ROW = re.compile(r"^\| `(\w+)` \|[^|]*\|([^|]*)\|\s*$")

# Folders whose sources may include a foreign library.
ALLOWED_FOREIGN = {
    "llvm/": ("src/codegen/llvm/", "src/worker/"),
    "llvm-c/": ("src/codegen/llvm/", "src/worker/"),
    "xgboost/": ("src/xgboost/",),
    "pybind11/": ("python/bindings/",),
    "Python.h": ("python/bindings/",),
}


def read_table(text: str) -> dict:
    """Layer -> the layers it may include, itself among them."""
    table = {}
    for line in text.splitlines():
        row = ROW.match(line)
        if not row:
            continue
        layer, rule = row.group(1), row.group(2).strip()
        if rule.startswith("all above but"):
            excluded = set(re.findall(r"\w+", rule[len("all above but") :]))
            table[layer] = (set(table) - excluded) | {layer}
        elif rule.startswith("nothing"):
            table[layer] = {layer}
        else:
            table[layer] = set(re.findall(r"\w+", rule)) | {layer}
    return table


def layer_of(path: str, layers) -> str:
    """The layer of a source: include/metaschedule/<layer>/..., src/<layer>/... or src/<layer>[_part].cc."""
    parts = path.split("/")
    if path.startswith("include/metaschedule/") and len(parts) > 3:
        return parts[2]
    if parts[0] == "src":
        name = parts[1] if len(parts) > 2 else re.split(r"[_.]", parts[1])[0]
        return name if name in layers else ""
    return ""


def problems_of(path: str, text: str, table: dict) -> list:
    """What is wrong with the includes of one file, as `path:line: text`."""
    found = []
    layer = layer_of(path, table)
    if path.startswith("include/metaschedule/") and layer and layer not in table:
        found.append(f"{path}:1: layer `{layer}` is not in the table of docs/architecture.md")
        return found
    for number, line in enumerate(text.splitlines(), 1):
        include = INCLUDE.match(line)
        if not include:
            continue
        name = include.group(1)
        for prefix, places in ALLOWED_FOREIGN.items():
            if name.startswith(prefix) and not path.startswith(places):
                found.append(f"{path}:{number}: <{name}> is allowed under {', '.join(places)} only")
        if layer and name.startswith("metaschedule/"):
            parts = name.split("/")
            if len(parts) > 2 and parts[1] not in table[layer]:
                allowed = ", ".join(sorted(table[layer]))
                found.append(f"{path}:{number}: {layer} may include {allowed}, not {parts[1]}")
    return found


def check(root: Path, options):
    table = read_table((root / "docs/architecture.md").read_text())
    if len(table) < 11:
        return [f"docs/architecture.md: expected a table of 11 layers, found {len(table)}"], []
    problems = []
    for folder in ("include", "src", "python/bindings"):
        for path in sorted((root / folder).rglob("*")):
            if path.suffix in (".h", ".cc"):
                name = path.relative_to(root).as_posix()
                problems += problems_of(name, path.read_text(), table)
    return problems, []
