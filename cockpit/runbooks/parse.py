"""A Markdown file to a Runbook: its sections, queries, commands and links. Pure; no text makes it raise."""

import math
import re
from collections.abc import Mapping
from pathlib import Path, PurePosixPath

from markdown_it.token import Token

from cockpit.errors import UsageError
from cockpit.runbooks import detect
from cockpit.runbooks.frontmatter import FrontMatter
from cockpit.runbooks.markdown import Source, fence_info, normalise, plain, read, start
from cockpit.runbooks.model import Command, Link, Query, Runbook, Section
from cockpit.runbooks.sections import sections
from cockpit.text import one_line
from cockpit.units import parse_duration

_LONGEST_TITLE = 80


def parse(text: str, *, path: str, folder: Path) -> Runbook:
    """Return the runbook that the Markdown `text` is. `path` is below `folder`; nothing is read from either.

    Broken or hostile front matter, attributes and markup are taken as text.
    """
    text = normalise(text)
    source = read(text)
    found = _Finder(source, sections(source))
    found.walk()
    front = source.front
    return Runbook(
        path=path,
        folder=folder,
        title=_title(source, found.sections, path),
        text=text,
        alerts=alert_names(front),
        owner=front.word("owner", "owners", "team"),
        contacts=front.table("contacts"),
        reviewed=front.word("reviewed", "last_reviewed", "last-reviewed"),
        sections=found.sections,
        queries=tuple(found.queries),
        commands=tuple(found.commands),
        links=tuple(found.links),
    )


def alert_names(front: FrontMatter) -> tuple[str, ...]:
    """Return the alerts that a runbook's front matter says it is for."""
    words = front.words("alerts", "alert", "alertname")
    return tuple(name.strip() for word in words for name in word.split(",") if name.strip())


def _title(source: Source, found: tuple[Section, ...], path: str) -> str:
    first = next((s.title for s in found if s.level == 1 and s.title), None)
    fallback = found[0].title if found else None
    return one_line(first or source.front.word("title", "name") or fallback or PurePosixPath(path).stem, 200)


class _Finder:
    """Walks the tokens once, keeping the section and the text that stand nearest above."""

    def __init__(self, source: Source, found: tuple[Section, ...]) -> None:
        self.source, self.sections = source, found
        self.queries: list[Query] = []
        self.commands: list[Command] = []
        self.links: list[Link] = []
        self._starts = {s.start: s for s in found}
        self._section: Section | None = None
        self._text = ""
        self._seen: set[str] = set()
        self._annotated = any(
            t.type == "fence" and fence_info(t.info)[0] == "promql" and t.content.strip()
            for t in source.tokens
        )

    def walk(self) -> None:
        """Fill queries, commands and links."""
        for index, token in enumerate(self.source.tokens):
            if token.type == "heading_open":
                self._section, self._text = self._starts.get(start(token)), ""
            elif token.type == "inline":
                self._inline(token)
                if self.source.tokens[index - 1].type == "paragraph_open":
                    self._text = plain(token.children)
            elif token.type in {"fence", "code_block"}:
                self._code(token)
                self._text = ""

    def _code(self, token: Token) -> None:
        indented = token.type == "code_block"
        language, attributes = ("", {}) if indented else fence_info(token.info)
        line = start(token)
        inside = line if indented else line + 1
        if language == "promql":
            found = detect.tagged_queries(token.content)
            for offset, expr in found:
                self._query(expr, line if len(found) == 1 else inside + offset, attributes)
            return
        shell, untagged = language in detect.SHELLS, language in detect.UNTAGGED
        if shell or untagged or language == "prometheus":
            found = detect.queries_in(token.content)
            if found and not self._annotated:
                for offset, expr in found:
                    self._query(expr, line if len(found) == 1 else inside + offset, attributes)
            if found:
                return
        code = None
        if shell:
            code = detect.shell_commands(token.content, language)
        elif untagged:
            code = detect.untagged_commands(token.content, indented=indented)
        if code is not None:
            self._command(code, line, attributes, language or "sh")

    def _query(self, expr: str, line: int, attributes: Mapping[str, object]) -> None:
        comment = re.match(r"#+[ \t]*(\S[^\n]*)", expr)
        title = _word(attributes.get("title")) or (comment and comment[1]) or self._nearest() or "Query"
        self.queries.append(
            Query(
                title=one_line(title, 200),
                expr=expr,
                line=line,
                section=self._section.anchor if self._section else None,
                unit=_word(attributes.get("unit")),
                warn=_number(attributes.get("warn")),
                crit=_number(attributes.get("crit")),
                range_seconds=_seconds(attributes.get("range")),
            )
        )
        self._seen.add(expr)

    def _command(self, code: str, line: int, attributes: Mapping[str, object], language: str) -> None:
        title = _word(attributes.get("title")) or self._nearest() or "Command"
        section = self._section.anchor if self._section else None
        risk = _word(attributes.get("risk"))
        self.commands.append(Command(one_line(title, 200), code, line, section, language, risk))
        self._seen.add(code)

    def _inline(self, token: Token) -> None:
        line = start(token)
        links: list[tuple[str, int]] = []
        for index, child in enumerate(token.children or ()):
            if child.type in {"softbreak", "hardbreak"}:
                line += 1
            elif child.type == "link_open":
                links.append((str(child.attrGet("href") or ""), index))
            elif child.type == "link_close" and links:
                url, opened = links.pop()
                text = plain((token.children or [])[opened + 1 : index])
                self.links.append(Link(one_line(text, 300), url, start(token)))
            elif child.type == "code_inline":
                self._inline_code(child.content.strip(), line, plain(token.children))

    def _inline_code(self, code: str, line: int, around: str) -> None:
        if code in self._seen or len(code) > 2000:
            return
        before, self._text = self._text, _around(around, code)
        if (command := detect.inline_command(code)) is not None:
            if command not in self._seen:
                self._command(command, line, {}, "sh")
            self._seen.add(code)
        elif not self._annotated and detect.is_query(code, inline=True):
            self._query(code, line, {})
        self._text = before

    def _nearest(self) -> str:
        sentences = [s for s in re.split(r"(?<=[.!?:])\s+", self._text.strip()) if s]
        last = sentences[-1].rstrip(":. ") if sentences else ""
        if not last:
            return self._section.title if self._section else ""
        return last if len(last) <= _LONGEST_TITLE else last[: _LONGEST_TITLE - 1].rstrip() + "…"


def _around(text: str, code: str) -> str:
    """Return the sentence of `text` that holds `code`, or nothing where that is only the code itself."""
    at = text.find(code)
    head = re.split(r"(?<=[.!?:])\s+", text[: max(at, 0)])[-1]
    tail = re.split(r"(?<=[.!?:])\s+", text[at + len(code) :])[0] if at >= 0 else ""
    return f"{head}{code}{tail}" if (head + tail).strip(" .,;:-") else ""


def _word(value: object) -> str | None:
    if not isinstance(value, str | int | float) or isinstance(value, bool):
        return None
    try:
        return one_line(str(value), 200) or None
    except ValueError:
        return None


def _number(value: object) -> float | None:
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return None
    try:
        number = float(value)
    except (ValueError, OverflowError):
        return None
    return number if math.isfinite(number) else None


def _seconds(value: object) -> float | None:
    if isinstance(value, str):
        try:
            seconds = parse_duration(value)
        except UsageError:
            return None
    else:
        number = _number(value)
        seconds = 0.0 if number is None else number
    return seconds if 0 < seconds < 1e10 else None
