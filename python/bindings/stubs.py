# SPDX-License-Identifier: Apache-2.0
"""Writes the type stubs of the package from what is there at run time: `_core.pyi`, and one for
each module that defines classes of program nodes, whose attributes come from the tables of fields.

    python python/bindings/stubs.py            # writes them
    python python/bindings/stubs.py --check    # fails where one is stale

Needs pybind11-stubgen and the package, importable as it was built."""

import argparse
import enum
import importlib
import inspect
import re
import subprocess
import sys
import tempfile
from pathlib import Path

import metaschedule
import metaschedule.testing.te_workload
from metaschedule import _core

PACKAGE = Path(metaschedule.__file__).parent
HEAD = (
    "# SPDX-License-Identifier: Apache-2.0\n"
    "# Made by python/bindings/stubs.py with Python "
    f"{sys.version_info[0]}.{sys.version_info[1]}; not to be edited.\n"
)
NODE_MODULES = [
    "ir.base",
    "ir.global_info",
    "ir.module",
    "ir.range",
    "ir.type",
    "target",
    "te.tensor",
    "tir.buffer",
    "tir.expr",
    "tir.function",
    "tir.stmt",
]
FIELD_TYPES = {
    "Node": "typing.Any",
    "List": "Array",
    "Dict": "Map",
    "Pairs": "typing.Any",
    "String": "str",
    "Int": "int",
    "Int32": "int",
    "Float": "float",
    "Bool": "bool",
    "DataType": "str",
    "Bytes": "bytes",
    "Shape": "tuple[int, ...]",
}
# Fields of statements that hold a node, by name.
STATEMENT_FIELDS = {
    "block": "Block",
    "body": "Stmt",
    "buffer": "Buffer",
    "condition": "PrimExpr",
    "else_case": "Stmt | None",
    "extent": "PrimExpr",
    "init": "Stmt | None",
    "loop_var": "Var",
    "min": "PrimExpr",
    "then_case": "Stmt",
    "value": "PrimExpr",
}
ARGUMENT_TYPES = {
    "Block": "BlockRV | str",
    "Handle": "BlockRV",
    "Loop": "LoopRV",
    "BlockOrLoop": "BlockRV | LoopRV",
    "BlocksOrLoop": "LoopRV | collections.abc.Sequence[BlockRV]",
    "Loops": "LoopRV",
    "Blocks": "collections.abc.Sequence[BlockRV | str]",
    "Factors": "collections.abc.Sequence[int | PrimExpr | None]",
    "Int": "int",
    "Bool": "bool",
    "String": "str",
    "Ints": "collections.abc.Sequence[int]",
    "Floats": "collections.abc.Sequence[float]",
    "IndexMap": "IndexMap | collections.abc.Callable[..., typing.Any]",
    "OptionalIndexMap": "IndexMap | PrimExpr | collections.abc.Callable[..., typing.Any] | float",
    "Value": "typing.Any",
    "Buffer": "typing.Any",
}
OUTPUT_TYPES = {
    "None": "None",
    "Block": "BlockRV",
    "Blocks": "list[BlockRV]",
    "Loop": "LoopRV",
    "Loops": "list[LoopRV]",
    "Number": "PrimExpr",
    "Numbers": "list[PrimExpr]",
}
RETURNED = {
    "__init__": "None",
    "__new__": "typing_extensions.Self",
    "__int__": "int",
    "__index__": "int",
    "__bool__": "bool",
    "__float__": "float",
    "__len__": "int",
    "__contains__": "bool",
    "__str__": "str",
    "__repr__": "str",
}
GET = """\
    @typing.overload
    def get(self, rand_var_or_sref: BlockRV) -> Block: ...
    @typing.overload
    def get(self, rand_var_or_sref: LoopRV) -> For: ...
    @typing.overload
    def get(self, rand_var_or_sref: PrimExpr | StmtSRef) -> typing.Any:"""
# What the binding calls an Object, or cannot name yet, by the name of the parameter or property.
BY_NAME = {
    "mod": "IRModule",
    "target": "Target",
    "sch": "Schedule",
    "context": "TuneContext",
    "ctx": "TuneContext",
    "database": "Database",
    "task_scheduler": "TaskScheduler",
}


def literal(value):
    """A default as it stands in a stub."""
    if isinstance(value, enum.Enum) or not isinstance(
        value, (type(None), bool, int, float, str, tuple, list, dict)
    ):
        return "..."
    return repr(value)


def annotation(value, fallback="typing.Any"):
    if value is inspect.Parameter.empty:
        return fallback
    text = value if isinstance(value, str) else inspect.formatannotation(value)
    return re.sub(r"\bmetaschedule(?:\.\w+)*\.(?=\w)", "", text).replace("NoneType", "None")


