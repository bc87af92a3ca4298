"""Memory that a long run gives back to the system."""

import gc
import sys
from functools import cache
from typing import Any

_MMAP_THRESHOLD, _ARENA_MAX = -3, -8
"""Numbers of glibc's `mallopt`, from malloc.h."""
_LARGE = 1 << 18


@cache
def _libc() -> Any:
    """Return glibc, or None where the system has another C library."""
    if sys.platform != "linux":
        return None
    import ctypes

    try:
        library = ctypes.CDLL("libc.so.6")
    except OSError:
        return None
    return library if hasattr(library, "malloc_trim") else None


def separate() -> None:
    """Let large blocks, such as a whole answer, be pages of their own, given back as soon as they are free.

    Left alone, glibc puts them among the small ones once one was freed, and they leave holes.
    """
    if (libc := _libc()) is not None:
        libc.mallopt(_MMAP_THRESHOLD, _LARGE)
        libc.mallopt(_ARENA_MAX, 1)


def collect() -> None:
    """Collect garbage, and give free pages back."""
    gc.collect()
    if (libc := _libc()) is not None:
        libc.malloc_trim(0)
