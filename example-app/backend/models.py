"""What the backend answers with. The app's types are made of these: src/engine.api.gen.ts."""

from typing import Literal

from pydantic import BaseModel


class Health(BaseModel):
    status: str
    version: str
    python: str
    frozen: bool
    pid: int
    orjson: str
    sqlite: str
    signals: list[str]


class Signal(BaseModel):
    """Of its settings in config/signals, what people see."""

    name: str
    title: str
    unit: str


class Signals(BaseModel):
    chosen: str
    signals: list[Signal]


class Chosen(BaseModel):
    chosen: str


class Sample(BaseModel):
    time: float
    """Seconds since 1970."""
    signal: str
    value: float


class Figures(BaseModel):
    """Of no values there are none."""

    count: int
    minimum: float | None = None
    maximum: float | None = None
    mean: float | None = None
    deviation: float | None = None


class Trend(BaseModel):
    slope: float
    direction: Literal["steady", "rising", "falling"]
