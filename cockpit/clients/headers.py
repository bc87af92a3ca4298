"""Header values: written safely, and refused without being quoted."""

import base64
import re
from collections.abc import Mapping

_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_CONTROL = re.compile(r"[\x00-\x08\x0a-\x1f\x7f]")


class HeaderError(ValueError):
    """A header that cannot be sent. The message names it and does not quote its value."""


def basic(user: str, password: str) -> str:
    """Return the value of an Authorization header (RFC 7617)."""
    return "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode("ascii")


def encoded(headers: Mapping[str, str]) -> dict[bytes, bytes]:
    """Return `headers` as bytes, values in UTF-8. Raises HeaderError."""
    for name, value in headers.items():
        if _NAME.fullmatch(name) is None:
            raise HeaderError(f"{name[:100]!r} is not a header name")
        if _CONTROL.search(value):
            raise HeaderError(
                f"the value of the header {name[:100]} holds a line break or a control character"
            )
    return {name.encode("ascii"): value.encode("utf-8", "replace") for name, value in headers.items()}
