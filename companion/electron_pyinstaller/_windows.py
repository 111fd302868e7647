"""What Windows does differently. Imported there only."""

from __future__ import annotations

import ctypes
import os
import sys
import time
from typing import Any, Callable, Optional

assert sys.platform == "win32"

import _winapi
import msvcrt

_POLL_SECONDS = 0.25
_SYNCHRONIZE = 0x00100000
_STD_INPUT_HANDLE = -10
_INFINITE = 0xFFFFFFFF
_WT_EXECUTEONLYONCE = 0x00000008
_WAIT_OBJECT_0 = 0
_kernel32 = ctypes.WinDLL("kernel32", use_last_error=True)
_kernel32.OpenProcess.restype = ctypes.c_void_p
_kernel32.OpenProcess.argtypes = [ctypes.c_ulong, ctypes.c_int, ctypes.c_ulong]
_kernel32.WaitForSingleObject.argtypes = [ctypes.c_void_p, ctypes.c_ulong]
_kernel32.CloseHandle.argtypes = [ctypes.c_void_p]
_kernel32.SetStdHandle.argtypes = [ctypes.c_ulong, ctypes.c_void_p]

# Handles that the system uses as long as the process lives.
_kept: list[Any] = []


def replace_standard_input() -> None:
    """Programs without a console do not pass a changed descriptor 0 on to the system's own idea of standard input."""
    _kernel32.SetStdHandle(ctypes.c_ulong(_STD_INPUT_HANDLE & 0xFFFFFFFF), msvcrt.get_osfhandle(0))


def waiter(descriptor: int, *, shared: bool, raw: bool, parent_pid: Optional[int]) -> Callable[[], None]:
    """As `_hangup.waiter`. Polls: a pending read on a pipe would hang every grandchild that inherits it
    (https://github.com/python/cpython/issues/78961).
    """
    handle = msvcrt.get_osfhandle(descriptor)
    parent = _open_process(parent_pid)

    def wait() -> None:
        while not (raw and parent is not None):
            if parent is not None and _is_signalled(parent):
                return
            try:
                available = _winapi.PeekNamedPipe(handle, 0)[0]
                if available and not shared:
                    os.read(descriptor, 65536)
            except OSError:
                return
            time.sleep(_POLL_SECONDS)
        while parent is not None and not _is_signalled(parent):
            time.sleep(_POLL_SECONDS)

    return wait


def outlives(pid: Optional[int], seconds: float) -> bool:
    """Wait for so long or until the process ends; true when it did not. One that may not be opened counts as alive."""
    process = _open_process(pid)
    if process is None:
        time.sleep(seconds)
        return True
    result = _kernel32.WaitForSingleObject(process, round(seconds * 1000))
    _kernel32.CloseHandle(process)
    return bool(result != _WAIT_OBJECT_0)


def terminate_with_parent(parent_pid: Optional[int]) -> None:
    """Let a thread of the system's pool end this process when the parent ends. Needs neither the GIL nor a thread of
    ours; gives no grace.
    """
    parent = _open_process(parent_pid)
    if parent is None:
        return
    wait = ctypes.c_void_p()
    terminate = ctypes.cast(_kernel32.TerminateProcess, ctypes.c_void_p)
    registered = _kernel32.RegisterWaitForSingleObject(
        ctypes.byref(wait),
        ctypes.c_void_p(parent),
        terminate,
        ctypes.c_void_p(-1),  # The context becomes the callback's first argument: the pseudo handle of this process.
        ctypes.c_ulong(_INFINITE),
        ctypes.c_ulong(_WT_EXECUTEONLYONCE),
    )
    if registered:
        _kept.extend((parent, wait))


def _open_process(pid: Optional[int]) -> Optional[int]:
    if pid is None:
        return None
    handle: Optional[int] = _kernel32.OpenProcess(_SYNCHRONIZE, 0, pid)
    return handle or None


def _is_signalled(handle: int) -> bool:
    return bool(_kernel32.WaitForSingleObject(handle, 0) == _WAIT_OBJECT_0)
