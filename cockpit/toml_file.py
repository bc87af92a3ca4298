"""TOML files that people write, held against a dataclass; what is wrong is told with line and key."""

import re
import tomllib
from pathlib import Path
from typing import Any, TypeVar

from cockpit.files import FileError, first_problem, read_text

MAX_BYTES = 2**20
"""Bytes of such a file at most."""

T = TypeVar("T")


def load(kind: str, path: Path, model: type[T]) -> tuple[T, dict[str, Any]]:
    """Return the file as a `model`, a dataclass that pydantic can read, and as it is written.

    Raises FileError; `kind` is for it.
    """
    text = read_text(kind, path, MAX_BYTES)
    try:
        data = tomllib.loads(text)
    except RecursionError as error:
        raise FileError(kind, path, "nested too deeply") from error
    except tomllib.TOMLDecodeError as error:
        problem, _, line = str(error).partition(" (at line ")
        number = re.match(r"\d+", line)
        raise FileError(kind, path, problem, line=int(number[0]) if number else None) from error
    from pydantic import TypeAdapter, ValidationError

    try:
        return TypeAdapter(model).validate_python(data), data
    except ValidationError as error:
        loc, problem = first_problem(error)
        keys = [str(part) for part in loc]
        raise FileError(kind, path, problem, line=line_of(text, keys), key=".".join(keys)) from error


def line_of(text: str, keys: list[str]) -> int | None:
    """Return the first line, from 1, that seems to set the last of `keys`, or is its table; or None."""
    named = [key for key in keys if not key.isdigit()]
    if not named:
        return None
    name = rf"""["']?{re.escape(named[-1])}["']?"""
    pattern = re.compile(rf"\s*(?:{name}\s*=|\[+(?:[^\]]*\.)?{name}[.\]])")
    return next((number for number, row in enumerate(text.splitlines(), 1) if pattern.match(row)), None)
