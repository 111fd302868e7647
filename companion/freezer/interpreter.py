"""Finds where first-party code starts `sys.executable`: in a frozen program that is the program itself.

Reads source text only (`ast`), runs nothing.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from . import source
from .contract import InterpreterUse

_starters = {
    "run",
    "call",
    "check_call",
    "check_output",
    "getoutput",
    "getstatusoutput",
    "system",
    "popen",
    "Popen",
    "create_subprocess_exec",
    "create_subprocess_shell",
    "subprocess_exec",
    "subprocess_shell",
    "posix_spawn",
    "posix_spawnp",
    "run_process",
    "open_process",
    "start",  # QProcess
    "startDetached",
}


def uses(file: str) -> list[InterpreterUse]:
    """Each call that starts it, in order. A branch that asks whether the program is frozen knows what it does."""
    tree = source.tree(file)
    if tree is None:
        return []
    nodes = list(_unguarded(tree))
    modules = {"sys"}
    names: set[str] = set()
    for node in nodes:
        if isinstance(node, ast.Import):
            modules.update(alias.asname for alias in node.names if alias.name == "sys" and alias.asname)
        elif isinstance(node, ast.ImportFrom) and node.module == "sys" and not node.level:
            names.update(alias.asname or alias.name for alias in node.names if alias.name == "executable")

    def is_meant(node: ast.AST) -> bool:
        return any(
            (isinstance(part, ast.Name) and part.id in names)
            or (isinstance(part, ast.Attribute) and part.attr in names and isinstance(part.value, ast.Name) and part.value.id == "self")
            or (isinstance(part, ast.Attribute) and part.attr == "executable" and getattr(part.value, "id", None) in modules)
            for part in _unguarded(node)
        )

    # A command line that was put together before: `command = [sys.executable, ...]`, then `run(command)`.
    for _ in range(3):
        for node in nodes:
            if isinstance(node, (ast.Assign, ast.AnnAssign)) and node.value is not None and is_meant(node.value):
                if _started(node.value):
                    continue  # Its result is no command line.
                for target in node.targets if isinstance(node, ast.Assign) else [node.target]:
                    name = getattr(target, "id", None) or getattr(target, "attr", None)
                    if name is not None:
                        names.add(name)
    calls = [call for call in map(_started, nodes) if call is not None and any(is_meant(given) for given in _given(call))]
    return [
        {"file": file, "line": call.lineno, "text": _shorten(ast.unparse(call))}
        for call in sorted(calls, key=lambda call: call.lineno)
    ]


def _given(call: ast.Call) -> list[ast.expr]:
    return [*call.args, *(keyword.value for keyword in call.keywords)]


def _started(node: ast.AST) -> ast.Call | None:
    """The node itself when it is a call that starts a program."""
    if not isinstance(node, ast.Call):
        return None
    name: str = getattr(node.func, "attr", None) or getattr(node.func, "id", "")
    return node if name in _starters or (name != "exec" and name.startswith(("exec", "spawn"))) else None


def _unguarded(node: ast.AST) -> Iterator[ast.AST]:
    yield node
    if isinstance(node, (ast.If, ast.IfExp)) and _asks_for_frozen(node.test):
        return
    for child in ast.iter_child_nodes(node):
        yield from _unguarded(child)


def _asks_for_frozen(test: ast.expr) -> bool:
    return any(
        getattr(node, "attr", None) in ("frozen", "is_frozen", "_MEIPASS")
        or getattr(node, "id", None) in ("is_frozen", "frozen", "FROZEN", "IS_FROZEN")
        or (isinstance(node, ast.Constant) and node.value in ("frozen", "_MEIPASS"))
        for node in ast.walk(test)
    )


def _shorten(text: str) -> str:
    text = " ".join(text.split())
    return text if len(text) <= 100 else text[:97] + "..."
