"""Is every control code in a program's raw output its own? Anything that data could have brought is told."""

import base64
import binascii
import re
from collections.abc import Iterable

MARKER = re.compile(r"PWNED\d\d")

_SEQUENCE = re.compile(
    r"""\x1b(?:
      \[(?P<csi>[0-?]*[ -/]*[@-~])
    | \](?P<osc>[^\x07\x1b]*)(?:\x07|\x1b\\)
    | [PX^_](?P<string>[^\x1b]*)(?:\x1b\\)
    | (?P<other>.)
    )""",
    re.VERBOSE | re.DOTALL,
)
_NUMBERS = r"(?:\d|[1-9]\d|1\d\d|2[0-4]\d|25[0-5])"
_COLOUR = rf"[345]8;(?:2;{_NUMBERS};{_NUMBERS};{_NUMBERS}|5;{_NUMBERS})"
_ATTRIBUTE = rf"(?:0|1|2|3|4|7|9|2[1-9]|[34][0-79]|9[0-7]|10[0-7]|{_COLOUR})"
_STYLE = re.compile(rf"(?:{_ATTRIBUTE}(?:;{_ATTRIBUTE})*)?m")
_OWN_CSI = re.compile(
    r"""
      \d{1,3};\d{1,3}H                                  # Textual puts the cursor before each piece
    | \?(?:7|25|1000|1003|1004|1006|1015|1016|1049|2004|2026|2048)[hl]
    | \?(?:2026|2048)\$p                                # what the terminal can do
    | >\d{1,2}u | <u                                    # kitty's keyboard protocol on and off
    """,
    re.VERBOSE,
)
_OWN_OSC = re.compile(r"22;[a-z-]{1,20}")
"""The shape of the mouse pointer."""

_CLIPBOARD = re.compile(r"52;c;([A-Za-z0-9+/]*={0,2})")

_HIDDEN = (
    *range(0x80, 0xA0),
    0x061C,
    0x200B,
    0x200E,
    0x200F,
    0x2028,
    0x2029,
    *range(0x202A, 0x202F),
    *range(0x2060, 0x206A),
    0xFEFF,
    *range(0xFFF9, 0xFFFC),
    *range(0xDC80, 0xDD00),
    *range(0xE0000, 0xE0080),
)
"""C1, bidirectional and zero-width controls, tag characters, and bytes that are no UTF-8."""

_UNWANTED = re.compile("[\x00-\x06\x07\x08\x0b\x0c\x0e-\x1a\x1c-\x1f\x7f" + "".join(map(chr, _HIDDEN)) + "]")


def violations(raw: bytes, needles: Iterable[bytes] = (), *, clipboard: bool = False) -> list[str]:
    """Return what in `raw` the program cannot have meant: unknown sequences, controls, and any of `needles`.

    With `clipboard` an OSC 52 that sets the clipboard to base64 is the program's own.
    """
    found = [f"payload as it came: {n!r}" for n in needles if n in raw]
    text = raw.decode("utf-8", "surrogateescape")
    between: list[str] = []
    at = 0
    for match in _SEQUENCE.finditer(text):
        between.append(text[at : match.start()])
        at = match.end()
        if MARKER.search(match.group()):
            found.append(f"marker inside a sequence: {match.group()[:80]!r}")
        if not _own(match, clipboard=clipboard):
            found.append(f"unknown sequence: {match.group()[:80]!r} before {text[at : at + 40]!r}")
    between.append(text[at:])
    plain = "".join(between)
    if "\x1b" in plain:
        found.append("an escape that begins no sequence")
    for match in _UNWANTED.finditer(plain):
        around = plain[max(0, match.start() - 20) : match.end() + 20]
        found.append(f"U+{ord(match.group()):04X} in {around!r}")
    return found


def _own(match: "re.Match[str]", *, clipboard: bool) -> bool:
    csi, osc = match["csi"], match["osc"]
    if csi is not None:
        return bool(_STYLE.fullmatch(csi) or _OWN_CSI.fullmatch(csi))
    if osc is None:
        return False
    if _OWN_OSC.fullmatch(osc):
        return True
    return clipboard and clipboard_text(osc) is not None


def clipboard_text(osc: str) -> bytes | None:
    """Return what an OSC 52 puts on the clipboard; None if it is something else, or no base64."""
    match = _CLIPBOARD.fullmatch(osc)
    if match is None:
        return None
    try:
        return base64.b64decode(match[1], validate=True)
    except binascii.Error:
        return None


def clipboards(raw: bytes) -> list[bytes]:
    """Return all that `raw` puts on the clipboard, in order."""
    found = re.findall(r"\x1b\](52;[^\x07\x1b]*)", raw.decode("utf-8", "surrogateescape"))
    return [text for text in map(clipboard_text, found) if text is not None]
