from pathlib import Path

from litestar import Litestar, get
from litestar.plugins.jinja import JinjaTemplateEngine
from litestar.response import Template
from litestar.template.config import TemplateConfig


@get("/page")
async def page() -> Template:
    return Template(template_name="page.html", context={"sum": 2 + 3})


pages = TemplateConfig(directory=Path(__file__).parent / "pages", engine=JinjaTemplateEngine)
app = Litestar([page], template_config=pages)
