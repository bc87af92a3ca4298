"""Inline Markdown as flat spans of text with a style each, ready to be wrapped and drawn."""

import re
from collections.abc import Iterable, Mapping

from markdown_it.token import Token
from msgspec import Struct

from cockpit.text import one_line

_URL = re.compile(r"https?://[^\s<>\"'`]+[^\s<>\"'`.,;:!?)\]}]")
_SCHEME = re.compile(r"([a-zA-Z][a-zA-Z0-9+.-]*):")
_FORMATTING = re.compile(
    r"</?(?:b|i|em|strong|code|kbd|sub|sup|br|a|p|details|summary|span|div|img|u|s|del|ins|center|font|hr|small|tt|pre)"
    r"(?:\s[^>]*)?/?>",
    re.IGNORECASE,
)
_COMMENT = re.compile(r"<!--.*?(?:-->|\Z)", re.DOTALL)


class Span(Struct, frozen=True):
    """A run of text in one style. It may hold a newline where the author broke the line hard.

    `link` is an http(s) URL, or an in-page or relative target, as written; `mark` is the number of the query
    or the letter of the command that in-line code is.
    """

    text: str
    bold: bool = False
    italic: bool = False
    code: bool = False
    strike: bool = False
    link: str | None = None
    mark: str | None = None


def safe_link(url: str) -> str | None:
    """Return `url` if it is http(s), relative or in-page; None for any other scheme and for `//host`."""
    scheme = _SCHEME.match(url.strip())
    if scheme is not None:
        return url if scheme[1].lower() in {"http", "https"} else None
    return None if url.startswith(("//", "\\")) or not url else url


def without_tags(content: str) -> str:
    """Return a piece of HTML without comments and formatting tags; anything else in it stays, as text."""
    content = re.sub(r"<br\s*/?>", "\n", _COMMENT.sub("", content), flags=re.IGNORECASE)
    return _FORMATTING.sub("", content)


def spans(
    children: Iterable[Token] | None, marks: Mapping[tuple[int, str], str], line: int
) -> tuple[Span, ...]:
    """Return inline tokens as spans. `marks` maps (line, code) onto the mark of a query or command."""
    out: list[Span] = []
    style = {"strong": 0, "em": 0, "s": 0}
    links: list[str] = []
    for child in children or ():
        kind = child.type
        if kind == "link_open":
            links.append(str(child.attrGet("href") or ""))
        elif kind == "link_close":
            target = links.pop() if links else ""
            if target and safe_link(target) is None:
                _add(out, Span(f" ({one_line(target, 300)})"))
        elif kind.endswith("_open") or kind.endswith("_close"):
            name = kind.rsplit("_", 1)[0]
            style[name] = style.get(name, 0) + (1 if kind.endswith("_open") else -1)
        else:
            link = safe_link(links[-1]) if links else None
            bold, italic, strike = style["strong"] > 0, style["em"] > 0, style["s"] > 0
            line += kind in {"softbreak", "hardbreak"}
            for text, code, url in _pieces(child, link):
                mark = marks.get((line, text.strip())) if code else None
                _add(out, Span(text, bold, italic, code, strike, url, mark))
    return tuple(out)


def _pieces(child: Token, link: str | None) -> list[tuple[str, bool, str | None]]:
    if child.type == "code_inline":
        return [(child.content, True, link)]
    if child.type == "softbreak":
        return [(" ", False, link)]
    if child.type == "hardbreak":
        return [("\n", False, link)]
    if child.type == "image":
        source = str(child.attrGet("src") or "")
        kept = safe_link(source)
        shown = child.content or "no description"
        return [(f"[image: {shown}]", False, link or kept)]
    if child.type == "html_inline":
        return [(without_tags(child.content), False, link)]
    return _linked(child.content) if link is None else [(child.content, False, link)]


def _linked(text: str) -> list[tuple[str, bool, str | None]]:
    pieces: list[tuple[str, bool, str | None]] = []
    at = 0
    for match in _URL.finditer(text):
        pieces += [(text[at : match.start()], False, None), (match.group(), False, match.group())]
        at = match.end()
    return [*pieces, (text[at:], False, None)]


def _add(out: list[Span], span: Span) -> None:
    if not span.text:
        return
    if out and _style(out[-1]) == _style(span):
        last = out.pop()
        span = Span(
            last.text + span.text, last.bold, last.italic, last.code, last.strike, last.link, last.mark
        )
    out.append(span)


def _style(span: Span) -> tuple[object, ...]:
    # Two pieces of in-line code next to each other stay apart, each with its own mark.
    return (span.bold, span.italic, span.code, span.strike, span.link, span.mark)
