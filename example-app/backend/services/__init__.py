"""Things that can be asked of the samples. Imported by name when first wanted, to keep the start short."""

import importlib
from types import ModuleType

NAMES = ("statistics", "trend", "picture", "report")


def service(name: str) -> ModuleType:
    if name not in NAMES:
        raise KeyError(name)
    return importlib.import_module(f"services.{name}")
