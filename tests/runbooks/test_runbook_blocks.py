"""What a viewer relies on: every block and span of a runbook, in order, with its line and its style."""

from pathlib import Path

import pytest

from cockpit.runbooks.block import Admonition, Block, Code, Heading, Html, ListItem, Paragraph, Rule, Table
from cockpit.runbooks.blocks import blocks, command_letter
from cockpit.runbooks.parse import parse
from cockpit.runbooks.spans import Span


def draw(text: str) -> tuple[Block, ...]:
    return blocks(parse(text, path="x.md", folder=Path("/x")))


def only(text: str) -> Block:
    (block,) = draw(text)
    return block


def inline(text: str) -> tuple[Span, ...]:
    block = only(text)
    assert isinstance(block, Paragraph)
    return block.spans


def test_headings_have_level_anchor_and_line() -> None:
    assert draw("---\na: b\n---\n# One\n\nTwo **x** {#own}\n-----\n") == (
        Heading(line=3, level=1, anchor="one", spans=(Span("One"),)),
        Heading(line=5, level=2, anchor="own", spans=(Span("Two "), Span("x", bold=True))),
    )


def test_text_has_styles() -> None:
    assert inline("a *b* **c** ~~d~~ `e` ***f***") == (
        Span("a "),
        Span("b", italic=True),
        Span(" "),
        Span("c", bold=True),
        Span(" "),
        Span("d", strike=True),
        Span(" "),
        Span("e", code=True),
        Span(" "),
        Span("f", bold=True, italic=True),
    )


def test_line_breaks() -> None:
    assert inline("soft\nbreak  \nhard<br>html") == (Span("soft break\nhard\nhtml"),)


def test_links_keep_web_and_relative_targets_only() -> None:
    assert inline("[a](https://x.example/y)") == (Span("a", link="https://x.example/y"),)
    assert inline("[a](other.md#x) [b](#y)") == (
        Span("a", link="other.md#x"),
        Span(" "),
        Span("b", link="#y"),
    )
    assert inline("see https://x.example/y.") == (
        Span("see "),
        Span("https://x.example/y", link="https://x.example/y"),
        Span("."),
    )
    assert inline("![disk](a.png)") == (Span("[image: disk]", link="a.png"),)


@pytest.mark.parametrize(
    "url",
    [
        "javascript:alert(1)",
        "JaVaScRiPt:x",
        "file:///etc/passwd",
        "data:text/html,x",
        "data:image/png;base64,x",
        "mailto:a@b.c",
    ],
)
def test_other_schemes_are_text_that_one_can_see(url: str) -> None:
    shown = inline(f"[click]({url})")
    assert all(span.link is None for span in shown)
    assert url.partition(":")[0].lower() in "".join(span.text for span in shown).lower()


def test_lists_nest_and_number_and_check() -> None:
    found = draw("- a\n  - [x] b\n\n    more\n- [ ] c\n\n3. d\n4. e\n")
    assert [(b.marker, b.depth, b.checked) for b in found if isinstance(b, ListItem)] == [
        ("-", 1, None),
        ("-", 2, True),
        ("-", 1, False),
        ("3.", 1, None),
        ("4.", 1, None),
    ]
    assert Paragraph(line=3, depth=2, spans=(Span("more"),)) in found


def test_a_list_item_that_starts_with_code_still_has_its_marker() -> None:
    found = draw("1. ```bash\n   ls -l\n   ```\n2.\n")
    assert [type(b) for b in found] == [ListItem, Code, ListItem]
    assert found[1].depth == 1


def test_code_carries_title_mark_and_risk() -> None:
    found = draw(
        '```promql {"title": "Errors"}\nup\n```\n```bash {"risk": "high"}\nls -l\n```\n```yaml\na: b\n```\n'
    )
    assert found == (
        Code(line=0, code="up", language="promql", title="Errors", mark="1"),
        Code(line=3, code="ls -l", language="bash", title="Command", mark="a", risk="high"),
        Code(line=6, code="a: b", language="yaml"),
    )


def test_inline_queries_and_commands_are_marked() -> None:
    assert [s.mark for s in inline("Look at `up == 0`, then\nrun `kubectl get pods`.") if s.code] == [
        "1",
        "a",
    ]


def test_tables() -> None:
    table = only("| a | b |\n|:-:|--:|\n| `x|y` | **z** |\n| 1 |\n")
    assert isinstance(table, Table)
    assert table.aligns == ("center", "right")
    assert table.header == ((Span("a"),), (Span("b"),))
    assert len(table.rows) == 2
    assert all(len(row) == 2 for row in table.rows)


@pytest.mark.parametrize(
    ("text", "kind", "title"),
    [
        ("> [!WARNING]\n> Careful", "warning", "Warning"),
        ('!!! danger "Look out"\n    Careful', "danger", "Look out"),
        (":::tip Nice\nCareful\n:::", "tip", "Nice"),
    ],
)
def test_admonitions_of_several_hosts(text: str, kind: str, title: str) -> None:
    assert draw(text) == (
        Admonition(line=0, kind=kind, title=title),
        Paragraph(line=1, quotes=(kind,), spans=(Span("Careful"),)),
    )


def test_quotes_rules_and_html() -> None:
    text = "> said\n> > twice\n\n***\n\n<!-- not shown -->\n\n<service-name>\n\n"
    text += "<details><summary>More</summary>\n"
    assert draw(text) == (
        Paragraph(line=0, quotes=("quote",), spans=(Span("said"),)),
        Paragraph(line=1, quotes=("quote", "quote"), spans=(Span("twice"),)),
        Rule(line=3),
        Html(line=7, text="<service-name>"),
        Html(line=9, text="More"),
    )


def test_angle_brackets_in_text_are_shown() -> None:
    assert inline("Restart <service> now") == (Span("Restart <service> now"),)


def test_letters_go_on_after_z() -> None:
    assert [command_letter(n) for n in (0, 25, 26, 27, 701, 702)] == ["a", "z", "aa", "ab", "zz", "aaa"]
