"""The `json-lines` conversation of a stdio backend: requests in, answers and events out."""

from __future__ import annotations

import enum
import json
import threading
from typing import Any, Iterator, Optional

from . import _handshake, _messages, _session
from ._failure import log
from ._lines import Lines

_lines = Lines(0)
_announced = False
_being_read = False
_end_seen = False


class RequestError(Exception):
    """Raised by a handler to answer with an error of its own choice."""

    def __init__(self, message: str, code: str = "application") -> None:
        super().__init__(message)
        self.code = code
        self.message = message


class Request:
    """One question of the app. Answer it once, with `reply` or `fail`, from any thread."""

    def __init__(self, identifier: Any, method: str, params: Any) -> None:
        self.id = identifier
        self.method = method
        self.params = params
        self._lock = threading.Lock()
        self._answered = False

    def reply(self, result: Any = None) -> None:
        """Answer with anything that JSON can hold; TypeError or ValueError for what it cannot."""
        _messages.encode(result)  # Before the request counts as answered, so that the caller can still fail it.
        self._answer({"id": self.id, "result": result})

    def fail(self, message: str, code: str = "application") -> None:
        """Answer that it did not work out."""
        self._answer({"id": self.id, "error": {"code": _text(code), "message": _text(message)}})

    def _answer(self, message: dict[str, Any]) -> None:
        with self._lock:
            if self._answered:
                raise RuntimeError(f"request {self.id!r} ({self.method}) has been answered already")
            self._answered = True
        if self.id is not None:
            _send(message)

    def __repr__(self) -> str:
        return f"Request(id={self.id!r}, method={self.method!r})"


def open_conversation(descriptor: int) -> None:
    """Read requests from this descriptor instead of standard input."""
    global _lines
    _lines = Lines(descriptor)


def notices_end() -> bool:
    """Tell whether the program is reading requests, and so sees the end of the conversation by itself, or has seen it."""
    return _being_read or _end_seen


def emit(event: str, data: Any = None) -> None:
    """Send an event to the app."""
    _send({"event": event, "data": data})


def requests() -> Iterator[Request]:
    """Yield requests until the app ends the conversation; the first call announces `ready`.

    Nothing is read while the loop's body runs: a busy program slows the app down instead of piling up requests.
    """
    global _being_read, _end_seen
    _being_read = True
    _announce()
    try:
        for line in iter(_lines.next, None):
            request = _parse(line)
            if request is not None:
                yield request
        _end_seen = True
        # A program that ends at once is gone before the lifeline's thread could say it.
        _messages.send_stopping("lifeline")
    finally:
        _being_read = False


def _announce() -> None:
    global _announced
    session = _session.current()
    if session is not None and not _announced:
        _announced = True
        _handshake.announce_ready(session, {"type": "none"})


def _parse(line: bytes) -> Optional[Request]:
    try:
        message = json.loads(line)
        return Request(message.get("id"), str(message["method"]), message.get("params"))
    except (ValueError, KeyError, AttributeError, RecursionError) as error:
        log(f"ignored a line that is no request ({type(error).__name__}: {error})")
        return None


def _send(message: dict[str, Any]) -> None:
    if not _messages.send("message", message=message) and _session.current() is None:
        print(_messages.encode(message, ensure_ascii=False), flush=True)


def _text(value: Any) -> str:
    """Text of what was given in its place: an exception, a member of an enumeration."""
    if isinstance(value, enum.Enum):
        value = value.value
    return value if isinstance(value, str) else str(value)
