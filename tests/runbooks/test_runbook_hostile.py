"""What a terminal relies on: no runbook, however hostile, fails, stalls, or brings a control code."""

import time
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cockpit.runbooks.block import Paragraph
from cockpit.runbooks.blocks import blocks
from cockpit.runbooks.frontmatter import read_front_matter
from cockpit.runbooks.library import Library
from cockpit.runbooks.model import Runbook
from cockpit.runbooks.parse import parse

EVIL = "\x1b]52;c;ZXZpbA==\x07\x9b31m\x00\u202e\u200b\u2066\ud800[/oops][@click=app.quit]"
PLACES = """---
alerts: ["A {evil}"]
owner: "{evil}"
contacts: {{slack: "{evil}"}}
---
# Title {evil}
Text {evil} [link {evil}](https://x.example/{evil}) ![{evil}](a.png) `up{{a="{evil}"}}` `kubectl get {evil}`
## {evil}
```promql {{"title": "{evil}", "unit": "{evil}"}}
up{{a="{evil}"}}
```
```bash {{"title": "{evil}", "risk": "{evil}"}}
echo {evil}
```
| {evil} |
|---|
| {evil} |

> [!NOTE]
> {evil}

<p>{evil}</p>
"""


def book(text: str) -> Runbook:
    return parse(text, path="x.md", folder=Path("/x"))


def texts(value: object) -> Iterator[str]:
    plain = msgspec.to_builtins(value, enc_hook=str)
    todo = [plain]
    while todo:
        item = todo.pop()
        if isinstance(item, str):
            yield item
        elif isinstance(item, dict):
            todo += [*item.keys(), *item.values()]
        elif isinstance(item, list | tuple):
            todo += item


def unsafe(text: str) -> list[str]:
    hidden = "\u202e\u200b\u2066\ud800"
    return [c for c in text if (ord(c) < 32 and c not in "\n\t") or 127 <= ord(c) < 160 or c in hidden]


@pytest.mark.parametrize("evil", [EVIL, EVIL.replace("\x07", "").replace("\x00", "")], ids=["all", "some"])
def test_nothing_that_a_terminal_acts_on_gets_through(evil: str) -> None:
    runbook = book(PLACES.format(evil=evil))
    assert runbook.queries
    assert runbook.commands
    assert runbook.alerts
    for text in (*texts(runbook), *texts(blocks(runbook))):
        assert unsafe(text) == []


def test_markup_stays_text() -> None:
    runbook = book("# [/oops] [bold]x[/bold]\n\n[@click=app.quit]quit[/]\n")
    assert runbook.title == "[/oops] [bold]x[/bold]"


@settings(max_examples=300)
@given(text=st.text(max_size=400) | st.text(alphabet="#-*`>|[]()<>!:~_=$ \n\t{}\"'&1a\\", max_size=300))
def test_no_text_makes_it_fail(text: str) -> None:
    runbook = book(text)
    shown = blocks(runbook)
    lines = runbook.text.count("\n") + 1
    assert all(0 <= block.line < lines for block in shown)
    assert all(0 <= s.start < s.end <= lines for s in runbook.sections)


