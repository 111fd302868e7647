"""Settings, read from JSON files that are shipped with the program."""

import json
from dataclasses import dataclass
from functools import cache

from runtime_paths import resource_path


@dataclass(frozen=True)
class Settings:
    title: str
    version: str
    signal: str
    """Name of the connector that is measured after the start."""
    interval_ms: int
    keep: int
    """How many samples the database keeps."""


@cache
def settings() -> Settings:
    return Settings(**json.loads(resource_path("config", "app.json").read_text("utf-8")))


@cache
def signal_settings(name: str) -> dict:
    """Title, unit and parameters of a signal: config/signals/<name>.json."""
    return json.loads(resource_path("config", "signals", f"{name}.json").read_text("utf-8"))
