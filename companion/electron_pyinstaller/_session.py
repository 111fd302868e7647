"""What the parent said about this run."""

from __future__ import annotations

from typing import Any, Mapping, NamedTuple, Optional

VERSION = 2
USER_DATA = "ELECTRON_PYINSTALLER_USER_DATA"
"""Environment variable set by the companion (not by the parent), so that multiprocessing workers find the same folder."""


class ProtocolError(Exception):
    """The first line is not one this companion understands."""


class Session(NamedTuple):
    """The handshake line, checked and with every default applied."""

    name: str
    kind: str
    instance: str
    token: str
    nonce: str
    address: Mapping[str, Any]
    require_token: bool
    lifeline: str
    grace_seconds: float
    parent_pid: Optional[int]
    user_data: Optional[str]
    resources: Optional[str]
    stdio: str
    health_path: Optional[str]

    def __repr__(self) -> str:
        return f"Session(name={self.name!r}, instance={self.instance!r})"  # Never the token: this may be logged.


def parse(message: object) -> Session:
    """Check the parsed handshake line. Raises ProtocolError with a sentence saying what is wrong."""
    if not isinstance(message, dict):
        raise ProtocolError("the handshake is not a JSON object")
    if message.get("v") != VERSION:
        raise ProtocolError(
            f"the app speaks protocol version {message.get('v')!r}, this backend version {VERSION}: "
            "build the backend again with the version of electron-pyinstaller that the app has"
        )
    for key in ("token", "nonce"):
        if not isinstance(message.get(key), str) or not message[key]:
            raise ProtocolError(f"the handshake has no {key}")
    address = message.get("address")
    parent_pid = message.get("parentPid")
    return Session(
        name=str(message.get("name", "backend")),
        kind=str(message.get("kind", "http")),
        instance=str(message.get("instance", "")),
        token=message["token"],
        nonce=message["nonce"],
        address=address if isinstance(address, dict) else {"type": "announce"},
        require_token=bool(message.get("requireToken", True)),
        lifeline=str(message.get("lifeline", "thread")),
        grace_seconds=max(0.0, float(message.get("graceMs", 5000)) / 1000),
        parent_pid=parent_pid if isinstance(parent_pid, int) else None,
        user_data=_text(message.get("userData")),
        resources=_text(message.get("resources")),
        stdio=str(message.get("stdio", "json-lines")),
        health_path=_text(message.get("healthPath")),
    )


def _text(value: object) -> Optional[str]:
    return value if isinstance(value, str) and value else None


_current: Optional[Session] = None


def current() -> Optional[Session]:
    """The session of this process; None in a terminal, in a multiprocessing worker and in a grandchild."""
    return _current


def adopt(session: Session) -> None:
    """Make this the process's session."""
    global _current
    _current = session
