"""Who may talk to the backend: checks that run before the application sees a request."""

from __future__ import annotations

import hashlib
import hmac
import json
import re
from typing import Any, Awaitable, Callable, Iterable, Mapping, MutableMapping, NamedTuple, Optional

PING_PATH = "/.electron-pyinstaller/ping"

TOKEN_HEADER = "x-electron-pyinstaller-token"
"""Carries the token of the launch. `Authorization` and cookies belong to the application and its callers."""
_TOKEN_NAME = TOKEN_HEADER.encode()
_TOKEN_KEY = "HTTP_" + TOKEN_HEADER.upper().replace("-", "_")

CHALLENGE_HEADER = "x-electron-pyinstaller-challenge"
"""With a ping: asks for a proof instead of showing the token, which would tell it to whoever answers."""
_CHALLENGE_NAME = CHALLENGE_HEADER.encode()
_CHALLENGE_KEY = "HTTP_" + CHALLENGE_HEADER.upper().replace("-", "_")

_LOOPBACK = re.compile(r"(?:127\.0\.0\.1|localhost|\[::1\])(?::\d+)?")

Scope = MutableMapping[str, Any]
AsgiApp = Callable[[Scope, Callable[[], Awaitable[Any]], Callable[[Any], Awaitable[None]]], Awaitable[None]]


class Policy(NamedTuple):
    """What a request must show."""

    token: Optional[str]
    """None: no token required."""
    hosts: Optional[frozenset[str]]
    """Allowed `Host` headers in lower case; None: any (Unix sockets, which no browser can reach)."""
    instance: Optional[str]
    key: Optional[str] = None
    """Key of the proofs; None: nobody to prove anything to."""

    def proof(self, host: Optional[bytes], challenge: Optional[bytes]) -> Optional[dict[str, str]]:
        """Prove that this server, at the address it was asked at, has the token. None: not asked for by this computer."""
        if self.key is None or challenge is None or host is None or not self._knows(host):
            return None
        # With the address: what another server passes on from here proves nothing there.
        message = b"ping %b %b" % (challenge, host)
        return {"proof": hmac.new(self.key.encode(), message, hashlib.sha256).hexdigest()}

    def _knows(self, host: bytes) -> bool:
        return self.hosts is None or host.decode("latin-1").lower() in self.hosts

    def refusal(
        self, host: Optional[bytes], token: Optional[bytes], origin: Optional[bytes] = None
    ) -> Optional[tuple[int, str]]:
        """Return status and reason for a request that must not pass. The host comes first: it stops DNS rebinding."""
        if self.hosts is not None and (host is None or not self._knows(host)):
            return 403, "this host name is not allowed"
        if self.token is None:
            # Without a token this is all that stops a form or a WebSocket in some page of the user's browser.
            if self.hosts is not None and origin is not None and _is_other_site(origin, self.hosts):
                return 403, "pages of other sites are not allowed"
            return None
        if token is None or not hmac.compare_digest(token, self.token.encode()):
            return 401, "the token of this launch is missing or wrong"
        return None


def allowed_hosts(host: str, port: int) -> frozenset[str]:
    """`Host` headers of requests that were really meant for this address."""
    names = {"127.0.0.1", "localhost", "[::1]", f"[{host}]" if ":" in host else host.lower()} - {"0.0.0.0", "[::]"}
    return frozenset(f"{name}:{port}" for name in names) | (frozenset(names) if port == 80 else frozenset())


def guard_asgi(app: AsgiApp, policy: Policy) -> AsgiApp:
    """Wrap an ASGI application. Lifespan events pass; HTTP and WebSocket requests are checked, and lose the token."""

    async def guarded(scope: Scope, receive: Any, send: Any) -> None:
        kind = scope["type"]
        if kind not in ("http", "websocket"):
            await app(scope, receive, send)
            return
        origins = [value for key, value in scope["headers"] if key.lower() == b"origin"]
        origin = origins[0] if len(origins) == 1 else b"null" if origins else None
        host = _header(scope, b"host")
        is_ping = kind == "http" and scope["method"] == "GET" and _is_ping(scope)
        proof = policy.proof(host, _header(scope, _CHALLENGE_NAME)) if is_ping else None
        refusal = policy.refusal(host, _header(scope, _TOKEN_NAME), origin)
        if proof is not None:
            await _respond(send, 200, proof)
        elif refusal is not None:
            await (_refuse_http if kind == "http" else _refuse_websocket)(scope, receive, send, refusal)
        elif is_ping:
            await _respond(send, 200, {"instance": policy.instance})
        else:
            headers = [(key, value) for key, value in scope["headers"] if key.lower() != _TOKEN_NAME]
            await app({**scope, "headers": headers}, receive, send)

    return guarded


