import sys

from nicegui import ui


@ui.page("/")
def index() -> None:
    ui.label("Hello Ada")
    ui.markdown("**bold**")


ui.run(host="127.0.0.1", port=int(sys.argv[1]), reload=False, show=False)
