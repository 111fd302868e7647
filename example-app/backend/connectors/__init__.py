"""Sources of signals. Every module of this package is one; they are found by looking, nobody lists them."""

import importlib
import pkgutil
from collections.abc import Callable
from types import ModuleType

from settings import signal_settings


def names() -> list[str]:
    return sorted(module.name for module in pkgutil.iter_modules(__path__))


def reader(name: str) -> Callable[[float], float]:
    """A function from seconds to the signal's value."""
    if name not in names():
        raise KeyError(name)
    module: ModuleType = importlib.import_module(f"{__name__}.{name}")
    return module.create(**signal_settings(name)["parameters"])
