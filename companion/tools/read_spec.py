"""Says what a PyInstaller spec file describes. Run as `python -I read_spec.py <file>`; with `--calls`, what Python programs say to
PyInstaller: `python -I read_spec.py --calls <file>...`.

Files are parsed and their lists are followed; they are not run. What cannot be followed in a spec is named by its line, so that
nothing is lost silently. The answer is one line of JSON.
"""

from __future__ import annotations

import ast
import json
import os
import sys
import warnings
from typing import Any, Dict, Iterator, List, Optional, Set

MARKER = "electron-pyinstaller-spec:"

COLLECTORS = {
    "collect_submodules": "submodules",
    "collect_data_files": "data",
    "collect_dynamic_libs": "binaries",
    "copy_metadata": "metadata",
}
KNOWN_MODULES = ("PyInstaller", "os", "sys", "pathlib", "platform", "glob")
CONSTANTS = {"os.pathsep": ":", "os.sep": "/", "os.path.sep": "/", "os.curdir": ".", "sys.executable": "python"}
RUNNERS = ("run", "call", "check_call", "check_output", "Popen", "system")
"""Functions that are given a command: of `PyInstaller.__main__`, of `subprocess` and of `os`."""
ANALYSIS = (
    "scripts pathex binaries datas hiddenimports hookspath hooksconfig runtime_hooks excludes win_no_prefer_redirects "
    "win_private_assemblies cipher noarchive optimize module_collection_mode"
).split()


class Unknown(Exception):
    """An expression that cannot be followed."""


