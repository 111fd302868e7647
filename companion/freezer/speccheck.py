"""Finds keyword arguments in a hand-written spec that PyInstaller swallows without a word."""

from __future__ import annotations

import ast
import inspect
import re
from typing import TypedDict


class Misspelt(TypedDict):
    """A keyword of a call in a spec that PyInstaller does not know."""

    call: str
    keyword: str
    line: int
    accepted: list[str]


def _accepted() -> dict[str, set[str]]:
    """Per class the keywords its installed version reads. Looked up in its own source, so that no list can go stale."""
    from PyInstaller.building import api, build_main

    signature = inspect.signature(build_main.Analysis.__init__)
    analysis = {
        name for name, parameter in signature.parameters.items() if name != "self" and parameter.kind is not parameter.VAR_KEYWORD
    }
    result = {"Analysis": analysis}
    for name in ("EXE", "COLLECT", "PYZ"):
        source = inspect.getsource(getattr(api, name))
        keywords = set(re.findall(r"kwargs\.(?:get|pop)\(\s*['\"](\w+)['\"]", source))
        signature = inspect.signature(getattr(api, name).__init__)
        keywords.update(
            parameter.name for parameter in signature.parameters.values() if parameter.kind is parameter.KEYWORD_ONLY
        )
        result[name] = keywords
    result["EXE"].update({"exclude_binaries", "cdict", "upx", "embed_manifest"})
    # PYZ took it before 6.0 and specs still carry `cipher=None`; it is refused by PyInstaller itself when set.
    result["PYZ"].update({"name", "cipher"})
    return result


def unknown_keywords(path: str) -> list[Misspelt]:
    """What a spec file asks for in vain; raises SyntaxError for one that is not Python."""
    with open(path, "rb") as file:
        tree = ast.parse(file.read(), filename=path)
    accepted = _accepted()
    found: list[Misspelt] = []
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Name) or node.func.id not in accepted:
            continue
        for keyword in node.keywords:
            if keyword.arg is not None and keyword.arg not in accepted[node.func.id]:
                found.append(
                    {
                        "call": node.func.id,
                        "keyword": keyword.arg,
                        "line": keyword.value.lineno,
                        "accepted": sorted(accepted[node.func.id]),
                    }
                )
    return found
