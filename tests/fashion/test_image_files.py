"""Image files of every kind are read as gray pixels, or refused in one sentence."""

import os
import struct
import subprocess
import sys
import zlib
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from nnlab.errors import DataError, UsageError
from nnlab.fashion.image_files import find, read_gray

RAMP = np.arange(0, 240, dtype=np.uint8).reshape(12, 20)


def png(width: int, height: int) -> bytes:
    """Return a PNG file whose header promises so many pixels, and which holds few."""

    def chunk(kind: bytes, content: bytes) -> bytes:
        check = struct.pack(">I", zlib.crc32(kind + content))
        return struct.pack(">I", len(content)) + kind + content + check

    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    parts = (b"IHDR", header), (b"IDAT", zlib.compress(bytes(10_000))), (b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunk(*part) for part in parts)


def saved(path: Path, image: Image.Image, **options: object) -> Path:
    image.save(path, **options)  # type: ignore[arg-type]
    return path


@pytest.mark.parametrize("mode", ["L", "RGB", "RGBA", "LA", "P"])
def test_gray_pixels_are_kept_in_every_mode(tmp_path: Path, mode: str) -> None:
    path = saved(tmp_path / "a.png", Image.fromarray(RAMP).convert(mode))
    assert np.array_equal(read_gray(path), RAMP)


def test_16_bits_become_8(tmp_path: Path) -> None:
    path = saved(tmp_path / "a.png", Image.fromarray(RAMP.astype(np.uint16) * 257))
    assert np.array_equal(read_gray(path), RAMP)
    path = saved(tmp_path / "b.png", Image.fromarray(np.full((2, 2), 65_535, np.uint16)))
    assert (read_gray(path) == 255).all()


def test_two_colours_become_black_and_white(tmp_path: Path) -> None:
    path = saved(tmp_path / "a.png", Image.fromarray(RAMP > 100))
    assert np.array_equal(read_gray(path), np.where(RAMP > 100, 255, 0))


def test_colours_become_their_brightness(tmp_path: Path) -> None:
    path = saved(tmp_path / "a.png", Image.new("RGB", (3, 2), (200, 100, 50)))
    assert (read_gray(path) == round(0.299 * 200 + 0.587 * 100 + 0.114 * 50)).all()
    path = saved(tmp_path / "b.jpg", Image.new("CMYK", (8, 8), (0, 0, 0, 255)))
    assert read_gray(path).max() <= 2


def test_what_is_transparent_is_white(tmp_path: Path) -> None:
    clear = Image.new("RGBA", (4, 4), (0, 0, 0, 0))
    clear.putpixel((0, 0), (0, 0, 0, 255))
    assert read_gray(saved(tmp_path / "a.png", clear)).sum() == 15 * 255
    palette = Image.new("P", (4, 4), 0)
    assert read_gray(saved(tmp_path / "b.png", palette, transparency=0)).min() == 255


@pytest.mark.parametrize("scale", [1, 300])
def test_a_photo_is_turned_as_the_camera_says(tmp_path: Path, scale: int) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6  # turn by 90 degrees, clockwise
    shown = Image.fromarray(RAMP[:8, :16]).resize((16 * scale, 8 * scale))
    path = saved(tmp_path / "a.jpg", shown, exif=exif, quality=95)
    found = read_gray(path)
    assert found.shape[0] == 2 * found.shape[1]
    assert found[0, -1] < found[0, 0] - 80  # the first pixel is now on the right


def test_a_large_photo_is_made_smaller(tmp_path: Path) -> None:
    path = saved(tmp_path / "a.jpg", Image.new("RGB", (4000, 3000), "gray"))
    assert max(read_gray(path).shape) <= 1024


def test_a_large_image_is_the_mean_of_its_pixels_in_every_mode(tmp_path: Path) -> None:
    noise = np.random.default_rng(0).integers(0, 256, (701, 1603), np.uint8)
    image = Image.fromarray(noise)
    right = np.asarray(image.reduce(3))
    palette = image.copy()
    palette.putpalette([level for level in range(256) for _ in "RGB"])
    wide = Image.fromarray(noise.astype(np.uint16) * 257)
    for each in (image, image.convert("RGB"), image.convert("RGBA"), palette, wide):
        assert np.array_equal(read_gray(saved(tmp_path / "a.png", each)), right), each.mode


PEAK = """
import resource, sys
from pathlib import Path
from nnlab.fashion.image_files import read_gray
read_gray(Path(sys.argv[1]))
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
read_gray(Path(sys.argv[2]))
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before)
"""


@pytest.mark.parametrize(("mode", "most"), [("P", 3), ("I;16", 4), ("LA", 6)])
def test_a_large_image_takes_few_bytes_a_pixel(tmp_path: Path, mode: str, most: float) -> None:
    clear = {"transparency": 0} if mode == "P" else {}
    small = saved(tmp_path / "small.png", Image.new(mode, (600, 600)), **clear)
    large = saved(tmp_path / "large.png", Image.new(mode, (4000, 4000)), compress_level=1, **clear)
    done = subprocess.run(
        [sys.executable, "-c", PEAK, small, large], capture_output=True, check=True
    )
    assert int(done.stdout) * 1024 < most * 4000 * 4000


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"hello", "this is not a PNG or JPEG image"),
        (b"", "this is not a PNG or JPEG image"),
        (b"GIF89a" + bytes(100), "this is not a PNG or JPEG image"),
        (png(20_000, 20_000), "too many pixels"),
        (png(2**31 - 1, 2**31 - 1), "too many pixels"),
        (png(9000, 9000), "9,000 x 9,000 = more than 64,000,000"),
        (png(1, 70_000), "an edge has more than 65,500 pixels"),
        (png(300, 300), "truncated"),
        (png(300, 300)[:60], "truncated|damaged|not a PNG"),
    ],
    ids=range(9),
)
def test_a_file_that_is_no_usable_image_is_one_sentence(
    tmp_path: Path, content: bytes, said: str
) -> None:
    path = tmp_path / "a.png"
    path.write_bytes(content)
    with pytest.raises(DataError, match=f"a.png: .*({said})") as error:
        read_gray(path)
    assert "\n" not in str(error.value)


def test_what_is_no_file_is_refused(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "a.png")
    with pytest.raises(DataError, match="this is a pipe, not a plain file"):
        read_gray(tmp_path / "a.png")
    with pytest.raises(DataError, match="this is a device"):
        read_gray(Path("/dev/zero"))


def test_a_folder_means_its_images_by_name(tmp_path: Path) -> None:
    for name in ("b.PNG", "a.jpeg", "c.jpg", "notes.txt", ".hidden.png"):
        (tmp_path / name).touch()
    found = [path.name for path in find([str(tmp_path), str(tmp_path / "notes.txt")])]
    assert found == ["a.jpeg", "b.PNG", "c.jpg", "notes.txt"]


def test_a_folder_without_images_and_a_missing_file_are_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"this folder has no \.png"):
        find([str(tmp_path)])
    with pytest.raises(UsageError, match=r"nothing\.png: no such file"):
        find([str(tmp_path / "nothing.png")])