def parameters(function, typed=None):
    """The parameters of a function, annotated from `typed` where that knows a name."""
    out, keyword_only = [], False
    for p in inspect.signature(function).parameters.values():
        if p.kind is p.KEYWORD_ONLY and not keyword_only:
            out.append("*")
        keyword_only = keyword_only or p.kind in (p.KEYWORD_ONLY, p.VAR_POSITIONAL)
        stars = {p.VAR_POSITIONAL: "*", p.VAR_KEYWORD: "**"}.get(p.kind, "")
        text = stars + p.name
        if p.name in ("self", "cls"):
            out.append(text)
            continue
        kind = annotation(p.annotation, (typed or {}).get(p.name, "typing.Any"))
        if p.default is None and kind != "typing.Any" and "None" not in kind:
            kind += " | None"
        text += f": {kind}"
        if p.default is not p.empty:
            text += f" = {literal(p.default)}"
        out.append(text)
    return ", ".join(out)


def document(value, indent):
    doc = inspect.cleandoc(getattr(value, "__doc__", None) or "")
    if not doc:
        return f"{indent}...\n"
    doc = doc.replace("\\", "\\\\").replace('"""', '\\"\\"\\"')
    return "".join(
        f"{indent}{line}".rstrip() + "\n" for line in ['"""', *doc.splitlines(), '"""', "..."]
    )


def function_stub(function, name, indent, decorator=""):
    returned = annotation(inspect.signature(function).return_annotation)
    returned = RETURNED.get(name, returned)
    head = f"{indent}{decorator}\n" if decorator else ""
    if name in ("__eq__", "__ne__"):
        return f"{head}{indent}def {name}(self, other: object) -> typing.Any: ...\n"
    return f"{head}{indent}def {name}({parameters(function)}) -> {returned}:\n" + document(
        function, indent + "    "
    )


def fields_of(cls):
    try:
        return _core.field_types(cls.__name__)
    except KeyError:
        return []


def class_stub(cls):
    bases = ", ".join(
        f"_core.{base.__name__}" if base.__module__ == _core.__name__ else base.__name__
        for base in cls.__bases__
        if base is not object
    )
    out = f"class {cls.__name__}{f'({bases})' if bases else ''}:\n"
    out += document(cls, "    ")
    written = set()
    for name, value in vars(cls).items():
        if name in ("__slots__", "__module__", "__doc__", "__dict__", "__weakref__", "__hash__"):
            continue
        if name.startswith("_") and not (name.startswith("__") and name.endswith("__")):
            continue
        written.add(name)
        if name == "__new__":
            out += function_stub(value.__func__, name, "    ")
        elif isinstance(value, staticmethod):
            out += function_stub(value.__func__, name, "    ", "@staticmethod")
        elif isinstance(value, classmethod):
            out += function_stub(value.__func__, name, "    ", "@classmethod")
        elif isinstance(value, property):
            out += function_stub(value.fget, name, "    ", "@property")
        elif inspect.isfunction(value):
            out += function_stub(value, name, "    ")
        elif name == "__class_getitem__" or isinstance(value, (type, type(len))):
            continue
        elif not name.startswith("__"):
            kind = type(value).__name__
            known = kind in ("int", "str", "float", "bool", "tuple", "dict", "list")
            out += f"    {name}: {kind if known else 'typing.Any'}\n"
    for name, kind in fields_of(cls):
        if name not in written and name.isidentifier():
            known = kind == "Node" and cls.__module__.endswith(".stmt")
            returned = (STATEMENT_FIELDS if known else {}).get(name, FIELD_TYPES[kind])
            out += f"    @property\n    def {name}(self) -> {returned}: ...\n"
    return out


def module_stub(name):
    """The stub of a module of Python classes."""
    module = importlib.import_module(f"metaschedule.{name}")
    imports, body = [], ""
    for key, value in vars(module).items():
        home = getattr(value, "__module__", None)
        private = key.startswith("_") and not (isinstance(value, type) and home == module.__name__)
        if private or inspect.ismodule(value):
            continue
        if isinstance(value, type) and home == module.__name__:
            body += "\n" + class_stub(value)
        elif inspect.isfunction(value) and home == module.__name__:
            body += "\n" + function_stub(value, key, "")
        elif isinstance(value, type) or inspect.isfunction(value):
            if home and home.startswith("metaschedule"):
                imports.append(f"from {home} import {value.__name__} as {key}\n")
    head = HEAD + "from __future__ import annotations\n\nimport typing\n"
    typing_names = sorted(set(re.findall(r"\b(Callable|Optional|Union|List|Dict)\b(?!\.)", body)))
    typing_names = [n for n in typing_names if n not in vars(module)]
    if typing_names:
        head += f"from typing import {', '.join(typing_names)}\n"
    if "typing_extensions." in body:
        head += "import typing_extensions\n"
    if "_core." in body:
        head += "from metaschedule import _core\n"
    if name == "tir.stmt":
        head += "from metaschedule.tir.buffer import Buffer\n"
        head += "from metaschedule.tir.expr import PrimExpr, Var\n"
    if name != "ir.base" and re.search(r"\b(Array|Map)\b", body):
        head += "from metaschedule.ir.base import Array, Map\n"
    return head + "".join(sorted(set(imports))) + body


