"""How the processes of a launch are recognised, however far they went from the program that started them."""

from __future__ import annotations

import contextlib
from typing import Iterator, Optional

VARIABLE = "ELECTRON_PYINSTALLER_INSTANCE"
"""Set by the app in the program's environment."""

DETACHED = "ELECTRON_PYINSTALLER_DETACHED"
"""In its place in the environment of what shall outlive the program."""

_LIMIT = "RLIMIT_RTTIME"
_BIT = 1 << 62
_removals = 0


def limit_of(instance: str) -> Optional[int]:
    """The instance as a limit. Programs overwrite their environment to change their title, daemons start with an empty one;
    limits are inherited whatever they do.
    """
    try:
        return _BIT | (int(instance, 16) & (_BIT - 1))
    except ValueError:
        return None


def apply(instance: str) -> None:
    """Mark this process and all that it starts. Linux: the limit of real-time computing, in microseconds; this one is
    never reached. One that the system or the user has set is left as it is.
    """
    limit = limit_of(instance)
    if limit is not None:
        _replace_limit(None, limit)


@contextlib.contextmanager
def removed(instance: str) -> Iterator[None]:
    """What is started meanwhile has no such limit."""
    global _removals
    limit = limit_of(instance)
    # No lock: greenlets would wait for each other's for ever.
    _removals += 1
    if limit is not None:
        _replace_limit(limit, None)
    try:
        yield
    finally:
        _removals -= 1
        if limit is not None and _removals == 0:
            _replace_limit(None, limit)


def _replace_limit(expected: Optional[int], wanted: Optional[int]) -> None:
    try:
        import resource

        kind = getattr(resource, _LIMIT)
        soft, hard = resource.getrlimit(kind)
        if soft != (resource.RLIM_INFINITY if expected is None else expected):
            return
        resource.setrlimit(kind, (resource.RLIM_INFINITY if wanted is None else wanted, hard))
    except (ImportError, AttributeError, OSError, ValueError):
        return  # Not Linux, or not allowed.
