"""Entry of every frozen program that is not a plain script, and of every development run.

Constant: which program to run stands in the entry descriptor (see docs/protocol.md). The order matters:
children of multiprocessing re-enter a frozen program here and must return to their own work before anything else happens.
"""

import sys


def _find_companion() -> None:
    """Make the companion importable without standing in front of the program's own modules (development only)."""
    import os

    here = os.path.dirname(os.path.abspath(__file__))
    sys.path[:] = [entry for entry in sys.path if os.path.abspath(entry or os.curdir) != here] + [here]


# Workers of multiprocessing's `spawn` import this file under another name in development: nothing to do for them.
if __name__ == "__main__":
    if getattr(sys, "frozen", False):
        import multiprocessing

        from electron_pyinstaller._program import serve_workers

        serve_workers()
        multiprocessing.freeze_support()
    else:
        _find_companion()
    from electron_pyinstaller._program import main

    sys.exit(main())
