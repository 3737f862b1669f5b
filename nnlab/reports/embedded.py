"""The pictures of a run as `data:` addresses, so that a page needs no other file."""

import base64
import io
import struct
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from nnlab import inputs
from nnlab.reports.parts import Picture

if TYPE_CHECKING:
    from PIL.Image import Image

MOST_BYTES = 8 << 20  # of one picture
MOST_TOGETHER = 32 << 20  # of all pictures of a run
MOST_PIXELS = 25_000_000  # a browser unpacks each pixel to 4 bytes
MOST_FRAMES = 2000  # of an animation
MOST_DRAWN = 500_000_000  # pixels of all frames of an animation: some seconds
PNG, GIFS = b"\x89PNG\r\n\x1a\n", (b"GIF87a", b"GIF89a")


def pictures(
    paths: Sequence[Path], captions: Mapping[str, str]
) -> tuple[list[Picture], list[tuple[str, str]]]:
    """Return the pictures that can be put into a page; and the other files, each with the reason.

    Args:
        paths: the files; those with a caption come first, in the order of `captions`.
        captions: file name -> what to look for.
    """
    order = {name: place for place, name in enumerate(captions)}
    shown: list[Picture] = []
    others = []
    room = MOST_TOGETHER
    for path in sorted(paths, key=lambda path: (order.get(path.name, len(order)), path.name)):
        try:
            raw = inputs.read(path, min(MOST_BYTES, room), "a picture of a page")
            shown.append(_picture(path.name, raw, captions.get(path.name, "")))
            room -= len(raw)
        except OSError as error:
            others.append((path.name, error.strerror or "cannot be read"))
        except ValueError as error:
            others.append((path.name, str(error)))
    return shown, others


def _picture(name: str, raw: bytes, caption: str) -> Picture:
    """Return a picture; ValueError if it is none, or has too many pixels."""
    width, height = size_of(raw)
    if width * height > MOST_PIXELS:
        raise ValueError(f"it has {width:,} x {height:,} pixels; at most {MOST_PIXELS:,} together")
    moves = not raw.startswith(PNG)
    return Picture(
        name, _uri("gif" if moves else "png", raw), _last_frame(raw) if moves else "",
        width, height, caption,
    )  # fmt: skip


def from_png(name: str, raw: bytes, caption: str) -> Picture:
    """Return a PNG that nnlab has drawn for the page."""
    return Picture(name, _uri("png", raw), "", *size_of(raw), caption)


def size_of(raw: bytes) -> tuple[int, int]:
    """Return width and height of a PNG or GIF in pixels; ValueError if it is neither."""
    if raw.startswith(PNG) and raw[12:16] == b"IHDR" and len(raw) > 24:  # noqa: PLR2004 - the header's
        width, height = struct.unpack(">II", raw[16:24])
    elif raw.startswith(GIFS) and len(raw) > 10:  # noqa: PLR2004
        width, height = struct.unpack("<HH", raw[6:10])
    else:
        raise ValueError("it is neither a PNG nor a GIF")
    return width, height


def _last_frame(raw: bytes) -> str:
    """Return the last picture of an animation, for paper and for those who want no motion."""
    from PIL import Image

    still = io.BytesIO()
    try:
        with Image.open(io.BytesIO(raw), formats=["GIF"]) as image:
            if ended := _seek_last(image):
                image.save(still, "PNG")
    except Exception as error:  # noqa: BLE001 - a damaged file can fail in any way
        raise ValueError(f"it is damaged: {error}") from None
    if not ended:
        raise ValueError(
            f"it is too long or too large: at most {MOST_FRAMES:,} frames, {MOST_PIXELS:,} pixels "
            f"in a frame, and {MOST_DRAWN:,} in all frames together"
        )
    return _uri("png", still.getvalue())


def _seek_last(image: "Image") -> bool:
    """Go to the last frame; return whether that was possible within the limits.

    Each frame on the way is drawn, whole, and a frame can make the image larger.
    """
    drawn = 0
    for frame in range(1, MOST_FRAMES + 1):
        pixels = image.width * image.height
        drawn += pixels
        if drawn > MOST_DRAWN or pixels > MOST_PIXELS:
            return False
        try:
            image.seek(frame)
        except EOFError:
            return True
    return False


def _uri(kind: str, raw: bytes) -> str:
    return f"data:image/{kind};base64,{base64.b64encode(raw).decode()}"
