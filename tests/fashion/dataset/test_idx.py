import gzip
import hashlib
import lzma
import re
import struct
import tracemalloc
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nnlab.errors import DataError
from nnlab.fashion.dataset.idx import IMAGE, LABEL, Items, read_idx
from nnlab.text import printable

LABELS = struct.pack(">BBBBI", 0, 0, 8, 1, 5) + bytes([9, 0, 0, 3, 7])
PIXELS = np.random.default_rng(0).integers(0, 256, (2, 28, 28), np.uint8)
IMAGES = struct.pack(">BBBBIII", 0, 0, 8, 3, 2, 28, 28) + PIXELS.tobytes()

PACKINGS: dict[str, Callable[[bytes], bytes]] = {
    "plain": bytes,
    "gzip": lambda plain: gzip.compress(plain, mtime=0),
    "xz": lzma.compress,
}
packings = pytest.mark.parametrize("pack", PACKINGS.values(), ids=PACKINGS)


def put(folder: Path, content: bytes) -> Path:
    path = folder / "file"
    path.write_bytes(content)
    return path


@packings
def test_reads_images(tmp_path: Path, pack: Callable[[bytes], bytes]) -> None:
    idx = read_idx(put(tmp_path, pack(IMAGES)), IMAGE)
    assert idx.array.dtype == np.uint8
    np.testing.assert_array_equal(idx.array, PIXELS)
    assert idx.sha256 == hashlib.sha256(IMAGES).hexdigest()


@packings
def test_reads_labels(tmp_path: Path, pack: Callable[[bytes], bytes]) -> None:
    idx = read_idx(put(tmp_path, pack(LABELS)), LABEL)
    assert idx.array.tolist() == [9, 0, 0, 3, 7]
    assert idx.sha256 == hashlib.sha256(LABELS).hexdigest()


@packings
def test_a_file_cut_at_any_byte_is_refused(tmp_path: Path, pack: Callable[[bytes], bytes]) -> None:
    whole = pack(LABELS)
    for size in range(len(whole)):
        with pytest.raises(DataError):
            read_idx(put(tmp_path, whole[:size]), LABEL)


@pytest.mark.parametrize(
    ("item", "content", "found"),
    [
        (LABEL, b"", "ends after 0 bytes"),
        (LABEL, IMAGES, "begins with the bytes 00 00 08 03, not 00 00 08 01"),
        (IMAGE, LABELS + bytes(9), "begins with the bytes 00 00 08 01, not 00 00 08 03"),
        (LABEL, b"\0\0\x0d\1" + LABELS[4:], "begins with the bytes 00 00 0d 01"),
        (LABEL, b"<!DOCTYPE html><html>", "begins with the bytes 3c 21 44 4f"),
        (
            IMAGE,
            struct.pack(">4B3I", 0, 0, 8, 3, 1, 28, 27) + bytes(756),
            r"holds items of shape \(28, 27\), not",
        ),
        (LABEL, struct.pack(">4BI", 0, 0, 8, 1, 0), "claims 0 labels"),
        (LABEL, struct.pack(">4BI", 0, 0, 8, 1, 60_001) + bytes(60_001), "claims 60001 labels"),
        (LABEL, LABELS[:-1], "ends after 4 of the 5 bytes"),
        (LABEL, LABELS + b"\0", "has more bytes after its 5 labels"),
        (LABEL, LABELS[:-1] + b"\x0a", "holds the label 10; the labels are 0 to 9"),
    ],
)
@packings
def test_a_fault_is_named_with_file_and_advice(
    tmp_path: Path,
    item: Items,
    content: bytes,
    found: str,
    pack: Callable[[bytes], bytes],
) -> None:
    path = put(tmp_path, pack(content))
    message = f"{re.escape(str(path))}: {found}.*nnlab data fetch"
    with pytest.raises(DataError, match=message):
        read_idx(path, item)


@pytest.mark.parametrize(
    "content",
    [
        gzip.compress(LABELS, mtime=0)[:-8] + bytes(8),  # checksum
        gzip.compress(LABELS, mtime=0) + b"junk",
        gzip.compress(LABELS, mtime=0)[:10] + b"\xff" * 30,  # no deflate stream
        lzma.compress(LABELS)[:20] + b"\xff" * 40,
    ],
)
def test_a_damaged_stream_is_refused(tmp_path: Path, content: bytes) -> None:
    with pytest.raises(DataError, match="nnlab data fetch"):
        read_idx(put(tmp_path, content), LABEL)


@pytest.mark.parametrize("pack", [gzip.compress, lzma.compress])
def test_too_many_streams_are_refused(tmp_path: Path, pack: Callable[[bytes], bytes]) -> None:
    with pytest.raises(DataError, match="more than 1,000 compressed streams"):
        read_idx(put(tmp_path, pack(b"") * 1001), LABEL)
    several = b"".join(pack(bytes([byte])) for byte in LABELS)
    assert read_idx(put(tmp_path, several), LABEL).array.tolist() == [9, 0, 0, 3, 7]


def test_a_folder_and_nothing_are_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="Is a directory"):
        read_idx(tmp_path, LABEL)
    with pytest.raises(DataError, match="No such file"):
        read_idx(tmp_path / "none", LABEL)


@given(
    pack=st.sampled_from(list(PACKINGS.values())),
    edits=st.lists(st.tuples(st.integers(0, 400), st.integers(0, 255)), max_size=4),
    cut=st.integers(0, 400),
    tail=st.binary(max_size=20),
)
def test_any_damage_is_a_data_error_or_shows_in_the_digest(
    tmp_path_factory: pytest.TempPathFactory,
    pack: Callable[[bytes], bytes],
    edits: list[tuple[int, int]],
    cut: int,
    tail: bytes,
) -> None:
    content = bytearray(pack(LABELS))
    for position, value in edits:
        content[position % len(content)] = value
    path = tmp_path_factory.getbasetemp() / "mutated"
    path.write_bytes(content[: max(cut, 1)] + tail)
    try:
        idx = read_idx(path, LABEL)
    except DataError:
        return
    plain = LABELS[:4] + struct.pack(">I", len(idx.array)) + idx.array.tobytes()
    assert idx.sha256 == hashlib.sha256(plain).hexdigest()


@pytest.mark.parametrize(
    ("item", "content"),
    [
        # 1 GiB of zeros behind five labels, in about 1 MB of gzip
        (LABEL, gzip.compress(LABELS, mtime=0) + gzip.compress(bytes(1 << 24), mtime=0) * 64),
        # the header announces 3 TB of images
        (IMAGE, struct.pack(">4B3I", 0, 0, 8, 3, 2**32 - 1, 28, 28) + bytes(100)),
        (IMAGE, struct.pack(">4B3I", 0, 0, 8, 3, 1, 2**32 - 1, 2**32 - 1) + bytes(100)),
    ],
    ids=["bomb", "many", "large"],
)
def test_a_bomb_and_a_false_header_cost_no_memory(
    tmp_path: Path, item: Items, content: bytes
) -> None:
    path = put(tmp_path, content)
    tracemalloc.start()
    try:
        with pytest.raises(DataError):
            read_idx(path, item)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 4 << 20


def test_printable_escapes_what_a_terminal_would_obey() -> None:
    assert printable("a\x1b[31mb\r\n\udcffé") == r"a\x1b[31mb\r\n\udcffé"
