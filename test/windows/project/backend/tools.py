from electron_pyinstaller import RequestError, emit, handle, serve_requests


@handle("double")
def double(text):
    if text == "":
        raise RequestError("no text", code="no-text")
    emit("working", {"text": text})
    return {"text": text * 2}


def main():
    serve_requests()
