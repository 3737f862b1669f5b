"""Expand what gzip or xz packed, up to a limit: neither a bomb nor an endless tail costs much.

Source: RFC 1952 (gzip); "The .xz File Format", https://tukaani.org/xz/xz-file-format.txt
"""

import lzma
import zlib

_GZIP, _XZ = b"\x1f\x8b", b"\xfd7zXZ\0"
_GZIP_BITS = 31  # a gzip header, and a window of any size
_XZ_MEMORY = 128 << 20  # bytes that a decoder may take; what `xz -9` packed needs 65 MiB


def most_packed(plain: int) -> int:
    """Return the bytes that `plain` bytes can have when they are packed, however badly."""
    return plain + plain // 100 + 65_536


def unpack(raw: bytes, most: int) -> bytes:
    """Return what is packed in `raw`, or `raw` itself; of more than `most` bytes the first ones.

    Several packings one after the other, as gzip allows, are one.

    Raises:
        ValueError: a packing is cut short, or something else follows it.
        zlib.error: a gzip packing is damaged.
        lzma.LZMAError: an xz packing is damaged.
    """
    if not raw.startswith((_GZIP, _XZ)):
        return raw[: most + 1]
    parts: list[bytes] = []
    room = most + 1
    while raw and room:
        if not raw.startswith((_GZIP, _XZ)):
            raise ValueError("something else follows its packed bytes")
        part, raw = _first(raw, room)
        parts.append(part)
        room -= len(part)
    return b"".join(parts)


def _first(raw: bytes, room: int) -> tuple[bytes, bytes]:
    """Return what the first packing in `raw` holds, at most `room` bytes, and what follows it."""
    if raw.startswith(_GZIP):
        gzip = zlib.decompressobj(_GZIP_BITS)
        part, ended, rest = gzip.decompress(raw, room), gzip.eof, gzip.unused_data
    else:
        xz = lzma.LZMADecompressor(lzma.FORMAT_XZ, _XZ_MEMORY)
        part = xz.decompress(raw, room)
        ended, rest = xz.eof, xz.unused_data
    if not ended and len(part) < room:
        raise ValueError("Compressed file ended before its packing did")
    return part, rest.lstrip(b"\0")  # both formats may be padded with zeros
