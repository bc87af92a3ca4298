"""How single values of a config file are read: URLs, durations, and what may not stand there."""

import re
from collections.abc import Callable
from typing import Annotated, Any

from cockpit.errors import UsageError
from cockpit.text import one_line
from cockpit.units import parse_duration


def endpoint(url: str) -> str:
    """Return a server's URL without a slash at its end. Raises ValueError for what is no URL of a server."""
    if not re.match(r"(https?|unix)://.", url):
        raise ValueError("a URL starts with http://, https:// or unix://")
    return url.rstrip("/")


def shown_url(url: str) -> str:
    """Return a URL that cannot be used as it may be told: cleaned, without all that may be credentials."""
    return one_line(
        re.sub(r"^([a-z][a-z0-9+.-]*://)?.*@", r"\1***@", url, flags=re.DOTALL | re.IGNORECASE), 200
    )


def _seconds(value: object) -> object:
    if isinstance(value, str) and not value.isdecimal():
        try:
            return parse_duration(value)
        except UsageError as error:
            raise ValueError(str(error)) from error
    return value


def _of_no_file(value: object) -> object:
    raise ValueError("unknown key")


class _Checked:
    """How a field is read from a file. Pydantic asks for it, and is imported only when there is a file."""

    def __init__(
        self,
        *,
        before: Callable[[object], object] | None = None,
        after: Callable[[str], str] | None = None,
        **constraints: float,
    ) -> None:
        self.before, self.after, self.constraints = before, after, constraints

    def __get_pydantic_core_schema__(self, source: Any, handler: Callable[[Any], Any]) -> Any:
        from pydantic_core import core_schema

        schema = {**handler(source), **self.constraints}
        if self.after is not None:
            return core_schema.no_info_after_validator_function(self.after, schema)
        if self.before is not None:
            return core_schema.no_info_before_validator_function(self.before, schema)
        return schema


Url = Annotated[str, _Checked(after=endpoint)]
Seconds = Annotated[float, _Checked(before=_seconds, gt=0)]
INTERNAL = _Checked(before=_of_no_file)
"""Marks a field that is no key of a file."""
