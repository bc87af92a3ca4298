"""Where the runbook links of alerts lead, and which of them surely lead nowhere."""

import re
from collections.abc import Iterator
from difflib import get_close_matches
from functools import cached_property, lru_cache
from pathlib import PurePosixPath

from msgspec import Struct

from cockpit.contract.links import NO_HEADING, anchors, gone_with
from cockpit.contract.model import Key
from cockpit.contract.repository import Repository, RunbookEntry
from cockpit.contract.routing.known import Known
from cockpit.contract.routing.spelling import misspelt
from cockpit.contract.rules.alerts._pages import Pages
from cockpit.contract.rules.alerts._templates import ACTION
from cockpit.contract.rules.queries._dialect import is_metricsql
from cockpit.contract.words import several
from cockpit.runbooks.links import EXTENSIONS, Target, stem, target

_PATHS = ""
_NAMES = "name"
_NAME = re.compile(
    r"(?!(?:-+|na|no|none|null|nil|tbd|todo|tba|wip|unknown|missing|pending)$)[\w-]+", re.IGNORECASE
)
_MOST_ACTIONS = 6
_LABEL = re.compile(r"(?:\$labels|\.Labels|\$\.Labels)\.(\w+)")
_CONTROL = re.compile(r"(?:if|else|with|range|end|define|template|block|\$\w+\s*:?=)(?!\w)")

_FOLDER: frozenset[Key] = frozenset([("folder",)])
"""What is missing may be in a folder that cannot be listed."""


class Dead(Struct, frozen=True):
    """A link that leads nowhere: what is missing, a path and an anchor in it, and why, in words."""

    missing: tuple[str, str]
    why: str
    breaks: frozenset[Key] = frozenset()
    rests_on: frozenset[Key] = frozenset()


