"""Freezes one backend: expand the requests, run PyInstaller, read what came out. Started as

    python driver.py <job.json>

with standard input as lifeline, records (see records.py) on standard output and everything else on standard error.
"""

from __future__ import annotations

import gc
import glob
import json
import os
import sys
import traceback
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Optional

_here = os.path.dirname(os.path.abspath(__file__))

if TYPE_CHECKING:
    from freezer.contract import Audit, HookSetting, Job, LaidFile, Module, Problem, Request, Required

# Import the neighbours without leaving their folder on sys.path, where it would shadow the user's modules.
sys.path = [folder for folder in sys.path if os.path.abspath(folder or os.getcwd()) != _here]
sys.path.insert(0, os.path.dirname(_here))
from freezer import (  # noqa: E402
    audit,
    built_for,
    data_scripts,
    distributions,
    entry,
    expansion,
    generated_hooks,
    lifeline,
    modules,
    named_files,
    own_imports,
    plugins,
    program,
    records,
    speccheck,
    trial,
    vendored,
)

sys.path.pop(0)
for _name in [name for name in sys.modules if name == "freezer" or name.startswith("freezer.")]:
    del sys.modules[_name]


class Refused(Exception):
    """The request cannot be fulfilled; problems have been reported."""


def _refuse(problems: Iterable[Problem]) -> None:
    """Report problems; with any, nothing goes on."""
    found = list(problems)
    for problem in found:
        records.emit({"type": "problem", **problem})
    if found:
        raise Refused


@dataclass
class _Planned:
    """What is known before PyInstaller runs."""

    required: list[Required] = field(default_factory=lambda: [])
    """What must end up in the bundle."""
    rest: list[Module] = field(default_factory=lambda: [])
    """Modules of an installed program that is not collected whole."""
    laid: list[LaidFile] = field(default_factory=lambda: [])
    """What of the data is left to the parent."""
    hides_setuptools: bool = False


def _plan(job: Job) -> _Planned:
    """Write `<name>.json` for the spec: the plan from the parent plus what its requests expand to."""
    plan = job["plan"]
    own = own_imports.read(_first_party(job), [source["root"] for source in job["sources"]])
    added = [folder for folder in own.folders if folder not in job["paths"]]
    front = [folder for folder in added if folder in own.in_front]
    job["paths"] = [*job["paths"], *front]
    plan["pathex"] = [*plan["pathex"], *front]
    sys.path.extend(added)
    paths = [*job["paths"], *sys.path]
    records.emit({"type": "stage", "stage": "expand", "title": "Expanding imports and packages"})
    module, requests = _console_script(job)
    result = expansion.expand([*job["requests"], *requests], paths, plan["analysis"]["excludes"], job["sources"])
    _refuse(result.problems)
    rest = _add_program(job, paths, module, result)
    behind = [name for name in own.behind_aliases() if modules.locate(name, paths) is not None]
    of_data = data_scripts.imports((source for source, _ in plan["datas"]), paths)
    wanted = [*plan["analysis"]["hiddenimports"], *result.hiddenimports, *(name for name in [*behind, *of_data] if not result.is_excluded(name))]
    plan["analysis"]["hiddenimports"] = list(dict.fromkeys(wanted))
    plan["analysis"]["runtime_hooks"] = [*plan["analysis"]["runtime_hooks"], *result.runtime_hooks]
    laid, collected = expansion.leave_to_parent(result.datas, job["laidFiles"])
    plan["datas"] = [*plan["datas"], *collected]
    plan["binaries"] = [*plan["binaries"], *result.binaries]
    known = _generated_hooks(job) if result.generates_hooks else None
    generated = [] if known is None else [known[0]]
    plan["analysis"]["hookspath"] = [*_plugin_hooks(job, result, generated), *plan["analysis"]["hookspath"], *generated]
    with open(job["planFile"], "w", encoding="utf-8") as file:
        json.dump(plan, file, indent=1, sort_keys=True)
    _describe_imports(job, paths, module, lambda name: result.is_excluded(name) or (own.is_made(name) and modules.locate(name, paths) is None))
    own_files = [*(file for _, file in _first_party(job)), *(file for folder in job["hooks"] for file in vendored.sources(folder))]
    asks = known is None or known[1] or vendored.is_mentioned(own_files) or vendored.is_named([*wanted, *([module] if module else [])])
    return _Planned(result.required, rest, laid, hides_setuptools=not asks)


def _add_program(job: Job, paths: list[str], module: Optional[str], result: expansion.Expansion) -> list[Module]:
    """Collect the distribution that provides the entry. Returns its modules when it is installed and not to be collected."""
    with open(job["descriptorFile"], encoding="utf-8") as file:
        name = module or json.load(file)["entry"].get("module")
    found = program.of_module(name, paths, job["sources"], job["distribution"]) if name else None
    if found is None:
        return []
    if not job["ownDistribution"]:
        first_party = {each["name"] for source in job["sources"] for each in source["modules"]}
        return [each for each in found.modules if each["name"] not in first_party]
    # Not every file can be imported (templates, code for another system): none of them is required.
    request: Request = {"kind": "metadata", "name": found.name, "path": "entry", "optional": True, "origin": "entry"}
    result.add_modules(request, [each["name"] for each in found.modules], True)
    result.add_pairs(result.datas, found.data)
    result.add_metadata(request)
    return []


