"""A runbook as a flat tuple of blocks, for a viewer that wraps and draws only what is visible. Pure."""

import re

from markdown_it.token import Token

from cockpit.runbooks.block import Admonition, Block, Code, Heading, Html, ListItem, Paragraph, Rule, Table
from cockpit.runbooks.markdown import fence_info, headings, plain, read, start
from cockpit.runbooks.model import Runbook
from cockpit.runbooks.spans import Span, spans, without_tags

ALERT_KINDS = ("note", "tip", "important", "warning", "caution")
_GITHUB_ALERT = re.compile(rf"\[!({'|'.join(ALERT_KINDS)})\]\s*(?:\n|$)", re.IGNORECASE)
_TASK = re.compile(r"\[([ xX])\][ \t]+")
_COLON = re.compile(r":::+\s*(?:\{?\.?([a-zA-Z]+)\}?\s*(.*))?")


def command_letter(index: int) -> str:
    """Return the mark of the command at `index` (from 0): a to z, then aa, ab and so on."""
    letters = ""
    index += 1
    while index > 0:
        index, rest = divmod(index - 1, 26)
        letters = chr(97 + rest) + letters
    return letters


def blocks(runbook: Runbook) -> tuple[Block, ...]:
    """Return the blocks of a runbook in the order of its text; front matter is not among them."""
    return tuple(_Builder(runbook).build())