def guard_wsgi(app: Callable[..., Iterable[bytes]], policy: Policy) -> Callable[..., Iterable[bytes]]:
    """Wrap a WSGI application in the same checks."""

    def guarded(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        host = environ.get("HTTP_HOST")
        # Taken out: the application is not to see it.
        token = environ.pop(_TOKEN_KEY, None)
        origin = environ.get("HTTP_ORIGIN")
        refusal = policy.refusal(
            None if host is None else host.encode("latin-1"),
            None if token is None else token.encode("latin-1"),
            None if origin is None else origin.encode("latin-1"),
        )
        is_ping = environ.get("PATH_INFO") == PING_PATH and environ.get("REQUEST_METHOD") == "GET"
        proof = None
        if is_challenge(environ) and host is not None:
            proof = policy.proof(host.encode("latin-1"), environ[_CHALLENGE_KEY].encode("latin-1"))
        if proof is not None:
            status, line = 200, "200 OK"
        elif refusal is not None:
            status, reason = refusal
            line = "401 Unauthorized" if status == 401 else "403 Forbidden"
        elif is_ping:
            status, line = 200, "200 OK"
        else:
            return app(environ, start_response)
        body = _body(proof or ({"error": refusal[1]} if refusal is not None else {"instance": policy.instance}))
        headers = [(name.decode(), value.decode()) for name, value in _headers(status, body)]
        start_response(line, headers)
        return [body]

    return guarded


def is_challenge(environ: Mapping[str, Any]) -> bool:
    """A ping that asks for a proof."""
    asked = environ.get("PATH_INFO"), environ.get("REQUEST_METHOD")
    return _CHALLENGE_KEY in environ and asked == (PING_PATH, "GET")


def _is_other_site(origin: bytes, hosts: frozenset[str]) -> bool:
    """True for pages of the web and for `null`, which any page can be in a sandboxed frame; an app's own scheme is no site."""
    text = origin.decode("latin-1").lower()
    scheme, _, authority = text.partition("://")
    if scheme not in ("http", "https"):
        return text == "null"
    return authority not in hosts and _LOOPBACK.fullmatch(authority) is None


def _is_ping(scope: Scope) -> bool:
    # Servers that are told a root path put it in front of what was asked for.
    return PING_PATH in (scope["path"], scope["path"].removeprefix(scope.get("root_path", "")))


def _header(scope: Scope, name: bytes) -> Optional[bytes]:
    values = [value for key, value in scope["headers"] if key.lower() == name]
    # Two different values are an attempt to show one to this check and the other to the application.
    return values[0] if len(values) == 1 else None


async def _refuse_http(_scope: Scope, _receive: Any, send: Any, refusal: tuple[int, str]) -> None:
    await _respond(send, refusal[0], {"error": refusal[1]})


async def _refuse_websocket(scope: Scope, receive: Any, send: Any, refusal: tuple[int, str]) -> None:
    await receive()  # `websocket.connect`
    if "websocket.http.response" in scope.get("extensions", {}):
        await _respond(send, refusal[0], {"error": refusal[1]}, prefix="websocket.http.response")
    else:
        await send({"type": "websocket.close", "code": 1008})  # The server answers the upgrade with 403.


async def _respond(send: Any, status: int, value: Any, prefix: str = "http.response") -> None:
    body = _body(value)
    await send({"type": f"{prefix}.start", "status": status, "headers": _headers(status, body)})
    await send({"type": f"{prefix}.body", "body": body})


def _body(value: Any) -> bytes:
    return json.dumps(value).encode()


def _headers(status: int, body: bytes) -> list[tuple[bytes, bytes]]:
    headers = [
        (b"content-type", b"application/json"),
        (b"content-length", str(len(body)).encode()),
        (b"cache-control", b"no-store"),
    ]
    # A scheme of its own: `Bearer` or `Basic` would be about the application's users.
    return [*headers, (b"www-authenticate", _TOKEN_NAME)] if status == 401 else headers
