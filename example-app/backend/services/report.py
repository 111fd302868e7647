"""A page for people, made from a template."""

from datetime import datetime
from functools import cache

import jinja2

from runtime_paths import resource_path
from services import service
from settings import settings, signal_settings


@cache
def _environment() -> jinja2.Environment:
    loader = jinja2.FileSystemLoader(resource_path("templates"))
    return jinja2.Environment(loader=loader, autoescape=True)


def run(values: list[float], signal: str) -> str:
    return _environment().get_template("report.html").render(
        title=settings().title,
        signal=signal_settings(signal),
        figures=service("statistics").run(values),
        trend=service("trend").run(values),
        picture=service("picture").run(values),
        made=datetime.now().strftime("%Y-%m-%d %H:%M"),
    )
