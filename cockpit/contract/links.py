"""The links of a Markdown file, each with the line that its target stands on, and the anchors it offers."""

import html
import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from difflib import get_close_matches
from functools import lru_cache
from itertools import chain
from urllib.parse import unquote

from markdown_it.token import Token
from msgspec import Struct

from cockpit.runbooks.markdown import html_ids, read, start
from cockpit.runbooks.model import Runbook, Section, SectionKind
from cockpit.runbooks.sections import section_kind

_HTML = re.compile(
    r"""<(?:a|img)\b[^>]{0,400}?\b(?:href|src)\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'>]+))""", re.I
)
# Nothing here looks at a character twice: a file may be one line of a megabyte.
_HTML_HEADING = re.compile(r"<h[1-6]\b[^<>]*+>((?:[^<]++|<(?!/?h[1-6]\b))*+)</h[1-6]>", re.I)
_EXPLICIT = re.compile(r"\{:?[^{}#\n]*+#([\w:.-]++)[^{}\n]*+\}")
_DEFINITION = re.compile(r"[ \t>]*\[[^\]]+\]:[ \t]*<?([^\s>]+)")
_TAG = re.compile(r"<[^<>]*+>")
_MADE_LATER = re.compile(r"\{\{|\{%|--8<--|\{!|:::\s*\{include|<!--\s*include|@include|^import .* from", re.M)
_CODE = re.compile(r"^[ \t>]*+(`{3,}+|~{3,}+).*?^[ \t>]*+\1|`[^`\n]*`", re.M | re.S)

NO_HEADING = re.compile(r"top|readme|L\d+(?:-L?\d+)?|fn(?:ref)?[:-]?\w*|:~:.*|/.*", re.I)
"""What may stand for an anchor and names no heading: a line, a footnote, a text."""


class Link(Struct, frozen=True):
    """A link or an image: its target as written, and the line, from 1, where the target stands."""

    url: str
    line: int


def links(text: str) -> tuple[Link, ...]:
    """Return the links of a `normalise`d Markdown text: in line, by reference, images and HTML."""
    source = read(text)
    matches = ((at, _DEFINITION.match(line)) for at, line in enumerate(source.lines))
    defined = {match[1]: at for at, match in matches if match}
    return tuple(link for token in source.tokens for link in _of(token, source.lines, defined))


def _of(token: Token, lines: Sequence[str], defined: Mapping[str, int]) -> Iterator[Link]:
    if token.type == "html_block":
        yield from _in_html(token.content, start(token) + 1)
    if token.type != "inline":
        return
    line, end = start(token), token.map[1] if token.map else start(token) + 1
    for child in token.children or ():
        line += child.type in {"softbreak", "hardbreak"}
        if child.type in {"link_open", "image"}:
            url = str(child.attrGet("href" if child.type == "link_open" else "src") or "")
            forms = {url, unquote(url)}
            own = (at for at in range(line, min(end, len(lines))) if any(form in lines[at] for form in forms))
            elsewhere = (defined[form] for form in forms if form in defined)
            yield Link(url, next(chain(own, elsewhere), line) + 1)
        elif child.type == "html_inline":
            yield from _in_html(child.content, line + 1)


def _in_html(content: str, line: int) -> Iterator[Link]:
    for match in _HTML.finditer(content):
        url = match[1] or match[2] or match[3] or ""
        yield Link(html.unescape(url), line + content.count("\n", 0, match.start()))


class Anchors:
    """What a link can name in a Markdown file, as any code host or site generator writes it."""

    def __init__(self, text: str, sections: Sequence[Section]) -> None:
        titles = [each.title for each in sections]
        titles += [html.unescape(_TAG.sub("", each)) for each in _HTML_HEADING.findall(text)]
        named = [each.anchor for each in sections] + html_ids(text) + _EXPLICIT.findall(text)
        self._own = {each.casefold() for each in named}
        self._loose = {_loose(each) for each in (*named, *titles)} - {""}

    def __contains__(self, anchor: str) -> bool:
        return anchor.casefold() in self._own or _loose(anchor) in self._loose


def anchors(runbook: Runbook) -> Anchors | None:
    """Return what a link can name in a file, or None where some of it is made only later."""
    return _anchors(runbook.text, runbook.sections)


@lru_cache(maxsize=4_096)
def _anchors(text: str, sections: tuple[Section, ...]) -> Anchors | None:
    made_later = _MADE_LATER.search(_CODE.sub("", text)) is not None
    return None if made_later else Anchors(text, sections)


def gone_with(runbook: Runbook, anchor: str, sections: Sequence[SectionKind]) -> list[SectionKind]:
    """Return those of `sections` that a dead `anchor` may have gone with: the one so called, or the only.

    With the only one goes nothing that is written almost like a heading which is there.
    """
    own = {each.kind for each in runbook.sections}
    lacking = [kind for kind in sections if kind not in own]
    titles = [each.anchor for each in runbook.sections]
    if len(lacking) == 1 and not get_close_matches(anchor, titles, n=1, cutoff=0.8):
        return lacking
    kind = section_kind(anchor.replace("-", " "))
    return [each for each in lacking if each is kind]


def _loose(anchor: str) -> str:
    """Return an anchor without what generators differ in: punctuation, accents, a number in front."""
    folded = anchor.casefold()
    if not folded.isascii():
        folded = "".join(c for c in unicodedata.normalize("NFKD", folded) if not unicodedata.combining(c))
    letters = re.sub(r"[\W_]+", "", folded)
    return letters.lstrip("0123456789") or letters
