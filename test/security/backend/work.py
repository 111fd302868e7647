"""What a worker of multiprocessing does; a module of its own, so that it can be imported there."""

import time


def sleep(seconds):
    time.sleep(seconds)
