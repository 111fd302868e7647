"""Modules that an installed distribution loads by names written in its own code, which PyInstaller's analysis cannot see.

    ALIASES = {"prefork": "celery.concurrency.prefork:TaskPool"}
    importlib.import_module("engineio.async_drivers." + mode)

A text that is the whole name of a module of the same distribution, or of something in it, means that module.
"""

from __future__ import annotations

import ast
import os
import re
import sys
from collections.abc import Iterator
from typing import Optional

from . import importers, loads, modules, source
from .installed import Distribution, Texts, is_test
from .places import Module, members

_stdlib = set(sys.stdlib_module_names) if sys.version_info >= (3, 10) else set[str]()
_stdlib_folder = [os.path.dirname(os.__file__)]
_only_in_words = {"ensurepip", "idlelib", "lib2to3", "test", "this", "tkinter", "turtle", "turtledemo", "venv"}
"""Modules of the standard library that are large or do something: a word in a table is not enough to mean them."""
_import_calls = re.compile(rb"import\w*\(\s*f?[\"']([\w.]+)")
_loaders = re.compile(rb"import_module|__import__|find_spec|iter_modules|walk_packages|resolve_name|load_module")
_name = re.compile(r"[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)+(?::[\w.]+)?")


def named_modules(
    distribution: Distribution, texts: Texts, asked_for: set[str], needed: set[str], installed: set[str]
) -> dict[str, list[str]]:
    """What each module names.

    `texts`: its own. `asked_for`: the packages at the top of the distributions that it asks for, extras included; `needed`: without extras.
    `installed`: all modules of all distributions.
    """
    known = distribution.modules()
    tops = b"|".join(re.escape(top.encode()) for top in sorted(distribution.packages()))
    mentions = re.compile(rb"[\"']((?:" + tops + rb")(?:\.\w+)+)(?::[\w.]+)?[\"']")
    reachable = distribution.packages() | asked_for | _stdlib
    in_tables = distribution.packages() | needed | (_stdlib - _only_in_words)
    own, parsed = importers.of_package(texts)
    calls_own = re.compile(rb"\b(?:" + importers.ends(own) + rb")\(") if own else None
    found: dict[str, list[str]] = {}
    for name, file, text in texts:
        names: set[str] = set()
        # Not kept longer than it is needed: the trees of a large package take much memory.
        module = parsed.pop(name, None)
        try:
            # Parsing is slow: only what has such a text at all.
            if any(_deepest(text_found.decode(), known) not in (None, name) for text_found in set(mentions.findall(text))):
                module = module or importers.read(name, file, text)
                names.update(_in_texts(module, known))
            calls = any(_is_there(text_found.decode().rstrip("."), installed) for text_found in set(_import_calls.findall(text)))
            if calls or (calls_own is not None and calls_own.search(text)) or importers.BY_NAME.search(text):
                # Of others only what is asked for: sympy imports matplotlib if it happens to be there.
                module = module or importers.read(name, file, text)
                for one, is_certain in _in_calls(module, own, installed):
                    if one.partition(".")[0] in (reachable if is_certain else in_tables):
                        names.add(one)
            if _loaders.search(text):
                module = module or importers.read(name, file, text)
                names.update(_in_patterns(module, known, asked_for))
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            continue
        names = {one for one in names if one != name and not name.startswith(one + ".") and not is_test(one.split("."))}
        if names:
            found[name] = sorted(names)
    return found


def _in_texts(module: Module, known: set[str]) -> Iterator[str]:
    passed = _said_only(module)
    for node in module.nodes:
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in passed and _name.fullmatch(node.value):
            name = _deepest(node.value.partition(":")[0], known)
            if name is not None:
                yield name


def _deepest(name: str, known: set[str]) -> Optional[str]:
    """`app.services.Trainer` → `app.services`: a class by its path. None: it names no module below the top."""
    while "." in name and name not in known:
        name = name.rpartition(".")[0]
    return name if "." in name else None


def _is_there(name: str, installed: set[str]) -> bool:
    return name in installed or (name.partition(".")[0] in _stdlib and not name.endswith("."))


