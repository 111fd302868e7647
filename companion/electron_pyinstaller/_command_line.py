"""Command lines for a Python interpreter, which libraries write with `sys.executable`."""

from __future__ import annotations

import os
from typing import NamedTuple, Optional, Sequence

_WITH_VALUE = ("-W", "-X", "--check-hash-based-pycs")
_FLAGS = frozenset("bBdEhiIOPqRsStuvVx?")


class Command(NamedTuple):
    """What an interpreter would run."""

    kind: str
    """`code` (`-c`), `module` (`-m`) or `file`."""
    target: str
    arguments: Sequence[str]


def parse(arguments: Sequence[str]) -> Optional[Command]:
    """Read the arguments as Python does; None when they are not meant for it."""
    position = 0
    while position < len(arguments):
        argument = arguments[position]
        if argument in _WITH_VALUE:
            position += 2
            continue
        if argument[:2] in ("-W", "-X") or argument.startswith("--check-hash-based-pycs="):
            position += 1
            continue
        if len(argument) < 2 or argument[0] != "-" or argument[1] == "-":
            return _file(arguments, position)
        for index, letter in enumerate(argument[1:], start=1):
            if letter in "cm":
                # The rest of the word is the value (`-Bcprint()`), else the next one is.
                rest = [argument[index + 1 :]] if argument[index + 1 :] else []
                rest += arguments[position + 1 :]
                return Command("code" if letter == "c" else "module", rest[0], rest[1:]) if rest else None
            if letter not in _FLAGS:
                return None
        position += 1
    return None


def _file(arguments: Sequence[str], position: int) -> Optional[Command]:
    name = arguments[position]
    if os.path.splitext(name)[1].lower() not in (".py", ".pyw", ".pyc", ".pyz"):
        return None
    return Command("file", name, arguments[position + 1 :])
