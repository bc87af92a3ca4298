"""Which findings comments in the files accept, and which comments accept none."""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Sequence

from cockpit.contract.comments import INSTRUCTIONS, Comment, comments_of
from cockpit.contract.looked import Looked
from cockpit.contract.model import Place, Problem
from cockpit.contract.repository import Repository
from cockpit.contract.rule import Rule

UNUSED = "check/unused-suppression"


class Comments:
    """All comments that are to suppress something, and `others`, whose word is none that is known."""

    def __init__(self, found: Iterable[Comment]) -> None:
        held = sorted(found, key=_line)
        self.all = tuple(each for each in held if each.word in INSTRUCTIONS)
        self.others = tuple(each for each in held if each.word not in INSTRUCTIONS)
        self._whole: dict[str, list[Comment]] = {}
        self._inside: dict[str, list[Comment]] = {}
        self._above: dict[tuple[str, int], list[Comment]] = {}
        self._over: dict[str, list[Comment]] = {}
        for each in self.all:
            if each.whole:
                self._whole.setdefault(each.path, []).append(each)
            else:
                self._inside.setdefault(each.path, []).append(each)
                self._above.setdefault((each.path, each.above[0]), []).append(each)
                if each.above[1] > each.above[0]:
                    self._over.setdefault(each.path, []).append(each)

    def holding(self, rule: str, place: Place) -> Iterator[Comment]:
        """Yield those that name a rule and hold for the thing at a place, with a reason or without."""
        first, last = place.span
        own = self._inside.get(place.path, [])
        inside = own[bisect_left(own, first, key=_line) : bisect_right(own, last, key=_line)]
        above = self._above.get((place.path, first), ())
        over = (
            each for each in self._over.get(place.path, ()) if each.above[0] <= place.line <= each.above[1]
        )
        whole = self._whole.get(place.path, ())
        return (each for each in (*whole, *above, *over, *inside) if each.names(rule))

    def accepting(self, rule: str, place: Place) -> Comment | None:
        """Return the comment that accepts what a rule reports at a place, or None."""
        return next((each for each in self.holding(rule, place) if each.reason), None)


def comments(repository: Repository) -> Comments:
    """Return the comments in the files of a repository."""
    runbooks = {each.file.path for each in repository.runbooks}
    files = repository.files.values()
    return Comments(each for file in files for each in comments_of(file, fenced=file.path in runbooks))


def unused(
    repository: Repository, held: Comments, rules: Sequence[Rule], found: Iterable[tuple[Rule, Problem]]
) -> list[tuple[Rule, Problem]]:
    """Return a problem for each comment that nothing of what was `found` needs.

    A rule that is off, or that did not look at the file, might need it another time.
    """
    own = next((rule for rule in rules if rule.id == UNUSED), None)
    if own is None or not held.all:
        return []
    used = {id(comment) for rule, problem in found for comment in held.holding(rule.id, problem.at)}
    able = {name for rule in rules for name in (rule.id, f"{rule.category}/*")}
    idle = [
        each
        for each in held.all
        if id(each) not in used and each.reason and each.ids and able.issuperset(each.ids)
    ]
    looked = Looked(repository)
    return [(own, _unneeded(each)) for each in idle if all(looked.at(name, each.path) for name in each.ids)]


def _line(comment: Comment) -> int:
    return comment.inside


def _unneeded(comment: Comment) -> Problem:
    return Problem(
        at=comment.at,
        message=f"nothing is left for this comment to suppress: {', '.join(comment.ids)}",
        remedy="remove it",
    )
