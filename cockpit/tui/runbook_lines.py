"""A runbook's blocks as lines of a given width. Pure."""

from collections.abc import Iterator, Sequence

from msgspec import Struct

from cockpit.runbooks import block as md
from cockpit.runbooks.spans import Span as Text
from cockpit.tui.glyphs import Glyphs
from cockpit.tui.lines import EMPTY, Line, Span, fit, line, span, width_of, wrap

BOX_FROM = 24
"""Columns below which code stands without a box."""


class Drawn(Struct, frozen=True):
    """The lines, where each anchor's heading stands, and which lines are headings of sections.

    `starts` has, for each block, its line in the runbook's text and its first drawn line.
    """

    lines: tuple[Line, ...] = ()
    anchors: dict[str, int] = {}
    starts: tuple[tuple[int, int], ...] = ()
    headings: tuple[int, ...] = ()


def draw(blocks: Sequence[md.Block], width: int, glyphs: Glyphs) -> Drawn:
    """Return `blocks` in `width` cells. Blocks are set apart by an empty line; list items are not."""
    lines: list[Line] = []
    anchors: dict[str, int] = {}
    headings: list[int] = []
    starts: list[tuple[int, int]] = []
    before: md.Block | None = None
    for block in blocks:
        if before is not None and not _close(before, block):
            lines.append(_quoted(EMPTY, block.quotes if block.quotes == before.quotes else (), glyphs))
        if isinstance(block, md.Heading):
            anchors.setdefault(block.anchor, len(lines))
            headings.append(len(lines))
        starts.append((block.line, len(lines)))
        indent = 1 + 2 * max(0, block.depth - isinstance(block, md.ListItem))
        room = max(8, width - indent - 2 * len(block.quotes) - 1)
        for row in _rows(block, room, glyphs):
            lines.append(_quoted((Span(" " * indent), *row), block.quotes, glyphs))
        before = block
    return Drawn(tuple(lines), anchors, tuple(starts), tuple(headings))


def _close(before: md.Block, block: md.Block) -> bool:
    """Whether no empty line stands between the two."""
    if isinstance(before, md.Heading) and before.level > 1:
        return True
    listed = isinstance(before, md.ListItem) and (
        isinstance(block, md.ListItem) or before.depth <= block.depth
    )
    return listed or (isinstance(before, md.Admonition) and bool(block.quotes))


def _quoted(row: Line, quotes: Sequence[str], glyphs: Glyphs) -> Line:
    if not quotes:
        return row
    bars = tuple(
        Span(f" {glyphs.bar}", "warn" if kind in {"warning", "caution", "important"} else "rule")
        for kind in quotes
    )
    return (*bars, *row)


def _rows(block: md.Block, room: int, glyphs: Glyphs) -> Iterator[Line]:
    if isinstance(block, md.Heading):
        yield from _heading(block, room, glyphs)
    elif isinstance(block, md.ListItem):
        yield from _item(block, room, glyphs)
    elif isinstance(block, md.Paragraph):
        yield from _text(block.spans, room)
    elif isinstance(block, md.Code):
        yield from _code(block, room, glyphs)
    elif isinstance(block, md.Table):
        yield from _table(block, room, glyphs)
    elif isinstance(block, md.Admonition):
        yield line(span(block.title or block.kind.capitalize(), "warn"))
    elif isinstance(block, md.Rule):
        yield (Span(glyphs.rule * room, "rule"),)
    elif isinstance(block, md.Html):
        for text in block.text.splitlines():
            yield from wrap([span(text, "dim")], room)


def _heading(block: md.Heading, room: int, glyphs: Glyphs) -> Iterator[Line]:
    kind = "title" if block.level <= 2 else "strong"
    rows = wrap([span(s.text, kind) for s in block.spans], room)
    yield from rows
    if block.level == 1:
        yield (Span(glyphs.rule * min(room, max(width_of(r) for r in rows)), "rule"),)


def styled(spans: Sequence[Text]) -> list[Span]:
    """Return a runbook's spans with what each is; a span's newline becomes a span of its own."""
    out: list[Span] = []
    for text in spans:
        kind = (
            "code" if text.code else "link" if text.link else "strong" if text.bold
            else "emphasis" if text.italic else "strike" if text.strike else "plain"
        )  # fmt: skip
        for at, part in enumerate(text.text.split("\n")):
            if at:
                out.append(Span("\n"))
            if part:
                out.append(span(part, kind))
    return out