def primitive_signatures():
    """The signature of each primitive's method, by name."""
    out = {}
    for method, outputs, args in _core.primitive_types():
        typed = {name: ARGUMENT_TYPES[kind] for name, kind in args}
        typed["decision"] = "int | collections.abc.Sequence[int] | None"
        text = parameters(getattr(_core.Schedule, method), typed)
        out[method] = f"({text}) -> {OUTPUT_TYPES[outputs]}"
    return out


def error_classes():
    """The errors, which the package re-exports from the extension module."""
    out = ""
    for cls in (c for c in vars(_core).values() if isinstance(c, type)):
        if issubclass(cls, Exception):
            bases = ", ".join(base.__name__ for base in cls.__bases__)
            out += f"class {cls.__name__}({bases}):\n{document(cls, '    ')}"
            for name, value in list(vars(cls).items()):
                if isinstance(value, property):
                    out += f"    {name}: typing.Any\n"
            if cls.__name__ == "ParseError":
                out += "    line: int\n    column: int\n"
    return out


def core_stub():
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-m", "pybind11_stubgen", "metaschedule._core", "-o", folder]
        done = subprocess.run(
            [*command, "--ignore-all-errors"], capture_output=True, text=True, check=False
        )
        path = Path(folder) / "metaschedule/_core.pyi"
        if done.returncode != 0 or not path.exists():
            raise RuntimeError(f"pybind11-stubgen failed:\n{done.stderr}")
        text = path.read_text()
    text = re.sub(r"^__all__.*\n", "", text, flags=re.M)
    text = re.sub(r"^from metaschedule import \w+\n", "", text, flags=re.M)
    text = text.replace("\nclass Object:", "\n" + error_classes() + "class Object:", 1)
    text = text.replace("typing._UnionGenericAlias", "typing.Any").replace("NoneType", "None")
    text = re.sub(
        r"^    (?:@staticmethod\n    )?def __(?:getattribute|new)__\(.*\n(?:        .*\n)+",
        "",
        text,
        flags=re.M,
    )
    text = re.sub(r"typing\.SupportsInt \| typing\.SupportsIndex", "int", text)
    text = re.sub(r"typing\.SupportsFloat \| typing\.SupportsIndex", "float", text)
    for name, kind in BY_NAME.items():
        text = re.sub(rf"\b{name}: (?:\.\.\.|Object)(?=[ ,)])", f"{name}: {kind}", text)
        text = re.sub(
            rf"def {name}\(self\) -> (?:\.\.\.|Object):", f"def {name}(self) -> {kind}:", text
        )
    text = re.sub(r": \.\.\.(?=[ ,)])", ": typing.Any", text)
    text = re.sub(r"\[\.\.\.\]", "[typing.Any]", text)
    text = re.sub(r"-> \.\.\.:", "-> typing.Any:", text)
    text = re.sub(r": (?!typing\.Any)([\w.\[\], ]+?) = None(?=[,)])", r": \1 | None = None", text)
    start = text.index("\nclass Schedule:")
    end = text.index("\nclass ", start + 1)
    body = text[start:end]
    for method, signature in primitive_signatures().items():
        body, count = re.subn(
            rf"^    def {method}\(.*\):$",
            lambda _, m=method, s=signature: f"    def {m}{s}:",
            body,
            flags=re.M,
        )
        if count != 1:
            raise RuntimeError(f"no method {method} in the stub of Schedule")
    body, count = re.subn(r"^    def get\(self, rand_var_or_sref\):$", GET, body, flags=re.M)
    if count != 1:
        raise RuntimeError("no method get in the stub of Schedule")
    text = text[:start] + body + text[end:]
    own = metaschedule.tir.Schedule is not _core.Schedule
    if own:  # schedules come out of C++ with the class that users write
        text = re.sub(r"(?<=[ \[(])Schedule(?=[\],)| :])(?! *=)", "_Schedule", text)
        text = text.replace("class _Schedule:", "class Schedule:")
    needed = (
        "from metaschedule.ir.module import IRModule\n"
        "from metaschedule.target import Target\n"
        "from metaschedule.tir.expr import PrimExpr\n"
        "from metaschedule.tir.function import IndexMap\n"
        "from metaschedule.tir.stmt import Block, For\n"
    )
    if own:
        needed += "from metaschedule.tir import Schedule as _Schedule\n"
    return HEAD + re.sub(r"(from __future__ import annotations\n)", rf"\1{needed}", text, count=1)


def stubs():
    """The text of each stub, by path."""
    out = {PACKAGE / "_core.pyi": core_stub()}
    for name in NODE_MODULES:
        path = PACKAGE.joinpath(*name.split("."))
        path = path / "__init__.pyi" if path.is_dir() else path.with_suffix(".pyi")
        out[path] = module_stub(name)
    return out


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--check", action="store_true", help="write nothing; fail where stale")
    check = parser.parse_args().check
    stale = []
    for path, text in stubs().items():
        if path.exists() and path.read_text() == text:
            continue
        stale.append(str(path.relative_to(PACKAGE.parent)))
        if not check:
            path.write_text(text)
    if stale and check:
        sys.exit(f"stale: {', '.join(stale)}; run python python/bindings/stubs.py")
    print("\n".join(f"written: {name}" for name in stale) or "all stubs are as they should be")


if __name__ == "__main__":
    main()
