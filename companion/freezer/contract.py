"""What the driver and its parent tell each other, as JSON; the other side is `DriverJob`, `DriverRecord` and `Audit` in TypeScript."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal, Optional, TypedDict, Union


class Module(TypedDict):
    """A module of the project's own."""

    name: str
    file: str


class DataFile(TypedDict):
    """A file of a package that is no module, and its folder from where the package is imported."""

    place: str
    file: str


class SourceTree(TypedDict):
    root: str
    modules: list[Module]
    data: list[DataFile]


class Request(TypedDict):
    """One wish: something named, and the place in the configuration it comes from."""

    kind: str
    name: str
    path: str
    optional: bool
    origin: str


class ConsoleScript(TypedDict):
    name: str
    path: str


class InstalledHooks(TypedDict):
    """Where the hooks for what is installed are kept, and what they depend on."""

    file: str
    key: str


class Plan(TypedDict):
    """What the constant spec reads."""

    mode: Literal["onedir", "onefile"]
    scripts: list[str]
    pathex: list[str]
    datas: list[list[str]]
    binaries: list[list[str]]
    excludeFiles: list[list[str]]
    lightHooks: str
    analysis: dict[str, Any]
    exe: dict[str, Any]
    collect: dict[str, Any]
    options: list[str]


class Job(TypedDict):
    spec: str
    ownSpec: bool
    planFile: str
    auditFile: str
    descriptorFile: str
    dist: str
    work: str
    paths: list[str]
    project: str
    sources: list[SourceTree]
    excludes: list[str]
    recursionLimit: int
    requests: list[Request]
    consoleScript: Optional[ConsoleScript]
    ownDistribution: bool
    distribution: Optional[str]
    requirements: list[str]
    hooks: list[str]
    hooksConfig: dict[str, Any]
    installedHooks: InstalledHooks
    laidFiles: list[str]
    present: list[str]
    knownCode: Optional[list[tuple[str, str]]]
    plan: Plan


class _LogRecord(TypedDict):
    type: Literal["log"]
    level: str
    logger: str
    message: str


class LogRecord(_LogRecord, total=False):
    hook: str
    traceback: str


class StageRecord(TypedDict):
    type: Literal["stage"]
    stage: str
    title: str


class _Problem(TypedDict):
    code: str
    name: str
    path: str
    message: str


class Problem(_Problem, total=False):
    """A request that cannot be fulfilled."""

    suggestions: list[str]
    call: str


class ProblemRecord(Problem):
    type: Literal["problem"]


class CrashRecord(TypedDict):
    type: Literal["crash"]
    error: str
    traceback: str


class ExitRecord(TypedDict):
    type: Literal["exit"]
    code: int
    message: Optional[str]


Record = Union[LogRecord, StageRecord, ProblemRecord, CrashRecord, ExitRecord]
"""One line of the driver; `records.emit` adds `ms`, the time since its start."""


class Required(TypedDict):
    """A module that must end up in the bundle."""

    name: str
    request: str
    path: str
    optional: bool
    expanded: bool


class FoundModule(TypedDict):
    name: str
    file: str
    present: bool


class Claim(TypedDict):
    """A place that loads modules by name."""

    line: int
    text: str
    pattern: str
    deep: bool
    server: bool
    table: bool
    """One of several names that a table of the code holds."""


class DynamicLoad(TypedDict):
    """A claim, with the file and the module it stands in."""

    file: str
    module: str
    line: int
    text: str
    pattern: str
    deep: bool


class InterpreterUse(TypedDict):
    """A place that starts `sys.executable`."""

    file: str
    line: int
    text: str


class NamedFile(TypedDict):
    """A file or folder that first-party code names, exists among the sources, and is not in the bundle."""

    kind: Literal["beside", "above", "relative", "dotenv"]
    """How it is found at run time: beside the module; above everything that is bundled; from the working directory; by python-dotenv."""
    file: str
    line: int
    text: str
    source: str
    bundle: str
    """Where the program looks, relative to the root of the bundle; of `relative`: as it is written."""
    folder: bool
    variables: list[str]
    """Names of the variables in a `.env` file."""


class UnusedRequirement(TypedDict):
    """A requirement of which nothing is in the bundle, what could be imported of it, and the groups its plugins are in."""

    name: str
    modules: list[str]
    groups: list[str]


class HookSetting(TypedDict):
    package: str
    key: Optional[str]


class BundleFacts(TypedDict):
    """What PyInstaller's own files say."""

    modules: list[str]
    missing: list[Required]
    files: list[list[Optional[str]]]
    origins: list[str]
    programs: list[str]
    firstParty: list[FoundModule]
    program: list[FoundModule]
    loads: list[DynamicLoad]
    warnings: list[str]
    interpreter: list[InterpreterUse]
    code: list[tuple[str, str]]
    """First-party code in the bundle: module name and file."""
    namedFiles: list[NamedFile]


class LaidFile(TypedDict):
    """A file that the parent lays in."""

    source: str
    destination: str


class Audit(BundleFacts):
    laid: list[LaidFile]
    suggestions: dict[str, list[str]]
    hookSettings: list[HookSetting]
    idleExclusions: list[str]
    unused: list[UnusedRequirement]
    builtFor: Mapping[str, str]
    """By package: what its native code asks of the processor, where that is known and more than every processor has."""
