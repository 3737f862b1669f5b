import gzip
import hashlib
import lzma
import os
import pty
import re
import socket
import struct
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Event, Thread

import pytest

from nnlab.errors import DataError
from nnlab.fashion.data import SAMPLE_FILES, SAMPLE_FOLDER
from nnlab.fashion.dataset import fetch as fetching
from nnlab.fashion.dataset import locate as locating
from nnlab.fashion.dataset.fetch import download, fetch
from nnlab.fashion.dataset.locate import FILES, find, path_of, read_folder
from nnlab.fashion.dataset.transfer import get
from nnlab.runs.holder import Holder

LABELS = "train-labels-idx1-ubyte"
FIRST = "train-images-idx3-ubyte"


def digests(folder: Path) -> dict[str, str]:
    return {name: idx.sha256 for name, idx in read_folder(folder, SAMPLE_FILES).items()}


class Handler(BaseHTTPRequestHandler):
    server: "Mirror"

    def do_GET(self) -> None:
        self.server.asked.append(self.path)
        behaviour, name = self.path.strip("/").split("/")
        content = self.server.files.get(name.removesuffix(".gz"), b"")
        half = content[: len(content) // 2]
        match behaviour:
            case "good":
                self.answer(content)
            case "half":  # a complete answer with half of the file
                self.answer(half)
            case "cut":
                self.answer(half, announce=len(content))
            case "html":
                self.answer(b"<!DOCTYPE html>Please log in to this network")
            case "other":  # a good IDX file, but not this one
                self.answer(gzip.compress(struct.pack(">4B3I784x", 0, 0, 8, 3, 1, 28, 28)))
            case "hang":
                self.answer(half, announce=len(content))
                self.server.halfway.set()
                self.server.release.wait(60)
            case "silent":
                self.server.release.wait(60)
            case "flood":
                self.answer(bytes(50_000_000))
            case _:
                self.send_error(404)

    def answer(self, body: bytes, announce: int | None = None) -> None:
        self.send_response(200)
        self.send_header("Content-Length", str(len(body) if announce is None else announce))
        self.end_headers()
        with suppress(ConnectionError):  # a client may go away
            self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - as inherited
        pass


class Mirror(ThreadingHTTPServer):
    """A server whose first folder says how it behaves: /good/NAME.gz, /half/NAME.gz, ..."""

    def __init__(self, files: dict[str, bytes]) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.files = files
        self.asked: list[str] = []
        self.halfway = Event()
        self.release = Event()

    def address(self, behaviour: str) -> str:
        return f"http://127.0.0.1:{self.server_port}/{behaviour}/"


@pytest.fixture(scope="module")
def packed() -> dict[str, bytes]:
    files = {name: (SAMPLE_FOLDER / f"{name}.xz").read_bytes() for name in SAMPLE_FILES}
    return {name: gzip.compress(lzma.decompress(xz), 1) for name, xz in files.items()}


@pytest.fixture
def mirror(packed: dict[str, bytes]) -> Iterator[Mirror]:
    with Mirror(dict(packed)) as server:
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        yield server
        server.release.set()
        server.shutdown()
        thread.join()


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Simulate a machine without the data; return its nnlab cache."""
    for name in ("NNLAB_DATA", "NNLAB_MIRROR"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setenv("KERAS_HOME", str(tmp_path / "keras"))
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    monkeypatch.setattr(locating, "DEBIAN", tmp_path / "debian")
    return tmp_path / "cache" / "nnlab" / "fashion-mnist"


def put(folder: Path, files: dict[str, bytes]) -> Path:
    folder.mkdir(parents=True)
    for name, content in files.items():
        (folder / f"{name}.gz").write_bytes(content)
    return folder


def names(folder: Path) -> list[str]:
    return sorted(file.name for file in folder.iterdir() if file.name != ".nnlab-lock")


ALL_GZ = sorted(f"{name}.gz" for name in SAMPLE_FILES)


# Where the data may be


def test_nowhere_is_none() -> None:
    assert find(files=SAMPLE_FILES) is None


def test_the_places_in_their_order(
    tmp_path: Path, cache: Path, packed: dict[str, bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    keras = tmp_path / "keras" / "datasets" / "fashion-mnist"
    for folder in (tmp_path / "debian", keras, cache):
        put(folder, packed)
        assert find(files=SAMPLE_FILES) == folder
    monkeypatch.setenv("NNLAB_DATA", str(tmp_path / "own"))
    assert find(files=SAMPLE_FILES) == cache  # NNLAB_DATA lacks them
    put(tmp_path / "own", packed)
    assert find(files=SAMPLE_FILES) == tmp_path / "own"
    assert find(SAMPLE_FOLDER, files=SAMPLE_FILES) == SAMPLE_FOLDER


def test_a_file_may_be_unpacked(tmp_path: Path, packed: dict[str, bytes]) -> None:
    folder = put(tmp_path / "own", packed)
    (folder / f"{LABELS}.gz").unlink()
    (folder / LABELS).write_bytes(gzip.decompress(packed[LABELS]))
    assert path_of(folder, LABELS) == folder / LABELS
    assert digests(folder) == SAMPLE_FILES


@pytest.mark.usefixtures("cache")
def test_data_dir_is_the_only_place(tmp_path: Path, cache: Path, packed: dict[str, bytes]) -> None:
    put(cache, packed)
    folder = put(tmp_path / "own", packed)
    (folder / f"{LABELS}.gz").unlink()
    with pytest.raises(DataError, match=rf"own: no {LABELS} \(.*--data-dir"):
        fetch(folder, files=SAMPLE_FILES)
    (folder / f"{LABELS}.gz").write_bytes(packed[LABELS][:-1])
    with pytest.raises(DataError, match=rf"own/{LABELS}\.gz: .*--data-dir"):
        fetch(folder, files=SAMPLE_FILES)
    with pytest.raises(DataError, match=r"a\\x1b\[2Jb: no such folder.*--data-dir"):
        fetch(tmp_path / "a\x1b[2Jb", files=SAMPLE_FILES)
    assert not (tmp_path / "a\x1b[2Jb").exists()


def test_a_bad_file_in_nnlab_data_is_an_error(
    tmp_path: Path, cache: Path, packed: dict[str, bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    put(cache, packed)
    folder = put(tmp_path / "own", {LABELS: packed[LABELS][:-1]})
    monkeypatch.setenv("NNLAB_DATA", str(folder))
    with pytest.raises(DataError, match=rf"own/{LABELS}\.gz: .*Unset NNLAB_DATA"):
        find(files=SAMPLE_FILES)


def test_a_bad_file_in_a_cache_is_skipped_with_one_line(
    tmp_path: Path, cache: Path, packed: dict[str, bytes]
) -> None:
    put(cache, packed | {LABELS: packed[LABELS][:-1]})
    debian = put(tmp_path / "debian", packed)
    said: list[str] = []
    assert find(files=SAMPLE_FILES, say=said.append) == debian
    assert len(said) == 1
    assert str(cache / f"{LABELS}.gz") in said[0]


@pytest.mark.skipif(os.geteuid() == 0, reason="root may enter every folder")
def test_a_folder_that_may_not_be_entered_is_no_place(cache: Path) -> None:
    cache.mkdir(parents=True)
    cache.chmod(0)
    try:
        assert find(files=SAMPLE_FILES) is None
    finally:
        cache.chmod(0o700)


def test_as_many_labels_as_images(tmp_path: Path, packed: dict[str, bytes]) -> None:
    few = struct.pack(">4BI3x", 0, 0, 8, 1, 3)
    folder = put(tmp_path / "own", packed | {LABELS: gzip.compress(few)})
    table = dict(SAMPLE_FILES) | {LABELS: hashlib.sha256(few).hexdigest()}
    with pytest.raises(DataError, match="train has 2000 images and 3 labels"):
        read_folder(folder, table)


# Downloading


def test_downloads_once(cache: Path, mirror: Mirror, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NNLAB_MIRROR", mirror.address("good").rstrip("/"))
    said: list[str] = []
    assert fetch(files=SAMPLE_FILES, say=said.append) == cache
    assert digests(cache) == SAMPLE_FILES
    assert names(cache) == ALL_GZ
    assert len(said) == 4
    assert fetch(files=SAMPLE_FILES) == cache
    assert len(mirror.asked) == 4


def test_downloads_into_nnlab_data(
    tmp_path: Path, cache: Path, mirror: Mirror, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NNLAB_MIRROR", mirror.address("good"))
    monkeypatch.setenv("NNLAB_DATA", str(tmp_path / "own"))
    assert fetch(files=SAMPLE_FILES) == tmp_path / "own"
    assert not cache.exists()


def test_replaces_a_bad_file_in_the_cache(
    cache: Path, packed: dict[str, bytes], mirror: Mirror, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(cache, packed)
    (cache / f"{LABELS}.gz").unlink()
    (cache / LABELS).write_bytes(b"bad")
    monkeypatch.setenv("NNLAB_MIRROR", mirror.address("good"))
    assert fetch(files=SAMPLE_FILES) == cache
    assert mirror.asked == [f"/good/{LABELS}.gz"]
    assert find(files=SAMPLE_FILES) == cache


@pytest.mark.parametrize(
    ("behaviour", "reason"),
    [
        ("missing", "HTTP status 404"),
        ("half", "Compressed file ended"),
        ("cut", "IncompleteRead|bytes read"),
        ("html", "begins with the bytes 3c 21 44 4f"),
        ("other", "other data"),
        ("hang", "no data for 0.5 seconds|timed out"),
        ("silent", "no data for 0.5 seconds|timed out"),
    ],
)
def test_a_bad_mirror_is_named_and_the_next_is_asked(
    cache: Path, mirror: Mirror, monkeypatch: pytest.MonkeyPatch, behaviour: str, reason: str
) -> None:
    bad = mirror.address(behaviour)
    monkeypatch.setattr(fetching, "MIRRORS", (bad,))
    with pytest.raises(DataError) as failed:
        fetch(files=SAMPLE_FILES, patience=0.5)
    message = str(failed.value)
    assert re.search(rf"\n  {re.escape(bad)}{FIRST}\.gz: .*({reason})", message)
    assert "--data-dir" in message
    assert "apt install dataset-fashion-mnist" in message
    assert names(cache) == []  # no bad file, no partial file
    assert mirror.asked == [f"/{behaviour}/{FIRST}.gz"]  # not asked again after it failed

    monkeypatch.setattr(fetching, "MIRRORS", (bad, mirror.address("good")))
    assert fetch(files=SAMPLE_FILES, patience=0.5) == cache
    assert names(cache) == ALL_GZ


def test_a_retry_goes_on_from_what_arrived(
    cache: Path, packed: dict[str, bytes], mirror: Mirror, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NNLAB_MIRROR", mirror.address("good"))
    mirror.files[LABELS] = packed[LABELS][:-1]
    with pytest.raises(DataError, match=LABELS):
        fetch(files=SAMPLE_FILES)
    assert names(cache) == [f"{FIRST}.gz"]
    mirror.asked.clear()
    mirror.files[LABELS] = packed[LABELS]
    assert fetch(files=SAMPLE_FILES) == cache
    assert mirror.asked == [f"/good/{name}.gz" for name in SAMPLE_FILES if name != FIRST]


def test_no_server_is_one_error(cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    monkeypatch.setenv("NNLAB_MIRROR", f"http://user:secret@127.0.0.1:{port}/\x1b[2J")
    with pytest.raises(DataError, match="Connection refused") as failed:
        fetch(files=SAMPLE_FILES)
    assert "secret" not in str(failed.value)
    assert "\x1b" not in str(failed.value)
    assert names(cache) == []


def test_an_invalid_address_is_one_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NNLAB_MIRROR", "mirror")
    with pytest.raises(DataError, match=r"Invalid URL 'mirror/.*No scheme supplied"):
        fetch(files=SAMPLE_FILES)


def test_a_missing_certificate_bundle_is_not_the_folders_fault(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("NNLAB_MIRROR", "https://127.0.0.1:9/")
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", "/nonexistent.pem")
    with pytest.raises(DataError, match=r"\n  https://127.*ubyte\.gz: .*CA certificate bundle"):
        fetch(files=SAMPLE_FILES)


def test_an_answer_without_end_is_refused(tmp_path: Path, mirror: Mirror) -> None:
    with (
        pytest.raises(DataError, match="more than the 50000 bytes"),
        (tmp_path / "x").open("wb") as file,
    ):
        get(mirror.address("flood") + "x", file, patience=5, most=50_000)


def test_a_folder_that_cannot_be_written_is_an_error(
    tmp_path: Path, mirror: Mirror, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NNLAB_MIRROR", mirror.address("good"))
    (tmp_path / "file").touch()
    monkeypatch.setenv("NNLAB_DATA", str(tmp_path / "file" / "own"))
    with pytest.raises(DataError, match=r"own: cannot be written: .*NNLAB_DATA"):
        fetch(files=SAMPLE_FILES)


# Other processes: each runs `download` as nnlab does

DOWNLOAD = """
import resource, sys
from pathlib import Path
from nnlab.fashion.data import SAMPLE_FILES
from nnlab.fashion.dataset.fetch import download
if len(sys.argv) > 2:
    resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[2]), int(sys.argv[2])))
