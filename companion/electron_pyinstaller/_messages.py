"""Messages to the parent: marked lines of JSON on the real standard output."""

from __future__ import annotations

import json
import os
import select
import threading
from typing import Any, Callable, Iterator, Optional

PREFIX = b"\x1eEPY1 "
"""The record separator cannot occur in ordinary text output, so log lines are never mistaken for messages."""

_LINE_BYTES = 4096
"""What the system writes at once: other threads, libraries and child processes print to the same pipe."""

_PART_LENGTH = 2000
"""Characters of a message in one part: escaped they are at most twice as many."""

_MESSAGE_LENGTH = 64 * 1024 * 1024

# Reentrant: a signal handler may send while the main thread is inside send().
_lock = threading.RLock()
_descriptor: Optional[int] = None
_stopping_sent = False
_only: Optional[frozenset[str]] = None
_writer: Optional[int] = None
_postponed: list[Callable[[], object]] = []


def open_channel() -> None:
    """Keep a private copy of standard output: programs redirect descriptor 1 or close it."""
    global _descriptor
    try:
        _descriptor = os.dup(1)
    except OSError:
        _descriptor = None


def restrict(*kinds: str) -> None:
    """From now on send these kinds only: standard output is the program's own."""
    global _only
    _only = frozenset(kinds)


def close_channel() -> None:
    """Stop sending: this process does not speak for the program."""
    global _descriptor
    if _descriptor is not None:
        os.close(_descriptor)
    _descriptor = None


def send(kind: str, **fields: Any) -> bool:
    """Send one message; false when there is no parent (any more). Raises TypeError or ValueError for what JSON cannot hold."""
    if _descriptor is None or (_only is not None and kind not in _only):
        return False
    text = encode({"type": kind, **fields}, separators=(",", ":"))
    with _lock:
        return _send_text(_descriptor, text)


def _lines_of(text: str) -> Iterator[bytes]:
    if len(PREFIX) + len(text) < _LINE_BYTES:
        yield PREFIX + text.encode("ascii") + b"\n"
        return
    for start in range(0, len(text), _PART_LENGTH):
        end = start + _PART_LENGTH
        part = {"type": "part", "text": text[start:end], "last": end >= len(text)}
        yield PREFIX + json.dumps(part, separators=(",", ":")).encode("ascii") + b"\n"


def encode(value: Any, **style: Any) -> str:
    """JSON that everybody can read. `NaN` and `Infinity`, which Python writes too, make the other side drop the line."""
    try:
        text = json.dumps(value, allow_nan=False, **style)
    except ValueError as error:
        if "not JSON compliant" not in str(error):
            raise
        raise ValueError("JSON has no NaN and no infinite numbers; send None or text in their place") from None
    if len(text) > _MESSAGE_LENGTH:
        raise ValueError(f"{len(text)} characters of JSON are more than the {_MESSAGE_LENGTH} of a message; write a file and send its path")
    return text


def send_stopping(reason: str) -> None:
    """Announce the graceful end once, whoever notices first."""
    global _stopping_sent
    with _lock:
        if _stopping_sent:
            return
        _stopping_sent = True
        send("stopping", reason=reason)


def postpone(action: Callable[[], object]) -> bool:
    """Let `action` come after the message that this thread was interrupted in; false when it was in none. For handlers of
    signals that raise: half a message would swallow the next one.
    """
    if _writer != threading.get_ident():
        return False
    _postponed.append(action)
    return True


def _send_text(descriptor: int, text: str) -> bool:
    """Called with the lock."""
    global _writer
    if postpone(lambda: _send_text(descriptor, text)):
        return True
    _writer = threading.get_ident()
    try:
        return all(_write(descriptor, line) for line in _lines_of(text))
    finally:
        _writer = None
        while _postponed:
            _postponed.pop(0)()


def _write(descriptor: int, line: bytes) -> bool:
    rest = memoryview(line)
    while rest:
        try:
            rest = rest[os.write(descriptor, rest) :]
        except InterruptedError:
            continue
        except BlockingIOError:
            select.select([], [descriptor], [])
        except OSError:
            return False  # The parent is gone; the lifeline ends the program, not a log line.
    return True


def _renew_lock() -> None:
    """A forked worker must not wait for a lock held by a thread that it does not have."""
    global _lock, _writer
    _lock = threading.RLock()
    _writer = None
    _postponed.clear()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_renew_lock)
