"""Comments in files that accept a finding, and must say why.

    # cockpit: ignore alerts/short-for, alerts/no-owner -- reason        YAML, and PromQL or shell in a fence
    <!-- cockpit: ignore runbooks/no-owner -- reason -->              Markdown
    cockpit: ignore-file queries/unknown-metric -- reason             the whole file; in any string of JSON

One holds for the thing whose lines it stands in, or that begins below it; in the front matter of a runbook,
for the whole file. `alerts/*` stands for all rules of a category.
"""

import re
from collections.abc import Iterable, Sequence

from msgspec import Struct

from cockpit.contract.model import Place, Problem
from cockpit.contract.repository import File, Repository
from cockpit.contract.rule import Rule
from cockpit.text import one_line

UNUSED = "check/unused-suppression"
_MARK = "cockpit:"
_WORDS = (
    r"cockpit:[ \t]*ignore(?P<file>-file)?\b[ \t]*(?P<ids>[^\n]*?)[ \t]*(?:--[ \t]+(?P<reason>{reason}))?"
)
_HASH = re.compile(r"(?m)(?:^|(?<=\s))#[ \t]*" + _WORDS.format(reason=r"[^\n]*?") + r"[ \t]*$")
_HTML = re.compile(r"(?m)^[ \t]*<!--\s*" + _WORDS.format(reason=r"(?s:.)*?") + r"\s*-->")
_JSON = re.compile(_WORDS.format(reason=r'[^"\n]*?') + r'(?="|\\n)')
_FENCE = re.compile(r"[ \t]*(?:>[ \t]*)?(`{3,}|~{3,})[ \t]*(\w*)")
_CODE = frozenset({"promql", "bash", "sh", "shell", "console"})


class Comment(Struct, frozen=True, kw_only=True):
    """A comment that suppresses: the rules that it names, its reason (empty without one) and its line.

    It stands `inside` what has that line, and `above` what begins at that one, 0 for nothing; or it holds for
    its `whole` file.
    """

    ids: tuple[str, ...]
    reason: str
    path: str
    line: int
    inside: int
    above: int
    whole: bool

    def names(self, rule: str) -> bool:
        """Say whether the comment names a rule."""
        return rule in self.ids or f"{rule.partition('/')[0]}/*" in self.ids

    def holds_for(self, place: Place) -> bool:
        """Say whether what is at a place belongs to what the comment stands in, or above."""
        first, last = place.span
        return self.whole or first <= self.inside <= last or self.above == first

    @property
    def at(self) -> Place:
        """The line of the comment."""
        return Place(self.path, self.line, (self.line, self.line))


Comments = dict[str, tuple[Comment, ...]]
"""By the path of their file."""


def comments(repository: Repository) -> Comments:
    """Return all comments that are to suppress something."""
    fenced = frozenset(each.file.path for each in repository.runbooks)
    return {
        file.path: found
        for file in repository.files.values()
        if _MARK in file.text and (found := _comments(file, file.path in fenced))
    }


def accepting(comments: Comments, rule: str, place: Place) -> Comment | None:
    """Return the comment that accepts what a rule reports at a place, or None."""
    return next(
        (c for c in comments.get(place.path, ()) if c.reason and c.names(rule) and c.holds_for(place)), None
    )


def unused(
    repository: Repository, comments: Comments, rules: Sequence[Rule], found: Iterable[tuple[Rule, Problem]]
) -> list[tuple[Rule, Problem]]:
    """Return a problem for each comment that nothing of what was `found` needs.

    A rule that is off, or that had nothing to look at, might need it another time.
    """
    own = next((rule for rule in rules if rule.id == UNUSED), None)
    if own is None or not comments:
        return []
    used = {
        id(comment)
        for rule, problem in found
        for comment in comments.get(problem.at.path, ())
        if comment.names(rule.id) and comment.holds_for(problem.at)
    }
    able = {
        name
        for rule in rules
        if _looked(rule.category, repository)
        for name in (rule.id, f"{rule.category}/*")
    }
    idle = (comment for each in comments.values() for comment in each if id(comment) not in used)
    return [(own, _unneeded(each)) for each in idle if each.reason and each.ids and able.issuperset(each.ids)]


def _looked(category: str, repository: Repository) -> bool:
    """Say whether the rules of a category had all to look at that they ever have."""
    lacking = {
        "live": repository.live is None,
        "scenarios": not repository.proofs,
        "drills": not repository.covered,
        "queries": repository.live is not None,
    }
    return not lacking.get(category, False)


def _unneeded(comment: Comment) -> Problem:
    return Problem(
        at=comment.at,
        message=f"nothing is left for this comment to suppress: {', '.join(comment.ids)}",
        remedy="remove it",
    )


def _comments(file: File, fenced: bool) -> tuple[Comment, ...]:
    text = file.text
    lines = text.split("\n")
    if file.path.endswith(".json"):
        return tuple(_comment(file, lines, match, whole=True) for match in _JSON.finditer(text))
    if not file.path.lower().endswith((".md", ".markdown")):
        return tuple(_comment(file, lines, match) for match in _HASH.finditer(text))
    front, code, prose = _parts(lines)
    found = [
        *(
            _comment(file, lines, each, whole=True)
            for each in _HASH.finditer(text)
            if _line(text, each) in front
        ),
        *(_comment(file, lines, each) for each in _HTML.finditer(text) if _line(text, each) in prose),
    ]
    if fenced:
        found += [_comment(file, lines, each) for each in _HASH.finditer(text) if _line(text, each) in code]
    return tuple(found)


def _line(text: str, match: re.Match[str]) -> int:
    return text.count("\n", 0, match.start("ids")) + 1


def _comment(file: File, lines: Sequence[str], match: re.Match[str], *, whole: bool = False) -> Comment:
    line = _line(file.text, match)
    markdown = match.re is _HTML
    last = line + match.group().count("\n", match.start("ids") - match.start())
    above = next(
        (
            number
            for number, row in enumerate(lines[last:], last + 1)
            if not (row.lstrip().startswith("<!--") or not row.strip() if markdown else _is_comment(row))
        ),
        0,
    )
    # What stands before a heading is said of what the heading begins, not of the end of what is before it.
    heads = markdown and above and lines[above - 1].startswith("#")
    return Comment(
        ids=tuple(each for each in re.split(r"[,\s]+", match["ids"]) if each.strip("-")),
        reason=one_line(match["reason"] or "", 500),
        path=file.path,
        line=line,
        inside=above if heads else line,
        above=above if markdown or _is_comment(lines[line - 1]) else 0,
        whole=whole or bool(match["file"]),
    )


def _is_comment(line: str) -> bool:
    return line.lstrip().startswith("#")


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
