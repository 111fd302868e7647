"""Imported by the page alone, which no analysis reads."""


def greeting(name: str) -> str:
    return f"Hello {name}"
