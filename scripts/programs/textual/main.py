import asyncio

from textual.app import App
from textual.widgets import Button, DataTable, Input, Markdown, TextArea


class Page(App[None]):
    def compose(self):
        yield Input()
        yield Button("Go")
        yield Markdown("# Title")
        yield DataTable()
        yield TextArea.code_editor("x = 1", language="python")

    def on_button_pressed(self) -> None:
        self.query_one(Button).label = self.query_one(Input).value


async def main() -> None:
    page = Page()
    async with page.run_test() as pilot:
        await pilot.press("h", "i")
        await pilot.click(Button)
        await pilot.pause()
        print("label:", page.query_one(Button).label)


asyncio.run(main())
