"""Running the user's program by the type of its entry."""

from __future__ import annotations

import functools
import importlib
import os
import sys
from typing import Any, Callable, Sequence

from . import _collector
from ._descriptor import Descriptor
from ._failure import fatal


class ImportFailed(Exception):
    """The program's own module could not be imported."""

    def __init__(self, error: BaseException) -> None:
        super().__init__(str(error))
        self.error = error


def run(descriptor: Descriptor) -> int:
    """Run the entry to its end and return the exit code."""
    entry = descriptor.entry
    kind = entry.get("type")
    if kind == "asgi" or kind == "wsgi":
        from . import _serve

        _collector.rest()
        app = make_application(load(entry["module"], entry["attribute"], descriptor.paths))
        return _serve.serve_entry(app, interface=kind, name=descriptor.name)
    if kind == "call":
        _collector.rest()
        function = load(entry["module"], entry["attribute"], descriptor.paths)
        _collector.resume()
        return _exit_code(_call(function))
    if kind == "module":
        return _run_module(entry["module"])
    if kind == "consoleScript":
        return _run_console_script(entry["script"])
    if kind == "script":
        return _run_script(entry["file"])
    fatal(f"unknown entry type {kind!r} in the entry descriptor", "config")


def load(module: str, attribute: str, paths: Sequence[str] = ()) -> Any:
    """Import `module` and return its attribute (dotted allowed). Raises ImportFailed."""
    try:
        value = importlib.import_module(module)
    except Exception as error:
        if isinstance(error, ModuleNotFoundError) and error.name and f"{module}.".startswith(f"{error.name}."):
            # Not a package that is missing: the entry itself is wrong.
            import pkgutil

            near = ", ".join(sorted({found.name for found in pkgutil.iter_modules(paths)})[:12]) or "no module"
            where = ", ".join(map(os.path.basename, paths)) or "the program"
            fatal(f"there is no module {error.name!r}, named by the entry '{module}:{attribute}'; in {where} there is {near}", "config")
        raise ImportFailed(_without_own_frames(error)) from None
    name = attribute[:-2] if attribute.endswith("()") else attribute
    try:
        found: Any = functools.reduce(getattr, name.split("."), value)
    except AttributeError:
        near = ", ".join(sorted(key for key in vars(value) if not key.startswith("_"))[:12]) or "nothing"
        fatal(f"module {module!r} has no attribute {name!r}; it defines {near}", "config")
    return found() if attribute.endswith("()") else found


def make_application(value: Any) -> Any:
    """Call a factory: a plain function that can be called with no arguments is no application."""
    import inspect

    if not inspect.isfunction(value) or inspect.iscoroutinefunction(value):
        return value
    required = [
        parameter
        for parameter in inspect.signature(value).parameters.values()
        if parameter.default is parameter.empty and parameter.kind not in (parameter.VAR_POSITIONAL, parameter.VAR_KEYWORD)
    ]
    positional = [
        parameter
        for parameter in inspect.signature(value).parameters.values()
        if parameter.kind is parameter.VAR_POSITIONAL
    ]
    return value() if not required and not positional else value


def _call(function: Callable[[], Any]) -> Any:
    import inspect

    if inspect.iscoroutinefunction(function):
        import asyncio

        return asyncio.run(function())
    return function()


def _exit_code(value: Any) -> int:
    # As `sys.exit(main())` in a generated console script, but an application object or text is not an error.
    return value if isinstance(value, int) else 0


def _run_module(module: str) -> int:
    import runpy

    _let_workers_answer()
    runpy.run_module(module, run_name="__main__", alter_sys=True)
    return 0


def _let_workers_answer() -> None:
    """Workers return objects of `__mp_main__`, multiprocessing's name for the main module in them; here it means whatever
    was `__main__` when multiprocessing was imported: in a frozen program the bootstrap, because of freeze_support().
    """
    import types

    class Main(types.ModuleType):
        def __getattr__(self, name: str) -> Any:
            return getattr(sys.modules["__main__"], name)

    if "__mp_main__" in sys.modules:
        sys.modules["__mp_main__"] = Main("__mp_main__")


def _run_script(file: str) -> int:
    import os
    import runpy

    sys.argv[0] = file
    directory = os.path.dirname(file)
    if directory not in sys.path:
        sys.path.insert(0, directory)
    runpy.run_path(file, run_name="__main__")
    return 0


def _run_console_script(name: str) -> int:
    from importlib import metadata

    found = list(metadata.entry_points(group="console_scripts", name=name))
    if not found:
        fatal(
            f"no installed distribution has a console script {name!r}; "
            "a frozen program must also hold that distribution's metadata",
            "config",
        )
    try:
        function = found[0].load()
    except Exception as error:
        raise ImportFailed(error) from None
    sys.argv[0] = name
    return _exit_code(function())


def _without_own_frames(error: BaseException) -> BaseException:
    """Start the traceback at the program's own code, as if it had been started directly."""
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None and _is_ours(trace.tb_frame.f_code.co_filename):
        trace = trace.tb_next
    return error.with_traceback(trace)


def _is_ours(file: str) -> bool:
    return "importlib" in file or file == __file__
