"""Keeps setuptools out of programs that nobody wrote it into.

PyInstaller needs setuptools, so it is in every environment. It holds copies of `tomli`, `importlib_metadata` and others, and imports them
from its own folder. PyInstaller takes them for those packages where they are not installed: `try: import tomli` of any package then
brings setuptools with all that it imports (200 modules), although that import fails outside of a frozen program, too.
"""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Iterable

from .installed import Texts

_names = rb"setuptools|pkg_resources|_distutils_hack" + (rb"|distutils" if sys.version_info >= (3, 12) else rb"")
"""What setuptools installs, and what it is taken for."""
_mention = re.compile(rb"\b(?:" + _names + rb")\b")
_import = re.compile(rb"^[ \t]*(?:import|from)[ \t][^\n]*\b(?:" + _names + rb")\b|[\"'](?:" + _names + rb")\b[\w.]*[\"']", re.MULTILINE)
_kept_apart = {"numpy"}
"""PyInstaller's hooks leave setuptools out of these."""


def is_asked_for(distribution: str, texts: Texts) -> bool:
    """Whether a distribution imports setuptools somewhere, or names it in a text, which may be imported."""
    return distribution not in _kept_apart and any(_import.search(text) is not None for _, _, text in texts)


def is_mentioned(files: Iterable[str]) -> bool:
    """Whether one of the project's own files says its name at all."""
    for file in files:
        try:
            with open(file, "rb") as stream:
                if _mention.search(stream.read()) is not None:
                    return True
        except OSError:
            continue
    return False


def is_named(modules: Iterable[str]) -> bool:
    """Whether modules that are wanted are those of setuptools."""
    return any(_mention.match(name.encode()) is not None for name in modules)


def sources(folder: str) -> list[str]:
    """Python files in a folder of hooks."""
    return [os.path.join(root, name) for root, _, names in os.walk(folder) for name in names if name.endswith(".py")]


def hide(hidden: bool) -> None:
    """Let PyInstaller know nothing of what setuptools holds for itself, or know it again."""
    from PyInstaller.utils.hooks.setuptools import setuptools_info  # pyright: ignore[reportMissingImports]

    if hidden:
        setuptools_info.is_vendored = lambda _module_name: False  # pyright: ignore[reportAttributeAccessIssue]
    elif "is_vendored" in vars(setuptools_info):
        del setuptools_info.is_vendored
