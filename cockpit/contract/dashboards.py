"""Grafana dashboards, as JSON: the queries of their panels and variables, with their lines."""

import json
import re
from collections.abc import Iterator
from typing import Any

from cockpit.contract.repository import Dashboard, File, Origin, Query
from cockpit.runbooks.bind import neutral

_EXPR = re.compile(r'"expr"\s*:\s*"((?:[^"\\]|\\.)*)"')
_DEEPEST = 100


def read(file: File) -> tuple[tuple[Dashboard, ...], tuple[Query, ...]] | None:
    """Return dashboards and their PromQL queries, or None for JSON of another kind. Raises ValueError.

    A file has one, as it is or within an export, or several by their names.
    """
    try:
        data = json.loads(file.text)
    except RecursionError as error:
        raise ValueError("nested too deeply") from error
    boards = _boards(data)
    if not boards:
        return None
    found = [(each, *pair) for each in boards for pair in _expressions(each, "", 0)]
    # Both go through the file in its order, so that they agree one by one.
    lines = list(_lines(file.text))
    known = len(lines) == len(found)
    queries = tuple(
        Query(
            expr=expr,
            bound=neutral(expr),
            file=file,
            lines=(line, line),
            span=(line, line),
            origin=Origin("dashboard", _title(board, file)),
        )
        for (board, expr, source), line in zip(found, lines if known else [1] * len(found), strict=True)
        if expr.strip() and source in {"", "prometheus"}
    )
    return tuple(Dashboard(file, _title(each, file)) for each in boards), queries


def _boards(data: Any) -> list[dict[str, Any]]:
    if not isinstance(data, dict):
        return []
    return [data] if _is_board(data) else [each for each in data.values() if _is_board(each)]


def _is_board(data: Any) -> bool:
    return isinstance(data, dict) and isinstance(data.get("panels", data.get("rows")), list)


def _title(board: dict[str, Any], file: File) -> str:
    return str(board.get("title") or file.path)


def _lines(text: str) -> Iterator[int]:
    line = at = 0
    for match in _EXPR.finditer(text):
        line, at = line + text.count("\n", at, match.start()), match.start()
        yield line + 1


def _expressions(node: Any, source: str, depth: int) -> Iterator[tuple[str, str]]:
    """Yield each `expr`, and the type of its data source as far as it is known."""
    if depth > _DEEPEST:
        raise ValueError("nested too deeply")
    if isinstance(node, list):
        for each in node:
            yield from _expressions(each, source, depth + 1)
    elif isinstance(node, dict):
        named = node.get("datasource")
        if isinstance(named, dict):
            source = str(named.get("type") or source)
        elif isinstance(named, str) and "loki" in named.lower():
            source = "loki"
        for key, value in node.items():
            if key == "expr" and isinstance(value, str):
                yield value, source
            elif isinstance(value, dict | list):
                yield from _expressions(value, source, depth + 1)
