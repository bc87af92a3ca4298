"""Markdown to tokens: CommonMark with tables, strikethrough and admonitions, bounded for hostile input."""

import html
import json
import re
from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import Any

from markdown_it import MarkdownIt
from markdown_it.rules_block import StateBlock, table
from markdown_it.rules_core import StateCore
from markdown_it.token import Token
from mdit_py_plugins.admon import admon_plugin

from cockpit.runbooks.frontmatter import FrontMatter, read_front_matter
from cockpit.text import clean

MAX_CHARACTERS = 2_000_000
"""Characters of a runbook that are read; a longer file is not opened."""

MAX_LINES = 20_000
"""Lines of a runbook that are read."""

_LONGEST_INLINE = 12_000
_INLINE_SPECIAL = re.compile(r"[*_`\[\]!<&~\\]")
_MOST_INLINE_MARKS = 1500
_EXPLICIT_ID = re.compile(r"\s*\{\s*#([\w:.-]+)[^}]*\}\s*$")
_HTML_ID = re.compile(
    r"""<[a-z][a-z0-9]*\b[^>]{0,200}?\b(?:name|id)\s*=\s*["']?([^"'\s>]{1,200})""", re.IGNORECASE
)
_ATTRIBUTE = re.compile(r"""([\w.-]+)\s*[=:]\s*(?:"([^"]*)"|'([^']*)'|([^\s,}]+))""")


def normalise(text: str) -> str:
    """Return `text` clean, with LF line ends, no byte order mark, cut at MAX_LINES and MAX_CHARACTERS."""
    text = text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")
    if text.count("\n") > MAX_LINES:
        text = "\n".join(text.split("\n", MAX_LINES)[:MAX_LINES])
    return clean(text, MAX_CHARACTERS)


def _inline(state: StateCore) -> None:
    """Parse what stands inside blocks, but take as text what no person wrote: 10 kB, thousands of marks."""
    for token in state.tokens:
        if token.type != "inline":
            continue
        if len(token.content) > _LONGEST_INLINE or _marks(token.content) > _MOST_INLINE_MARKS:
            token.children = [Token("text", "", 0, content=token.content)]
        else:
            token.children = []
            state.md.inline.parse(token.content, state.md, state.env, token.children)


def _table(state: StateBlock, first: int, last: int, silent: bool) -> bool:
    """Parse a table, but take for none what has a head of thousands of columns."""
    is_written = state.eMarks[first] - state.bMarks[first] <= _LONGEST_INLINE
    return is_written and table(state, first, last, silent)


def _marks(content: str) -> int:
    return len(_INLINE_SPECIAL.findall(content)) if len(content) > _MOST_INLINE_MARKS else 0


@lru_cache(maxsize=1)
def _reader() -> MarkdownIt:
    reader = MarkdownIt("commonmark", {"maxNesting": 12}).enable(["table", "strikethrough"])
    reader.use(admon_plugin)
    reader.core.ruler.at("inline", _inline)
    reader.block.ruler.at("table", _table, {"alt": ["paragraph", "reference"]})
    return reader


class Source:
    """A runbook's text as block tokens whose line numbers are those of the whole text."""

    def __init__(self, text: str) -> None:
        self.front: FrontMatter = read_front_matter(text)
        self.lines: list[str] = text.split("\n")
        body = "\n" * self.front.lines + "\n".join(self.lines[self.front.lines :])
        try:
            self.tokens: list[Token] = _reader().parse(body)
        except RecursionError:
            self.tokens = [Token("fence", "", 0, content=text, map=[0, len(self.lines)])]


@lru_cache(maxsize=4)
def read(text: str) -> Source:
    """Return the tokens of a `normalise`d text. The result is shared: it must not be changed."""
    return Source(text)


def start(token: Token) -> int:
    """Return the line (from 0) that a token starts on."""
    return token.map[0] if token.map else 0


def slug(title: str) -> str:
    """Return the anchor that GitHub gives a heading: lower case, spaces to hyphens, punctuation dropped."""
    return re.sub(r"[^\w\- ]", "", title.strip().lower()).replace(" ", "-")


def plain(children: Iterable[Token] | None) -> str:
    """Return the text of inline tokens without markup: images by description, line breaks as spaces."""
    parts: list[str] = []
    for child in children or ():
        if child.type in {"text", "code_inline", "image"}:
            parts.append(child.content)
        elif child.type in {"softbreak", "hardbreak"}:
            parts.append(" ")
    return "".join(parts)


class Heading:
    """A heading: its level, line, and title and anchor, unique in the file; `ids` are other anchors of it."""

    __slots__ = ("anchor", "ids", "level", "line", "title")

    def __init__(self, level: int, line: int, title: str, anchor: str, ids: tuple[str, ...]) -> None:
        self.level, self.line, self.title, self.anchor, self.ids = level, line, title, anchor, ids


def headings(source: Source) -> Iterator[Heading]:
    """Yield the headings of a file with GitHub's anchors (`-1`, `-2` for later twins) or explicit ones."""
    seen: dict[str, int] = {}
    for index, token in enumerate(source.tokens):
        if token.type != "heading_open":
            continue
        inline = source.tokens[index + 1]
        ids = tuple(_HTML_ID.findall(inline.content))
        title = plain(inline.children).strip()
        explicit = _EXPLICIT_ID.search(title)
        base = slug(title)
        if explicit:
            title = title[: explicit.start()].rstrip()
            base = explicit[1]
        anchor, count = base, seen.get(base, 0)
        while anchor in seen or (not anchor and not explicit):
            count += 1
            anchor = f"{base or 'section'}-{count}"
            if anchor not in seen:
                break
        seen[base] = count
        seen[anchor] = seen.get(anchor, 0)
        yield Heading(int(token.tag[1:]), start(token), title, anchor, ids)


def html_ids(content: str) -> list[str]:
    """Return the anchors that a piece of HTML declares by `id` or `name`."""
    return [html.unescape(found) for found in _HTML_ID.findall(content)]


def fence_info(info: str) -> tuple[str, dict[str, Any]]:
    """Return a fence's language, lower case, and its attributes: JSON or `{ key=value }`. Never raises."""
    info = info.strip()
    match = re.match(r"\{?\s*\.?([^\s{},]*)\s*(.*)", info, re.DOTALL)
    if match is None:
        return "", {}
    if info.startswith("{") and not info.startswith(("{.", "{ .")):
        match = re.match(r"()(.*)", info, re.DOTALL) or match
    language, rest = match[1].lower(), match[2][:4096]
    if rest.startswith("{"):
        try:
            data = json.loads(rest)
        except (ValueError, RecursionError):
            data = None
        if isinstance(data, dict):
            return language, data
    return language, {k: a or b or c or "" for k, a, b, c in _ATTRIBUTE.findall(rest)}