MEGABYTE = 1_000_000
HUGE = {
    "one word": "x" * MEGABYTE,
    "open brackets": "[" * MEGABYTE,
    "images": "![" * (MEGABYTE // 2),
    "emphasis": "*a " * (MEGABYTE // 3),
    "backticks": "`a" * (MEGABYTE // 2),
    "tags": "<a " * (MEGABYTE // 3),
    "comments": "<!-- " * (MEGABYTE // 5),
    "quotes": "> " * (MEGABYTE // 2),
    "list markers": "- " * (MEGABYTE // 2),
    "nested lists": "\n".join(" " * n * 2 + "- a" for n in range(1000)),
    "code spans": "\n".join("`" * n for n in range(1400)),
    "paragraph": "a\n" * (MEGABYTE // 2),
    "columns": "|" * 30_000 + "\n" + "|-" * 30_000 + "|\n" + "|\n" * 100,
    "promql": "```promql\n" + "(" * MEGABYTE + "\n```",
    "minus": "```promql\n" + "-" * 15_000 + "x\n```",
    "powers": "```promql\n" + "x^" * 9_000 + "x\n```",
    "sums": "```promql\nx_y" + "+x" * 9_000 + "\n```",
    "sets": "```\nx_y" + " and x" * 1_500 + "\n```",
    "signs": "```promql\n" + "-#c\n" * 4_000 + "x\n```",
    "templates": "```promql\n" + ("{{" + " " * 5_000) * 100 + "\n```",
    "strings": "```promql\n" + '"<a $' * 100_000 + "\n```",
    "prompts": "```console\n" + "$ a'\n" * 15_000 + "```",
    "attributes": "```promql " + '{"a":' * 200_000 + "\nup\n```",
    "words in front": "a. " * (MEGABYTE // 3) + "`kubectl get x`",
}


@pytest.mark.parametrize("name", HUGE)
def test_a_megabyte_of_anything_opens_soon(name: str) -> None:
    started = time.process_time()
    blocks(book(HUGE[name]))
    assert time.process_time() - started < 8


def test_a_table_of_more_columns_than_anybody_writes_is_text() -> None:
    columns = 300_000
    shown = blocks(book("|a" * columns + "|\n" + "|-" * columns + "|\n"))
    assert [type(block) for block in shown] == [Paragraph]


BOMB = "a: &a [x,x,x,x,x,x,x,x,x]\n" + "".join(
    f"{b}: &{b} [{','.join(['*' + a] * 9)}]\n" for a, b in zip("abcdefgh", "bcdefghi", strict=True)
)


@pytest.mark.parametrize(
    ("front", "problem"),
    [
        (BOMB, "aliases counted"),
        ("a: " + "[" * 30_000, "nested"),
        ("a: " + "{b: " * 100 + "}" * 100, "nested"),
        ("a: " + "x" * 70_000, "over 64 kB"),
        ("alerts: [A\nowner: b", "front matter ignored"),
        ("title: Foo: bar", "front matter ignored"),
        ("a: {{ .Values.x }}\nb: c", "front matter ignored"),
        ("- a: b", "no mapping"),
        ("\ta: b", "front matter ignored"),
    ],
    ids=["bomb", "deep", "deep maps", "long", "open", "colon", "template", "list", "tab"],
)
def test_hostile_front_matter_is_ignored_with_a_note(front: str, problem: str) -> None:
    text = f"---\n{front}\n---\n# Still here\n"
    assert problem in (read_front_matter(text).problem or "")
    assert book(text).title == "Still here"


@pytest.mark.parametrize(
    "front",
    [
        "alerts: [A]\nalerts: [B]",
        "a: &x 1\nalerts: B",
        "alerts: B",
        "alerts:\n- B",
        "alert: B",
        "alerts: 'B'",
        "alerts: !!python/object/apply:os.system ['B']",
        "alerts: B\nreviewed: 2026-99-99T99:99:99Z",
    ],
)
def test_odd_front_matter_is_read(front: str) -> None:
    assert read_front_matter(f"---\n{front}\n---\n").problem is None
    assert len(book(f"---\n{front}\n---\n# x").alerts) == 1


@pytest.mark.parametrize(
    "text", ["---\n\nText\n\n---\nMore", "---", "---\nno end: x\n# T", "Text\n---\na: b\n---"]
)
def test_a_rule_is_no_front_matter(text: str) -> None:
    assert read_front_matter(text).lines == 0


@given(front=st.text(max_size=200) | st.text(alphabet="ab:-[]{}&*!|>'\"\n #", max_size=120))
def test_no_front_matter_makes_it_fail(front: str) -> None:
    read_front_matter(f"---\n{front}\n---\n")
    read_front_matter(f"+++\n{front}\n+++\n")


def test_broken_encodings_open(tmp_path: Path) -> None:
    (tmp_path / "latin.md").write_bytes("# Störung\n".encode("latin-1"))
    (tmp_path / "utf16.md").write_bytes("# Störung\n".encode("utf-16"))
    (tmp_path / "cut.md").write_bytes("# Störung".encode()[:5])
    (tmp_path / "nul.md").write_bytes(b"# One \0 NUL\n" + b"text\n" * 50)
    library = Library.read([tmp_path])
    titles = {runbook.path: runbook.title for runbook in library.all()}
    assert titles == {
        "latin.md": "St\ufffdrung",
        "utf16.md": "Störung",
        "cut.md": "St\ufffd",
        "nul.md": "One \u2400 NUL",
    }
    assert library.problems == ()
