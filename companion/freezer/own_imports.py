"""Finds how first-party code changes what can be imported: folders that it puts on `sys.path`, names that it puts into
`sys.modules`, modules that it writes itself. Reads source text only (`ast`), runs nothing.
"""

from __future__ import annotations

import ast
import os
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Optional

from .places import FILE, Code, Module, members


_TESTS = {"test", "tests", "conftest"}


@dataclass
class OwnImports:
    folders: list[str] = field(default_factory=lambda: [])
    """Absolute; they exist."""
    in_front: set[str] = field(default_factory=lambda: set())
    """Those of them that are searched before the standard library and what is installed."""
    aliases: dict[str, Optional[str]] = field(default_factory=lambda: {})
    """Names in `sys.modules`, and the module that each stands for, where it is known."""
    written: set[str] = field(default_factory=lambda: set())
    """Modules whose file some text names: the program may write it before it is imported."""
    imports: set[str] = field(default_factory=lambda: set())
    """Everything that import statements name, `from a import b` as `a.b`."""

    def is_made(self, name: str) -> bool:
        """Tell whether the program itself makes a module, so that nobody else need have it."""
        first = name.partition(".")[0]
        return first in self.aliases or first in self.written or any(name == alias or name.startswith(alias + ".") for alias in self.aliases)

    def behind_aliases(self) -> list[str]:
        """Modules that are imported below another name than their own; some may be no modules."""
        found = {
            target + name[len(alias) :]
            for alias, target in self.aliases.items()
            for name in self.imports
            if target is not None and name.startswith(alias + ".")
        }
        return sorted(found)


def read(modules: Iterable[tuple[str, str]], roots: list[str]) -> OwnImports:
    """What all modules, as (name, file), do together."""
    names = list(modules)
    code = Code(names, roots)
    result = OwnImports()
    for name, _ in names:
        # What tests put on the path is theirs.
        module = None if _TESTS.intersection(name.split(".")) else code.module(name)
        if module is not None:
            _read(module, result)
    return result


def _read(module: Module, result: OwnImports) -> None:
    for node in module.nodes:
        if isinstance(node, ast.Import):
            result.imports.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            result.imports.update(f"{node.module}.{alias.name}" for alias in node.names)
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            written = re.search(r"(?:^|[\\/])([A-Za-z_]\w*)\.py$", node.value)
            if written is not None and len(node.value) < 500:
                result.written.add(written[1])
        for key, value in _entries(module, node):
            name = module.text(key)
            if name:
                result.aliases[name] = _module_named(module, value)
        for expression in _path_entries(module, node):
            for place in module.places(expression):
                if place.anchor == FILE and not place.rest:
                    there = [folder for folder in place.source if os.path.isdir(folder)]
                    result.folders += [folder for folder in there if folder not in result.folders]
                    if _goes_in_front(module, node):
                        result.in_front.update(there)


def _goes_in_front(module: Module, node: ast.AST) -> bool:
    """`append`, `extend` and `+=` put a folder behind everything: its `logging.py` is not the one of the standard library."""
    return isinstance(node, ast.Assign) or (isinstance(node, ast.Call) and module.dotted(node.func) == "sys.path.insert")


def _entries(module: Module, node: ast.AST) -> Iterator[tuple[ast.expr, ast.expr]]:
    """`sys.modules["name"] = module`, `sys.modules.setdefault("name", module)`."""
    if isinstance(node, ast.Assign):
        for target in node.targets:
            if isinstance(target, ast.Subscript) and module.dotted(target.value) == "sys.modules":
                yield target.slice, node.value
    elif isinstance(node, ast.Call) and len(node.args) == 2 and module.dotted(node.func) == "sys.modules.setdefault":
        yield node.args[0], node.args[1]


def _module_named(module: Module, value: ast.expr) -> Optional[str]:
    if isinstance(value, ast.Call) and module.dotted(value.func).endswith("import_module") and value.args:
        return module.text(value.args[0])
    if isinstance(value, ast.Subscript) and module.dotted(value.value) == "sys.modules":
        return module.name if getattr(value.slice, "id", "") == "__name__" else module.text(value.slice)
    if isinstance(value, (ast.Name, ast.Attribute)):
        named = module.dotted(value)
        return named if named != "?" and "?" not in named else None
    return None


def _path_entries(module: Module, node: ast.AST) -> list[ast.expr]:
    """Expressions of folders that go to `sys.path`."""
    if isinstance(node, ast.Call):
        name = module.dotted(node.func)
        if name == "sys.path.insert":
            return node.args[1:2]
        if name in ("sys.path.append", "site.addsitedir"):
            return node.args[:1]
        return members(node.args[0]) if name == "sys.path.extend" and node.args else []
    if isinstance(node, (ast.Assign, ast.AugAssign)):
        targets = node.targets if isinstance(node, ast.Assign) else [node.target]
        for target in targets:
            whole = target.value if isinstance(target, ast.Subscript) else target
            if isinstance(whole, ast.expr) and module.dotted(whole) == "sys.path":
                parts = [node.value.left, node.value.right] if isinstance(node.value, ast.BinOp) else [node.value]
                return [member for part in parts for member in members(part)]
    return []
