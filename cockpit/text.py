"""The gate for text that others wrote: label values, annotations, runbooks, error bodies, file names.

Everything shown to a person passes through `clean` first. The raw value stays in the models where bytes
matter (matchers, fingerprints, grouping keys) and is never printed.
"""

import re

MAX_SHOWN = 10_000
"""Characters kept of one value; what is longer ends in an ellipsis and its length."""

_UNSAFE = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200b\u200e\u200f\u2028\u2029\u202a-\u202e\u2060-\u2069\ufeff\ufff9-\ufffb"
    "\ud800-\udfff\U000e0000-\U000e007f]"
)


def _visible(match: re.Match[str]) -> str:
    char = match.group()
    code = ord(char)
    if code < 0x20:
        return chr(0x2400 + code)
    return "\u2421" if code == 0x7F else f"<U+{code:04X}>"


def clean(text: str, limit: int = MAX_SHOWN) -> str:
    """Return `text` with every character visible that a terminal acts on or that hides or reorders text.

    C0 (but newline and tab) and DEL become their Unicode control pictures; C1, bidirectional and zero-width
    controls, tag characters and lone surrogates become `<U+XXXX>`. At most `limit` characters are kept.
    `clean(clean(x)) == clean(x)` for text within the limit.
    """
    if len(text) > limit:
        text = f"{text[:limit]}… ({len(text)} characters)"
    return _UNSAFE.sub(_visible, text) if _UNSAFE.search(text) else text


def one_line(text: str, limit: int = MAX_SHOWN) -> str:
    """Return `clean(text)` on one line: runs of white space, newlines included, become one space."""
    return " ".join(clean(text, limit).split())


def escape_unsafe(literal: str) -> str:
    r"""Return a PromQL string literal with every unsafe character as an escape: `\u009b`, `\U000e0001`.

    The literal means the same bytes; it must hold no raw surrogates.
    """

    def escape(match: re.Match[str]) -> str:
        code = ord(match.group())
        return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"

    return _UNSAFE.sub(escape, literal) if _UNSAFE.search(literal) else literal


def json_safe(encoded: str) -> str:
    r"""Return the JSON text `encoded` with every unsafe character written as a `\uXXXX` escape.

    The decoded value stays byte-exact; the text can be shown on a terminal. Newlines between tokens stay.
    """

    def escape(match: re.Match[str]) -> str:
        char = match.group()
        units = char.encode("utf-16-be", "surrogatepass")
        return "".join(f"\\u{units[i]:02x}{units[i + 1]:02x}" for i in range(0, len(units), 2))

    return _UNSAFE.sub(escape, encoded) if _UNSAFE.search(encoded) else encoded
