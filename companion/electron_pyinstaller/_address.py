"""Where the server listens."""

from __future__ import annotations

import errno
import os
import socket
import stat
import sys
from typing import Any, Iterable, NamedTuple, Optional

from ._failure import fatal
from ._session import Session


class Listener(NamedTuple):
    """A bound socket and how others reach it."""

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
    """Bind as the handshake says; an address in use is fatal, because the parent expects exactly that one."""
    wanted = session.address
    if wanted.get("type") == "unix":
        return _bind_unix(str(wanted["path"]))
    if wanted.get("type") == "port":
        return bind_first(str(wanted.get("host", "127.0.0.1")), [int(wanted["port"])])
    return bind_first("127.0.0.1", [0])


def bind_first(host: str, ports: Iterable[int]) -> Listener:
    """Bind the first free port; fatal when none is."""
    ports = list(ports)
    for port in ports:
        try:
            return _bind_tcp(host, port)
        except OSError as error:
            if error.errno not in (errno.EADDRINUSE, errno.EACCES):
                fatal(f"cannot listen on {host}:{port}: {error.strerror or error}", "address")
    tried = str(ports[0]) if len(ports) == 1 else f"{ports[0]}-{ports[-1]}"
    fatal(f"cannot listen on {host}:{tried}: the address is in use by another program", "address-in-use")


def _bind_tcp(host: str, port: int) -> Listener:
    server = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET, socket.SOCK_STREAM)
    try:
        if sys.platform == "win32":
            # SO_REUSEADDR means something else there: another program could bind the same port and take requests away.
            server.setsockopt(socket.SOL_SOCKET, socket.SO_EXCLUSIVEADDRUSE, 1)
        else:
            server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        server.bind((host, port))
    except BaseException:
        server.close()
        raise
    return Listener(server, host, server.getsockname()[1], None)


def _bind_unix(path: str) -> Listener:
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
