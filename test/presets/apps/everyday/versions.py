"""alembic: brings a database up to date with the files in the folder `migrations`."""

import os
import sqlite3
from pathlib import Path

from alembic import command
from alembic.config import Config
from answering import answering

file = Path(os.environ.get("PRESET_DATA", ".")) / "app.db"


def check():
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    config.set_main_option("sqlalchemy.url", f"sqlite:///{file}")
    command.upgrade(config, "head")
    connection = sqlite3.connect(file)
    try:
        (version,) = connection.execute("select version_num from alembic_version").fetchone()
        return {"version": version}
    finally:
        connection.close()


app = answering(check)
