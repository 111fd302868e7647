"""Windows: the job object that ends what the program started. Imported there only.

This process holds the only handle. When it is gone, however it ended, the system closes the handle and with it ends all that
is in the job: what the program started, and what that started. A onefile program's bootloader, which removes the unpacked
files afterwards, is outside: it started this process. https://learn.microsoft.com/windows/win32/procthread/job-objects
"""

from __future__ import annotations

import contextlib
import ctypes
import sys
from ctypes import c_int, c_int64, c_size_t, c_uint32, c_uint64, c_void_p, c_wchar_p
from typing import Iterator, Optional

assert sys.platform == "win32"

from ._failure import log

_EXTENDED_LIMITS = 9
_KILL_ON_CLOSE = 0x2000
_BREAKAWAY_OK = 0x0800  # CREATE_BREAKAWAY_FROM_JOB lets a process out.
_SILENT_BREAKAWAY_OK = 0x1000  # All are out that are started meanwhile.
_THIS_PROCESS = -1

_kernel32 = ctypes.WinDLL("kernel32", use_last_error=True)
_kernel32.CreateJobObjectW.argtypes = [c_void_p, c_wchar_p]
_kernel32.CreateJobObjectW.restype = c_void_p
_kernel32.SetInformationJobObject.argtypes = [c_void_p, c_int, c_void_p, c_uint32]
_kernel32.SetInformationJobObject.restype = c_int
_kernel32.AssignProcessToJobObject.argtypes = [c_void_p, c_void_p]
_kernel32.AssignProcessToJobObject.restype = c_int
_kernel32.CloseHandle.argtypes = [c_void_p]


class _Limits(ctypes.Structure):
    """JOBOBJECT_EXTENDED_LIMIT_INFORMATION, whose sizes and numbers follow the width of the system's pointers."""

    _fields_ = [
        ("PerProcessUserTimeLimit", c_int64),
        ("PerJobUserTimeLimit", c_int64),
        ("LimitFlags", c_uint32),
        ("MinimumWorkingSetSize", c_size_t),
        ("MaximumWorkingSetSize", c_size_t),
        ("ActiveProcessLimit", c_uint32),
        ("Affinity", c_size_t),
        ("PriorityClass", c_uint32),
        ("SchedulingClass", c_uint32),
        ("IoInfo", c_uint64 * 6),
        ("Memory", c_size_t * 4),
    ]


# Never closed, and inherited by nobody: a second holder would keep all alive.
_job: Optional[int] = None
_exits = 0


def enter() -> None:
    """Put this process, and so all that it will start, into a job of its own. Where that fails (Windows 7 inside another job)
    the program runs as without.
    """
    global _job
    job: Optional[int] = _kernel32.CreateJobObjectW(None, None)
    if job and _limit(job, 0) and _kernel32.AssignProcessToJobObject(job, _THIS_PROCESS):
        _job = job
        return
    error = ctypes.WinError(ctypes.get_last_error())
    if job:
        _kernel32.CloseHandle(job)
    log(f"what this program starts may outlive it: no job object ({error})")


@contextlib.contextmanager
def left() -> Iterator[None]:
    """What is started meanwhile is not in the job. For calls that take no creation flags."""
    global _exits
    _exits += 1
    if _job is not None:
        _limit(_job, _SILENT_BREAKAWAY_OK)
    try:
        yield
    finally:
        _exits -= 1
        if _job is not None and _exits == 0:
            _limit(_job, 0)


def _limit(job: int, further: int) -> bool:
    limits = _Limits(LimitFlags=_KILL_ON_CLOSE | _BREAKAWAY_OK | further)
    return bool(_kernel32.SetInformationJobObject(job, _EXTENDED_LIMITS, ctypes.byref(limits), ctypes.sizeof(limits)))
