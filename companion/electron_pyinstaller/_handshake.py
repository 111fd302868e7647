"""The beginning: become a managed backend if the parent asks for it."""

from __future__ import annotations

import json
import os
import sys
from typing import NoReturn, Optional

from . import _collector, _guard, _lifeline, _mark, _messages, _quick_end, _session, _signals, _streams

MARKER = "ELECTRON_PYINSTALLER_PROTOCOL"
_MAX_LINE_BYTES = 65536


def begin() -> Optional[_session.Session]:
    """Repair the streams and, when the parent speaks the protocol, take part: read the handshake, install the lifeline,
    say hello. Returns the session, or None for a program in a terminal. Call it once, from the main thread, first.
    """
    # Consumed at once: workers and grandchildren inherit the environment and must not take part.
    managed = os.environ.pop(MARKER, None) is not None
    _streams.repair(unbuffered=managed)
    _signals.watch_forks()
    if not managed:
        return None
    _quick_end.install()
    _messages.open_channel()
    line = _read_line(0)
    if line is None:
        sys.stderr.write("electron-pyinstaller: the app closed the pipe before it had said anything; ending\n")
        raise SystemExit(_lifeline.EXIT_CODE)
    session = _parse(line)
    _session.adopt(session)
    if session.user_data is not None:
        os.environ[_session.USER_DATA] = session.user_data
    _mark.apply(session.instance)
    if sys.platform == "win32":
        from . import _job

        _job.enter()
    _signals.install()
    _lifeline.install(session)
    _messages.send(
        "hello",
        v=_session.VERSION,
        pid=os.getpid(),
        ppid=os.getppid(),
        guard=_guard.pid(),
        python=".".join(map(str, sys.version_info[:3])),
        frozen=bool(getattr(sys, "frozen", False)),
        meipass=getattr(sys, "_MEIPASS", None),
    )
    if session.kind == "stdio" and session.stdio == "raw":
        # The program has its input from the first moment, and its output must not be interrupted later.
        announce_ready(session, {"type": "none"})
        _messages.restrict("fatal")
    return session


def proof(session: _session.Session) -> str:
    """What only a process that read the handshake can know."""
    import hashlib
    import hmac

    return hmac.new(session.token.encode(), session.nonce.encode(), hashlib.sha256).hexdigest()


def announce_ready(session: _session.Session, address: dict[str, object], *, answers_ping: bool = False) -> None:
    """Tell the parent that requests are accepted from now on; `answers_ping`: by the companion, which can prove it there."""
    startup = sys.modules.get(f"{__package__}._startup")
    if startup is not None:
        startup.tell()
    _messages.send("ready", address=address, proof=proof(session), **({"ping": True} if answers_ping else {}))
    _collector.resume()


def _read_line(descriptor: int) -> Optional[bytes]:
    """Read up to the first line feed and not a byte more: the rest belongs to the conversation. None at end of file."""
    line = bytearray()
    while len(line) < _MAX_LINE_BYTES:
        try:
            byte = os.read(descriptor, 1)
        except InterruptedError:
            continue
        except OSError:
            return None
        if not byte:
            return None
        if byte == b"\n":
            return bytes(line)
        line += byte
    _refuse(f"the handshake is longer than {_MAX_LINE_BYTES} bytes")


def _parse(line: bytes) -> _session.Session:
    try:
        return _session.parse(json.loads(line.decode("utf-8")))
    except _session.ProtocolError as error:
        _refuse(str(error))
    except (ValueError, TypeError) as error:
        # The line itself is not shown: it may hold the token.
        _refuse(f"the handshake cannot be read ({type(error).__name__})")


def _refuse(message: str) -> NoReturn:
    from ._failure import fatal

    fatal(message, "protocol")
