/**
 * A small Python program that runs another one and ends it, with everything it started, when our end of its stdin
 * closes. So installers leave nothing behind even when this process is killed and cannot clean up. Standard library
 * only; run as `python -I -c <guardScript> program arguments…` in its own process group.
 */
export const guardScript = `
import os, signal, subprocess, sys, threading

if os.name == 'posix' and os.getpgrp() != os.getpid():
    os.setpgid(0, 0)
child = subprocess.Popen(sys.argv[1:], stdin=subprocess.DEVNULL)

def watch():
    try:
        while os.read(0, 4096):
            pass
    except OSError:
        pass
    if os.name == 'posix':
        os.killpg(os.getpgrp(), signal.SIGKILL)
    system = os.environ.get('SystemRoot', 'C:/Windows')
    subprocess.call([os.path.join(system, 'System32', 'taskkill.exe'), '/T', '/F', '/PID', str(child.pid)])
    os._exit(1)

threading.Thread(target=watch, daemon=True).start()
code = child.wait()
sys.stdout.flush()
os._exit(code if code >= 0 else 128 - code)
`;
