"""Files that were made to do harm: one message and a documented exit code, in little room."""

import contextlib
import gzip
import io
import os
import resource
import subprocess
import sys
import tempfile
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from nnlab.cli import app
from nnlab.config.resolve import resolve
from nnlab.cubic.config import CubicConfig
from nnlab.fashion.config import FashionConfig
from nnlab.fashion.dataset.locate import FILES
from tests.conftest import ENVIRONMENT, command
from tests.faults.harness import DOCUMENTED

ROOT = Path(__file__).parent.parent.parent
SAMPLE = ROOT / "nnlab/fashion/sample"
pytestmark = pytest.mark.slow
MB = 1 << 20

CONFIGS = {
    "aliases": "a: &a [x, x]\n" + "".join(
        f"{b}: &{b} [{','.join(['*' + a] * 9)}]\n" for a, b in pairwise("abcdefghijklm")
    ),
    "merge keys": "<<: &a {lr: 1}\n",
    "deep lists": "lr: " + "[" * 90_000,
    "deep maps": "lr: " + "{a: " * 22_000,
    "deep blocks": "\n".join("  " * n + "a:" for n in range(430)),
    "many keys": "".join(f"k{n}: 1\n" for n in range(9000)),
    "a long number": "lr: " + "9" * 90_000,
    "a long exponent": "lr: 1e" + "9" * 90_000,
    "a long name": "x" * 90_000 + ": 1",
    "a long key": "? " + "x" * 90_000 + "\n: 1\n",
    "a long tag": "lr: !!" + "x" * 90_000 + " 1",
    "many blocks": f"filters: [{', '.join(['{filters: 1, pool: 1}'] * 4001)}]\n",
    "many bad blocks": f"filters: [{', '.join(['{filters: 0, pool: x}'] * 4001)}]\n",
    "python/object": "lr: !!python/object/apply:os.system ['touch pwned']",
    "python/name": "lr: !!python/name:os.system",
    "python/tuple": "filters: !!python/tuple [1, 2]",
    "python/module": "!!python/module:os {}",
    "set": "lr: !!set {1}",
    "binary": "lr: !!binary aGVsbG8=",
    "duplicate keys": "lr: 1\nlr: 2\n",
    "nested duplicates": "lr: {a: 1, a: 2}\n",
    "two documents": "lr: 1\n---\nlr: 2\n",
    "NUL": "lr: \0",
    "escapes": "\x1b[31mlr: 1",
    "markup": "'[red]lr[/red]': 1",
    "a NUL in a path": 'data_dir: "a\\0b"\n',
}  # fmt: skip
ENCODINGS = {
    "UTF-16": "lr: 1".encode("utf-16"),
    "Latin-1": "data_dir: \xe9".encode("latin-1"),
    "surrogates": b"lr: \xed\xa0\x80",
    "overlong": b"lr: \xc0\x80",
    "100 MB": b"lr: 1 #" + b"x" * (100 * MB),
    "100 MB of nesting": b"[" * (100 * MB),
}
HOSTILE = {name: text.encode() for name, text in CONFIGS.items()} | ENCODINGS


def limited(folder: Path, megabytes: int, *words: object) -> subprocess.CompletedProcess[str]:
    """Run nnlab with so much address space above what Python itself takes; kill it after 30 s."""
    limit = megabytes * MB

    def lower() -> None:
        resource.setrlimit(resource.RLIMIT_AS, (limit, limit))

    return subprocess.run(
        command(*words), cwd=folder, env=ENVIRONMENT | {"OPENBLAS_NUM_THREADS": "1"}, text=True,
        capture_output=True, timeout=30, check=False, preexec_fn=lower,
    )  # fmt: skip


@pytest.mark.parametrize("experiment", ["cubic", "fashion"])
@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_config_is_one_message(tmp_path: Path, name: str, experiment: str) -> None:
    (tmp_path / "c.yaml").write_bytes(HOSTILE[name])
    done = limited(tmp_path, 500, experiment, "-c", "c.yaml", "--run-dir", "a")
    no_folder = name == "a NUL in a path" and experiment == "fashion"
    assert done.returncode == (1 if no_folder else 2), done.stderr
    assert done.stderr.startswith("nnlab: ")
    assert "bug in nnlab" not in done.stderr
    assert "Traceback" not in done.stderr
    assert len(done.stderr) < 8000
    assert len(done.stderr.splitlines()) < 24
    assert "\x1b" not in done.stderr
    assert os.listdir(tmp_path) == ["c.yaml"]


