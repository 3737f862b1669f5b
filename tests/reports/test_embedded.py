"""The pictures inside a page: which files, how large, and what an animation is on paper."""

import base64
import io
import os
import struct
import zlib
from pathlib import Path

import pytest
from PIL import Image

from nnlab.reports import embedded
from nnlab.reports.embedded import pictures, size_of
from tests.reports.made import add_pictures, make_run


def opened(uri: str) -> Image.Image:
    head, _, data = uri.partition(",")
    assert head in {"data:image/png;base64", "data:image/gif;base64"}
    return Image.open(io.BytesIO(base64.b64decode(data)))


def test_pictures_are_whole_and_in_the_order_of_the_captions(tmp_path: Path) -> None:
    run = make_run(tmp_path / "run")
    add_pictures(run)
    add_pictures(run, "z.png", "a.gif")
    captions = {"training.gif": "It moves.", "fit.png": "It fits."}
    shown, others = pictures(list((run / "plots").iterdir()), captions)
    assert [(each.name, each.caption) for each in shown] == [
        ("training.gif", "It moves."), ("fit.png", "It fits."), ("a.gif", ""), ("z.png", ""),
    ]  # fmt: skip
    assert others == []
    for each in shown:
        image = opened(each.uri)
        assert image.size == (each.width, each.height) == (40, 30)
        assert bool(each.still) == each.name.endswith(".gif")
    last = opened(shown[0].still).convert("RGB").getpixel((5, 5))
    assert last == (0, 0, 255)  # the second frame


def png_of(width: int, height: int) -> bytes:
    """Return a small PNG file that unpacks to width x height pixels."""
    header = struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0)
    rows = zlib.compress(bytes((width // 8 + 1) * height))
    chunks = [(b"IHDR", header), (b"IDAT", rows), (b"IEND", b"")]
    return embedded.PNG + b"".join(
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        for kind, data in chunks
    )


def gif_of(*frames: tuple[int, int], side: int) -> bytes:
    """Return a GIF of side x side pixels; a frame is one pixel, at the place given: 20 bytes."""
    head = b"GIF89a" + struct.pack("<HHBBB", side, side, 0x80, 0, 0) + b"\0\0\0\xff\xff\xff"
    pixel = struct.pack("<HHBBBBBBB", 1, 1, 0, 2, 2, 0x44, 0x01, 0, 0)[:-1]
    return head + b"".join(b"," + struct.pack("<HH", *at) + pixel for at in frames) + b";"


@pytest.mark.parametrize(
    ("raw", "fits"),
    [
        (gif_of(*[(0, 0)] * 2000, side=10), True),
        (gif_of(*[(0, 0)] * 2001, side=10), False),
        (gif_of(*[(0, 0)] * 400_000, side=4000), False),
        (gif_of((0, 0), (9000, 9000), (0, 0), side=10), False),
    ],
    ids=["long", "too long", "too large together", "a frame outside"],
)
def test_an_animation_is_drawn_only_within_limits(tmp_path: Path, raw: bytes, fits: bool) -> None:
    (tmp_path / "a.gif").write_bytes(raw)
    assert len(raw) < embedded.MOST_BYTES
    shown, others = pictures([tmp_path / "a.gif"], {})
    assert [each.name for each in shown] == ["a.gif"] * fits
    assert ["too long or too large: at most 2,000 frames" in why for _, why in others] == (
        [True] * (not fits)
    )


def test_what_is_too_large_or_no_picture_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    small = png_of(10, 10)
    files = {
        "a.png": small, "b.png": small + bytes(2000), "bomb.png": png_of(20_000, 2000),
        "empty.png": b"", "note.png": b"this is text", "y.png": small, "z.png": small,
    }  # fmt: skip
    for name, raw in files.items():
        (tmp_path / name).write_bytes(raw)
    os.mkfifo(tmp_path / "pipe.png")
    (tmp_path / "folder.png").mkdir()
    monkeypatch.setattr(embedded, "MOST_BYTES", 1000)
    monkeypatch.setattr(embedded, "MOST_TOGETHER", 2 * len(small) + 10)
    monkeypatch.setattr(embedded, "MOST_PIXELS", 1_000_000)
    assert len(files["bomb.png"]) < 10_000
    shown, others = pictures([tmp_path / name for name in os.listdir(tmp_path)], {})
    assert [each.name for each in shown] == ["a.png", "y.png"]
    said = dict(others)
    assert sorted(said) == sorted(
        ["b.png", "bomb.png", "empty.png", "note.png", "z.png", "pipe.png", "folder.png"]
    )
    assert "larger than a picture" in said["b.png"]
    assert "larger than a picture" in said["z.png"]  # all together
    assert "neither a PNG nor a GIF" in said["note.png"] == said["empty.png"]
    assert "a pipe" in said["pipe.png"]


def test_too_many_pixels_are_told_from_the_header() -> None:
    assert size_of(png_of(20_000, 3)) == (20_000, 3)
    with pytest.raises(ValueError, match=r"40,000,000|20,000 x 2,000"):
        embedded._picture("bomb.png", png_of(20_000, 2000), "")
