"""Migrations out of the bundle, then a row written and read."""
import tempfile
from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlmodel import Field, Session, SQLModel, create_engine, select


class Hero(SQLModel, table=True):
    id: int | None = Field(default=None, primary_key=True)
    name: str


if __name__ == "__main__":
    url = f"sqlite:///{tempfile.mkdtemp()}/heroes.db"
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    config.set_main_option("sqlalchemy.url", url)
    command.upgrade(config, "head")
    with Session(create_engine(url)) as session:
        session.add(Hero(name="Deadpond"))
        session.commit()
        print("hero:", session.exec(select(Hero)).one().name)
