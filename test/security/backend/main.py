"""A backend worth attacking: it tells a secret in every way a browser can take it, and counts what changes it.

It protects itself in no way; `FIXTURE_CORS=1` even opens it to every site, as many examples do.
"""

import asyncio
import multiprocessing
import os
import subprocess
import sys

from electron_pyinstaller import fatal, status, token
from fastapi import FastAPI, Request, WebSocket
from fastapi.middleware.cors import CORSMiddleware
from fastapi.responses import HTMLResponse, Response, StreamingResponse

from work import sleep

SECRET = os.environ["FIXTURE_SECRET"]
# A picture tells its secret by its size, which every page may know.
WIDTH = 37

if os.environ.get("FIXTURE_START") == "fatal":
    fatal(f"refusing to start with the token {token()}", "config")
if os.environ.get("FIXTURE_START") == "raise":
    raise RuntimeError(f"Authorization: Bearer {token()}")

app = FastAPI()
changes = 0

if os.environ.get("FIXTURE_CORS"):
    app.add_middleware(
        CORSMiddleware, allow_origin_regex=".*", allow_credentials=True, allow_methods=["*"], allow_headers=["*"]
    )


@app.get("/health")
def health():
    return {"ok": True}


@app.get("/changes")
def count():
    return {"changes": changes}


@app.api_route("/change", methods=["GET", "POST", "PUT", "DELETE"])
def change():
    global changes
    changes += 1
    return {"secret": SECRET}


@app.get("/secret")
def secret():
    return {"secret": SECRET}


@app.get("/secret.js")
def script():
    return Response(f"window.stolen = {SECRET!r};", media_type="text/javascript")


@app.get("/secret.css")
def style():
    return Response(f":root {{ --stolen: {SECRET} }}", media_type="text/css")


@app.get("/secret.svg")
def picture():
    svg = f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="10"/>'
    return Response(svg, media_type="image/svg+xml")


@app.get("/page")
def page():
    return HTMLResponse(f"<title>page</title><p>{SECRET}</p><script>parent.postMessage({SECRET!r}, '*')</script>")


@app.get("/events")
async def events():
    async def stream():
        for index in range(50):
            yield f"id: {index}\ndata: {SECRET} {index}\n\n"
            await asyncio.sleep(0.1)

    return StreamingResponse(stream(), media_type="text/event-stream")


@app.post("/upload")
async def upload(request: Request):
    size = 0
    async for chunk in request.stream():
        size += len(chunk)
    return {"size": size, "type": request.headers.get("content-type"), "origin": request.headers.get("origin")}


@app.get("/redirect")
def redirect(to: str):
    return Response(status_code=307, headers={"location": to})


@app.get("/chatter")
def chatter(request: Request):
    """Print what a careless program prints."""
    header = f"Bearer {token()}"
    print("headers:", request.headers.items())
    print("scope:", request.scope["headers"])
    print("Authorization:", header)
    print("x-electron-pyinstaller-token:", token())
    print("bare:", header.removeprefix("Bearer "))
    print("x" * 16370, header, flush=True)
    sys.stdout.write(header[:20])
    sys.stdout.flush()
    sys.stdout.write(header[20:] + "\n")
    print("progress", header, end="\r", flush=True)
    print(header, file=sys.stderr, flush=True)
    sys.stderr.write(f"--header 'authorization: {header}' --token={header.removeprefix('Bearer ')}\n" * 50)
    sys.stderr.flush()
    status(f"working with {header}", 50)
    return {"ok": True}


@app.get("/flood")
def flood(request: Request):
    """Print more at once than anybody keeps."""
    header = f"Bearer {token()}"
    for _ in range(20):
        sys.stderr.write(f"{header} {header[7:]}\n" * 1000)
    sys.stderr.flush()
    return {"ok": True}


@app.post("/crash")
def crash(request: Request):
    sys.stderr.write(f"crashing after a request with {token()}\n")
    sys.stderr.flush()
    os._exit(3)


@app.post("/children")
def children():
    """Start children the way backends do: a program and a worker of multiprocessing."""
    sleeper = subprocess.Popen(["sleep", "600"], stdin=subprocess.DEVNULL)
    worker = multiprocessing.get_context("spawn").Process(target=sleep, args=(600,), daemon=True)
    worker.start()
    return {"sleeper": sleeper.pid, "worker": worker.pid}


@app.websocket("/ws")
async def socket(websocket: WebSocket):
    await websocket.accept(subprotocol=(websocket.scope.get("subprotocols") or [None])[0])
    await websocket.send_text(SECRET)
    async for text in websocket.iter_text():
        global changes
        changes += 1
        await websocket.send_text(text)
