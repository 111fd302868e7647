"""An event there and its answer back."""
from flask import Flask
from flask_socketio import SocketIO, emit

app = Flask(__name__)
socketio = SocketIO(app)


@socketio.on("shout")
def shout(text):
    emit("echo", text.upper())
