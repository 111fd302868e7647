"""The samples, in SQLite."""

import sqlite3
from contextlib import closing
from pathlib import Path


class Database:
    def __init__(self, file: Path) -> None:
        self.file = file
        self._connection = sqlite3.connect(file)
        self._connection.execute("PRAGMA journal_mode = WAL")
        self._connection.execute("PRAGMA synchronous = NORMAL")
        self._connection.execute("CREATE TABLE IF NOT EXISTS samples (time REAL, signal TEXT, value REAL)")
        self._connection.commit()

    def add(self, time: float, signal: str, value: float) -> None:
        with self._connection:
            self._connection.execute("INSERT INTO samples VALUES (?, ?, ?)", (time, signal, value))

    def recent(self, signal: str, count: int) -> list[float]:
        query = "SELECT value FROM samples WHERE signal = ? ORDER BY rowid DESC LIMIT ?"
        with closing(self._connection.execute(query, (signal, count))) as rows:
            return [value for (value,) in rows][::-1]

    def count(self) -> int:
        with closing(self._connection.execute("SELECT count(*) FROM samples")) as rows:
            return rows.fetchone()[0]

    def trim(self, keep: int) -> None:
        with self._connection:
            self._connection.execute(
                "DELETE FROM samples WHERE rowid <= (SELECT max(rowid) FROM samples) - ?", (keep,)
            )

    def close(self) -> None:
        self._connection.close()
