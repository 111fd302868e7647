"""One FastAPI program with everything around it that people really use."""

import importlib.metadata
import os
import ssl
from pathlib import Path

import certifi
from alembic import command
from alembic.config import Config
from fastapi import FastAPI, Form, Request
from fastapi.templating import Jinja2Templates
from pydantic import BaseModel, EmailStr
from sqlalchemy import Integer, String, select
from sqlalchemy.ext.asyncio import AsyncSession, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from work import square

here = Path(__file__).parent
database = Path(os.environ["PRESET_DATA"]) / "app.db"
app = FastAPI()
templates = Jinja2Templates(directory=here / "templates")


class Base(DeclarativeBase):
    pass


class Note(Base):
    __tablename__ = "note"
    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    text: Mapped[str] = mapped_column(String(80))


class Person(BaseModel):
    email: EmailStr


@app.get("/")
def index(request: Request):
    return templates.TemplateResponse(request, "index.html", {"name": "Ada"})


@app.post("/people")
def people(person: Person):
    return person


@app.post("/form")
def form(text: str = Form()):
    return {"text": text}


@app.get("/migrate")
def migrate():
    config = Config()
    config.set_main_option("script_location", str(here / "migrations"))
    config.set_main_option("sqlalchemy.url", f"sqlite:///{database}")
    command.upgrade(config, "head")
    return {"ok": True}


@app.get("/notes")
async def notes():
    engine = create_async_engine(f"sqlite+aiosqlite:///{database}")
    async with AsyncSession(engine) as session:
        session.add(Note(text="hello"))
        await session.commit()
        found = (await session.execute(select(Note))).scalars().all()
    await engine.dispose()
    return {"count": len(found)}


@app.get("/metadata")
def metadata():
    plugins = importlib.metadata.entry_points(group="sqlalchemy.dialects")
    bar = {point.name: point.load()() for point in importlib.metadata.entry_points(group="preset.plugins")}
    return {"fastapi": importlib.metadata.version("fastapi"), "dialects": [point.name for point in plugins], "plugins": bar}


@app.get("/tls")
def tls():
    context = ssl.create_default_context(cafile=certifi.where())
    return {"authorities": len(context.get_ca_certs()) > 50}


@app.get("/pool/{method}")
def pool(method: str):
    import multiprocessing
    from concurrent.futures import ProcessPoolExecutor

    with ProcessPoolExecutor(2, mp_context=multiprocessing.get_context(method)) as executor:
        return list(executor.map(square, [1, 2, 3]))
