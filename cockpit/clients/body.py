"""The body of an answer, unpacked, with a cap on what it unpacks to."""

import asyncio
import zlib
from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import httpx

_OFF_THE_LOOP = 64 * 1024


class TooLargeError(Exception):
    """The body is larger than the cap."""


class EncodingError(Exception):
    """The body is packed in a way that was not asked for, or its packing is broken."""


async def read_body(response: "httpx.Response", cap: int, received: Callable[[int], None]) -> bytes:
    """Return the unpacked body, at most `cap` bytes. `received` is told how many bytes have come so far.

    The packed bytes are gathered first and unpacked with an output limit: httpx unpacks each piece whole, so
    that 64 KiB of a bomb become 64 MiB before they can be counted. Raises TooLargeError and EncodingError.
    """
    encoding = response.headers.get("content-encoding", "").strip().lower()
    if response.is_stream_consumed:
        return _capped(response.content, cap)
    pieces: list[bytes] = []
    size = 0
    received(0)
    async for piece in response.aiter_raw():
        size += len(piece)
        if size > cap:
            raise TooLargeError
        pieces.append(piece)
        received(size)
    packed = b"".join(pieces)
    await asyncio.sleep(0)
    if encoding in {"", "identity"} or not packed:
        return packed
    if encoding not in {"gzip", "x-gzip"}:
        raise EncodingError
    if size < _OFF_THE_LOOP // 8:
        return unpack(packed, cap)
    return await asyncio.to_thread(unpack, packed, cap)


def unpack(packed: bytes, cap: int) -> bytes:
    """Return what the gzip stream `packed` holds. Raises TooLargeError above `cap`, and EncodingError."""
    unpacker = zlib.decompressobj(16 + zlib.MAX_WBITS)
    try:
        data = unpacker.decompress(packed, cap + 1)
    except zlib.error as error:
        raise EncodingError from error
    if len(data) > cap:
        raise TooLargeError
    if not unpacker.eof:
        raise EncodingError
    return data


def _capped(data: bytes, cap: int) -> bytes:
    if len(data) > cap:
        raise TooLargeError
    return data
