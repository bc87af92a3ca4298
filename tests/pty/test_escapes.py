"""The checker of the other tests here: it finds what data brings, and passes what the program writes."""

import pytest

from tests.pty.escapes import clipboards, violations
from tests.pty.payloads import CONTROLS

OWN = (
    b"\x1b[?1049h\x1b[?25l\x1b[>25u\x1b[?2026$p\x1b[1;1H"
    b"\x1b[1;38;2;87;165;226;48;2;36;47;56m default\x1b[0m\r\n"
    b"\x1b]22;default\x07\x1b[3;40H\xe2\x97\x8f\x1b[<u\x1b[?1049l"
)


def test_what_the_program_writes_passes() -> None:
    assert violations(OWN) == []


@pytest.mark.parametrize("payload", CONTROLS, ids=[str(n) for n in range(len(CONTROLS))])
def test_every_payload_is_found_amid_it(payload: str) -> None:
    # Leaving the alternate screen is something the program does too: only the marker behind it tells.
    needles = [payload.encode()] if "PWNED18" in payload else []
    assert violations(OWN + payload.encode() + OWN, needles)


@pytest.mark.parametrize("data", [b"\x9b2J", b"\xc2\x9b2J", b"\xff", b"\xed\xa0\x80", b"\x1b[98m"])
def test_bytes_that_are_no_text_are_found(data: bytes) -> None:
    assert violations(OWN + data + b" text")


def test_the_clipboard_is_the_programs_own_only_when_it_was_asked_for() -> None:
    raw = b"x\x1b]52;c;aGFsbG8=\x07y"
    assert violations(raw)
    assert not violations(raw, clipboard=True)
    assert violations(b"\x1b]52;c;not base64\x07", clipboard=True)
    assert violations(b"\x1b]52;p;aGFsbG8=\x07", clipboard=True)
    assert clipboards(raw) == [b"hallo"]
