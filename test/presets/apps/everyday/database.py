"""SQLAlchemy with an asynchronous driver, which only the URL names."""

import asyncio
import os
from pathlib import Path

from answering import answering
from sqlalchemy import Integer, String, select
from sqlalchemy.ext.asyncio import AsyncSession, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

file = Path(os.environ.get("PRESET_DATA", ".")) / "app.db"


class Base(DeclarativeBase):
    pass


class Note(Base):
    __tablename__ = "note"
    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    text: Mapped[str] = mapped_column(String(80))


async def add_note():
    engine = create_async_engine(f"sqlite+aiosqlite:///{file}")
    async with engine.begin() as connection:
        await connection.run_sync(Base.metadata.create_all)
    async with AsyncSession(engine) as session:
        session.add(Note(text="hello"))
        await session.commit()
        found = (await session.execute(select(Note))).scalars().all()
    await engine.dispose()
    return {"notes": [note.text for note in found]}


def check():
    return asyncio.run(add_note())


app = answering(check)