download(Path(sys.argv[1]), SAMPLE_FILES, say=print, patience=30)
"""


def start(mirror: str, folder: Path, *more: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-W", "error", "-c", DOWNLOAD, str(folder), *more],
        env=os.environ | {"NNLAB_MIRROR": mirror},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def test_two_processes_download_once(cache: Path, mirror: Mirror) -> None:
    processes = [start(mirror.address("good"), cache) for _ in range(2)]
    ends = [(*process.communicate(timeout=60), process.returncode) for process in processes]
    assert [(errors, code) for _, errors, code in ends] == [("", 0)] * 2
    assert sorted(mirror.asked) == sorted(f"/good/{name}.gz" for name in SAMPLE_FILES)
    assert digests(cache) == SAMPLE_FILES


def test_a_killed_download_leaves_nothing_that_counts(cache: Path, mirror: Mirror) -> None:
    process = start(mirror.address("hang"), cache)
    assert mirror.halfway.wait(60)
    process.kill()
    process.communicate(timeout=60)
    assert [name for name in names(cache) if not name.startswith(".tmp-")] == []
    process = start(mirror.address("good"), cache)
    process.communicate(timeout=60)
    assert process.returncode == 0
    assert names(cache) == ALL_GZ  # and the partial file of the killed one is gone


def test_a_full_disk_is_not_the_mirrors_fault(cache: Path, mirror: Mirror) -> None:
    process = start(mirror.address("good"), cache, "50000")
    _, errors = process.communicate(timeout=60)
    assert process.returncode == 1
    assert f"DataError: {cache}: cannot be written: [Errno 27] File too large" in errors
    assert names(cache) == []
    assert mirror.asked == [f"/good/{FIRST}.gz"]


@pytest.mark.parametrize("quiet", [False, True])
def test_a_bar_in_a_terminal_unless_quiet(cache: Path, mirror: Mirror, *, quiet: bool) -> None:
    ours, theirs = pty.openpty()
    code = (
        "from pathlib import Path; from nnlab.fashion.data import SAMPLE_FILES; "
        "from nnlab.fashion.dataset.fetch import download; import sys; "
        f"download(Path(sys.argv[1]), SAMPLE_FILES, say=str, patience=30, quiet={quiet})"
    )
    environment = {"NNLAB_MIRROR": mirror.address("good"), "TERM": "xterm"}
    process = subprocess.Popen(
        [sys.executable, "-c", code, str(cache)], stderr=theirs, env=os.environ | environment
    )
    os.close(theirs)
    shown = b""
    with suppress(OSError):  # how Linux says that the other end is closed
        while chunk := os.read(ours, 65536):
            shown += chunk
    os.close(ours)
    assert process.wait() == 0, shown
    assert (shown == b"") is quiet


def test_importing_fetch_loads_no_http_library() -> None:
    code = (
        "import sys, nnlab.fashion.dataset.fetch; "
        "print({'pooch', 'requests', 'rich'} & {*sys.modules})"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60
    )
    assert done.stdout == "set()\n"


def test_a_download_that_another_machine_may_be_making_is_not_waited_for(tmp_path: Path) -> None:
    folder = tmp_path / "my data"
    held = folder / ".nnlab-lock.held"
    held.mkdir(parents=True)
    holder = Holder.me().model_copy(update={"host": "far-away", "pid": 7})
    (held / "x").write_text(holder.model_dump_json())
    with pytest.raises(DataError, match=r"process 7 on far-away, since .* rm -r '"):
        download(folder, FILES, say=lambda _: None, patience=1)
