"""Serving an application: the parts that all servers share."""

from __future__ import annotations

import argparse
import atexit
import importlib
import inspect
import os
import sys
from typing import Any, Callable, Mapping, NamedTuple, Optional

from . import _address, _collector, _handshake, _messages, _reentry, _security, _session
from ._failure import fatal

FIRST_PORT, LAST_PORT = 8000, 8010
KEEP_ALIVE_SECONDS = 60
"""How long a silent connection of the app is kept: much longer than the app uses it, so that none is closed under a request."""


class Plan(NamedTuple):
    """Everything a server needs to know."""

    listener: _address.Listener
    policy: _security.Policy
    ready: Callable[[], None]
    managed: bool
    grace_seconds: Optional[float]
    """Time for open requests after a stop was asked for; None: the server's own."""
    quiet_paths: frozenset[str]
    """Paths that are asked again and again and are not worth a log line."""
    options: Mapping[str, Any]


def serve_entry(app: Any, *, interface: str, name: str) -> int:
    """Serve the application of an `asgi` or `wsgi` entry. In a terminal `--host` and `--port` are understood."""
    if _session.current() is not None:
        return serve(app, interface=interface)
    parser = argparse.ArgumentParser(prog=name, allow_abbrev=False)
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on (default: %(default)s)")
    parser.add_argument("--port", type=int, help=f"port (default: the first free one of {FIRST_PORT}-{LAST_PORT})")
    options, _ = parser.parse_known_args()
    return serve(app, interface=interface, host=options.host, port=options.port)


def serve(
    app: Any,
    *,
    interface: str = "auto",
    server: str = "auto",
    host: str = "127.0.0.1",
    port: Optional[int] = None,
    **options: Any,
) -> int:
    """See `electron_pyinstaller.serve`."""
    _refuse_what_has_no_application(app, options)
    kind = detect_interface(app) if interface == "auto" else interface
    session = _session.current()
    plan = _plan_managed(session, options) if session is not None else _plan_standalone(host, port, options)
    _remove_at_exit(plan.listener)
    if kind == "asgi":
        from . import _asgi

        return _asgi.serve(app, plan, server)
    from . import _wsgi

    return _wsgi.serve(app, plan, server)


def _refuse_what_has_no_application(app: Any, options: Mapping[str, Any]) -> None:
    """As uvicorn takes it; here it would be ready and then answer 500 to everything."""
    if isinstance(app, str):
        fatal(f"serve({app!r}): give it the application itself, not its name", "config")
    if options.get("factory"):
        fatal("serve() has no option 'factory': call the function and give what it returns", "config")
    if options.get("workers") not in (None, 1):
        fatal(
            f"serve() has no option 'workers' ({options['workers']!r}): the app talks to one process, which holds the address and "
            "the token. Give heavy work to multiprocessing or concurrent.futures.ProcessPoolExecutor",
            "config",
        )
    if options.get("reload"):
        fatal("serve() has no option 'reload': in development the app starts the backend anew when a file changes (`run.dev.watch`)", "config")


def _remove_at_exit(listener: _address.Listener) -> None:
    owner = os.getpid()

    def remove() -> None:
        # A forked child runs the exit handlers too.
        if os.getpid() == owner:
            _address.remove(listener)

    atexit.register(remove)


def is_installed(server: str) -> bool:
    """A server that is there and lacks something itself raises: what it lacks is what has to be said."""
    try:
        importlib.import_module(server)
    except ImportError as error:
        if error.name != server:
            raise
        return False
    return True


def detect_interface(app: Any) -> str:
    """Tell ASGI from WSGI: a WSGI application is a synchronous callable of two arguments."""
    if inspect.iscoroutinefunction(app) or inspect.iscoroutinefunction(getattr(app, "__call__", None)):
        return "asgi"
    try:
        parameters = inspect.signature(app).parameters.values()
    except (TypeError, ValueError):
        return "asgi"
    required = [
        parameter
        for parameter in parameters
        if parameter.default is parameter.empty
        and parameter.kind in (parameter.POSITIONAL_ONLY, parameter.POSITIONAL_OR_KEYWORD)
    ]
    return "wsgi" if len(required) == 2 else "asgi"


def _plan_managed(session: _session.Session, options: Mapping[str, Any]) -> Plan:
    listener = _address.bind_for_parent(session)

    def ready() -> None:
        if not _address.listens(listener.socket):
            # Whoever answers at this address is not this program.
            fatal(f"the server is up, but its socket at {listener.url()} does not listen", "address")
        _handshake.announce_ready(session, listener.address(), answers_ping=True)

    return Plan(
        listener=listener,
        policy=_security.Policy(
            token=session.token if session.require_token else None,
            hosts=_address.reachable_hosts(listener),
            instance=session.instance,
            key=session.token,
        ),
        ready=ready,
        managed=True,
        # An open stream must not outlive the grace period, or the end would be a kill.
        grace_seconds=max(0.5, session.grace_seconds - 1),
        quiet_paths=frozenset(path for path in (_security.PING_PATH, session.health_path) if path),
        options=options,
    )


def _plan_standalone(host: str, port: Optional[int], options: Mapping[str, Any]) -> Plan:
    if _reentry.belongs_to_app():
        fatal(
            "serve() was called in a process that the app did not start (a worker, or the program started again), and would "
            "let everybody in: call it in the backend's own process",
            "config",
        )
    ports = range(FIRST_PORT, LAST_PORT + 1) if port is None else [port]
    listener = _address.bind_first(host, ports)

    def ready() -> None:
        sys.stdout.write(f"Listening on {listener.url()} (Ctrl-C to stop)\n")
        sys.stdout.flush()
        _collector.resume()

    return Plan(
        listener=listener,
        policy=_security.Policy(token=None, hosts=_address.reachable_hosts(listener), instance=None),
        ready=ready,
        managed=False,
        grace_seconds=None,
        quiet_paths=frozenset(),
        options=options,
    )


def stopping_by_itself() -> None:
    """The server ended although nobody asked: the application did it."""
    _messages.send_stopping("application")
