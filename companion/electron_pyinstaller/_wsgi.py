"""WSGI servers: waitress, else the standard library's with one thread a request."""

from __future__ import annotations

import functools
import sys
from typing import Any

from ._failure import fatal
from ._security import guard_wsgi
from ._serve import Plan, stopping_by_itself


def serve(app: Any, plan: Plan, server: str) -> int:
    """Serve until somebody ends it and return the exit code."""
    guarded = guard_wsgi(app, plan.policy)
    if server in ("auto", "waitress"):
        try:
            import waitress  # noqa: F401
        except ImportError:
            pass
        else:
            return _serve_waitress(guarded, plan)
    if server in ("auto", "wsgiref"):
        return _serve_wsgiref(guarded, plan)
    fatal(f"a WSGI application was to be served by {server}: add it to the backend's requirements", "config")


def _serve_waitress(app: Any, plan: Plan) -> int:
    from waitress.server import create_server

    settings = {"threads": 8, **plan.options}
    server = create_server(app, sockets=[plan.listener.socket], **settings)
    if plan.grace_seconds is not None:
        # Its run() waits five seconds for open requests, whatever the grace period is.
        dispatcher = server.task_dispatcher
        dispatcher.shutdown = functools.partial(dispatcher.shutdown, timeout=plan.grace_seconds)
    plan.ready()  # The socket listens since create_server.
    server.run()
    stopping_by_itself()
    return 0


def _serve_wsgiref(app: Any, plan: Plan) -> int:
    import socketserver
    from wsgiref.simple_server import ServerHandler, WSGIRequestHandler, WSGIServer

    class Handler(WSGIRequestHandler):
        def address_string(self) -> str:
            # No name look-up, which can take seconds; a Unix socket's peer has no address at all.
            return str(self.client_address[0]) if isinstance(self.client_address, tuple) else "local"

        def get_environ(self) -> dict[str, Any]:
            if not isinstance(self.client_address, tuple):
                self.client_address = ("local", 0)
            return super().get_environ()

        def log_request(self, code: Any = "-", size: Any = "-") -> None:
            if self.path.partition("?")[0] not in plan.quiet_paths or str(code) >= "400":
                super().log_request(code, size)

    class Server(socketserver.ThreadingMixIn, WSGIServer):
        daemon_threads = True
        block_on_close = False
        request_queue_size = 128

    ServerHandler.http_version = "1.1"
    listener = plan.listener
    server = Server((listener.host or "", listener.port), Handler, bind_and_activate=False)
    server.socket.close()
    server.socket = listener.socket
    server.address_family = listener.socket.family
    server.server_name, server.server_port = listener.host or "localhost", listener.port
    server.setup_environ()
    server.set_app(app)
    server.server_activate()
    plan.ready()
    try:
        server.serve_forever()
    except KeyboardInterrupt:
        sys.stderr.write("stopped\n")
    stopping_by_itself()
    return 0
