"""The blocks that a runbook is drawn from: headings, text, lists, code, tables and the rest."""

from msgspec import Struct

from cockpit.runbooks.spans import Span


class Block(Struct, frozen=True, kw_only=True):
    """What every block has: `line`, where it starts in the runbook's text, from 0.

    `depth` is the number of list items it stands in; `quotes` are the quotes around it, outermost first:
    `quote`, or the kind of an admonition (`note`, `tip`, `important`, `warning`, `caution`, or its author's
    word).
    """

    line: int
    depth: int = 0
    quotes: tuple[str, ...] = ()


class Heading(Block, frozen=True, kw_only=True):
    """A heading of level 1 to 6, with the anchor that links name."""

    level: int
    anchor: str
    spans: tuple[Span, ...]


class Paragraph(Block, frozen=True, kw_only=True):
    """Running text."""

    spans: tuple[Span, ...]


class ListItem(Block, frozen=True, kw_only=True):
    """The first paragraph of a list item. `marker` is `-` or its number, `1.`; `checked` is set for tasks."""

    marker: str
    spans: tuple[Span, ...]
    checked: bool | None = None


class Code(Block, frozen=True, kw_only=True):
    """Code, without a last newline. `mark` is the number of its first query or the letter of its command."""

    code: str
    language: str = ""
    title: str = ""
    mark: str | None = None
    risk: str | None = None


class Table(Block, frozen=True, kw_only=True):
    """A table of cells of spans. `aligns` has `left`, `center`, `right` or nothing for each column."""

    header: tuple[tuple[Span, ...], ...]
    rows: tuple[tuple[tuple[Span, ...], ...], ...]
    aligns: tuple[str, ...]


class Admonition(Block, frozen=True, kw_only=True):
    """The head of an admonition; what it holds follows, with its kind in `quotes`."""

    kind: str
    title: str


class Rule(Block, frozen=True, kw_only=True):
    """A thematic break."""


class Html(Block, frozen=True, kw_only=True):
    """HTML, shown as text: comments and mere formatting tags are left out."""

    text: str
