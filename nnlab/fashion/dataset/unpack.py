"""Decompress gzip and xz data up to a limit, against compression bombs and endless padding.

Source: RFC 1952 (gzip); "The .xz File Format", https://tukaani.org/xz/xz-file-format.txt
"""

import lzma
import re
import zlib
from typing import Any

_GZIP, _XZ = b"\x1f\x8b", b"\xfd7zXZ\0"
_GZIP_BITS = 31  # a gzip header, with any window size
_MOST_STREAMS = 1000  # in one file
_CHUNK = 1 << 16  # bytes
_ZEROS = re.compile(rb"\0*")
_XZ_MEMORY = 128 << 20  # bytes that a decoder may use; data from `xz -9` needs 65 MiB


def most_packed(plain: int) -> int:
    """Return the largest compressed size, in bytes, of `plain` bytes."""
    return plain + plain // 100 + 65_536


def unpack(raw: bytes, most: int) -> bytes:
    """Return the decompressed bytes of `raw`, or `raw` itself if it is not compressed.

    The result has at most `most` + 1 bytes; the last one shows that there are more. Several
    compressed streams one after the other, as gzip allows, give one result.

    Raises:
        ValueError: a stream is cut off, other bytes follow it, or there are too many streams.
        zlib.error: a gzip stream is damaged.
        lzma.LZMAError: an xz stream is damaged.
    """
    if not raw.startswith((_GZIP, _XZ)):
        return raw[: most + 1]
    parts: list[bytearray] = []
    room, at = most + 1, 0
    while at < len(raw) and room:
        if not raw.startswith((_GZIP, _XZ), at):
            raise ValueError("has other bytes after its compressed data")
        if len(parts) == _MOST_STREAMS:
            raise ValueError(f"has more than {_MOST_STREAMS:,} compressed streams")
        part, at = _one(raw, at, room)
        parts.append(part)
        room -= len(part)
    return b"".join(parts)


def _one(raw: bytes, at: int, room: int) -> tuple[bytearray, int]:
    """Return at most `room` bytes of the stream that starts at `at`, and where the stream ends."""
    stream: Any = (
        zlib.decompressobj(_GZIP_BITS)
        if raw.startswith(_GZIP, at)
        else lzma.LZMADecompressor(lzma.FORMAT_XZ, _XZ_MEMORY)
    )
    part = bytearray()
    while not stream.eof and len(part) < room and at < len(raw):
        chunk = raw[
            at : at + _CHUNK
        ]  # short: the decoder copies what follows the end of its stream
        part += stream.decompress(chunk, room - len(part))
        at += len(chunk)
    if not stream.eof and len(part) < room:
        raise ValueError("Compressed file ended before the end of its stream")
    at -= len(stream.unused_data)
    padding = _ZEROS.match(raw, at)  # both formats allow zeros after a stream
    return part, padding.end() if padding else at