class Spec:
    def __init__(self, file: str) -> None:
        self.file = os.path.abspath(file)
        self.folder = os.path.dirname(self.file)
        self.values: Dict[str, Any] = {"SPECPATH": self.folder, "SPEC": self.file, "block_cipher": None}
        self.kinds: Dict[str, str] = {}
        """Names of the parts: Analysis, PYZ, EXE, COLLECT, BUNDLE."""
        self.analysis: Optional[Dict[str, Any]] = None
        self.program: Optional[Dict[str, Any]] = None
        self.collected = False
        self.extra: Dict[str, List[Any]] = {"datas": [], "binaries": []}
        self.unknown: List[Dict[str, Any]] = []

    def note(self, node: ast.AST, what: str) -> None:
        self.unknown.append({"line": getattr(node, "lineno", 0), "what": what})

    def read(self) -> Dict[str, Any]:
        with open(self.file, "rb") as stream:
            tree = ast.parse(stream.read(), filename=self.file)
        for statement in tree.body:
            try:
                self.statement(statement)
            except Unknown as error:
                self.note(statement, str(error))
        if self.analysis is None and not self.unknown:
            self.note(tree, "it has no Analysis")
        return {
            "analysis": {**(self.analysis or {}), **{f"extra_{key}": value for key, value in self.extra.items()}},
            "program": self.program or {},
            "mode": "onedir" if self.collected else "onefile",
            "unknown": self.unknown,
        }

    def statement(self, node: ast.stmt) -> None:
        if isinstance(node, ast.Import):
            for alias in node.names:
                if alias.name.partition(".")[0] not in KNOWN_MODULES:
                    raise Unknown(f"imports {alias.name}")
        elif isinstance(node, ast.ImportFrom):
            if (node.module or "").partition(".")[0] not in KNOWN_MODULES:
                raise Unknown(f"imports {node.module}")
        elif isinstance(node, ast.Expr):
            self.expression_statement(node.value)
        elif isinstance(node, ast.Assign) and len(node.targets) == 1:
            self.assign(node.targets[0], node.value)
        elif isinstance(node, ast.AnnAssign) and node.value is not None:
            self.assign(node.target, node.value)
        elif isinstance(node, ast.AugAssign) and isinstance(node.op, ast.Add):
            self.add(node.target, self.value(node.value))
        elif isinstance(node, ast.Pass):
            pass
        else:
            raise Unknown({"If": "a condition", "For": "a loop", "FunctionDef": "a function"}.get(type(node).__name__, f"a statement ({type(node).__name__})"))

    def expression_statement(self, node: ast.expr) -> None:
        if isinstance(node, ast.Constant):
            return
        if isinstance(node, ast.Call):
            if isinstance(node.func, ast.Attribute) and node.func.attr in ("append", "extend") and len(node.args) == 1:
                value = self.value(node.args[0])
                self.add(node.func.value, [value] if node.func.attr == "append" else value)
                return
            if name_of(node.func) in ("Analysis", "PYZ", "EXE", "COLLECT", "BUNDLE"):
                self.part("", name_of(node.func), node)
                return
        raise Unknown(f"runs {shown(node)}")

    def assign(self, target: ast.expr, node: ast.expr) -> None:
        if isinstance(target, ast.Name):
            if isinstance(node, ast.Call) and name_of(node.func) in ("Analysis", "PYZ", "EXE", "COLLECT", "BUNDLE"):
                self.part(target.id, name_of(node.func), node)
                return
            self.values[target.id] = self.value(node)
            return
        if isinstance(target, (ast.Tuple, ast.List)) and all(isinstance(item, ast.Name) for item in target.elts):
            value = self.value(node)
            if isinstance(value, (list, tuple)) and len(value) == len(target.elts):
                for item, part in zip(target.elts, value):
                    self.values[item.id] = list(part) if isinstance(part, (list, tuple)) else part  # type: ignore[attr-defined]
                return
        raise Unknown(f"sets {shown(target)}")

    def add(self, target: ast.expr, value: Any) -> None:
        if isinstance(target, ast.Name) and isinstance(self.values.get(target.id), list) and isinstance(value, (list, tuple)):
            self.values[target.id] = [*self.values[target.id], *value]
            return
        if isinstance(target, ast.Attribute) and self.kinds.get(name_of(target.value)) == "Analysis" and target.attr in self.extra:
            items = value if isinstance(value, (list, tuple)) else None
            if items is not None and all(is_toc(item) for item in items):
                # (name in the bundle, file, kind): the other way around than in Analysis.
                self.extra[target.attr].extend([item[1], os.path.dirname(item[0]) or "."] for item in items)
                if all(os.path.basename(item[0]) == os.path.basename(item[1]) for item in items):
                    return
                raise Unknown("renames a file that it adds")
        raise Unknown(f"changes {shown(target)}")

    def part(self, name: str, kind: str, call: ast.Call) -> None:
        if name:
            self.kinds[name] = kind
        if kind == "PYZ":
            return
        if kind == "BUNDLE":
            # The app around it has a bundle of its own.
            return
        if kind == "COLLECT":
            self.collected = True
            for argument in call.args:
                if isinstance(argument, ast.Call):
                    self.note(argument, f"collects {shown(argument)}")
                elif not isinstance(argument, (ast.Name, ast.Attribute)):
                    self.note(argument, f"collects {shown(argument)}")
            return
        if kind == "EXE":
            if self.program is not None:
                raise Unknown("a second EXE")
            options: List[Any] = []
            for argument in call.args:
                if isinstance(argument, (ast.List, ast.Tuple)):
                    options.extend(self.value(argument))
                elif isinstance(argument, ast.Call):
                    self.note(argument, f"takes {shown(argument)} into the program")
            self.program = {"options": options, **self.keywords(call)}
            return
        if self.analysis is not None:
            raise Unknown("a second Analysis")
        self.analysis = self.keywords(call)
        for key, argument in zip(ANALYSIS, call.args):
            try:
                self.analysis[key] = self.value(argument)
            except Unknown as error:
                self.note(argument, f"{key}: {error}")
        for key in list(self.analysis):
            if key not in ANALYSIS:
                self.note(call, f"{key} of Analysis")

    def keywords(self, call: ast.Call) -> Dict[str, Any]:
        found: Dict[str, Any] = {}
        for keyword in call.keywords:
            if keyword.arg is None:
                self.note(keyword.value, f"**{shown(keyword.value)}")
                continue
            try:
                found[keyword.arg] = self.value(keyword.value)
            except Unknown as error:
                self.note(keyword.value, f"{keyword.arg}: {error}")
        return found

    def value(self, node: ast.AST) -> Any:
        if isinstance(node, ast.Constant):
            return node.value
        if isinstance(node, (ast.List, ast.Tuple, ast.Set)):
            items: List[Any] = []
            for item in node.elts:
                if isinstance(item, ast.Starred):
                    items.extend(self.value(item.value))
                else:
                    items.append(self.value(item))
            return items
        if isinstance(node, ast.Dict) and all(key is not None for key in node.keys):
            return {self.value(key): self.value(item) for key, item in zip(node.keys, node.values) if key is not None}
        if isinstance(node, ast.Name):
            if node.id in self.values:
                return self.values[node.id]
            raise Unknown(f"{node.id} is not known")
        if isinstance(node, ast.BinOp):
            left, right = self.value(node.left), self.value(node.right)
            if isinstance(node.op, ast.Add) and type(left) is type(right) and isinstance(left, (list, str)):
                return left + right
            if isinstance(node.op, ast.Div) and isinstance(left, str) and isinstance(right, str):
                return os.path.join(left, right)
        if isinstance(node, ast.JoinedStr):
            parts = [self.value(part.value) if isinstance(part, ast.FormattedValue) else self.value(part) for part in node.values]
            if all(isinstance(part, str) for part in parts):
                return "".join(parts)
        if isinstance(node, ast.Subscript):
            try:
                value, index = self.value(node.value), self.value(node.slice)
            except Unknown:
                raise Unknown(shown(node)) from None
            if isinstance(value, (list, dict)) and not isinstance(index, list):
                try:
                    return value[index]
                except (LookupError, TypeError):
                    pass
        if isinstance(node, ast.Attribute) and shown(node) in CONSTANTS:
            return CONSTANTS[shown(node)]
        if isinstance(node, ast.Attribute) and node.attr == "parent":
            value = self.value(node.value)
            if isinstance(value, str):
                return os.path.dirname(value)
        if isinstance(node, ast.Call):
            return self.call(node)
        raise Unknown(shown(node))

    def call(self, node: ast.Call) -> Any:
        name = name_of(node.func)
        if isinstance(node.func, ast.Attribute) and node.func.attr in ("resolve", "absolute", "as_posix") and not node.args:
            return self.value(node.func.value)
        arguments = [self.value(argument) for argument in node.args]
        texts = arguments if all(isinstance(argument, str) for argument in arguments) else []
        if len(texts) == 1 and not node.keywords:
            if name in COLLECTORS:
                return [{"collect": COLLECTORS[name], "name": texts[0]}]
            if name == "collect_all":
                return [[{"collect": "all", "name": texts[0]}] for _ in range(3)]
            if name in ("abspath", "realpath", "normpath", "Path", "PurePath", "str", "fspath"):
                return texts[0]
            if name == "dirname":
                return os.path.dirname(texts[0])
        if name == "joinpath" and isinstance(node.func, ast.Attribute) and texts:
            base = self.value(node.func.value)
            if isinstance(base, str):
                return os.path.join(base, *texts)
        if name in ("join", "Path") and texts and not node.keywords:
            # `os.path.join`; a text's own `join` has a list.
            return os.path.join(*texts)
        raise Unknown(shown(node))