def in_process(folder: Path, *words: str) -> tuple[int, str]:
    """Run nnlab's `main` here, for the many examples of Hypothesis; return its exit code and words.

    A process of its own takes half a second; a fault that escapes `main` is raised here.
    """
    said = io.StringIO()
    argv, sys.argv = sys.argv, ["nnlab", *words]
    here = Path.cwd()
    os.chdir(folder)
    try:
        with contextlib.redirect_stderr(said), contextlib.redirect_stdout(said):
            app.main()
    except SystemExit as end:
        return int(end.code or 0), said.getvalue()
    finally:
        sys.argv = argv
        os.chdir(here)
    return 0, said.getvalue()


YAML_WORDS = [b"*a", b"&a ", b"!!python/name:os.system ", b"{", b"[", b"\n", b": ", b"- ", b"<<"]


@st.composite
def mutations(draw: st.DrawFn, originals: list[bytes]) -> bytes:
    """One of `originals` with some bytes replaced, inserted, deleted, doubled or cut off."""
    raw = bytearray(draw(st.sampled_from(originals)))
    for _ in range(draw(st.integers(1, 6))):
        at = draw(st.integers(0, len(raw)))
        match draw(st.sampled_from(["replace", "insert", "delete", "double", "cut"])):
            case "replace":
                new = draw(st.binary(min_size=1, max_size=4))
                raw[at : at + len(new)] = new
            case "insert":
                raw[at:at] = draw(st.binary(max_size=8) | st.sampled_from(YAML_WORDS))
            case "delete":
                del raw[at : at + draw(st.integers(1, 40))]
            case "double":
                end = at + draw(st.integers(1, 40))
                raw[at:at] = raw[at:end]
            case "cut":
                del raw[at:]
    return bytes(raw)


QUICKLY = settings(
    max_examples=1000, deadline=10_000, suppress_health_check=list(HealthCheck), database=None
)
SHIPPED = [path.read_bytes() for path in sorted((ROOT / "configs").glob("*.yaml"))]
WITH_EVERY_KEY = [
    resolve(model, None, {}).yaml().encode() for model in (CubicConfig, FashionConfig)
]


@given(raw=mutations(SHIPPED + WITH_EVERY_KEY), experiment=st.sampled_from(["cubic", "fashion"]))
@QUICKLY
def test_a_mutated_config_is_a_config_or_one_message(raw: bytes, experiment: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "c.yaml").write_bytes(raw)
        code, said = in_process(Path(folder), experiment, "-c", "c.yaml", "--print-config")
        assert code in DOCUMENTED
        assert code == 0 or said.startswith("nnlab: ")
        assert "Traceback" not in said
        assert "bug in nnlab" not in said


def packed_sample() -> list[bytes]:
    """The sample's smallest files: IDX, plain and packed by gzip."""
    import lzma

    labels = lzma.decompress((SAMPLE / "t10k-labels-idx1-ubyte.xz").read_bytes())
    images = lzma.decompress((SAMPLE / "t10k-images-idx3-ubyte.xz").read_bytes())
    few = images[:4] + (3).to_bytes(4, "big") + images[8 : 16 + 3 * 784]
    return [few, labels, gzip.compress(few, mtime=0), gzip.compress(labels, mtime=0)]


@given(raw=mutations(packed_sample()), name=st.sampled_from(sorted(FILES)), gz=st.booleans())
@QUICKLY
def test_mutated_data_are_refused_in_one_message(raw: bytes, name: str, gz: bool) -> None:
    with tempfile.TemporaryDirectory() as folder:
        for each in FILES:
            Path(folder, each + ".gz" * (gz and each == name)).write_bytes(raw)
        code, said = in_process(Path(folder), "data", "verify", "--data-dir", ".")
        assert code == 1
        (line,) = said.splitlines()
        assert line.startswith("nnlab: ")
        assert "ubyte" in line
        assert "bug in nnlab" not in line


def test_a_gzip_bomb_costs_neither_time_nor_memory(tmp_path: Path) -> None:
    """2 GB of zeros behind a header that is right."""
    header = bytes((0, 0, 8, 3)) + b"".join(n.to_bytes(4, "big") for n in (60_000, 28, 28))
    with gzip.open(tmp_path / "train-images-idx3-ubyte.gz", "wb", compresslevel=1) as file:
        file.write(header)
        for _ in range(128):
            file.write(bytes(16 * MB))
    for name in sorted(FILES)[:-2] + sorted(FILES)[-1:]:
        (tmp_path / name).touch()
    done = limited(tmp_path, 1000, "data", "verify", "--data-dir", ".")
    assert done.returncode == 1
    assert "train-images-idx3-ubyte.gz: has more bytes after its 60000 images" in done.stderr
