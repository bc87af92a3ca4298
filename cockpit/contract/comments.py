"""Comments in files that accept a finding, and must say why.

    # cockpit: ignore alerts/short-for, alerts/no-owner -- reason     YAML, and PromQL or shell in a fence
    <!-- cockpit: ignore runbooks/no-owner -- reason -->              Markdown
    cockpit: ignore-file queries/unknown-metric -- reason             the whole file; in any string of JSON

One holds for the thing whose lines it stands in, or that begins below it: in Markdown for the paragraph,
list, table, fence or section below; in the front matter of a runbook, for the whole file. `alerts/*` stands
for all rules of a category.
"""

import re
from bisect import bisect_right
from collections.abc import Sequence

from msgspec import Struct

from cockpit.contract.model import Place
from cockpit.contract.repository import File
from cockpit.text import one_line

_MARK = "cockpit:"
INSTRUCTIONS = ("ignore", "ignore-file")
_WORDS = r"cockpit:[ \t]*(?P<word>[A-Za-z]\w*(?:-\w+)*)(?P<rest>{rest})"
_HASH = re.compile(r"(?m)(?:^|(?<=\s))#[ \t]*" + _WORDS.format(rest=r"[^\n]*"))
_HTML = re.compile(r"(?m)^[ \t]*<!--\s*" + _WORDS.format(rest=r"(?s:.){0,2000}?") + "-->")
_JSON = re.compile(_WORDS.format(rest=r'[^"\\\n]*'))
_FENCE = re.compile(r"[ \t]*(?:>[ \t]*)?(`{3,}|~{3,})[ \t]*(\w*)")
_HEADING = re.compile(r"(#{1,6})(?=\s|$)")
_CODE = frozenset({"promql", "bash", "sh", "shell", "console"})


class Comment(Struct, frozen=True, kw_only=True):
    """An instruction: its word, the rules that it names, its reason (empty without one) and its line.

    It stands `inside` what has that line, and `above` what begins at the first of those lines, 0 for nothing,
    and in Markdown is in any of them; or it holds for its `whole` file.
    """

    word: str
    ids: tuple[str, ...]
    reason: str
    path: str
    line: int
    inside: int
    above: tuple[int, int]
    whole: bool

    def names(self, rule: str) -> bool:
        """Say whether the comment names a rule."""
        return rule in self.ids or f"{rule.partition('/')[0]}/*" in self.ids

    @property
    def at(self) -> Place:
        """The line of the comment."""
        return Place(self.path, self.line, (self.line, self.line))


def comments_of(file: File, *, fenced: bool) -> tuple[Comment, ...]:
    """Return the comments of a file; with `fenced`, those in code of Markdown too."""
    if _MARK not in file.text:
        return ()
    lines = _Lines(file)
    if file.path.endswith(".json"):
        return tuple(lines.comment(match, whole=True) for match in _JSON.finditer(file.text))
    if not lines.markdown:
        return tuple(map(lines.comment, _HASH.finditer(file.text)))
    html = _HTML.finditer(file.text)
    found = [lines.comment(each) for each in html if lines.at(each.start("rest")) in lines.prose]
    for match in _HASH.finditer(file.text):
        line = lines.at(match.start("rest"))
        if line in lines.front or (fenced and line in lines.code):
            found.append(lines.comment(match, whole=line in lines.front))
    return tuple(found)


class _Lines:
    """The lines of a file, from 1, and what stands below its comments."""

    def __init__(self, file: File) -> None:
        self.path = file.path
        self.rows = file.text.split("\n")
        self.markdown = file.path.lower().endswith((".md", ".markdown"))
        self.front, self.code, self.prose = _parts(self.rows) if self.markdown else (set(), set(), set())
        self._starts = [0, *(match.end() for match in re.finditer("\n", file.text))]
        self._below = [0] * (len(self.rows) + 2)
        for number in range(len(self.rows), 0, -1):
            skipped = self._is_comment(number) or (self.markdown and not self.rows[number - 1].strip())
            self._below[number] = self._below[number + 1] if skipped else number

    def at(self, position: int) -> int:
        """Return the line of a position in the text."""
        return bisect_right(self._starts, position)

    def comment(self, match: re.Match[str], *, whole: bool = False) -> Comment:
        """Return the comment of a match."""
        names, _, reason = match["rest"].partition("--")
        line = self.at(match.start("rest"))
        above = self._below[self.at(match.end()) + 1] if self._is_comment(self.at(match.start())) else 0
        # What stands before a heading is said of what it begins, not of the end of what is before it.
        heads = self.markdown and above and self.rows[above - 1].startswith("#")
        return Comment(
            word=match["word"],
            ids=tuple(names.replace(",", " ").split()),
            reason=one_line(reason, 500),
            path=self.path,
            line=line,
            inside=above if heads else line,
            above=(above, self._end(above) if self.markdown and above else above),
            whole=whole or match["word"] == "ignore-file",
        )

    def _end(self, first: int) -> int:
        """Return the last line of the Markdown that begins at one: a section, a fence or a block."""
        after = range(first + 1, len(self.rows) + 1)
        if heading := _HEADING.match(self.rows[first - 1]):
            level = len(heading[1])
            marks = ((each, _HEADING.match(self.rows[each - 1])) for each in after if each in self.prose)
            return next((each - 1 for each, mark in marks if mark and len(mark[1]) <= level), len(self.rows))
        if first not in self.prose:
            return next((each - 1 for each in after if each in self.prose), len(self.rows))
        return next((each - 1 for each in after if not self.rows[each - 1].strip()), len(self.rows))

    def _is_comment(self, line: int) -> bool:
        return self.rows[line - 1].lstrip().startswith("<!--" if self.markdown else "#")


def _parts(lines: Sequence[str]) -> tuple[set[int], set[int], set[int]]:
    """Return the lines, from 1, of Markdown's front matter, of code that has comments, and of neither."""
    front: set[int] = set()
    code: set[int] = set()
    prose: set[int] = set()
    fence, own = "", False
    ended = lines[0].rstrip() != "---"
    for number, line in enumerate(lines, 1):
        if not ended:
            front.add(number)
            ended = number > 1 and line.rstrip() in {"---", "..."}
        elif (mark := _FENCE.match(line)) and (not fence or mark[1].startswith(fence)):
            fence, own = ("", False) if fence else (mark[1], mark[2].lower() in _CODE)
        elif not fence:
            prose.add(number)
        elif own:
            code.add(number)
    return front, code, prose
