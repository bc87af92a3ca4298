"""What a link or an annotation names: a file of the library and an anchor, decoded once and never trusted."""

import re
from functools import lru_cache
from urllib.parse import unquote, urlsplit

from msgspec import Struct

from cockpit.runbooks.markdown import headings, html_ids, read, slug, start
from cockpit.runbooks.model import Runbook
from cockpit.text import one_line

_SCHEME = re.compile(r"[a-zA-Z][a-zA-Z0-9+.-]*:")
EXTENSIONS = (".md", ".markdown")
INDEXES = frozenset({"readme", "index", "_index"})


class Target(Struct, frozen=True):
    """A link taken apart: the segments of its path, percent-decoded, and its anchor.

    `url` tells a URL from a path; `climbs` whether a segment is `..` or cannot be a file name's part.
    """

    segments: tuple[str, ...]
    anchor: str | None
    url: bool
    absolute: bool
    climbs: bool


@lru_cache(maxsize=4_096)
def target(text: str) -> Target | None:
    """Return what `text` names, or None where it is no link at all. Never raises."""
    text = text.strip()
    if not text or len(text) > 4000 or re.search(r"[\x00-\x1f\x7f]", text):
        return None
    try:
        parts = urlsplit(text)
        path, fragment = parts.path, parts.fragment
    except ValueError:
        return None
    is_url = bool(_SCHEME.match(text)) or text.startswith("//")
    raw = path.split("/")
    segments = tuple(unquote(s, errors="replace") for s in raw if s not in {"", "."})
    if not is_url:
        segments = tuple(s for part in segments for s in part.split("/") if s not in {"", "."})
    climbs = any(s == ".." or "/" in s or "\\" in s or "\0" in s for s in segments)
    anchor = one_line(unquote(fragment, errors="replace"), 300).removeprefix("user-content-") or None
    return Target(segments, anchor, is_url, not is_url and unquote(path).startswith("/"), climbs)


def file_names(segment: str) -> tuple[str, ...]:
    """Return the file names, case-folded, that a link's last segment may stand for."""
    name = segment.casefold()
    if name.endswith(EXTENSIONS):
        return (name,)
    stem = name.removesuffix(".html").removesuffix(".htm")
    return tuple(stem + extension for extension in EXTENSIONS)


def stem(name: str) -> str:
    """Return a file name, case-folded, without its Markdown extension."""
    folded = name.casefold()
    return next((folded.removesuffix(e) for e in EXTENSIONS if folded.endswith(e)), folded)


def anchor_line(runbook: Runbook, anchor: str) -> int | None:
    """Return the line (from 0) that `anchor` names in a runbook, or None.

    Headings go by GitHub's anchor, an explicit `{#id}`, or an HTML id; case does not matter, and neither do
    the differences between code hosts in how they write punctuation.
    """
    wanted = anchor.strip().lstrip("#").removeprefix("user-content-")
    source = read(runbook.text)
    found = list(headings(source))
    for heading in found:
        if wanted.casefold() in {a.casefold() for a in (heading.anchor, *heading.ids)}:
            return heading.line
    for token in source.tokens:
        if (
            token.type in {"html_block", "inline"}
            and "<" in token.content
            and wanted in html_ids(token.content)
        ):
            return start(token)
    loose = _loose(wanted)
    return next((h.line for h in found if loose and loose in {_loose(h.anchor), _loose(slug(h.title))}), None)


def _loose(anchor: str) -> str:
    return re.sub(r"[\W_]+", "", anchor.casefold())
