"""What compiled modules of installed distributions import, which nobody can read in them."""

from __future__ import annotations

import os

from .installed import Distribution


def compiled_helpers(distribution: Distribution) -> dict[str, list[str]]:
    """mypyc puts the code of many modules into one, `<hash>__mypyc`: every compiled module of the distribution imports it."""
    helpers = sorted(name for name in distribution.extensions if name.endswith("__mypyc"))
    if not helpers:
        return {}
    return {name: helpers for name in distribution.extensions if name not in helpers}


def to_be_observed(distribution: Distribution) -> list[str]:
    """Compiled modules without a source to read, of a distribution that needs others: only importing them shows which modules of those."""
    if not any(_is_needed(requirement) for requirement in distribution.requires):
        return []
    return sorted(name for name, file in distribution.extensions.items() if name not in distribution.sources and not _has_stub(file))


def _is_needed(requirement: str) -> bool:
    return "extra ==" not in requirement and not requirement.lower().startswith(("typing-extensions", "typing_extensions"))


def _has_stub(file: str) -> bool:
    """PyInstaller reads a `.pyi` beside it."""
    folder, base = os.path.split(file)
    return os.path.exists(os.path.join(folder, base.partition(".")[0] + ".pyi"))