def _text(spans: Sequence[Text], room: int) -> Iterator[Line]:
    row: list[Span] = []
    for part in styled(spans):
        if part.text == "\n":
            yield from wrap(row, room)
            row = []
        else:
            row.append(part)
    yield from wrap(row, room)


def _item(block: md.ListItem, room: int, glyphs: Glyphs) -> Iterator[Line]:
    marker = glyphs.bullet if block.marker in {"-", "*", "+"} else block.marker
    if block.checked is not None:
        marker = glyphs.checked if block.checked else glyphs.unchecked
    hang = " " * (len(marker) + 1)
    for at, row in enumerate(_text(block.spans, max(4, room - len(hang)))):
        yield (Span(hang) if at else Span(f"{marker} ", "accent"), *row)


def _code(block: md.Code, room: int, glyphs: Glyphs) -> Iterator[Line]:
    texts = [span(t, "code").text for t in block.code.split("\n")]
    if room < BOX_FROM:
        yield from ((Span(t, "code"),) for t in texts)
        return
    mark = f" [{block.mark}] " if block.mark else ""
    name = " ".join(
        filter(None, (block.language, glyphs.dot if block.title and block.language else "", block.title))
    )
    risk = f" {glyphs.dot} {block.risk} risk" if block.risk else ""
    label = (
        f" {fit(name, min(len(name), room - len(mark) - len(risk) - 6), ellipsis=glyphs.ellipsis)}{risk} "
        if name
        else ""
    )
    fill = max(0, room - 3 - len(label) - len(mark))
    risky = "crit" if block.risk == "high" else "dim"
    yield line(
        Span(glyphs.corner_top + glyphs.rule, "rule"),
        span(label, risky),
        Span(glyphs.rule * fill, "rule"),
        span(mark, "key"),
        Span(glyphs.corner_top_right, "rule"),
    )
    for text in texts:
        pieces = wrap([Span(text, "code")], room - 4) if len(text) > room - 4 else [(Span(text, "code"),)]
        for piece in pieces:
            pad = " " * max(0, room - 4 - width_of(piece))
            yield (Span(f"{glyphs.bar} ", "rule"), *piece, Span(f"{pad} {glyphs.bar}", "rule"))
    yield (Span(glyphs.corner_bottom + glyphs.rule * (room - 2) + glyphs.corner_bottom_right, "rule"),)


def _table(block: md.Table, room: int, glyphs: Glyphs) -> Iterator[Line]:
    """Draw a table, each cell on as many lines as it needs; columns share the room by their longest text."""
    rows = [block.header, *block.rows]
    count = max(len(r) for r in rows)
    longest = [max((width_of(styled(r[i])) for r in rows if i < len(r)), default=0) for i in range(count)]
    widths = _share(longest, room - 3 * (count - 1))
    for at, cells in enumerate(rows):
        wrapped = [list(_text(cells[i] if i < len(cells) else (), widths[i])) for i in range(count)]
        for y in range(max(len(c) for c in wrapped)):
            out: list[Span] = []
            for i in range(count):
                cell = wrapped[i][y] if y < len(wrapped[i]) else EMPTY
                pad = " " * max(0, widths[i] - width_of(cell))
                right = i < len(block.aligns) and block.aligns[i] == "right"
                out += [Span(f" {glyphs.bar} ", "rule")] if i else []
                out += [Span(pad), *cell] if right else [*cell, Span(pad)]
            yield tuple(Span(s.text, "strong" if at == 0 and s.kind == "plain" else s.kind) for s in out)
        if at == 0:
            yield (
                Span(
                    f"{glyphs.rule}{glyphs.rule}{glyphs.rule}".join(glyphs.rule * w for w in widths), "rule"
                ),
            )


def _share(longest: Sequence[int], room: int) -> list[int]:
    """Share `room` cells: short columns get what they need, the long ones what is left, evenly."""
    widths = [0] * len(longest)
    left, open_ = max(room, 3 * len(longest)), sorted(range(len(longest)), key=lambda i: longest[i])
    for at, i in enumerate(open_):
        widths[i] = max(1, min(longest[i], left // (len(open_) - at)))
        left -= widths[i]
    return widths
