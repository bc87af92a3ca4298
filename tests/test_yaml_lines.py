from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from cockpit.yaml_lines import MAX_DEPTH, Map, Seq, Text, Value, YamlTrouble, documents

TEXTS = st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=20)
TREES = st.recursive(
    TEXTS,
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(TEXTS.filter(lambda key: key != "<<"), inner, max_size=4)
    ),
    max_leaves=20,
)


def _plain(value: Value) -> Any:
    if isinstance(value, Map):
        return {str(key): _plain(item) for key, item in value.items()}
    return [_plain(item) for item in value] if isinstance(value, Seq) else str(value)


def _all(value: Value) -> list[Value]:
    below: list[Value] = list(value.values()) if isinstance(value, Map) else []
    below += list(value) if isinstance(value, Seq) else []
    return [value, *(each for item in below for each in _all(item))]


def _trouble(text: str) -> YamlTrouble:
    found = _read(text)
    assert isinstance(found, YamlTrouble)
    return found


def _read(text: str) -> list[Value] | YamlTrouble:
    try:
        return documents(text)
    except YamlTrouble as trouble:
        return trouble


@given(TREES.filter(bool))
def test_what_pyyaml_writes_is_read_back_within_the_lines_of_the_file(tree: Any) -> None:
    written = yaml.safe_dump(tree, allow_unicode=True)
    (found,) = documents(written)

    assert _plain(found) == tree
    for value in _all(found):
        assert 1 <= value.line <= value.end <= written.count("\n") + 1


@given(
    st.text(st.sampled_from("ab:-?[]{},&*!|>'\"%@` \t\n#<.~\0\x1b\u2028é") | st.characters(), max_size=200)
)
def test_any_text_is_read_or_refused_with_a_line_of_it(text: str) -> None:
    found = _read(text)

    if isinstance(found, YamlTrouble):
        assert "\n" not in found.problem
        assert found.line is None or 1 <= found.line <= len(text.splitlines()) + 2


def test_keys_and_values_know_their_lines() -> None:
    (found,) = documents("a: 1\nb:\n  - x\n  - c: |\n      one\n      two\nd: last\n")
    assert isinstance(found, Map)
    items = found["b"]
    assert isinstance(items, Seq)
    inner = items[1]
    assert isinstance(inner, Map)

    assert [(key, key.line) for key in found if isinstance(key, Text)] == [("a", 1), ("b", 2), ("d", 7)]
    assert (inner["c"].line, inner["c"].end) == (4, 6)
    assert (items.line, items.end) == (3, 6)
    assert found.key("z") is None


def test_scalars_are_the_text_that_they_are() -> None:
    (found,) = documents('a: 007\nb: yes\nc: 1e3\nd: ~\ne: "~"\nf: 2020-01-01\n')

    assert _plain(found) == {"a": "007", "b": "yes", "c": "1e3", "d": "", "e": "~", "f": "2020-01-01"}


def test_anchors_are_followed_and_merged() -> None:
    (found,) = documents("a: &x {k: 1, l: 2}\nb: *x\nc: {<<: *x, l: 3}\n")

    assert _plain(found) == {
        "a": {"k": "1", "l": "2"},
        "b": {"k": "1", "l": "2"},
        "c": {"k": "1", "l": "3"},
    }


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ("a: 1\nb: 2\na: 3\n", 3, "stands twice"),
        ("a:\n\tb: 1\n", 2, "a tab"),
        ("a: *gone\n", 1, "no anchor"),
        ("a: &x\n  - *x\n", 2, "holds itself"),
        ("a: 1\n[b]: 2\n", 2, "no text"),
        ("a: [1\nb: 2\n", 2, "flow sequence"),
        ("a: 1\nb: \0\n", 2, "does not allow"),
        ("[" * (MAX_DEPTH + 1), 1, "too deeply"),
        pytest.param("[" * 100_000, 1, "too deeply", id="very deep"),
    ],
)
def test_what_is_refused_is_named_with_its_line(text: str, line: int, words: str) -> None:
    trouble = _trouble(text)

    assert trouble.line == line
    assert words in trouble.problem


def test_aliases_cannot_make_a_small_file_large() -> None:
    rows = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    rows += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 10)]

    assert "aliases counted wherever they are used" in _trouble("\n".join(rows)).problem


def test_empty_documents_are_none() -> None:
    assert documents("") == documents("---\n---\n# nothing\n") == []
    assert len(documents("a: 1\n---\n---\nb: 2\n")) == 2
