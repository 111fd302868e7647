import json
import multiprocessing
import os
import subprocess
import sys
import threading
import time

from electron_pyinstaller import resource_path, start_detached

LONG = ["ping", "-n", "600", "127.0.0.1"]
kept = []


def idle(_):
    time.sleep(0.3)
    return os.getpid()


def start_and_leave(queue):
    queue.put(start(LONG))


def start(arguments):
    child = subprocess.Popen(arguments, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    kept.append(child)
    return child.pid


def pool():
    workers = multiprocessing.get_context("spawn").Pool(2)
    kept.append(workers)
    return sorted(set(workers.map(idle, range(4), chunksize=1)))


def orphan():
    """A grandchild whose parent has ended."""
    context = multiprocessing.get_context("spawn")
    queue = context.Queue()
    worker = context.Process(target=start_and_leave, args=(queue,))
    worker.start()
    pid = queue.get(timeout=60)
    worker.join(60)
    return [pid]


def crash():
    threading.Timer(0.2, os._exit, [3]).start()
    return "soon"


actions = {
    "/hello": lambda: {"text": resource_path("grüße.txt").read_text(encoding="utf-8"), "pid": os.getpid()},
    "/child": lambda: [start(LONG)],
    "/pool": pool,
    "/orphan": orphan,
    "/detached": lambda: [start_detached(["ping", "-n", "20", "127.0.0.1"]).pid],
    "/crash": crash,
}


def app(environ, respond):
    print("gefragt: grüße ✓", environ["PATH_INFO"], flush=True)
    value = actions[environ["PATH_INFO"]]()
    respond("200 OK", [("Content-Type", "application/json")])
    return [json.dumps(value).encode()]
