"""What the bytes of a file tell before it is read."""

import re
from pathlib import Path

from cockpit.files import open_regular
from cockpit.yaml_lines import YamlTrouble

_HEAD = 8192
_FIRST = re.compile(
    rb"(?:\xef\xbb\xbf)?(?:[ \t]*(?:#[^\n]*|---[^\n]*|\{\{[^\n]*)?\r?\n)*[A-Za-z_]\w*[ \t]*:(?=\s|$)"
)
_BEGINS = re.compile(rb"^(?:groups|route|signals|phases):[ \t]*(?:#.*)?$", re.MULTILINE)


def seems_ours(path: Path) -> bool:
    """Say whether a file without a telling suffix begins as a rule file or a configuration does.

    Its first line, comments aside, is a key: source code may have YAML in it, and is none.
    """
    first = head(path)
    return b"\0" not in first and _FIRST.match(first) is not None and _BEGINS.search(first) is not None


def head(path: Path) -> bytes:
    """Return the first part of a file; nothing of one that cannot be read."""
    try:
        with open_regular(path) as file:
            return file.read(_HEAD)
    except OSError:
        return b""


def no_text(data: bytes) -> YamlTrouble | None:
    """Return why bytes are no text, and the line where that begins."""
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return None
    at, reason = data.find(b"\0"), "not text"
    if at < 0:
        try:
            data.decode()
        except UnicodeDecodeError as error:
            at, reason = error.start, "not UTF-8"
    return YamlTrouble(reason, data.count(b"\n", 0, at) + 1) if at >= 0 else None


def is_rules_json(text: str) -> bool:
    """Say whether JSON has groups of rules rather than panels."""
    return '"groups"' in text and '"rules"' in text and '"panels"' not in text
