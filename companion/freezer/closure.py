"""Files of modules that a bundle lacks, with what they import in turn: what PyInstaller would have collected, had it been told.

Run as `python -I -c "...; closure.main()"` with a question as JSON on standard input; the answer is JSON.
"""

from __future__ import annotations

import ast
import json
import os
import sys
from collections import deque
from collections.abc import Iterable, Iterator

from . import modules, source

_MOST = 5000


def files(names: Iterable[str], present: set[str], paths: list[str]) -> list[tuple[str, str, str]]:
    """(module, file, path below the root of the bundle) of each that is there but not `present`."""
    found: dict[str, tuple[str, str, str]] = {}
    queue = deque(names)
    seen: set[str] = set()
    while queue and len(found) < _MOST:
        name = queue.popleft()
        parent = name.rpartition(".")[0]
        if name in seen or name in present:
            continue
        seen.add(name)
        if parent:
            queue.append(parent)
        spec = modules.locate(name, paths)
        if spec is None or not spec.origin or not os.path.isfile(spec.origin):
            continue
        folder = (name if spec.submodule_search_locations is not None else parent).replace(".", "/")
        target = os.path.basename(spec.origin)
        found[name] = (name, spec.origin, f"{folder}/{target}" if folder else target)
        if spec.origin.endswith(".py"):
            queue.extend(_imports(spec.origin, name, spec.submodule_search_locations is not None))
    return list(found.values())


def _imports(file: str, name: str, is_package: bool) -> Iterator[str]:
    tree = source.tree(file)
    if tree is None:
        return
    package = name.split(".") if is_package else name.split(".")[:-1]
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = package[: len(package) - (node.level - 1)] if node.level else []
            whole = ".".join([*base, *([node.module] if node.module else [])])
            if whole:
                yield whole
                yield from (f"{whole}.{alias.name}" for alias in node.names if alias.name != "*")


def main() -> None:
    question = json.load(sys.stdin)
    paths = [*question["roots"], *sys.path]
    print(json.dumps(files(question["modules"], set(question["present"]), paths)))
