"""Data files of installed distributions, by the modules that read them from beside their own code."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator

from .installed import Distribution, Texts, is_test

# Ways to find a file of one's own package. `__file__` alone is not one: loggers and warnings compare it.
_reads = re.compile(
    rb"(?:dirname|\w*path|Path|join|split|splitext)\(\s*(?:\w+\.)*__file__|importlib[._]resources|from importlib import [^\n]*\bresources\b|\bget_data\(|pkg_resources\b|"
    rb"files\(\s*(?:__package__|__name__|[\"'])|PackageLoader\("
)
# One of them is in every match: looking for words is quicker.
_words = (b"__file__", b"resources", b"get_data(", b"files(", b"PackageLoader(")
_reads_source = re.compile(rb"inspect\.get(?:source)?file\(")
_rewrites = re.compile(rb"\bgetsource\((?s:.{0,2000}?)\bexec\(")
_reads_text = re.compile(rb"\.read_text\(|\bopen\(|\.read_bytes\(")


def data_of_readers(distribution: Distribution, texts: Texts) -> dict[str, list[tuple[str, str]]]:
    """By module the files it may read: (file, path from the folder of all packages).

    A file belongs to the readers in the nearest folder above it that has any, or below that; and to readers that have its name in their text.
    A source of C, a stub or a module only to the latter, and there as a whole text.
    """
    readers = _readers(texts)
    if not readers:
        return {}
    below: dict[str, list[str]] = {}
    for reader in readers:
        folder = _folder(distribution, reader)
        while True:
            below.setdefault(folder, []).append(reader)
            if not folder:
                break
            folder = folder.rpartition("/")[0]
    found: dict[str, list[tuple[str, str]]] = {}
    for file, path in distribution.data:
        folder, _, base = path.rpartition("/")
        while folder not in below:
            folder = folder.rpartition("/")[0]
        mentioned = base.encode()
        for reader in {*below[folder], *(name for name, text in readers.items() if mentioned in text)}:
            found.setdefault(reader, []).append((file, path))
    for file, path in [*distribution.build_files, *_source_files(distribution)]:
        base = path.rpartition("/")[2].encode()
        for reader in (name for name, text in readers.items() if b'"' + base + b'"' in text or b"'" + base + b"'" in text):
            found.setdefault(reader, []).append((file, path))
    return found


def _source_files(distribution: Distribution) -> Iterator[tuple[str, str]]:
    """Its modules as files, but for `__init__.py`, which is everywhere."""
    for module, file in distribution.sources.items():
        base = os.path.basename(file)
        if base != "__init__.py" and not is_test(module.split(".")):
            yield file, f"{_folder(distribution, module)}/{base}"


def source_readers(texts: Texts) -> list[str]:
    """Modules that find the source of a class or function and read it, or run it changed: without the `.py` files they fail.

    Where `inspect.getsource` is asked for a message, it is forgiven.
    """
    return sorted(
        name
        for name, _, text in texts
        if (_reads_source.search(text) and _reads_text.search(text)) or (b"getsource(" in text and _rewrites.search(text))
    )


def _readers(texts: Texts) -> dict[str, bytes]:
    """Their text by name."""
    return {name: text for name, _, text in texts if any(word in text for word in _words) and _reads.search(text)}


def _folder(distribution: Distribution, module: str) -> str:
    """Folder of a module's file, from the folder of all packages."""
    is_package = distribution.sources[module].replace("\\", "/").endswith("/__init__.py")
    return (module if is_package else module.rpartition(".")[0]).replace(".", "/")