class Calls(Spec):
    """A program that calls PyInstaller, with its library or as a program."""

    def __init__(self, file: str) -> None:
        super().__init__(file)
        self.values["__file__"] = self.file
        self.names: Set[str] = set()
        """What `run` of `PyInstaller.__main__` is called here."""
        self.commands: List[List[str]] = []

    def find(self) -> List[List[str]]:
        with open(self.file, "rb") as stream:
            tree = ast.parse(stream.read(), filename=self.file)
        self.visit(tree)
        return self.commands

    def visit(self, node: ast.AST) -> None:
        """In the order of the text, whatever is inside of what."""
        if isinstance(node, ast.ImportFrom) and node.module == "PyInstaller.__main__":
            self.names.update(alias.asname or alias.name for alias in node.names if alias.name == "run")
        if isinstance(node, ast.For):
            for _ in self.each(node.target, node.iter):
                for statement in node.body:
                    self.visit(statement)
            return
        for child in ast.iter_child_nodes(node):
            self.visit(child)
        if isinstance(node, (ast.Assign, ast.AnnAssign, ast.AugAssign, ast.Expr)):
            try:
                self.statement(node)
            except Unknown:
                if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name) and isinstance(node.value, (ast.List, ast.ListComp, ast.Tuple)):
                    self.values[node.targets[0].id] = self.words(node.value)
        if isinstance(node, ast.Call) and node.args:
            self.call_of_a_program(node)

    def call_of_a_program(self, node: ast.Call) -> None:
        called = shown(node.func)
        words = self.words(node.args[0])
        if called in self.names or called.endswith("PyInstaller.__main__.run"):
            self.commands.append(["pyinstaller", *words])
        elif name_of(node.func) in RUNNERS and any("pyinstaller" in word.lower() for word in words):
            self.commands.append(words)

    def each(self, target: ast.expr, items: ast.expr) -> Iterator[None]:
        """Give the names of a loop one value after the other."""
        try:
            values = self.value(items)
        except Unknown:
            values = self.words(items)
        names = target.elts if isinstance(target, (ast.Tuple, ast.List)) else [target]
        for value in values if isinstance(values, list) else [values]:
            parts = value if len(names) > 1 and isinstance(value, list) and len(value) == len(names) else [value] * len(names)
            for name, part in zip(names, parts):
                if isinstance(name, ast.Name):
                    self.values[name.id] = part
            yield

    def words(self, node: ast.expr) -> List[str]:
        """What is not known is a variable of the shell: it has one meaning for who reads this."""
        if isinstance(node, (ast.List, ast.Tuple)):
            return [word for item in node.elts for word in self.words(item)]
        if isinstance(node, ast.Starred):
            return self.words(node.value)
        if isinstance(node, ast.ListComp) and len(node.generators) == 1:
            loop = node.generators[0]
            return [word for _ in self.each(loop.target, loop.iter) for word in self.words(node.elt)]
        if isinstance(node, ast.JoinedStr):
            return ["".join("".join(self.words(part.value if isinstance(part, ast.FormattedValue) else part)) for part in node.values)]
        try:
            value = self.value(node)
        except Unknown:
            return ["$(" + "".join(letter for letter in shown(node) if letter.isalnum() or letter in "_.()[]") + ")"]
        return [str(item) for item in value] if isinstance(value, list) else [str(value)]


