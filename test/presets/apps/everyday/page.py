"""Jinja2: templates from a folder beside this file."""

from pathlib import Path

from answering import answering
from jinja2 import Environment, FileSystemLoader

templates_dir = Path(__file__).parent / "templates"
environment = Environment(loader=FileSystemLoader(templates_dir), autoescape=True)


def check():
    return environment.get_template("index.html").render(name="<Ada>")


app = answering(check)
