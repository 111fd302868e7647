"""As `_open_streams`, for WSGI."""

from __future__ import annotations

from typing import Any, Callable, Iterable, Iterator


class Iterables:
    """Ends open streams when the server stops, between two of their pieces: nothing else of WSGI can be interrupted."""

    def __init__(self, cut: type[Exception]) -> None:
        self._cut = cut
        self._ending = False

    def end(self) -> None:
        """Let every stream end at its next piece."""
        self._ending = True

    def watch(self, app: Callable[..., Iterable[bytes]]) -> Callable[..., Iterable[bytes]]:
        """Wrap a WSGI application."""

        def watching(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
            headers: dict[str, str] = {}

            def watched_start(status: str, given: list[tuple[str, str]], *others: Any, **named: Any) -> Any:
                headers.clear()
                headers.update((name.lower(), value) for name, value in given)
                return start_response(status, given, *others, **named)

            body = app(environ, watched_start)
            # Servers look at what has a length and at files of their own kind.
            file_wrapper = environ.get("wsgi.file_wrapper")
            if hasattr(body, "__len__") or (isinstance(file_wrapper, type) and isinstance(body, file_wrapper)):
                return body
            return _Watched(body, lambda: self._ending and "content-length" not in headers, headers, self._cut)

        return watching


class _Watched:
    """The pieces of an answer, until it is to end."""

    def __init__(
        self, body: Iterable[bytes], is_cut: Callable[[], bool], headers: dict[str, str], cut: type[Exception]
    ) -> None:
        self._body = body
        self._pieces = iter(body)
        self._is_cut = is_cut
        self._headers = headers
        self._cut = cut

    def __iter__(self) -> Iterator[bytes]:
        return self

    def __next__(self) -> bytes:
        piece = next(self._pieces)
        if not self._is_cut():
            return piece
        if self._headers.get("content-type", "").startswith("text/event-stream"):
            raise StopIteration  # Events that stop between two of them are complete.
        raise self._cut("the server stops")  # Any other answer must not look complete.

    def close(self) -> None:
        """PEP 3333: called by the server at the end, however it came."""
        close = getattr(self._body, "close", None)
        if close is not None:
            close()