def is_toc(item: Any) -> bool:
    return isinstance(item, list) and len(item) == 3 and all(isinstance(part, str) for part in item)


def name_of(node: ast.AST) -> str:
    return node.attr if isinstance(node, ast.Attribute) else getattr(node, "id", "")


def shown(node: ast.AST) -> str:
    return " ".join(ast.unparse(node).split())[:120]


def calls_in(files: List[str]) -> Dict[str, List[List[str]]]:
    found: Dict[str, List[List[str]]] = {}
    for file in files:
        try:
            found[file] = Calls(file).find()
        except (SyntaxError, ValueError, TypeError, OSError, RecursionError, MemoryError):
            continue
    return found


def main() -> None:
    warnings.simplefilter("ignore")
    file = sys.argv[1]
    if file == "--calls":
        print(MARKER + json.dumps(calls_in(sys.argv[2:])))
        return
    try:
        answer = Spec(file).read()
    except (SyntaxError, ValueError, TypeError, OSError, RecursionError, MemoryError) as error:
        answer = {"analysis": {}, "program": {}, "mode": "onedir", "unknown": [{"line": getattr(error, "lineno", 0) or 0, "what": f"{error}"}]}
    print(MARKER + json.dumps(answer, default=str))


if __name__ == "__main__":
    main()
