"""Where the server listens."""

from __future__ import annotations

import errno
import os
import socket
import stat
import sys
import time
from typing import Any, NamedTuple, Optional, Sequence

from ._failure import EXIT_CODE, RESTART_CODE, fatal
from ._session import Session

_ATTEMPTS, _PAUSE_SECONDS = 6, 0.03


class Listener(NamedTuple):
    """A socket that listens, and how others reach it."""

    socket: socket.socket
    host: Optional[str]
    port: int
    path: Optional[str]

    def address(self) -> dict[str, object]:
        """The `address` of the `ready` message."""
        if self.path is not None:
            return {"type": "unix", "path": self.path}
        return {"type": "tcp", "host": self.host, "port": self.port}

    def url(self) -> str:
        """For people."""
        host = self.host or ""
        return f"unix:{self.path}" if self.path is not None else f"http://{f'[{host}]' if ':' in host else host}:{self.port}"


def bind_for_parent(session: Session) -> Listener:
    """Listen as the handshake says; no free address is fatal, because the parent expects exactly that one."""
    wanted = session.address
    if wanted.get("type") == "unix":
        return _listen_unix(str(wanted["path"]))
    if wanted.get("type") == "port":
        first = int(wanted["port"])
        # Out of a range another attempt gets another port.
        in_use = EXIT_CODE if wanted.get("to") is None else RESTART_CODE
        ports = range(first, int(wanted.get("to") or first) + 1)
        return bind_first(str(wanted.get("host", "127.0.0.1")), ports, in_use)
    return bind_first("127.0.0.1", [0])


def bind_first(host: str, ports: Sequence[int], in_use: int = EXIT_CODE) -> Listener:
    """Listen on the first free port; fatal when none is."""
    for attempt in range(_ATTEMPTS):
        if attempt > 0:
            # Programs that look for a free port hold each for a moment.
            time.sleep(_PAUSE_SECONDS)
        for port in ports:
            try:
                return _listen_tcp(host, port)
            except OSError as error:
                if error.errno not in (errno.EADDRINUSE, errno.EACCES):
                    fatal(f"cannot listen on {host}:{port}: {error.strerror or error}", "address")
    tried = str(ports[0]) if len(ports) == 1 else f"{ports[0]}-{ports[-1]}"
    fatal(f"cannot listen on {host}:{tried}: the address is in use by another program", "address-in-use", exit_code=in_use)


def _listen_tcp(host: str, port: int) -> Listener:
    """Bind and listen, with nothing in between: a port that is only bound can be taken by others."""
    try:
        server = _bind_tcp(host, port, shares=False)
    except OSError as error:
        if port == 0 or sys.platform == "win32" or error.errno != errno.EADDRINUSE:
            raise
        # What the run before left in TIME_WAIT is passed only this way. Who listens there keeps the port, and who takes it
        # before the next line makes that fail.
        server = _bind_tcp(host, port, shares=True)
    try:
        server.listen()
        if port != 0 and sys.platform != "win32":
            # Linux asks this of the connections in TIME_WAIT as well, which have it from this socket. Now that it listens, it
            # lets nobody else in.
            server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    except BaseException:
        server.close()
        raise
    return Listener(server, host, server.getsockname()[1], None)


def _bind_tcp(host: str, port: int, *, shares: bool) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # The protocol is named, or asyncio would not switch off the delay of small writes (40 ms an answer).
    server = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        if sys.platform == "win32":
            # Without it another program that says SO_REUSEADDR could bind the same port and take requests away.
            server.setsockopt(socket.SOL_SOCKET, socket.SO_EXCLUSIVEADDRUSE, 1)
        elif shares:
            server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        server.bind((host, port))
    except BaseException:
        server.close()
        raise
    return server


def listens(server: socket.socket) -> bool:
    """False for a socket of which the system knows that nobody can connect to it."""
    try:
        return bool(server.getsockopt(socket.SOL_SOCKET, socket.SO_ACCEPTCONN))
    except (AttributeError, OSError) as error:
        return getattr(error, "errno", None) != errno.EBADF  # Not every system answers this.


def _listen_unix(path: str) -> Listener:
    if not hasattr(socket, "AF_UNIX"):
        fatal("this system's Python has no Unix sockets; use another address", "config")
    _remove_stale(path)
    server = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        # The permissions must be right from the first moment: bind creates the file with the umask's.
        previous = os.umask(0o177)
        try:
            server.bind(path)
        finally:
            os.umask(previous)
        os.chmod(path, 0o600)
        server.listen()
    except OSError as error:
        server.close()
        fatal(f"cannot listen on the socket {path} ({len(os.fsencode(path))} bytes long): {error}", "address")
    return Listener(server, None, 0, path)


def _remove_stale(path: str) -> None:
    try:
        if stat.S_ISSOCK(os.lstat(path).st_mode):
            os.unlink(path)
    except OSError:
        pass


def remove(listener: Listener) -> None:
    """Leave no socket file behind."""
    if listener.path is not None:
        _remove_stale(listener.path)


def reachable_hosts(listener: Listener) -> Any:
    """The policy's `hosts` for a listener."""
    from ._security import allowed_hosts

    return None if listener.path is not None else allowed_hosts(listener.host or "", listener.port)
