"""One FastAPI program with everything around it that people really use."""

import authorities
import database
import page
import plugins
import pools
import versions
from fastapi import FastAPI, Form, Request
from fastapi.templating import Jinja2Templates
from people import Person

app = FastAPI()
templates = Jinja2Templates(directory=page.templates_dir)

app.get("/alembic")(versions.check)
app.get("/sqlalchemy")(database.add_note)
app.get("/plugins")(plugins.check)
app.get("/certifi")(authorities.check)
app.get("/jinja2")(page.check)
app.get("/pool/{method}")(pools.squares)
app.get("/pool")(pools.pooled)


@app.get("/")
def index(request: Request):
    return templates.TemplateResponse(request, "index.html", {"name": "Ada"})


@app.post("/people")
def people(person: Person):
    return person


@app.post("/form")
def form(text: str = Form()):
    return {"text": text}