def _plugin_hooks(job: Job, result: expansion.Expansion, generated: list[str]) -> list[str]:
    """The folder with hooks that bring the plugins of installed libraries, if plugins are wanted and there are any."""
    known = result.plugins
    reading = {} if known is None else plugins.readers(distributions.installed(), known)
    if known is None or not reading:
        return []
    folder = os.path.join(os.path.dirname(job["planFile"]), "plugin-hooks")
    plugins.write_hooks(folder, known, reading, result.is_excluded, [*_hook_folders(job), *generated], job["hooks"])
    return [folder]


def _first_party(job: Job) -> list[tuple[str, str]]:
    """The project's own modules as (name, file), and the script."""
    found = [(module["name"], module["file"]) for source in job["sources"] for module in source["modules"]]
    scripts = [script for script in job["plan"]["scripts"][-1:] if script not in {file for _, file in found}]
    return [*found, *(("__main__", script) for script in scripts)]


def _generated_hooks(job: Job) -> tuple[str, bool]:
    """Folder with hooks for what installed packages load and read, beside the plan; and whether one of them asks for setuptools."""
    folder = os.path.join(os.path.dirname(job["planFile"]), "generated-hooks")
    kept = job["installedHooks"]
    found = generated_hooks.generated(generated_hooks.hooked_modules(_hook_folders(job)), kept["file"], kept["key"])
    generated_hooks.write(found.hooks, folder)
    return folder, found.asks_for_setuptools


def _console_script(job: Job) -> tuple[Optional[str], list[Request]]:
    """The module of the entry's console script, if it has one, and what the bundle needs for it."""
    script = job["consoleScript"]
    if script is None:
        return None, []
    found, names = expansion.console_script(script["name"])
    if found is None:
        problem: Problem = {
            "code": "not-installed",
            "name": script["name"],
            "path": script["path"],
            "message": f"no installed distribution has a console script named {script['name']}",
            "suggestions": expansion.closest(script["name"], names),
        }
        _refuse([problem])
        raise Refused
    module, distribution = found
    return module, [
        {"kind": "import", "name": module, "path": script["path"], "optional": False, "origin": "entry"},
        # The companion finds the script through the metadata, as the installed program does.
        {"kind": "metadata", "name": distribution, "path": script["path"], "optional": False, "origin": "entry"},
    ]


def _describe_imports(job: Job, paths: Iterable[str], module: Optional[str], is_left_out: Callable[[str], bool]) -> None:
    """Tell the check inside the program what the entry imports as soon as it runs; `module` is that of a console script.
    Applications and functions are imported by their own names.
    """
    with open(job["descriptorFile"], encoding="utf-8") as file:
        descriptor = json.load(file)
    described = descriptor["entry"]
    names = [module] if module else []
    if described["type"] == "script":
        names = entry.top_imports(job["plan"]["scripts"][-1])
    elif described["type"] == "module":
        names = entry.module_imports(described["module"], paths)
    descriptor["imports"] = [name for name in names if not is_left_out(name)]
    if descriptor["kind"] == "job":
        descriptor["trial"] = _trial(job, described, paths)
    with open(job["descriptorFile"], "w", encoding="utf-8") as file:
        json.dump(descriptor, file)


def _trial(job: Job, described: Mapping[str, str], paths: Iterable[str]) -> Optional[list[str]]:
    """Arguments with which the job only shows that it starts; None: nothing is certain."""

    def locate(name: str) -> Optional[str]:
        spec = modules.locate(name, paths)
        return spec.origin if spec is not None and spec.has_location else None

    if described["type"] == "script":
        return trial.arguments(locate, file=job["plan"]["scripts"][-1])
    if described["type"] == "module":
        return trial.arguments(locate, file=locate(f"{described['module']}.__main__") or locate(described["module"]))
    if described["type"] == "call":
        return trial.arguments(locate, target=f"{described['module']}:{described['attribute']}")
    if described["type"] == "consoleScript":
        return trial.arguments(locate, target=expansion.console_target(described["script"]))
    return None


def _misspelt_keywords(job: Job) -> Iterable[Problem]:
    for misspelt in speccheck.unknown_keywords(job["spec"]):
        yield {
            "code": "spec-keyword",
            "name": misspelt["keyword"],
            "path": f"{job['spec']}:{misspelt['line']}",
            "message": f"{misspelt['call']}() has no parameter {misspelt['keyword']!r}; PyInstaller ignores it without a word",
            "suggestions": expansion.closest(misspelt["keyword"], misspelt["accepted"]),
            "call": misspelt["call"],
        }


def _run_pyinstaller(job: Job) -> tuple[int, Optional[str]]:
    """(exit code, message) of PyInstaller; its user-facing failures are SystemExit with a text."""
    from PyInstaller.__main__ import run

    arguments = [
        job["spec"],
        "--distpath",
        job["dist"],
        "--workpath",
        job["work"],
        "--noconfirm",
        "--log-level",
        "INFO",
    ]
    try:
        run(arguments)
    except SystemExit as stop:
        if stop.code is None or stop.code == 0:
            return 0, None
        return (stop.code, None) if isinstance(stop.code, int) else (1, str(stop.code))
    return 0, None


