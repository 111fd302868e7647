"""The distribution that is the program: the one that provides the entry, installed or the project itself."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple, Optional

from . import distributions
from .contract import Module, SourceTree


class Program(NamedTuple):
    """What such a distribution has of its own. Tests are left out."""

    name: str
    modules: list[Module]
    data: list[tuple[str, str]]


def of_module(module: str, paths: Iterable[str], sources: Sequence[SourceTree], project: Optional[str]) -> Optional[Program]:
    """The distribution a module belongs to; None for modules that nothing installed.

    `project` is the distribution that the sources are, when its metadata alone was installed.
    """
    everything = distributions.installed()
    if any(module == found["name"] for source in sources for found in source["modules"]):
        itself = distributions.named(project, everything) if project is not None else None
        itself = itself or next((one for one in [distributions.provider(module, paths, everything)] if one and one.editable_source()), None)
        return _in_sources(itself, module, sources) if itself is not None else None
    one = distributions.provider(module, paths, everything)
    return None if one is None else _of_distribution(one)


def _of_distribution(one: distributions.Installed) -> Program:
    """A distribution by its list of files."""
    found: list[Module] = [{"name": name, "file": file} for name, file in one.module_files() if not distributions.is_test(name)]
    return Program(one.name, found, one.data())


def _in_sources(one: distributions.Installed, module: str, sources: Sequence[SourceTree]) -> Program:
    """A project that is used where it stands: what the parent found in the sources counts, for it watches those files."""
    tops = {module.partition(".")[0], *one.top_level()}
    found = [
        each
        for source in sources
        for each in source["modules"]
        if each["name"].partition(".")[0] in tops and not distributions.is_test(each["name"])
    ]
    data = [
        (each["file"], each["place"])
        for source in sources
        for each in source["data"]
        if each["place"].partition("/")[0] in tops and "tests" not in each["place"].split("/")
    ]
    return Program(one.name, found, data)
