"""Functions that answer requests."""

from __future__ import annotations

import threading
from typing import Any, Callable, Optional, TypeVar

from ._conversation import Request, RequestError, requests
from ._event_loop import EventLoop
from ._failure import log_exception

Handler = TypeVar("Handler", bound=Callable[..., Any])

_handlers: dict[str, Callable[..., Any]] = {}


def handle(method: str) -> Callable[[Handler], Handler]:
    """Register a function for a method. Parameters given as an object become keyword arguments."""

    def register(function: Handler) -> Handler:
        _handlers[method] = function
        return function

    return register


def serve_requests(workers: int = 8) -> None:
    """Answer requests with the functions registered by `handle`, each in a worker thread (`async` ones in one event loop),
    until the app ends the conversation and the running ones are done. At most `workers` run at a time; more wait unread.
    """
    from concurrent.futures import ThreadPoolExecutor

    free = threading.Semaphore(workers)
    loop = EventLoop()

    def work(request: Request) -> None:
        try:
            _answer(request, loop)
        except BaseException as error:  # noqa: BLE001 - nobody else would see it.
            log_exception(error)
        finally:
            free.release()

    try:
        with ThreadPoolExecutor(workers, thread_name_prefix="request") as pool:
            free.acquire()
            for request in requests():
                pool.submit(work, request)
                free.acquire()
    finally:
        loop.close()


def _answer(request: Request, loop: EventLoop) -> None:
    try:
        _try_to_answer(request, loop)
    except BaseException as error:  # noqa: BLE001 - the app gets the message, the log the traceback. Also of `sys.exit()`.
        log_exception(error)
        request.fail(_describe(error), "internal")


def _try_to_answer(request: Request, loop: EventLoop) -> None:
    import inspect

    function = _handlers.get(request.method)
    if function is None:
        known = ", ".join(sorted(_handlers)) or "none"
        request.fail(f"there is no method {request.method!r}; known: {known}", "method-not-found")
        return
    arguments, named = _arguments(request.params)
    mismatch = _mismatch(function, arguments, named)
    if mismatch is not None:
        request.fail(f"{request.method}: {mismatch}", "invalid-params")
        return
    try:
        value = function(*arguments, **named)
        request.reply(loop.run(value) if inspect.iscoroutine(value) else value)
    except RequestError as error:
        request.fail(error.message, error.code)


def _arguments(params: Any) -> tuple[list[Any], dict[str, Any]]:
    if params is None:
        return [], {}
    if isinstance(params, dict):
        return [], params
    return (params, {}) if isinstance(params, list) else ([params], {})


def _mismatch(function: Callable[..., Any], arguments: list[Any], named: dict[str, Any]) -> Optional[str]:
    """Why the parameters do not fit. Some functions written in C do not say what they take."""
    import inspect

    try:
        signature = inspect.signature(function)
    except (TypeError, ValueError):
        return None
    try:
        signature.bind(*arguments, **named)
    except TypeError as error:
        return str(error)
    return None


def _describe(error: BaseException) -> str:
    name = type(error).__name__
    try:
        return f"{name}: {error}" if str(error) else name
    except Exception:  # noqa: BLE001 - the program's own `__str__`.
        return name
