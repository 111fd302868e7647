"""WSGI servers: waitress, else the standard library's with one thread a request."""

from __future__ import annotations

import _thread
import contextlib
import socket
import sys
import threading
import time
from typing import Any

from . import _lifeline
from ._failure import fatal
from ._open_iterables import Iterables
from ._security import guard_wsgi, is_challenge
from ._serve import Plan, is_installed, stopping_by_itself


def serve(app: Any, plan: Plan, server: str) -> int:
    """Serve until somebody ends it and return the exit code."""
    if server in ("auto", "waitress") and is_installed("waitress"):
        return _serve_waitress(app, plan)
    if server in ("auto", "wsgiref"):
        return _serve_wsgiref(app, plan)
    fatal(f"a WSGI application was to be served by {server}: add it to the backend's requirements", "config")


def _serve_waitress(app: Any, plan: Plan) -> int:
    from waitress.channel import ClientDisconnected
    from waitress.server import create_server

    streams = Iterables(cut=ClientDisconnected)
    settings = {"threads": 8, **plan.options}
    server = create_server(guard_wsgi(streams.watch(app), plan.policy), sockets=[plan.listener.socket], **settings)
    dispatcher = server.task_dispatcher
    wait = dispatcher.shutdown

    def shutdown(**options: Any) -> Any:
        streams.end()
        # Its run() waits five seconds for open requests, whatever the grace period is.
        return wait(**({} if plan.grace_seconds is None else {"timeout": plan.grace_seconds}), **options)

    dispatcher.shutdown = shutdown  # pyright: ignore[reportAttributeAccessIssue]
    plan.ready()  # The socket listens since create_server.
    server.run()
    stopping_by_itself()
    return 0


def _serve_wsgiref(app: Any, plan: Plan) -> int:
    import socketserver
    from wsgiref.simple_server import WSGIRequestHandler, WSGIServer

    answering = _Answering()
    streams = Iterables(cut=ConnectionAbortedError)
    guarded = guard_wsgi(streams.watch(app), plan.policy)

    class Handler(WSGIRequestHandler):
        is_proved = False

        def handle(self) -> None:
            # One request each connection, and the question before it who is asked.
            super().handle()
            while self.is_proved:
                self.is_proved = False
                answering.end()
                super().handle()

        def address_string(self) -> str:
            # No name look-up, which can take seconds; a Unix socket's peer has no address at all.
            return str(self.client_address[0]) if isinstance(self.client_address, tuple) else "local"

        def parse_request(self) -> bool:
            # A connection on which nothing was asked yet is nothing to wait for.
            answering.begin()
            return super().parse_request()

        def get_environ(self) -> dict[str, Any]:
            if not isinstance(self.client_address, tuple):
                self.client_address = ("local", 0)
            environ = super().get_environ()
            self.is_proved = is_challenge(environ)
            return environ

        def log_request(self, code: Any = "-", size: Any = "-") -> None:
            if self.path.partition("?")[0] not in plan.quiet_paths or str(code) >= "400":
                super().log_request(code, size)

    class Server(socketserver.ThreadingMixIn, WSGIServer):
        daemon_threads = True
        block_on_close = False
        request_queue_size = 128

        def process_request_thread(self, *arguments: Any) -> None:  # pyright: ignore[reportIncompatibleMethodOverride]
            try:
                super().process_request_thread(*arguments)
            finally:
                answering.end()

    def threaded(environ: dict[str, Any], start_response: Any) -> Any:
        environ["wsgi.multithread"] = True  # The handler believes that it is alone.
        return guarded(environ, start_response)

    listener = plan.listener
    server = Server((listener.host or "", listener.port), Handler, bind_and_activate=False)
    server.socket.close()
    server.socket = listener.socket
    server.address_family = listener.socket.family
    server.server_name, server.server_port = listener.host or "localhost", listener.port
    server.setup_environ()
    server.set_app(threaded)
    server.server_activate()
    if sys.platform == "win32":
        _lifeline.on_end(lambda: _interrupt(listener.socket))
    plan.ready()
    try:
        with contextlib.suppress(KeyboardInterrupt):
            server.serve_forever()
    finally:
        listener.socket.close()
        streams.end()
        answering.wait(plan.grace_seconds or 0)
    stopping_by_itself()
    return 0


def _interrupt(listener: socket.socket) -> bool:
    """On Windows a main thread that waits for connections does not notice that it is interrupted until half a second is over, or one comes."""
    _thread.interrupt_main()
    host, port = listener.getsockname()[:2]
    with contextlib.suppress(OSError), socket.socket(listener.family) as visitor:
        visitor.settimeout(1)
        visitor.connect(({"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host), port))
    return True


class _Answering:
    """Threads that are busy with a request."""

    def __init__(self) -> None:
        self._threads: set[threading.Thread] = set()

    def begin(self) -> None:
        """This thread is from now on."""
        self._threads.add(threading.current_thread())

    def end(self) -> None:
        """This thread is no more."""
        self._threads.discard(threading.current_thread())

    def wait(self, seconds: float) -> None:
        """Wait until none is, at most for so long."""
        deadline = time.monotonic() + seconds
        for thread in list(self._threads):
            thread.join(max(0.0, deadline - time.monotonic()))