def _audit(job: Job, required: Iterable[Required], rest: Iterable[Module], laid: list[LaidFile]) -> Audit:
    places = [*job["present"], *_places(laid)]
    facts = audit.audit(_work(job), job["sources"], required, job["project"], rest, places)
    paths = [*job["paths"], *sys.path]
    return {
        **facts,
        "laid": laid,
        "suggestions": {absent["name"]: expansion.suggestions(absent["name"], paths) for absent in facts["missing"]},
        "hookSettings": _hook_settings(job, set(facts["modules"])),
        "idleExclusions": _idle_exclusions(job),
        "unused": audit.unused(job["requirements"], facts),
        "builtFor": built_for.built_for(facts["files"], facts["modules"]),
    }


def _idle_exclusions(job: Job) -> list[str]:
    """Patterns of `excludeFiles` that fit nothing."""
    if job["ownSpec"]:
        return []
    with open(f"{os.path.splitext(job['spec'])[0]}.left-out.json", encoding="utf-8") as file:
        return [pattern for pattern, names in json.load(file).items() if not names]


def _hook_settings(job: Job, present: set[str]) -> list[HookSetting]:
    settings = job["hooksConfig"]
    if not settings:
        return []
    files = [path for folder in _hook_folders(job) for path in glob.glob(os.path.join(folder, "**", "hook-*.py"), recursive=True)]
    return audit.unknown_hook_settings(settings, present, files)


def _hook_folders(job: Job) -> list[str]:
    """Folders with hooks, in the order in which PyInstaller prefers them."""
    import PyInstaller
    from PyInstaller.building.build_main import discover_hook_directories  # pyright: ignore[reportAttributeAccessIssue]

    found = (folder[0] if isinstance(folder, tuple) else folder for folder in discover_hook_directories())
    return [*job["hooks"], *found, os.path.join(os.path.dirname(PyInstaller.__file__), "hooks")]


def _freeze(job: Job) -> tuple[int, Optional[str]]:
    """(exit code, message)."""
    planned = _Planned()
    if job["ownSpec"]:
        _refuse(_misspelt_keywords(job))
    else:
        # At the end: a folder with a module called `logging` must not break PyInstaller itself.
        sys.path.extend(path for path in job["paths"] if path not in sys.path)
        planned = _plan(job)
    if job["knownCode"] is not None:
        roots = [source["root"] for source in job["sources"]]
        named = named_files.named_files(job["knownCode"], roots, job["project"], [*job["present"], *_places(planned.laid)])
        _write(job["auditFile"], {"laid": planned.laid, "namedFiles": named})
        return 0, None
    vendored.hide(planned.hides_setuptools)
    code, message = _run_pyinstaller(job)
    if code == 0 and planned.hides_setuptools and "setuptools" in audit.modules_in(_work(job)):
        # Somebody brought it who cannot be read, a hook: then it needs what it holds.
        vendored.hide(False)
        code, message = _run_pyinstaller(job)
    if code == 0:
        records.emit({"type": "stage", "stage": "check", "title": "Checking what was collected"})
        _write(job["auditFile"], _audit(job, planned.required, planned.rest, planned.laid))
    return code, message


def _work(job: Job) -> str:
    return os.path.join(job["work"], os.path.splitext(os.path.basename(job["spec"]))[0])


def _places(laid: Iterable[LaidFile]) -> list[str]:
    return [f"{file['destination']}/{os.path.basename(file['source'])}" for file in laid]


def _write(path: str, value: object) -> None:
    with open(path, "w", encoding="utf-8") as file:
        json.dump(value, file)


def main() -> int:
    records.take_stdout()
    lifeline.watch_stdin()
    # Trees and graphs that stay to the end: looking for garbage among them again and again takes a sixth of a freeze, and finds none.
    gc.set_threshold(1_000_000, 20, 100)
    with open(sys.argv[1], encoding="utf-8") as file:
        job: Job = json.load(file)
    sys.argv[1:] = []
    sys.setrecursionlimit(job["recursionLimit"])
    try:
        import PyInstaller.log  # noqa: F401
    except ImportError as error:
        records.emit({"type": "exit", "code": 1, "message": f"No module named PyInstaller ({error})"})
        return 1
    records.capture_logging()
    message: Optional[str] = None
    try:
        code, message = _freeze(job)
    except Refused:
        code, message = 1, "refused"
    except BaseException as error:
        records.emit({"type": "crash", "error": f"{type(error).__name__}: {error}", "traceback": traceback.format_exc()})
        code = 1
    records.emit({"type": "exit", "code": code, "message": message})
    return code


if __name__ == "__main__":
    exit_code = main()
    sys.stdout.flush()
    sys.stderr.flush()
    # Not sys.exit: a thread of a library that never ends must not keep the build waiting.
    os._exit(exit_code if 0 <= exit_code <= 255 else 1)
