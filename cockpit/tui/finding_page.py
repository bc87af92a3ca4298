"""One finding as lines: what is wrong and what mends it, its place in the file, its rule's page. Pure."""

from collections.abc import Sequence

from msgspec import Struct

from cockpit.contract.model import Finding
from cockpit.runbooks.block import Block
from cockpit.tui.contract_page import KINDS, place
from cockpit.tui.glyphs import Glyphs
from cockpit.tui.lines import EMPTY, Line, Span, clip, line, span, spread, wrap
from cockpit.tui.runbook_lines import draw


class Excerpt(Struct, frozen=True):
    """Lines of a file from `first` on, or the `problem` of reading it."""

    first: int = 1
    lines: tuple[str, ...] = ()
    problem: str = ""


def page(
    finding: Finding,
    excerpt: Excerpt | None,
    rule: Sequence[Block],
    width: int,
    glyphs: Glyphs,
    *,
    gone: bool = False,
) -> tuple[Line, ...]:
    """Return the page; `gone` says that the last check does not find it any more."""
    word = span(f" {finding.severity.value}", KINDS[finding.severity])
    head = line(word, span(f"  {finding.rule}", "title"))
    rows = [spread(head, line(span(f"{place(finding)} ", "dim")), width, ellipsis=glyphs.ellipsis), EMPTY]
    if gone:
        rows += [line(span(" Gone: the last check does not find this any more.", "ok")), EMPTY]
    rows += wrap([Span(" "), span(finding.message, "strong")], width - 1, indent=1)
    rows += wrap([Span(" "), span("remedy: ", "dim"), span(finding.remedy)], width - 1, indent=9)
    rows += [EMPTY, *_excerpt(finding, excerpt, width, glyphs), EMPTY]
    if rule:
        rows += [(Span(glyphs.rule * width, "rule"),), *draw(rule, width, glyphs).lines]
    return tuple(rows)


def _excerpt(finding: Finding, excerpt: Excerpt | None, width: int, glyphs: Glyphs) -> list[Line]:
    if excerpt is None:
        return [line(span(f" Reading{glyphs.ellipsis}", "dim"))]
    if excerpt.problem:
        return [line(span(f" {excerpt.problem}", "warn"))]
    # What is wrong may stand at the end of its line, which therefore is shown whole.
    margin = len(str(excerpt.first + len(excerpt.lines) - 1))
    out: list[Line] = []
    for number, text in enumerate(excerpt.lines, start=excerpt.first):
        here = number == finding.line
        sign = glyphs.cursor if here else " "
        mark = Span(f" {sign} {number:>{margin}} {glyphs.bar} ", "accent" if here else "dim")
        if here:
            out += wrap([mark, span(text, "strong")], width, indent=len(mark.text))
        else:
            out.append(clip(line(mark, span(text, "code")), width, ellipsis=glyphs.ellipsis))
    return out
