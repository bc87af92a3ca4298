"""What a link can name in a Markdown file, whatever is in it."""

from pathlib import Path
from time import monotonic

import pytest

from cockpit.contract.links import anchors
from cockpit.runbooks.parse import parse


def offered(text: str, *names: str) -> list[bool]:
    found = anchors(parse(text, path="a.md", folder=Path()))
    assert found is not None
    return [name in found for name in names]


@pytest.mark.parametrize(
    "text",
    [
        "## Look here",
        "<h2 class='x'>Look <b>here</b></h2>",
        "<h2>One</h2>\n<h2>Look here</h2>",
        "## Other {#look-here}",
        "## Other {: .wide #look-here data-x=1}",
        '<a id="look-here"></a>',
    ],
)
def test_a_heading_or_an_id_is_an_anchor(text: str) -> None:
    assert offered(text, "look-here", "nowhere") == [True, False]


@pytest.mark.parametrize(
    "part", ["<h1>", "<h1 ", "{#a", "#a", "<", "`", "~~~\n```\n", "[", "{{", " "], ids=repr
)
def test_a_line_of_a_megabyte_is_looked_at_once(part: str) -> None:
    text = "# Title\n\n{" + part * (300_000 // len(part)) + "\nend\n"
    began = monotonic()

    anchors(parse(text, path="a.md", folder=Path()))

    assert monotonic() - began < 20
