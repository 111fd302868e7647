import eventlet

eventlet.monkey_patch()
from eventlet.green.urllib.request import urlopen  # noqa: E402
from eventlet import wsgi  # noqa: E402

listener = eventlet.listen(("127.0.0.1", 0))
eventlet.spawn(wsgi.server, listener, lambda env, start: start("200 OK", []) and None or [b"hello"], log_output=False)
print("answer:", urlopen(f"http://localhost:{listener.getsockname()[1]}/").read())
