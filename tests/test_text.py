"""The gate for text that others wrote: nothing a terminal acts on gets through or is lost."""

import json
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cockpit.text import MAX_SHOWN, clean, json_safe, one_line

ANY = st.text(st.characters(codec=None), max_size=300)
"""Any text at all: control characters and lone surrogates included."""

BIDI = "\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"


def acts_on_a_terminal(char: str) -> bool:
    return (unicodedata.category(char) in {"Cc", "Cs"} and char not in "\n\t") or char in BIDI


@given(ANY)
def test_clean_leaves_nothing_that_acts_on_a_terminal(text: str) -> None:
    assert not any(map(acts_on_a_terminal, clean(text)))


@given(ANY)
def test_clean_is_idempotent_and_can_be_encoded(text: str) -> None:
    once = clean(text)
    assert clean(once) == once
    once.encode("utf-8")


@given(st.text(st.characters(categories=["L", "N", "P", "S", "Zs", "M"]), max_size=300))
def test_clean_leaves_ordinary_text_alone(text: str) -> None:
    assert clean(text) == text


@pytest.mark.parametrize(
    ("raw", "shown"),
    [
        ("\x1b]52;c;aGk=\x07", "␛]52;c;aGk=␇"),
        ("a\x00b\x7fc", "a␀b␡c"),
        ("\x9b31m", "<U+009B>31m"),
        ("user\u202etxt.exe", "user<U+202E>txt.exe"),
        ("\ud800", "<U+D800>"),
        ("over\rwritten", "over␍written"),
        ("zero\u200bwidth\ufeff", "zero<U+200B>width<U+FEFF>"),
        ("tag\U000e0041", "tag<U+E0041>"),
        ("two\nlines\tand a tab, ünïcödé 漢字 🙂", "two\nlines\tand a tab, ünïcödé 漢字 🙂"),
    ],
)
def test_clean_makes_the_unsafe_visible(raw: str, shown: str) -> None:
    assert clean(raw) == shown


def test_what_is_too_long_ends_in_an_ellipsis_and_its_length() -> None:
    assert clean("x" * (MAX_SHOWN + 1)) == "x" * MAX_SHOWN + f"… ({MAX_SHOWN + 1} characters)"
    assert clean("x" * MAX_SHOWN) == "x" * MAX_SHOWN
    assert clean("abcdef", 3) == "abc… (6 characters)"


@given(ANY)
def test_one_line_is_one_line(text: str) -> None:
    line = one_line(text)
    assert len(line.splitlines()) <= 1
    assert line == line.strip()


def test_one_line_joins_with_single_spaces() -> None:
    assert one_line("  a\n\n b\t\tc ") == "a b c"


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | ANY, lambda x: st.lists(x) | st.dictionaries(ANY, x)
    )
)
def test_json_safe_decodes_to_the_same_and_shows_nothing_unsafe(value: object) -> None:
    safe = json_safe(json.dumps(value, ensure_ascii=False, indent=2))
    assert json.loads(safe) == value
    assert not any(map(acts_on_a_terminal, safe))
