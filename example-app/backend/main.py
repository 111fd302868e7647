"""Example backend: measures signals, streams them, keeps them, and answers questions about them.

Nothing here knows about Electron. `uvicorn main:app` runs it as well.
"""

import asyncio
import logging
import os
import platform
import sqlite3
import sys
from collections.abc import AsyncIterable
from contextlib import asynccontextmanager

import orjson
from fastapi import FastAPI, HTTPException
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import HTMLResponse
from fastapi.sse import EventSourceResponse

import connectors
import services
from database import Database
from models import Chosen, Figures, Health, Sample, Signals, Trend
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


@app.get("/api/health")
def health() -> Health:
    return Health(
        status="healthy",
        version=settings().version,
        python=platform.python_version(),
        frozen=bool(getattr(sys, "frozen", False)),
        pid=os.getpid(),
        orjson=orjson.__version__,
        sqlite=sqlite3.sqlite_version,
        signals=connectors.names(),
    )


@app.get("/api/signals")
def signals() -> Signals:
    return Signals(chosen=app.state.sampler.signal, signals=[{"name": name, **signal_settings(name)} for name in connectors.names()])


@app.put("/api/signals/{name}")
async def choose_signal(name: str) -> Chosen:
    try:
        app.state.sampler.choose(name)
    except KeyError:
        raise HTTPException(404, f"There is no signal {name!r}; there are {', '.join(connectors.names())}.") from None
    return Chosen(chosen=name)


@app.get("/api/stream", response_class=EventSourceResponse)
async def stream() -> AsyncIterable[Sample]:
    async for sample in app.state.sampler.samples():
        yield sample


@app.get("/api/services/statistics")
async def statistics(count: int = 600) -> Figures:
    return await ask("statistics", count)


@app.get("/api/services/trend")
async def trend(count: int = 600) -> Trend:
    return await ask("trend", count)


@app.get("/api/services/report", response_class=HTMLResponse)
async def report(count: int = 600) -> str:
    return await ask("report", count, app.state.sampler.signal)


async def ask(name: str, count: int, *more: str):
    # The database belongs to the event loop's thread; importing and computing would hold up the measuring there.
    values = app.state.database.recent(app.state.sampler.signal, count)
    return await run_in_threadpool(lambda: services.service(name).run(values, *more))


@app.post("/api/crash")
def crash() -> None:
    """End without a word, so that the app can show what it does about it."""
    log.error("crashing on request")
    os._exit(3)
