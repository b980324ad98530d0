# SPDX-License-Identifier: Apache-2.0
"""Scripts for people to look at: formatted and coloured, where the tools for that are there."""

import os
import sys

# Styles of pygments by the names of the API.
_STYLES = {"light": "default", "dark": "monokai"}


def _formatted(text):
    try:
        import black
    except ImportError:
        return text
    try:
        return black.format_str(text, mode=black.FileMode()).rstrip("\n")
    except black.InvalidInput:  # not Python by itself: a statement, for instance
        return text


def highlighted(text: str, style=None, black_format=None) -> str:
    """The text as a terminal shows it best; unchanged where the output is none, or without
    pygments."""
    if black_format is None:
        black_format = os.environ.get("TVM_BLACK_FORMAT", "0").lower() in ("1", "true", "yes", "on")
    if black_format:
        text = _formatted(text)
    style = style or os.environ.get("TVM_PYGMENTIZE_STYLE")
    if style is None and not sys.stdout.isatty():
        return text
    style = style or "light"
    try:
        from pygments import highlight
        from pygments.formatters import Terminal256Formatter, TerminalFormatter
        from pygments.lexers import PythonLexer
    except ImportError:
        return text
    if style == "ansi":
        formatter = TerminalFormatter()
    else:
        formatter = Terminal256Formatter(style=_STYLES.get(style, style))
    return highlight(text, PythonLexer(), formatter).rstrip("\n")
