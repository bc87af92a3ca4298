"""The fingerprint by which Alertmanager knows an alert.

Source of the algorithm: prometheus/common, model/signature.go, labelSetToFingerprint: FNV-1a, 64 bits, over
the label pairs sorted by name, each name and each value followed by the byte 0xff.
"""

from collections.abc import Mapping
from functools import lru_cache

_OFFSET = 0xCBF29CE484222325
_PRIME = 0x100000001B3
_MASK = 0xFFFFFFFFFFFFFFFF
_SEPARATOR = b"\xff"


@lru_cache(maxsize=65_536)
def _add(state: int, name: str, value: str) -> int:
    # Alerts of one rule share their first pairs, so most states are met again.
    data = (
        name.encode("utf-8", "surrogatepass")
        + _SEPARATOR
        + value.encode("utf-8", "surrogatepass")
        + _SEPARATOR
    )
    for byte in data:
        state = ((state ^ byte) * _PRIME) & _MASK
    return state


def fingerprint(labels: Mapping[str, str]) -> str:
    """Return the fingerprint of `labels` as 16 lower-case hex digits, as Alertmanager's API writes it."""
    state = _OFFSET
    for name in sorted(labels):
        state = _add(state, name, labels[name])
    return f"{state:016x}"