class _Builder:
    def __init__(self, runbook: Runbook) -> None:
        self.tokens = read(runbook.text).tokens
        self.anchors = {h.line: h.anchor for h in headings(read(runbook.text))}
        self.marks: dict[tuple[int, str], str] = {}
        self.titles: dict[int, str] = {}
        self.risks: dict[int, str | None] = {}
        self.starts: dict[int, str] = {}
        for number, query in enumerate(runbook.queries, 1):
            self.marks.setdefault((query.line, query.expr), str(number))
            self._at(query.line, query.title, str(number))
        for index, command in enumerate(runbook.commands):
            self.marks.setdefault((command.line, command.code), command_letter(index))
            self._at(command.line, command.title, command_letter(index))
            self.risks[command.line] = command.risk
        self.out: list[Block] = []
        self.quotes: list[str] = []
        self.lists: list[int | None] = []
        self.items = 0
        self.marker: str | None = None

    def _at(self, line: int, title: str, mark: str) -> None:
        self.starts.setdefault(line, mark)
        self.titles.setdefault(line, title)

    def build(self) -> list[Block]:
        index = 0
        while index < len(self.tokens):
            token = self.tokens[index]
            if token.type == "table_open":
                index = self._table(index)
            elif token.type == "inline":
                self._inline(token, self.tokens[index - 1])
            else:
                self._other(token, index)
            index += 1
        return self.out

    def _where(self, token: Token) -> tuple[int, int, tuple[str, ...]]:
        return start(token), self.items, tuple(self.quotes)

    def _other(self, token: Token, index: int) -> None:
        line, depth, quotes = self._where(token)
        kind = token.type
        if kind in {"fence", "code_block"}:
            self._code(token)
        elif kind == "hr":
            self.out.append(Rule(line=line, depth=depth, quotes=quotes))
        elif kind == "html_block":
            text = without_tags(token.content).strip("\n")
            if text.strip():
                self.out.append(Html(line=line, depth=depth, quotes=quotes, text=text))
        elif kind == "blockquote_open":
            self._quote(token, index)
        elif kind == "admonition_open":
            self._admonition(line, str((token.meta or {}).get("tag", "note")).lower(), "")
        elif kind in {"blockquote_close", "admonition_close"}:
            self.quotes.pop()
        elif kind in {"bullet_list_open", "ordered_list_open"}:
            self.lists.append(int(token.attrGet("start") or 1) if kind[0] == "o" else None)
        elif kind in {"bullet_list_close", "ordered_list_close"}:
            self.lists.pop()
        elif kind == "list_item_open":
            self._item(index)
        elif kind == "list_item_close":
            self._flush(line)
            self.items -= 1

    def _item(self, index: int) -> None:
        self._flush(start(self.tokens[index]))
        self.items += 1
        number = self.lists[-1] if self.lists else None
        self.marker = "-" if number is None else f"{number}."
        if number is not None:
            self.lists[-1] = number + 1
        following = self.tokens[index + 1].type if index + 1 < len(self.tokens) else ""
        if following != "paragraph_open":
            self._flush(start(self.tokens[index]))

    def _flush(self, line: int) -> None:
        if self.marker is not None:
            marker, self.marker = self.marker, None
            self.out.append(
                ListItem(line=line, depth=self.items, quotes=tuple(self.quotes), marker=marker, spans=())
            )

    def _quote(self, token: Token, index: int) -> None:
        inline = self.tokens[index + 2] if index + 2 < len(self.tokens) else token
        match = _GITHUB_ALERT.match(inline.content) if inline.type == "inline" else None
        if match is None:
            self.quotes.append("quote")
        else:
            self._admonition(start(token), match[1].lower(), match[1].capitalize())

    def _admonition(self, line: int, kind: str, title: str) -> None:
        if title:
            self.out.append(
                Admonition(line=line, depth=self.items, quotes=tuple(self.quotes), kind=kind, title=title)
            )
        self.quotes.append(kind)

    def _inline(self, token: Token, opener: Token) -> None:
        line, depth, quotes = self._where(token)
        if opener.type == "heading_open":
            shown = spans(token.children, self.marks, line)
            shown = _without_id(shown)
            level = int(opener.tag[1:])
            anchor = self.anchors.get(start(opener), "")
            self.out.append(
                Heading(line=line, depth=depth, quotes=quotes, level=level, anchor=anchor, spans=shown)
            )
            return
        if opener.type == "admonition_title_open":
            title = plain(token.children) or quotes[-1].capitalize()
            self.out.append(
                Admonition(line=line, depth=depth, quotes=quotes[:-1], kind=quotes[-1], title=title)
            )
            return
        if self.marker is None and token.content.startswith(":::") and self._colon(token, line):
            return
        children = list(token.children or [])
        alert = _GITHUB_ALERT.match(token.content) if quotes and quotes[-1] in ALERT_KINDS else None
        if alert and children and children[0].content.startswith("[!"):
            children = children[2:]
            line += 1
        shown = spans(children, self.marks, line)
        if self.marker is not None:
            self._list_item(shown, line)
        elif any(span.text.strip() for span in shown):
            self.out.append(Paragraph(line=line, depth=depth, quotes=quotes, spans=shown))

    def _list_item(self, shown: tuple[Span, ...], line: int) -> None:
        marker, self.marker = self.marker or "-", None
        task = _TASK.match(shown[0].text) if shown and not shown[0].code else None
        checked = None
        if task is not None:
            checked = task[1] != " "
            first = shown[0]
            rest = Span(
                first.text[task.end() :], first.bold, first.italic, first.code, first.strike, first.link
            )
            shown = (rest, *shown[1:])
        self.out.append(
            ListItem(
                line=line,
                depth=self.items,
                quotes=tuple(self.quotes),
                marker=marker,
                spans=shown,
                checked=checked,
            )
        )

    def _colon(self, token: Token, line: int) -> bool:
        """Show a Docusaurus `:::note` as an admonition; its lone closing line is not shown."""
        rows = token.content.split("\n")
        opening = _COLON.fullmatch(rows[0].strip())
        if opening is None:
            return False
        if opening[1]:
            kind = opening[1].lower()
            self._admonition(line, kind, (opening[2] or kind).strip().capitalize())
            children = list(token.children or [])
            breaks = [n for n, child in enumerate(children) if child.type == "softbreak"]
            last = breaks[-1] if len(rows) > 1 and rows[-1].strip() == ":::" and breaks else len(children)
            shown = spans(children[breaks[0] + 1 : last], self.marks, line + 1) if breaks else ()
            if shown:
                self.out.append(
                    Paragraph(line=line + 1, depth=self.items, quotes=tuple(self.quotes), spans=shown)
                )
            self.quotes.pop()
        return True

    def _code(self, token: Token) -> None:
        line, depth, quotes = self._where(token)
        language, attributes = fence_info(token.info) if token.type == "fence" else ("", {})
        end = token.map[1] if token.map else line + 1
        at = next((n for n in range(line, min(end, line + 2000)) if n in self.starts), None)
        given = attributes.get("title")
        title = (given if isinstance(given, str) else "") or (self.titles[at] if at is not None else "")
        self.out.append(
            Code(
                line=line,
                depth=depth,
                quotes=quotes,
                code=token.content.removesuffix("\n"),
                language=language,
                title=title,
                mark=self.starts[at] if at is not None else None,
                risk=self.risks.get(line),
            )
        )

    def _table(self, index: int) -> int:
        line, depth, quotes = self._where(self.tokens[index])
        rows: list[tuple[tuple[Span, ...], ...]] = []
        row: list[tuple[Span, ...]] = []
        aligns: list[str] = []
        while self.tokens[index].type != "table_close":
            token = self.tokens[index]
            if token.type == "tr_open":
                row = []
            elif token.type == "th_open":
                aligns.append(str(token.attrGet("style") or "").removeprefix("text-align:"))
            elif token.type == "inline":
                row.append(spans(token.children, self.marks, start(token)))
            elif token.type == "tr_close":
                rows.append(tuple(row))
            index += 1
        self.out.append(
            Table(
                line=line,
                depth=depth,
                quotes=quotes,
                header=rows[0],
                rows=tuple(rows[1:]),
                aligns=tuple(aligns),
            )
        )
        return index


def _without_id(shown: tuple[Span, ...]) -> tuple[Span, ...]:
    if shown and (match := re.search(r"\s*\{\s*#[\w:.-]+[^}]*\}\s*$", shown[-1].text)):
        last = shown[-1]
        text = last.text[: match.start()]
        rest = (Span(text, last.bold, last.italic, last.code, last.strike, last.link, last.mark),)
        return (*shown[:-1], *(rest if text else ()))
    return shown
