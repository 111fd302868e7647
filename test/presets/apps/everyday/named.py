"""Packages that load their own modules by name, each at a path of its own, and a server for Socket.IO."""

import os

import keyring
import passwords
import tomli
from celery import Celery
from celery.contrib.testing.worker import start_worker
from flask import Flask
from flask_socketio import SocketIO, emit
from keyring.backend import get_all_keyring

app = Flask(__name__)
socketio = SocketIO(app)
jobs = Celery("jobs", broker="memory://", backend="cache+memory://")


@socketio.on("shout")
def shout(text):
    emit("echo", text.upper())


@jobs.task
def add(a, b):
    return a + b


@app.get("/celery")
def celery():
    with start_worker(jobs, perform_ping_check=False):
        return {"sum": add.delay(2, 3).get(timeout=20)}


@app.get("/keyring")
def secrets():
    # Of another distribution: found through its entry points.
    plain = next(each for each in get_all_keyring() if type(each).__name__ == "PlaintextKeyring")
    plain.file_path = os.path.join(os.environ["PRESET_DATA"], "keys.cfg")
    keyring.set_keyring(plain)
    keyring.set_password("service", "ada", "secret")
    return {"kept": keyring.get_password("service", "ada")}


@app.get("/passlib")
def passlib():
    return passwords.check()


@app.get("/tomli")
def compiled():
    return {"numbers": tomli.loads("a = [1, 2]")["a"], "compiled": not hasattr(tomli.loads, "__code__")}
