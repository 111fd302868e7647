"""Example backend: measures signals, streams them, keeps them, and answers questions about them.

Nothing here knows about Electron. `uvicorn main:app` runs it as well.
"""

import asyncio
import logging
import os
import platform
import sqlite3
import sys
from contextlib import asynccontextmanager

import orjson
from fastapi import FastAPI, HTTPException
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import HTMLResponse, Response, StreamingResponse

import connectors
import services
from database import Database
from runtime_paths import data_path
from sampler import Sampler
from settings import settings, signal_settings

logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)-7s %(name)s: %(message)s")
log = logging.getLogger("example_app")


@asynccontextmanager
async def lifespan(app: FastAPI):
    database = Database(data_path("samples.db"))
    app.state.database = database
    app.state.sampler = Sampler(database)
    log.info("signals: %s; %d samples kept in %s", ", ".join(connectors.names()), database.count(), database.file)
    sampling = asyncio.create_task(app.state.sampler.run())
    try:
        yield
    finally:
        sampling.cancel()
        database.close()
        log.info("samples saved, good bye")


app = FastAPI(title=settings().title, version=settings().version, lifespan=lifespan)


def json_response(value: object) -> Response:
    return Response(orjson.dumps(value), media_type="application/json")


@app.get("/api/health")
def health() -> Response:
    return json_response(
        {
            "status": "healthy",
            "version": settings().version,
            "python": platform.python_version(),
            "frozen": bool(getattr(sys, "frozen", False)),
            "pid": os.getpid(),
            "orjson": orjson.__version__,
            "sqlite": sqlite3.sqlite_version,
            "signals": connectors.names(),
        }
    )


@app.get("/api/signals")
def signals() -> Response:
    listed = [{"name": name, **signal_settings(name)} for name in connectors.names()]
    return json_response({"chosen": app.state.sampler.signal, "signals": listed})


@app.put("/api/signals/{name}")
async def choose_signal(name: str) -> Response:
    try:
        app.state.sampler.choose(name)
    except KeyError:
        raise HTTPException(404, f"There is no signal {name!r}; there are {', '.join(connectors.names())}.") from None
    return json_response({"chosen": name})


@app.get("/api/stream")
async def stream() -> StreamingResponse:
    async def events():
        async for sample in app.state.sampler.samples():
            yield b"data: " + orjson.dumps(sample) + b"\n\n"

    return StreamingResponse(events(), media_type="text/event-stream", headers={"Cache-Control": "no-store"})


@app.get("/api/services/{name}")
async def ask_service(name: str, count: int = 600) -> Response:
    if name not in services.NAMES:
        raise HTTPException(404, f"There is no service {name!r}; there are {', '.join(services.NAMES)}.")
    # The database belongs to the event loop's thread; importing and computing would hold up the measuring there.
    signal = app.state.sampler.signal
    values = app.state.database.recent(signal, count)
    return await run_in_threadpool(answer, name, values, signal)


def answer(name: str, values: list[float], signal: str) -> Response:
    service = services.service(name)
    if name == "report":
        return HTMLResponse(service.run(values, signal))
    return json_response(service.run(values))


@app.post("/api/crash")
def crash() -> None:
    """End without a word, so that the app can show what it does about it."""
    log.error("crashing on request")
    os._exit(3)
