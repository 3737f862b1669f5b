"""Fashion-MNIST from a machine that has it to one that does not."""

import gzip
from pathlib import Path

import pytest

from nnlab.fashion.config import FashionConfig
from nnlab.fashion.data import SAMPLE_FILES, SAMPLE_FOLDER
from nnlab.fashion.dataset import locate, shipped


@pytest.fixture(autouse=True)
def empty(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No data on this machine; the sample in place of the 70,000 images."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setenv("KERAS_HOME", str(tmp_path / "keras"))
    monkeypatch.delenv("NNLAB_DATA", raising=False)
    monkeypatch.setattr(locate, "DEBIAN", tmp_path / "debian")
    monkeypatch.setattr(shipped, "FILES", SAMPLE_FILES)


def test_a_machine_without_data_lacks_them_and_cannot_send_them() -> None:
    assert shipped.lacking()
    assert shipped.contents() is None


def test_what_one_machine_sends_another_finds(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NNLAB_DATA", str(SAMPLE_FOLDER))
    contents = shipped.contents()
    assert contents is not None
    assert [Path(name).stem for name in contents] == list(SAMPLE_FILES)
    monkeypatch.delenv("NNLAB_DATA")
    assert shipped.lacking()
    shipped.keep(contents)
    assert not shipped.lacking()
    assert shipped.contents() == contents


def test_a_damaged_copy_is_replaced(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NNLAB_DATA", str(SAMPLE_FOLDER))
    contents = shipped.contents() or {}
    monkeypatch.delenv("NNLAB_DATA")
    shipped.keep(contents | {min(contents): gzip.compress(b"damaged")})
    assert shipped.lacking()
    shipped.keep(contents)
    assert not shipped.lacking()


def test_only_the_full_data_are_sent() -> None:
    assert FashionConfig().published == "nnlab.fashion.dataset.shipped"
    assert FashionConfig(data="sample").published == ""
    own = FashionConfig(data="own", data_dir=Path("/data/mine"))
    assert (own.published, own.own_files) == ("", (Path("/data/mine"),))