def _in_calls(module: Module, own: importers.Importers, installed: set[str]) -> Iterator[tuple[str, bool]]:
    """`import_patched("dns.name")`, `__import__("pg8000")`: as good as an import, but for those that say that they can do without.
    True: it is written there; False: it stands in a table that such a call looks into, or may.
    """
    texts_of = None
    by_name = {id(call) for call in importers.may_import(module, own)}
    for node, _ in module.calls():
        given = importers.names_given(module, node, own) if id(node) in by_name else []
        function = getattr(node.func, "attr", None) or getattr(node.func, "id", "")
        if not given and "import" in function:
            given = node.args[:1]
        if not given or re.search("optional|importorskip|importer", function):
            continue
        for argument in (one for expression in given for one in members(expression) or [expression]):
            name = _literal(argument)
            if name.endswith("."):  # "dns.rdtypes." + kind: one of its children.
                yield from ((one, True) for one in installed if one.startswith(name) and "." not in one[len(name) :])
            elif name:
                yield from ((one, True) for one in _meant(name, installed))
            elif not isinstance(argument, ast.Constant):
                texts_of = texts_of or loads.texts_of(module.name, module.nodes)
                texts = texts_of(argument)
                yield from ((one, False) for text in texts or _table_texts(module) if "*" not in text for one in _meant(text, installed))


def _meant(text: str, installed: set[str]) -> Iterator[str]:
    """The module that a text names: `json.decoder`, `json:loads`, `json.loads`."""
    name = text.partition(":")[0]
    if not all(part.isidentifier() for part in name.split(".")):
        return
    first = name.partition(".")[0]
    if first not in _stdlib:
        if name in installed:
            yield name
        return
    while "." in name and modules.locate(name, _stdlib_folder) is None:
        name = name.rpartition(".")[0]
    yield name


def _table_texts(module: Module) -> Iterator[str]:
    """Texts in the tables of a module and of its classes: a name that is looked up somehow is one of them."""
    bodies = [module.tree.body, *(node.body for node in module.nodes if isinstance(node, ast.ClassDef))]
    for statement in (statement for body in bodies for statement in body):
        if isinstance(statement, (ast.Assign, ast.AnnAssign)) and isinstance(statement.value, (ast.Dict, ast.List, ast.Tuple, ast.Set)):
            for node in source.walk(statement.value):
                if isinstance(node, ast.Constant) and isinstance(node.value, str):
                    yield node.value


def _literal(argument: ast.expr) -> str:
    """A text, or its beginning up to the last dot when something is to follow; "" otherwise."""
    if isinstance(argument, ast.Constant):
        return argument.value.rstrip(".") if isinstance(argument.value, str) else ""
    first = argument.left if isinstance(argument, ast.BinOp) and isinstance(argument.op, ast.Add) else None
    if isinstance(argument, ast.JoinedStr) and argument.values:
        first = argument.values[0]
    text = first.value if isinstance(first, ast.Constant) else None
    return text if isinstance(text, str) and text.endswith(".") else ""


def _said_only(module: Module) -> set[int]:
    """Texts that name a module without loading it: loggers, `__module__`, the decorators that set it."""
    found: set[int] = set()
    for node in module.nodes:
        if isinstance(node, ast.Call):
            function = getattr(node.func, "attr", None) or getattr(node.func, "id", "")
            if function in ("getLogger", "get_logger", "set_module", "warn", "filterwarnings", "deprecated"):
                found.update(id(part) for part in source.walk(node))
        elif isinstance(node, ast.Assign) and any(getattr(target, "attr", getattr(target, "id", None)) in ("__module__", "__name__") for target in node.targets):
            found.update(id(part) for part in source.walk(node.value))
        elif isinstance(node, ast.Compare):
            found.update(id(part) for part in source.walk(node))
    return found


def _in_patterns(module: Module, known: set[str], asked_for: set[str]) -> Iterator[str]:
    for claim in loads.claims_of(module, known):
        pattern = claim["pattern"]
        if "*" not in pattern:
            if pattern in known:
                yield pattern
            continue
        if "." not in pattern.partition("*")[0]:
            # "tree_sitter_" + language: one of what it asks for; a part of one letter says nothing.
            meant = re.compile(r"\w+".join(re.escape(part) for part in pattern.split("*")))
            if len(pattern) > 3:
                yield from (top for top in asked_for if meant.fullmatch(top))
            continue
        any_name = "[^.]+(?:\\..+)?" if claim["deep"] else "[^.]+"
        meant = re.compile(any_name.join(re.escape(part) for part in pattern.split("*")))
        yield from (module for module in known if meant.fullmatch(module))
