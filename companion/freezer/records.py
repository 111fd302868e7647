"""What the driver tells its parent: JSON objects, one a line, on the real standard output.

Everything else that anybody prints (libraries imported by hooks, subprocesses) goes to standard error, which the parent
writes into the log as it is.
"""

from __future__ import annotations

import inspect
import json
import logging
import os
import sys
import threading
import time
from typing import Optional, TextIO

from .contract import LogRecord, Record

_lock = threading.Lock()
_stream: Optional[TextIO] = None
_started = time.monotonic()


def take_stdout() -> None:
    """Keep the real standard output for records and let everybody else print to standard error."""
    global _stream
    sys.stdout.flush()
    # A duplicate is not inheritable, so no grandchild can write into the records.
    _stream = os.fdopen(os.dup(1), "w", encoding="utf-8", newline="\n")
    os.dup2(2, 1)


def emit(record: Record) -> None:
    """Write one record, with the milliseconds since the start."""
    line = json.dumps({**record, "ms": int((time.monotonic() - _started) * 1000)}, ensure_ascii=True, default=str)
    if _stream is None:
        return
    with _lock:
        _stream.write(line + "\n")
        _stream.flush()


def _hook_in_charge() -> Optional[str]:
    """The hook file being processed, for log records that do not name it (PyInstaller's own do not)."""
    frame = inspect.currentframe()
    while frame is not None:
        owner = frame.f_locals.get("self")
        name = getattr(owner, "hook_filename", None)
        if isinstance(name, str):
            return name
        frame = frame.f_back
    return None


class RecordHandler(logging.Handler):
    """Turns log records into records; replaces PyInstaller's own handler."""

    def emit(self, record: logging.LogRecord) -> None:
        try:
            fields: LogRecord = {
                "type": "log",
                "level": record.levelname,
                "logger": record.name,
                "message": record.getMessage(),
            }
            if record.levelno >= logging.WARNING:
                hook = _hook_in_charge()
                if hook is not None:
                    fields["hook"] = hook
            if record.exc_info:
                fields["traceback"] = logging.Formatter().formatException(record.exc_info)
            emit(fields)
        except Exception:  # A broken record must not end the freeze.
            self.handleError(record)


def capture_logging() -> None:
    """Send every log record of this process to the parent. Call after `import PyInstaller.log`."""
    root = logging.getLogger()
    for handler in list(root.handlers):
        root.removeHandler(handler)
    root.addHandler(RecordHandler())
