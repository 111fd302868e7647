"""Freezes one backend: expand the requests, run PyInstaller, read what came out. Started as

    python driver.py <job.json>

with standard input as lifeline, records (see records.py) on standard output and everything else on standard error.
"""

import json
import os
import sys
import traceback

_here = os.path.dirname(os.path.abspath(__file__))


def _load_helpers():
    """Import the neighbours without leaving their folder on sys.path, where it would shadow the user's modules."""
    sys.path = [folder for folder in sys.path if os.path.abspath(folder or os.getcwd()) != _here]
    sys.path.insert(0, os.path.dirname(_here))
    from freezer import audit, entry, expansion, lifeline, modules, records, speccheck

    sys.path.pop(0)
    for name in [name for name in sys.modules if name == "freezer" or name.startswith("freezer.")]:
        del sys.modules[name]
    return audit, entry, expansion, lifeline, modules, records, speccheck


audit, entry, expansion, lifeline, modules, records, speccheck = _load_helpers()


class Refused(Exception):
    """The request cannot be fulfilled; problems have been reported."""


def _problems(found):
    for problem in found:
        records.emit("problem", **problem)
    if found:
        raise Refused


def _plan(job):
    """Write `<name>.json` for the spec: the plan from the parent plus what its requests expand to."""
    plan = job["plan"]
    paths = [*job["paths"], *sys.path]
    records.emit("stage", stage="expand", title="Expanding imports and packages")
    script = job["consoleScript"]
    module = None
    requests = list(job["requests"])
    if script is not None:
        found, names = expansion.console_script(script["name"])
        if found is None:
            close = expansion._closest(script["name"], names)
            message = f"no installed distribution has a console script named {script['name']}"
            _problems([{"code": "not-installed", "name": script["name"], "path": script["path"], "message": message, "suggestions": close}])
        module, distribution = found
        requests.append({"kind": "import", "name": module, "path": script["path"]})
        # The companion finds the script through the metadata, as the installed program does.
        requests.append({"kind": "metadata", "name": distribution, "path": script["path"]})
    result = expansion.expand(requests, paths, plan["analysis"]["excludes"], job["sources"])
    _problems(result.problems)
    plan["analysis"]["hiddenimports"] = result.hiddenimports
    plan["datas"] = [*plan["datas"], *result.datas]
    plan["binaries"] = [*plan["binaries"], *result.binaries]
    with open(job["planFile"], "w", encoding="utf-8") as file:
        json.dump(plan, file, indent=1, sort_keys=True)
    _describe_imports(job, paths, module, result.is_excluded)
    return plan, result.required


def _describe_imports(job, paths, module, is_excluded):
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
    descriptor["imports"] = [name for name in names if not is_excluded(name)]
    with open(job["descriptorFile"], "w", encoding="utf-8") as file:
        json.dump(descriptor, file)


def _check_spec(job):
    found = speccheck.unknown_keywords(job["spec"])
    _problems(
        [
            {
                "code": "spec-keyword",
                "name": misspelt["keyword"],
                "path": f"{job['spec']}:{misspelt['line']}",
                "message": f"{misspelt['call']}() has no parameter {misspelt['keyword']!r}; PyInstaller ignores it without a word",
                "suggestions": expansion._closest(misspelt["keyword"], misspelt["accepted"]),
                "call": misspelt["call"],
            }
            for misspelt in found
        ]
    )


def _run_pyinstaller(job):
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


def main():
    records.take_stdout()
    lifeline.watch_stdin()
    with open(sys.argv[1], encoding="utf-8") as file:
        job = json.load(file)
    sys.argv[1:] = []
    if job["recursionLimit"]:
        sys.setrecursionlimit(job["recursionLimit"])
    try:
        import PyInstaller.log
    except ImportError as error:
        records.emit("exit", code=1, message=f"No module named PyInstaller ({error})")
        return 1
    records.capture_logging()
    try:
        required = []
        if job["ownSpec"]:
            _check_spec(job)
        else:
            # At the end: a folder with a module called `logging` must not break PyInstaller itself.
            sys.path.extend(path for path in job["paths"] if path not in sys.path)
            plan, required = _plan(job)
        code, message = _run_pyinstaller(job)
        if code == 0:
            records.emit("stage", stage="check", title="Checking what was collected")
            name = os.path.splitext(os.path.basename(job["spec"]))[0]
            facts = audit.audit(os.path.join(job["work"], name), job["sources"], required)
            facts["suggestions"] = {
                absent["name"]: expansion.suggestions(absent["name"], [*job["paths"], *sys.path]) for absent in facts["missing"]
            }
            facts["hookSettings"] = _hook_settings(job, facts)
            with open(job["auditFile"], "w", encoding="utf-8") as file:
                json.dump(facts, file)
    except Refused:
        code, message = 1, "refused"
    except BaseException as error:
        records.emit("crash", error=f"{type(error).__name__}: {error}", traceback=traceback.format_exc())
        code, message = 1, None
    records.emit("exit", code=code, message=message)
    return code


def _hook_settings(job, facts):
    settings = job["hooksConfig"]
    if not settings:
        return []
    from PyInstaller.building.build_main import discover_hook_directories

    folders = [*job["hooks"], *(found[0] if isinstance(found, tuple) else found for found in discover_hook_directories())]
    import glob

    import PyInstaller

    folders.append(os.path.join(os.path.dirname(PyInstaller.__file__), "hooks"))
    files = [path for folder in folders for path in glob.glob(os.path.join(folder, "**", "hook-*.py"), recursive=True)]
    return audit.unknown_hook_settings(settings, set(facts["modules"]), files)


if __name__ == "__main__":
    code = main()
    sys.stdout.flush()
    sys.stderr.flush()
    # Not sys.exit: a thread of a library that never ends must not keep the build waiting.
    os._exit(code if 0 <= code <= 255 else 1)
