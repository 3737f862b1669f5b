"""Expand what gzip or xz packed, up to a limit: neither a bomb nor an endless tail costs much.

Source: RFC 1952 (gzip); "The .xz File Format", https://tukaani.org/xz/xz-file-format.txt
"""

import lzma
import re
import zlib
from typing import Any

_GZIP, _XZ = b"\x1f\x8b", b"\xfd7zXZ\0"
_GZIP_BITS = 31  # a gzip header, and a window of any size
_MOST_PACKINGS = 1000  # one after the other
_CHUNK = 1 << 16  # bytes
_ZEROS = re.compile(rb"\0*")
_XZ_MEMORY = 128 << 20  # bytes that a decoder may take; what `xz -9` packed needs 65 MiB


def most_packed(plain: int) -> int:
    """Return the bytes that `plain` bytes can have when they are packed, however badly."""
    return plain + plain // 100 + 65_536


def unpack(raw: bytes, most: int) -> bytes:
    """Return what is packed in `raw`, or `raw` itself; of more than `most` bytes the first ones.

    Several packings one after the other, as gzip allows, are one.

    Raises:
        ValueError: a packing is cut short, something else follows it, or they are too many.
        zlib.error: a gzip packing is damaged.
        lzma.LZMAError: an xz packing is damaged.
    """
    if not raw.startswith((_GZIP, _XZ)):
        return raw[: most + 1]
    parts: list[bytearray] = []
    room, at = most + 1, 0
    while at < len(raw) and room:
        if not raw.startswith((_GZIP, _XZ), at):
            raise ValueError("something else follows its packed bytes")
        if len(parts) == _MOST_PACKINGS:
            raise ValueError(f"has more than {_MOST_PACKINGS:,} packings one after the other")
        part, at = _one(raw, at, room)
        parts.append(part)
        room -= len(part)
    return b"".join(parts)


def _one(raw: bytes, at: int, room: int) -> tuple[bytearray, int]:
    """Return what the packing at `at` holds, at most `room` bytes, and where it has ended."""
    packing: Any = (
        zlib.decompressobj(_GZIP_BITS)
        if raw.startswith(_GZIP, at)
        else lzma.LZMADecompressor(lzma.FORMAT_XZ, _XZ_MEMORY)
    )
    part = bytearray()
    while not packing.eof and len(part) < room and at < len(raw):
        chunk = raw[at : at + _CHUNK]  # of which the packing copies what follows its end
        part += packing.decompress(chunk, room - len(part))
        at += len(chunk)
    if not packing.eof and len(part) < room:
        raise ValueError("Compressed file ended before its packing did")
    at -= len(packing.unused_data)
    padding = _ZEROS.match(raw, at)  # which both formats may have
    return part, padding.end() if padding else at
