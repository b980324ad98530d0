# SPDX-License-Identifier: Apache-2.0
"""From Python definitions to the parser: source text, captured values, macros."""

import builtins
import inspect
import sys
import textwrap

from .. import _core


class Macro:
    """A function that `@T.macro` marked: a call in a script is replaced by its body."""

    def __init__(self, function, hygienic: bool):
        self.function, self.hygienic = function, hygienic
        self.text, self.first_line = source_of(function)
        self.file = inspect.getsourcefile(function) or "<string>"

    def __call__(self, *_args, **_kwargs):
        raise TypeError(f"macro {self.function.__name__} can only be called in a script")


def source_of(definition):
    """The source text of a function or class, without its indentation, and its first line."""
    try:
        lines, first_line = inspect.getsourcelines(definition)
    except (OSError, TypeError) as error:
        raise ValueError(
            f"cannot find the source of {definition.__name__}; write the program to a file, or "
            "pass its text to metaschedule.script.from_source"
        ) from error
    return textwrap.dedent("".join(lines)), max(first_line, 1)


class Host:
    """Answers the parser's questions about names of Python."""

    def __init__(self, variables):
        self.variables = variables

    def lookup(self, text, names):
        """(True, value) of a Python expression, (False, None) when it mentions an unknown name or
        says something in the language, which only the parser understands."""
        from . import ir, tir

        scope = {"T": tir, "I": ir, **self.variables, **names}
        try:
            value = eval(text, {"__builtins__": builtins, **scope})
        except NameError:
            return False, None
        return (False, None) if isinstance(value, tir._Name) else (True, value)

    def macro(self, name):
        """The definition of a macro by its (dotted) name, or None."""
        known, value = self.lookup(name, {})
        if not known or not isinstance(value, Macro):
            return None
        from . import ir, tir

        home = Host(captured_by(value.function))
        return (
            value.text,
            value.file,
            value.first_line,
            value.hygienic,
            home.names_of(tir),
            home.names_of(ir),
            home.lookup,
            home.macro,
        )

    def names_of(self, module):
        """The names under which a module is known."""
        return [name for name, value in self.variables.items() if value is module]


def captured_by(function):
    """What a function sees: its globals, and the variables of its closure that have a value."""
    variables = dict(function.__globals__)
    for name, cell in zip(function.__code__.co_freevars, function.__closure__ or ()):
        try:
            variables[name] = cell.cell_contents
        except ValueError:  # not assigned yet
            continue
    return variables


def captured_by_class(cls, frame):
    """What the methods of a class see, with the names of the frames around it."""
    variables = dict(frame.f_globals)
    outer, frames = frame, []
    while outer is not None and outer.f_globals is frame.f_globals:
        frames.append(outer.f_locals)
        outer = outer.f_back
    for local in reversed(frames):
        variables.update(local)
    for member in vars(cls).values():
        if inspect.isfunction(member):
            variables.update(captured_by(member))
    return variables


def parse(text, variables, file="<string>", first_line=1):
    """Parses a decorated definition whose free names are those of `variables`."""
    from . import ir, tir

    host = Host(variables)
    return _core.parse_script(
        text,
        file,
        first_line,
        host.names_of(tir),
        host.names_of(ir),
        host.lookup,
        host.macro,
    )


def parse_function(function, variables):
    """Parses a Python definition whose decorator is `@T.prim_func`, or stands in for it."""
    text, first_line = source_of(function)
    if text.startswith("def "):
        text, first_line = "@T.prim_func\n" + text, first_line - 1
    return parse(text, variables, inspect.getsourcefile(function) or "<string>", first_line)


def from_source(program, extra_vars=None, check_well_formed=True):
    """The function or module that `program` defines: TVMScript text, a function, or a class of
    functions."""
    variables = dict(extra_vars or {})
    if isinstance(program, str):
        parsed = parse(textwrap.dedent(program), variables)
    elif isinstance(program, type):
        text, first_line = source_of(program)
        if text.startswith("class "):
            text, first_line = "@I.ir_module\n" + text, first_line - 1
        file = inspect.getsourcefile(program) or "<string>"
        captured = captured_by_class(program, sys._getframe(1))
        parsed = parse(text, {**captured, **variables}, file, first_line)
    else:
        parsed = parse_function(program, {**captured_by(program), **variables})
    if check_well_formed:
        _core.check_well_formed(parsed)
    return parsed
