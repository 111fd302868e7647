"""Which arguments let a job show that it starts, without doing its work: `--help` of argparse, click, typer, docopt, cyclopts.

Only when it is certain: the code is followed from the entry (`ast`, nothing is run), and everything before the arguments are parsed must be
harmless: definitions, constants, the building of the parser, logging. One call that nobody knows, and there is no trial.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable
from typing import Optional, Union

from . import source

Verdict = Union[list[str], bool]
"""Arguments: here they are parsed. True: harmless, go on. False: may be work."""

_DEPTH = 12
_PARSERS = {"argparse", "configargparse", "jsonargparse", "tap", "simple_parsing"}
_PARSE = {"parse_args", "parse_known_args", "parse_intermixed_args", "parse_known_intermixed_args"}
_BUILD = {
    "add_argument", "add_argument_group", "add_mutually_exclusive_group", "add_subparsers", "add_parser", "set_defaults", "register", "add_typer",
    "add_command",
}  # fmt: skip
_COMMANDS = ("click.", "rich_click.", "asyncclick.", "typer.", "cyclopts.")
_ENDS = {"sys.exit", "exit", "quit", "SystemExit", "asyncio.run", "anyio.run", "trio.run", "uvloop.run", "raise SystemExit"}
_HARMLESS_PARTS = (
    "logging.", "warnings.", "os.path.", "os.environ.", "sys.", "signal.", "locale.", "faulthandler.", "multiprocessing.freeze_support",
    "multiprocessing.set_start_method", "pathlib.", "textwrap.", "platform.", "importlib.metadata.", "re.compile", "functools.", "typing.",
    "dataclasses.", "collections.", "enum.", "string.", "rich.", "colorama.", "dotenv.", "datetime.", "gettext.", "argparse.", "shutil.get_terminal_size",
    "threading.Lock", "threading.RLock", "threading.Event", "io.TextIOWrapper", *_COMMANDS,
)  # fmt: skip
_WAITING = ("sys.stdin.", "signal.pause", "signal.sigwait", "click.prompt", "click.confirm", "typer.prompt", "typer.confirm")
_HARMLESS = {
    "os.getenv", "os.getcwd", "os.cpu_count", "time.time", "time.perf_counter", "time.monotonic", "print", "str", "int", "float", "bool", "len",
    "dict", "list", "tuple", "set", "frozenset", "sorted", "max", "min", "sum", "isinstance", "hasattr", "getattr", "range", "zip", "map", "filter",
    "enumerate", "repr", "abs", "object", "type", "callable", "super", "any", "all", "globals", "vars", "NamedTuple", "TypeVar", "namedtuple",
    "freeze_support",
}  # fmt: skip
_HARMLESS_METHODS = {
    "getLogger", "format", "join", "lower", "upper", "strip", "lstrip", "rstrip", "split", "splitlines", "get", "setdefault", "items", "keys", "values",
    "append", "extend", "reconfigure", "resolve", "absolute", "expanduser", "joinpath", "startswith", "endswith", "replace", "title", "setLevel",
    "addHandler", "setFormatter", "with_suffix", "with_name", "is_file", "is_dir", "exists", "info", "debug",
}  # fmt: skip
_APPLIES = {"map", "filter", "sorted", "max", "min"}
_DECORATORS = {"property", "staticmethod", "classmethod", "abc.abstractmethod", "contextlib.contextmanager", "contextlib.asynccontextmanager"}
_SIMPLE = (ast.Expr, ast.Assign, ast.AnnAssign, ast.AugAssign, ast.Return, ast.Raise, ast.Assert, ast.Delete, ast.Break, ast.Continue)


def arguments(locate: Callable[[str], Optional[str]], *, file: Optional[str] = None, target: Optional[str] = None) -> Optional[list[str]]:
    """Arguments for a trial of a script (`file`) or of a function (`target`, as `module:function`); None: nothing is certain.

    `locate` gives the file of a module.
    """
    reader = _Reader(locate)
    try:
        if file is not None:
            module = reader.read(file, "__main__")
            verdict = False if module is None else reader.body(module, module.tree.body, 0)
        else:
            name, _, attribute = (target or "").partition(":")
            verdict = reader.named(name, attribute.strip(), 0)
    except RecursionError:
        return None
    return verdict if isinstance(verdict, list) else None


class _Module:
    def __init__(self, name: str, file: str, tree: ast.Module) -> None:
        self.name = name
        self.tree = tree
        self.aliases: dict[str, str] = {}
        self.functions: dict[str, Union[ast.FunctionDef, ast.AsyncFunctionDef]] = {}
        self.classes: dict[str, ast.ClassDef] = {}
        self.values: dict[str, ast.expr] = {}
        self.imported: set[str] = set()
        """Names of modules."""
        package = name if file.replace("\\", "/").endswith("/__init__.py") else name.rpartition(".")[0]
        for node in ast.walk(tree):
            if isinstance(node, ast.Import):
                for alias in node.names:
                    first = alias.name.partition(".")[0]
                    self.imported.add(alias.asname or first)
                    self.aliases[alias.asname or first] = alias.name if alias.asname else first
            elif isinstance(node, ast.ImportFrom):
                parts = package.split(".") if package else []
                base = parts[: len(parts) - (node.level - 1)] if node.level else []
                base += [node.module] if node.module else []
                for alias in node.names:
                    self.aliases[alias.asname or alias.name] = ".".join([*base, alias.name])
        for node in tree.body:
            if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
                self.functions[node.name] = node
            elif isinstance(node, ast.ClassDef):
                self.classes[node.name] = node
            elif isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
                self.values[node.targets[0].id] = node.value
        self.libraries = {full.partition(".")[0] for full in self.aliases.values()}

    def dotted(self, node: ast.expr) -> str:
        if isinstance(node, ast.Name):
            return self.aliases.get(node.id, node.id)
        if isinstance(node, ast.Attribute):
            return f"{self.dotted(node.value)}.{node.attr}"
        if isinstance(node, ast.Call):
            return f"{self.dotted(node.func)}()"
        return "?"


class _Reader:
    def __init__(self, locate: Callable[[str], Optional[str]]) -> None:
        self.locate = locate
        self.modules: dict[str, Optional[_Module]] = {}
        self.active: set[int] = set()

    def read(self, file: str, name: str) -> Optional[_Module]:
        if file not in self.modules:
            tree = source.tree(file)
            self.modules[file] = None if tree is None else _Module(name, file, tree)
        return self.modules[file]

    def named(self, name: str, attribute: str, depth: int) -> Verdict:
        """A function of a module is called."""
        file = self.locate(name)
        module = None if file is None or not file.endswith(".py") else self.read(file, name)
        if module is None or depth > _DEPTH:
            return False
        return self.function(module, attribute.partition(".")[0], depth)

    def function(self, module: _Module, name: str, depth: int) -> Verdict:
        """A name of a module is called."""
        if name in module.functions:
            function = module.functions[name]
            if any(module.dotted(decorator).startswith(_COMMANDS) or self.is_command(module, decorator) for decorator in function.decorator_list):
                return ["--help"]
            if id(function) in self.active or depth > _DEPTH or function.decorator_list:
                return False
            self.active.add(id(function))
            try:
                return self.body(module, function.body, depth + 1)
            finally:
                self.active.discard(id(function))
        if name in module.values:
            return ["--help"] if module.dotted(module.values[name]).startswith(_COMMANDS) else False
        if name in module.classes:
            bases = [module.dotted(base) for base in module.classes[name].bases]
            return any(base.endswith("ArgumentParser") or base in ("Exception", "argparse.Action") for base in bases)
        full = module.aliases.get(name)
        if full is None or "." not in full:
            return False
        owner, _, attribute = full.rpartition(".")
        return self.named(owner, attribute, depth + 1)

    def is_harmless_function(self, module: _Module, value: ast.expr, depth: int) -> bool:
        if isinstance(value, ast.Lambda):
            return self.expressions(module, [value.body], depth) is True
        full = module.dotted(value)
        return full in _HARMLESS or full.startswith(("str.", *_HARMLESS_PARTS)) or isinstance(value, ast.Constant)

    def is_command(self, module: _Module, decorator: ast.expr) -> bool:
        """`@cli.command()`, where `cli` is one of click's or typer's own."""
        inner = decorator.func if isinstance(decorator, ast.Call) else decorator
        if not isinstance(inner, ast.Attribute) or not isinstance(inner.value, ast.Name) or inner.attr not in ("command", "group", "callback", "default"):
            return False
        return self.is_application(module, inner.value.id)

    def is_application(self, module: _Module, name: str) -> bool:
        if name in module.values:
            return module.dotted(module.values[name]).startswith(_COMMANDS)
        function = module.functions.get(name)
        return function is not None and any(module.dotted(decorator).startswith(_COMMANDS) for decorator in function.decorator_list)

    def body(self, module: _Module, statements: Iterable[ast.stmt], depth: int) -> Verdict:
        for statement in statements:
            verdict = self.statement(module, statement, depth)
            if verdict is not True:
                return verdict
        return True

    def statement(self, module: _Module, node: ast.stmt, depth: int) -> Verdict:
        if isinstance(node, (ast.Import, ast.ImportFrom, ast.Pass, ast.Global, ast.Nonlocal)):
            return True
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            return self.definition(module, node, depth) is True
        if isinstance(node, ast.If):
            return self.branch(module, node, depth)
        if isinstance(node, ast.Try):
            verdict = self.body(module, [*node.body, *node.orelse, *node.finalbody], depth)
            if verdict is True:
                return all(self.body(module, handler.body, depth) is True for handler in node.handlers)
            # `--help` ends the program by SystemExit; what handles that goes on.
            return False if any(_handles_the_end(handler.type) for handler in node.handlers) else verdict
        if isinstance(node, (ast.With, ast.AsyncWith)):
            head = self.expressions(module, [item.context_expr for item in node.items], depth)
            return self.body(module, node.body, depth) if head is True else head
        if isinstance(node, (ast.For, ast.AsyncFor, ast.While)):
            head = self.expressions(module, [node.test if isinstance(node, ast.While) else node.iter], depth)
            inside = self.body(module, [*node.body, *node.orelse], depth) if head is True else head
            return inside if inside is True else False
        if not isinstance(node, _SIMPLE):
            return False
        return self.expressions(module, [child for child in ast.iter_child_nodes(node) if isinstance(child, ast.expr)], depth)

    def definition(self, module: _Module, node: Union[ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef], depth: int) -> Verdict:
        """What runs when it is defined: decorators, defaults, bases, the body of a class."""
        if not all(self.decorates(module, decorator, depth) for decorator in node.decorator_list):
            return False
        if not isinstance(node, ast.ClassDef):
            return self.expressions(module, [*node.args.defaults, *(value for value in node.args.kw_defaults if value is not None)], depth)
        head = self.expressions(module, [*node.bases, *(keyword.value for keyword in node.keywords)], depth)
        return self.body(module, node.body, depth) if head is True else head

    def decorates(self, module: _Module, decorator: ast.expr, depth: int) -> bool:
        inner = decorator.func if isinstance(decorator, ast.Call) else decorator
        if isinstance(decorator, ast.Call) and self.expressions(module, [*decorator.args, *(each.value for each in decorator.keywords)], depth) is not True:
            return False
        full = module.dotted(inner)
        is_accessor = isinstance(inner, ast.Attribute) and inner.attr in ("setter", "getter", "deleter")
        return full in _DECORATORS or full.startswith(_HARMLESS_PARTS) or is_accessor or self.is_command(module, decorator)

    def branch(self, module: _Module, node: ast.If, depth: int) -> Verdict:
        if _asks_for_main(node.test):
            return self.body(module, node.body if module.name == "__main__" else node.orelse, depth)
        test = self.expressions(module, [node.test], depth)
        if test is not True:
            return test
        ways = [self.body(module, way, depth) for way in (node.body, node.orelse)]
        return True if all(way is True for way in ways) else False

    def expressions(self, module: _Module, nodes: Iterable[ast.expr], depth: int) -> Verdict:
        for node in nodes:
            if isinstance(node, (ast.Lambda, ast.Constant)):
                continue
            if isinstance(node, ast.Call):
                given = [node.func.value] if isinstance(node.func, ast.Attribute) else []
                verdict = self.expressions(module, [*given, *node.args, *(keyword.value for keyword in node.keywords)], depth)
                if verdict is True:
                    verdict = self.call(module, node, depth)
            else:
                inner = [child for child in ast.iter_child_nodes(node) if isinstance(child, (ast.expr, ast.comprehension, ast.keyword))]
                verdict = self.expressions(module, [_value(child) for child in inner], depth)
            if verdict is not True:
                return verdict
        return True

    def call(self, module: _Module, node: ast.Call, depth: int) -> Verdict:
        full = module.dotted(node.func)
        last = full.rpartition(".")[2]
        is_method = isinstance(node.func, ast.Attribute)
        if is_method and last in _PARSE:
            if not module.libraries & _PARSERS or not all(_is_command_line(module, value) for value in [*node.args[:1], *(each.value for each in node.keywords if each.arg in (None, "args"))]):
                return False
            return _flags(module)
        if full in ("docopt.docopt", "typer.run", "cyclopts.run"):
            return ["--help"] if full != "docopt.docopt" or not any(keyword.arg == "argv" for keyword in node.keywords) else False
        if is_method and last == "main" and isinstance(node.func, ast.Attribute) and isinstance(node.func.value, ast.Name):
            if self.is_application(module, node.func.value.id):
                return False if _gives_arguments(node) else ["--help"]
        if full in _ENDS:
            return False
        # `requests.get`, `os.replace`: a function of a module is no method.
        of_module = isinstance(node.func, ast.Attribute) and isinstance(node.func.value, ast.Name) and node.func.value.id in module.imported
        if is_method and (last in _BUILD or (last in _HARMLESS_METHODS and not of_module)):
            return True
        # What a harmless call gives back can do anything: `Path("x").unlink()`.
        if full in _APPLIES:
            # The function is called with what it is given.
            applied = [*(node.args[:1] if full in ("map", "filter") else []), *(each.value for each in node.keywords if each.arg in (None, "key"))]
            return all(self.is_harmless_function(module, value, depth) for value in applied)
        if full in _HARMLESS or (full.startswith(_HARMLESS_PARTS) and "(" not in full and not full.startswith(_WAITING)):
            return True
        if isinstance(node.func, ast.Name):
            verdict = self.function(module, node.func.id, depth)
            return False if isinstance(verdict, list) and _gives_arguments(node) else verdict
        owner, _, attribute = full.rpartition(".")
        return self.named(owner, attribute, depth + 1) if owner and "(" not in full and "?" not in full else False


def _value(node: ast.AST) -> ast.expr:
    if isinstance(node, ast.keyword):
        return node.value
    if isinstance(node, ast.comprehension):
        return node.iter
    assert isinstance(node, ast.expr)
    return node


def _handles_the_end(type_: Optional[ast.expr]) -> bool:
    if type_ is None:
        return True
    return any(isinstance(part, ast.Name) and part.id in ("SystemExit", "BaseException") for part in ast.walk(type_))


def _asks_for_main(test: ast.expr) -> bool:
    if not isinstance(test, ast.Compare) or not isinstance(test.left, ast.Name) or len(test.comparators) != 1:
        return False
    return test.left.id == "__name__" and isinstance(test.ops[0], ast.Eq) and getattr(test.comparators[0], "value", None) == "__main__"


def _is_command_line(module: _Module, value: ast.expr) -> bool:
    """`sys.argv[1:]`, `None`, or a name that nothing else is given to at the left margin (a parameter)."""
    if isinstance(value, ast.Name):
        given = module.values.get(value.id)
        return given is None or (not isinstance(given, ast.Name) and _is_command_line(module, given))
    return ast.unparse(value) in ("sys.argv[1:]", "argv[1:]", "None")


def _gives_arguments(node: ast.Call) -> bool:
    """A list written out instead of what the program was started with."""
    return any(isinstance(value, (ast.List, ast.Tuple)) for value in [*node.args, *(keyword.value for keyword in node.keywords)])


def _flags(module: _Module) -> Verdict:
    """`--help`; where a parser has none, the option that shows the version."""
    version: list[str] = []
    has_help = True
    for node in ast.walk(module.tree):
        if isinstance(node, ast.keyword) and node.arg == "add_help" and getattr(node.value, "value", True) is False:
            has_help = False
        elif isinstance(node, ast.Call) and any(keyword.arg == "action" and getattr(keyword.value, "value", "") == "version" for keyword in node.keywords):
            version += [str(getattr(argument, "value", "")) for argument in node.args if str(getattr(argument, "value", "")).startswith("-")]
    if has_help:
        return ["--help"]
    return version[-1:] if version else False
