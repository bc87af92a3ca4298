"""The reference for start and memory: a Textual program with nothing but a table of a hundred rows."""

from textual.app import App, ComposeResult
from textual.widgets import DataTable


class Hello(App[None]):
    """Shows the table."""

    def compose(self) -> ComposeResult:
        """One table."""
        yield DataTable[str]()

    def on_mount(self) -> None:
        """Fill it."""
        table = self.query_one(DataTable)
        table.add_columns("severity", "alert", "where", "since")
        for i in range(100):
            table.add_row("WARN", "HelloRow", f"node-{i:06d}", "4m")


if __name__ == "__main__":
    Hello().run()
