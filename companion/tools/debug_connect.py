"""debugpy's command line, begun when the debugger that it is told to connect to listens: an editor does so again a moment after a restart.

Run as `python debug_connect.py port arguments…`.
"""

import socket
import sys
import time

from debugpy.server import cli

PATIENCE_S = 60

port = int(sys.argv.pop(1))
end = time.monotonic() + PATIENCE_S
told = False
while time.monotonic() < end:
    try:
        socket.create_connection(("127.0.0.1", port), timeout=5).close()
        break
    except OSError:
        if not told:
            print(f"debugpy: waiting for a debugger that listens on port {port}", file=sys.stderr, flush=True)
        told = True
        time.sleep(0.2)
cli.main()
