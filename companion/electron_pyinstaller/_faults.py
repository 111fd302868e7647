"""What native code did when it ends the program: the Python stack of the thread that crashed, in the log."""

from __future__ import annotations

import os


def enable() -> None:
    """Let Python print its stack when it is ended by SIGSEGV, SIGABRT, SIGBUS, SIGFPE, SIGILL, or by what Windows calls an
    exception. Programs may switch it off: `faulthandler.disable()`.
    """
    try:
        import faulthandler

        if not faulthandler.is_enabled():
            os.fstat(2)
            # By number: `sys.stderr` may be none, or replaced later by something without a descriptor.
            faulthandler.enable(2)
    except Exception:  # noqa: BLE001 - without a descriptor there is nobody to tell.
        pass
