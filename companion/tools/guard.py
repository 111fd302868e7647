"""Runs another program and ends it, with everything it started, when the other end of standard input closes.

So installers leave nothing behind even when the build is killed and cannot clean up. Standard library only; run as
`python -I guard.py program arguments…` in its own process group.
"""

import os
import signal
import subprocess
import sys
import threading

if os.name == "posix" and os.getpgrp() != os.getpid():
    os.setpgid(0, 0)
try:
    child = subprocess.Popen(sys.argv[1:], stdin=subprocess.DEVNULL)
except OSError as error:
    # Windows does not say which program it did not find.
    sys.exit(f"{sys.argv[1]} cannot be started: {error.strerror}")


def watch() -> None:
    try:
        while os.read(0, 4096):
            pass
    except OSError:
        pass
    if os.name == "posix":
        os.killpg(os.getpgrp(), signal.SIGKILL)
    system = os.environ.get("SystemRoot", "C:/Windows")
    subprocess.call([os.path.join(system, "System32", "taskkill.exe"), "/T", "/F", "/PID", str(child.pid)])
    os._exit(1)


threading.Thread(target=watch, daemon=True).start()
code = child.wait()
sys.stdout.flush()
os._exit(code if code >= 0 else 128 - code)
