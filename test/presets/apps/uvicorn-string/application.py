from server import app as api  # noqa: F401
