"""Which processes belong to the program. For the guard, which may outlive the program's files: everything is imported here."""

from __future__ import annotations

import os
import sys
from typing import NamedTuple, Optional

from . import _mark


class Process(NamedTuple):
    """One line of the system's list."""

    pid: int
    parent: int
    group: int
    session: int
    started: str

    @property
    def identity(self) -> tuple[int, str]:
        """What stays the same when its parent dies, and when another process gets its number does not."""
        return self.pid, self.started


def listed() -> list[Process]:
    """All living processes that can be seen; empty when there is no list now."""
    try:
        return _from_proc() if sys.platform == "linux" else from_ps(_ask_ps())
    except OSError:
        return []


def is_marked(pid: int, instance: str) -> Optional[bool]:
    """Tell whether a process carries the mark; false for one that was detached, None when that cannot be known."""
    environment = _read(pid, "environ")
    variables = () if environment is None else environment.split(b"\0")
    if f"{_mark.DETACHED}={instance}".encode() in variables:
        return False
    if f"{_mark.VARIABLE}={instance}".encode() in variables:
        return True
    limits = _read(pid, "limits")
    if limits is not None and f" {_mark.limit_of(instance)} ".encode() in limits:
        return True
    return None if environment is None else False


class Tree:
    """The program's processes, also when it is gone."""

    def __init__(self, program: int, spared: int, instance: str, *, leads_group: bool) -> None:
        self._program = program
        # Whoever started the program (a onefile bootloader removes the unpacked files afterwards), and this process.
        self._spared = (spared, os.getpid())
        self._instance = instance
        self._group = program if leads_group else 0
        self._seen: set[tuple[int, str]] = set()

    def others(self) -> list[Process]:
        """All but the program. Those seen once are remembered: nothing ties them to it when their parents are gone."""
        processes = listed()
        seen = {process.pid for process in processes if process.identity in self._seen}
        below = _descendants(processes, {self._program, *seen})
        found = [
            process
            for process in processes
            if process.pid not in self._spared
            and process.pid != self._program
            and (process.pid in seen or self._belongs(process, below))
        ]
        self._seen = {process.identity for process in found}
        return found

    def _belongs(self, process: Process, below: set[int]) -> bool:
        if process.group and process.group == self._group:
            return True
        if process.session and process.session == self._program:
            return True
        marked = is_marked(process.pid, self._instance)
        return process.pid in below if marked is None else marked


def _descendants(processes: list[Process], roots: set[int]) -> set[int]:
    children: dict[int, list[int]] = {}
    for process in processes:
        children.setdefault(process.parent, []).append(process.pid)
    found: set[int] = set()
    waiting = list(roots)
    while waiting:
        for pid in children.get(waiting.pop(), ()):
            if pid not in found:
                found.add(pid)
                waiting.append(pid)
    return found


def _from_proc() -> list[Process]:
    found = []
    for name in os.listdir("/proc"):
        text = _read(int(name), "stat") if name.isdigit() else None
        if text is None:
            continue
        # The program's name, in parentheses, may hold anything.
        fields = text[text.rindex(b")") + 2 :].split()
        if fields[0] not in (b"Z", b"X"):
            found.append(Process(int(name), int(fields[1]), int(fields[2]), int(fields[3]), fields[19].decode()))
    return found


def _read(pid: int, name: str) -> Optional[bytes]:
    try:
        with open(f"/proc/{pid}/{name}", "rb") as file:
            return file.read()
    except OSError:
        return None


def from_ps(text: bytes) -> list[Process]:
    """Parse what `ps` prints."""
    found = []
    for line in text.splitlines():
        fields = line.split(None, 4)
        if len(fields) == 5 and not fields[3].startswith(b"Z"):
            pid, parent, group = map(int, fields[:3])
            found.append(Process(pid, parent, group, 0, fields[4].decode("ascii", "replace").strip()))
    return found


def _ask_ps() -> bytes:
    reader, writer = os.pipe()
    try:
        arguments = ["ps", "-axo", "pid=,ppid=,pgid=,stat=,lstart="]
        actions = [(os.POSIX_SPAWN_DUP2, writer, 1)]
        pid = os.posix_spawn("/bin/ps", arguments, {"LC_ALL": "C", "TZ": "UTC"}, file_actions=actions)
    finally:
        os.close(writer)
    with open(reader, "rb") as file:
        text = file.read()
    os.waitpid(pid, 0)
    return text