class Links:
    """The links of the alerts of a repository. What a URL means is told by its neighbours."""

    def __init__(self, repository: Repository) -> None:
        self._repository = repository
        self._pages = Pages(repository)
        self._leading: dict[str, int] = {}
        self._missing: dict[str, set[str]] = {}
        self._heads: dict[str, set[str]] = {}
        for text in self._texts():
            self._count(text)

    def dead(self, text: str, alert: Known) -> Dead | None:
        """Return why the link `text` of an alert leads nowhere; None where it leads somewhere, or may."""
        if "{{" in text:
            return self._templated(text, alert)
        aim = target(text)
        if aim is None or not aim.segments:
            return None
        return self._url(text, aim) if aim.url else self._path(aim)

    def _texts(self) -> Iterator[str]:
        for alert in self._repository.alerts:
            for name in self._repository.settings.runbook_annotations:
                text = alert.rule.annotations.get(name, "").strip()
                if text and "{{" not in text:
                    yield text

    def _count(self, text: str) -> None:
        aim = target(text)
        if aim is None or not aim.segments:
            return
        folder = _folder(text) if aim.url else _NAMES if _is_name(aim) else _PATHS
        library = self._repository.library
        if (library.linked(text) if aim.url else self._pages.at(_down(aim))) is not None:
            self._leading[folder] = self._leading.get(folder, 0) + 1
            if not aim.url and len(down := _down(aim)) > 1:
                self._heads.setdefault(down[0], set()).add("/".join(down))
        else:
            self._missing.setdefault(folder, set()).add(aim.segments[-1])

    def _is_ours(self, folder: str) -> bool:
        """Say whether what is linked in a folder is what stands here: nearly all of it does."""
        leading = self._leading.get(folder, 0)
        return leading > 1 and len(self._missing.get(folder, ())) <= max(1, leading // 5)

    def _url(self, text: str, aim: Target) -> Dead | None:
        library, folder = self._repository.library, _folder(text)
        is_mapped = library.maps(text)
        if not is_mapped and not self._is_ours(folder) and not self._is_slip(folder, aim):
            return None
        if (ref := library.linked(text)) is not None:
            page = self._pages.by_path.get(ref.path)
            return self._anchor(page, ref.anchor) if page is not None else None
        count = self._leading.get(folder, 0)
        others = f"{count} other links below {folder} lead to files"
        if count == 1:
            others = f"another link below {folder} leads to a file"
        why = f"but no file is there, while {others} here"
        if is_mapped:
            why = "but there is no file where runbook_paths maps it"
        return self._no_file(aim.segments[-1:], text.partition("#")[0], why)

    def _is_slip(self, folder: str, aim: Target) -> bool:
        """Say whether a URL is written almost as the name of a page here, as its one neighbour is."""
        if self._leading.get(folder) != 1 or len(self._missing.get(folder, ())) > 1:
            return False
        near = self._pages.near(aim.segments[-1:])
        called = [stem(PurePosixPath(near.runbook.path).name)] if near is not None else []
        return misspelt(stem(aim.segments[-1]), called) is not None

    def is_elsewhere(self, text: str) -> bool:
        """Say whether a link leads to a page elsewhere, so that nobody here can say whether it is there."""
        aim = target(ACTION.sub("x", text))
        if aim is None or not aim.segments or not aim.url:
            return False
        library = self._repository.library
        if "{{" in text:
            return not library.maps(text)
        return library.linked(text) is None and self._url(text, aim) is None

    def _path(self, aim: Target) -> Dead | None:
        segments = _down(aim)
        if not segments or any(c.isspace() for each in segments for c in each):
            return None
        page = self._pages.at(segments)
        if page is not None:
            return self._anchor(page, aim.anchor)
        if self._could_be_here(aim, segments) and not self._pages.is_there(segments):
            return self._no_file(segments, "/".join(segments), "but no such file is there")
        return None

    def _could_be_here(self, aim: Target, segments: tuple[str, ...]) -> bool:
        """Say whether a path without a file would be here: its folder is, or what others link.

        Where `docs/a.md` and `docs/b/c.md` are here, `docs/d/e.md` would be; where the names `a` and `b` are
        those of pages here, `c` would be.
        """
        if _is_name(aim):
            return self._is_ours(_NAMES)
        if len(segments) > 1 and self._pages.has_folder(segments[:-1]):
            return True
        beside = len(segments) > 1 and len(self._heads.get(segments[0], ())) > 1
        return segments[-1].casefold().endswith(EXTENSIONS) and (beside or self._is_ours(_PATHS))

    def _no_file(self, segments: tuple[str, ...], missing: str, why: str) -> Dead:
        near = self._pages.near(segments)
        meant = f"; did you mean {near.file.path}?" if near is not None else ""
        name = segments[-1]
        guesses = {*self._pages.guesses(segments), name, name.rpartition(".")[0]}
        breaks = {("runbook", guess) for guess in guesses if guess}
        # What the link meant has perhaps no other, and is no orphan for it.
        if near is not None and not near.alerts:
            breaks.add(("runbook", near.runbook.path))
        return Dead((missing, ""), f"{why}{meant}", frozenset(breaks), _FOLDER)

    def _anchor(self, page: RunbookEntry, anchor: str | None) -> Dead | None:
        if not anchor or NO_HEADING.fullmatch(anchor):
            return None
        path = page.runbook.path
        offered = anchors(page.runbook)
        if offered is None or anchor in offered:
            return None
        near = get_close_matches(anchor, [each.anchor for each in page.runbook.sections], n=1)
        meant = f"; did you mean #{near[0]}?" if near else ""
        gone = gone_with(page.runbook, anchor, self._repository.settings.sections)
        return Dead(
            (path, anchor),
            f"but {page.file.path} has no heading #{anchor}{meant}",
            breaks=frozenset([("anchor", path, anchor)]),
            rests_on=frozenset([("runbook", path), *(("section", path, each.value) for each in gone)]),
        )

    @cached_property
    def _is_other(self) -> bool:
        return is_metricsql(self._repository)

    def _templated(self, text: str, alert: Known) -> Dead | None:
        actions = ACTION.findall(text)
        bare = ACTION.sub("x", text)
        aim = target(bare)
        if aim is None or aim.url or len(actions) > _MOST_ACTIONS or any(map(_CONTROL.match, actions)):
            return None
        # What else sees the labels of the rule itself is another dialect's evaluator.
        values = {action: None if self._is_other else _value(action, alert) for action in actions}
        if lacking := next((action for action, value in values.items() if value == ""), None):
            label = _LABEL.search(lacking)
            return Dead((text, alert.alert.name), f"but can have no label {label[1] if label else ''}")
        filled = ACTION.sub(lambda match: values[match[1]] or "\0", text).partition("#")[0]
        parts = [each for each in filled.split("/") if each not in {"", ".", ".."}]
        is_here = not parts or "\0" in parts[0] or self._pages.has_folder(tuple(parts[:1]))
        pattern = "/".join(".*".join(map(re.escape, part.casefold().split("\0"))) for part in parts)
        ends = "".join(parts[-1:]).casefold().endswith(EXTENSIONS)
        if not is_here or not ends or not self._pages.by_path or self._pages.matches(pattern):
            return None
        return Dead((text, filled), "but no file is there, whatever its labels are", rests_on=_FOLDER)


def _value(action: str, alert: Known) -> str | None:
    """Return what an action prints, None where that is not known.

    A template sees the labels of the result alone, without those that the rule adds.
    """
    label = _LABEL.fullmatch(action)
    if label is None or alert.of_expr.can_have(label[1]):
        name = label[1] if label else ""
        return alert.of_expr.values.get(name) if name in alert.of_expr.surely else None
    return ""


def _is_name(aim: Target) -> bool:
    """Say whether a link is a name alone, without a folder or an extension."""
    return not (aim.url or aim.absolute) and len(aim.segments) == 1 and bool(_NAME.fullmatch(aim.segments[0]))


@lru_cache(maxsize=2)
def links(repository: Repository) -> Links:
    """Return the links of `repository`."""
    return Links(repository)


def unlooked(repository: Repository) -> tuple[str, ...]:
    """Return in a sentence how many links lead to pages that cannot be looked at; nothing where none does."""
    names = repository.settings.runbook_annotations
    texts = {each.rule.annotations.get(name, "").strip() for each in repository.alerts for name in names}
    pages = {text.partition("#")[0] for text in texts if text and links(repository).is_elsewhere(text)}
    if not pages:
        return ()
    lead, are = ("leads", "page is") if len(pages) == 1 else ("lead", "pages are")
    return (
        f"{several(len(pages), 'runbook link')} {lead} elsewhere: whether the {are} there is not looked at",
    )


def _down(aim: Target) -> tuple[str, ...]:
    return tuple(segment for segment in aim.segments if segment != "..")


def _folder(url: str) -> str:
    return re.split(r"[?#]", url, maxsplit=1)[0].rpartition("/")[0] + "/"
