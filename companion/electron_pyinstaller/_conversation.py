"""The `json-lines` conversation of a stdio backend: requests in, answers and events out."""

from __future__ import annotations

import json
import os
import sys
import threading
from typing import Any, Callable, Iterator, Optional, TypeVar

from . import _handshake, _messages, _session

Handler = TypeVar("Handler", bound=Callable[..., Any])

_descriptor = 0
_being_read = False
_end_seen = False
_handlers: dict[str, Callable[..., Any]] = {}


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
        """Answer with anything that JSON can hold; TypeError for what it cannot."""
        json.dumps(result)  # Before the request counts as answered, so that the caller can still fail it.
        self._answer({"id": self.id, "result": result})

    def fail(self, message: str, code: str = "application") -> None:
        """Answer that it did not work out."""
        self._answer({"id": self.id, "error": {"code": code, "message": message}})

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
    global _descriptor
    _descriptor = descriptor


def notices_end() -> bool:
    """Tell whether the program is reading requests, and so sees the end of the conversation by itself, or has seen it."""
    return _being_read or _end_seen


def emit(event: str, data: Any = None) -> None:
    """Send an event to the app."""
    _send({"event": event, "data": data})


def handle(method: str) -> Callable[[Handler], Handler]:
    """Register a function for a method. Parameters given as an object become keyword arguments."""

    def register(function: Handler) -> Handler:
        _handlers[method] = function
        return function

    return register


def requests() -> Iterator[Request]:
    """Yield requests until the app ends the conversation; the first call announces `ready`.

    Nothing is read while the loop's body runs: a busy program slows the app down instead of piling up requests.
    """
    global _being_read, _end_seen
    _being_read = True
    session = _session.current()
    if session is not None:
        _handshake.announce_ready(session, {"type": "none"})
    try:
        for line in _lines():
            request = _parse(line)
            if request is not None:
                yield request
        _end_seen = True
        # A program that ends at once is gone before the lifeline's thread could say it.
        _messages.send_stopping("lifeline")
    finally:
        _being_read = False


def serve_requests(workers: int = 8) -> None:
    """Answer requests with the functions registered by `handle`, each in a worker thread, until the app ends the
    conversation and the running ones are done. At most `workers` run at a time; more wait unread.
    """
    from concurrent.futures import ThreadPoolExecutor

    free = threading.Semaphore(workers)

    def work(request: Request) -> None:
        try:
            _answer(request)
        finally:
            free.release()

    with ThreadPoolExecutor(workers, thread_name_prefix="request") as pool:
        free.acquire()
        for request in requests():
            pool.submit(work, request)
            free.acquire()


def _answer(request: Request) -> None:
    import inspect

    function = _handlers.get(request.method)
    if function is None:
        known = ", ".join(sorted(_handlers)) or "none"
        request.fail(f"there is no method {request.method!r}; known: {known}", "method-not-found")
        return
    try:
        arguments, named = _arguments(request.params)
        inspect.signature(function).bind(*arguments, **named)
    except TypeError as error:
        request.fail(f"{request.method}: {error}", "invalid-params")
        return
    try:
        value = function(*arguments, **named)
        if inspect.iscoroutine(value):
            import asyncio

            value = asyncio.run(value)
        request.reply(value)
    except RequestError as error:
        request.fail(error.message, error.code)
    except Exception as error:  # noqa: BLE001 - the app gets the message, the log the traceback.
        import traceback

        traceback.print_exc()
        request.fail(f"{type(error).__name__}: {error}", "internal")


def _arguments(params: Any) -> tuple[list[Any], dict[str, Any]]:
    if params is None:
        return [], {}
    if isinstance(params, dict):
        return [], params
    return (params, {}) if isinstance(params, list) else ([params], {})


def _parse(line: bytes) -> Optional[Request]:
    try:
        message = json.loads(line)
        return Request(message.get("id"), str(message["method"]), message.get("params"))
    except (ValueError, KeyError, AttributeError) as error:
        sys.stderr.write(f"electron-pyinstaller: ignored a line that is no request ({type(error).__name__}: {error})\n")
        return None


def _lines() -> Iterator[bytes]:
    rest = b""
    while True:
        try:
            chunk = os.read(_descriptor, 65536)
        except InterruptedError:
            continue
        except OSError:
            return
        if not chunk:
            return
        *complete, rest = (rest + chunk).split(b"\n")
        yield from (line for line in complete if line.strip())


def _send(message: dict[str, Any]) -> None:
    if not _messages.send("message", message=message) and _session.current() is None:
        print(json.dumps(message, ensure_ascii=False), flush=True)
