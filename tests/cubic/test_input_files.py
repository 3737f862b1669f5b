"""Input files of a run: a good file is used, a bad file gives one message and exit code 2."""

import json
import os
import pickle
import shutil
import subprocess
import sys
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from nnlab.config.resolve import resolve
from nnlab.cubic import data
from nnlab.cubic.config import CubicConfig
from nnlab.cubic.input_files import read_parameters, read_points
from nnlab.cubic.network import Parameters, initial_parameters
from nnlab.cubic.state import first_parameters
from nnlab.errors import UsageError
from nnlab.runs.saved import SavedRun
from tests.conftest import ENVIRONMENT, Nnlab, digest, weights

QUICK = ("cubic", "--hidden", 4, "--samples", 50, "--no-gif", "--run-dir", "a")


class Trap:
    """Creates a file when it is unpickled."""

    def __reduce__(self) -> tuple[object, ...]:
        return Path.touch, (Path("unpickled"),)


def parameters(hidden: int = 4) -> Parameters:
    return initial_parameters(hidden, 0.3, np.random.default_rng(1))


def savez(path: Path, **changed: object) -> None:
    kept = {k: v for k, v in (parameters() | changed).items() if v is not None}
    np.savez(path, **kept)  # type: ignore[arg-type]


def cut_short(path: Path) -> None:
    savez(path)
    path.write_bytes(path.read_bytes()[:700])


def archive(path: Path) -> None:
    with path.open("wb") as file:
        np.savez(file, x=np.ones(3))


def suffixless(path: Path) -> None:
    savez(path, W2=None)
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr("W2", b"text")


def bomb(path: Path) -> None:
    """A small archive whose W2 has 1e18 bytes according to its header."""
    savez(path)
    kept = {name: zipfile.ZipFile(path).read(name) for name in zipfile.ZipFile(path).namelist()}
    head = b"\x93NUMPY\x01\x00v\x00{'descr': '<f8', 'fortran_order': False, "
    head += b"'shape': (1000000000, 100000000), }"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, raw in kept.items():
            archive.writestr(name, raw if name != "W2.npy" else head.ljust(127) + b"\n" + raw[128:])


def expanding(path: Path) -> None:
    savez(path, W2=None)
    with zipfile.ZipFile(path, "a", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("W2.npy", bytes(50_000_000))


def rewritten(path: Path, name: str, change: Callable[[bytes], bytes], how: int = 0) -> None:
    """Write good parameters; change the entry `name` and compress it with `how`."""
    savez(path)
    with zipfile.ZipFile(path) as archive:
        kept = {each: archive.read(each) for each in archive.namelist()}
    with zipfile.ZipFile(path, "w") as archive:
        for each, raw in kept.items():
            if each == name:
                archive.writestr(each, change(raw), how)
            else:
                archive.writestr(each, raw)


def inflating(path: Path) -> None:
    """A W1 that claims a size of about 1 kB and expands to a gigabyte."""
    block = bytes(1 << 20)
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    real = np.zeros((4, 1))
    np.save("w1.npy", real)
    plain = Path("w1.npy").read_bytes()
    deflated = packer.compress(plain) + b"".join(packer.compress(block) for _ in range(1024))
    deflated += packer.flush()
    savez(path)
    with zipfile.ZipFile(path) as archive:
        kept = {each: archive.read(each) for each in archive.namelist()}
    with zipfile.ZipFile(path, "w") as archive:
        for each, raw in kept.items():
            archive.writestr(each, deflated if each == "W1.npy" else raw)
        entry = archive.getinfo("W1.npy")
        entry.compress_type, entry.file_size = zipfile.ZIP_DEFLATED, len(plain) + 1000
    whole = bytearray(path.read_bytes())
    at = whole.index(b"PK\x03\x04", entry.header_offset) + 8
    whole[at : at + 2] = (8).to_bytes(2, "little")  # deflated
    path.write_bytes(whole)


def trailing(path: Path) -> None:
    rewritten(path, "b1.npy", lambda raw: raw + b"\0")


def squeezed(path: Path) -> None:
    rewritten(path, "W2.npy", bytes, zipfile.ZIP_LZMA)


def sparse(path: Path) -> None:
    savez(path)
    os.truncate(path, 8 << 30)


def _headed(header: bytes) -> bytes:
    return b"\x93NUMPY\1\0" + len(header).to_bytes(2, "little") + header


BAD_PARAMETERS: dict[str, tuple[Callable[[Path], object], str]] = {
    "a missing key": (lambda p: savez(p, W2=None), "has no W2 (it has W1, b1, b2, W3, b3)"),
    "a wrong shape": (
        lambda p: savez(p, b1=np.ones(5)),
        "b1 has shape (5,); expected shape (4,) for hidden 4",
    ),
    "another hidden": (lambda p: savez(p, **parameters(6)), "expected shape (4, 1) for hidden 4"),
    "a NaN": (lambda p: savez(p, W3=np.array([[1, 2, np.nan, 4]])), "W3[0, 2] is nan"),
    "an infinity": (lambda p: savez(p, b3=np.array([np.inf])), "b3[0] is inf"),
    "a pickle inside": (lambda p: savez(p, b2=np.array([Trap()] * 4)), "Python objects (a pickle)"),
    "a pickle": (lambda p: p.write_bytes(pickle.dumps(Trap())), "Python objects (a pickle)"),
    "text": (lambda p: savez(p, b1=np.array(list("abcd"))), "b1: it holds <U1, not numbers"),
    "complex": (lambda p: savez(p, b1=np.ones(4, complex)), "not numbers"),
    "too large a number": (
        lambda p: savez(p, b1=np.array([1, 2, 3, 4], np.longdouble) * np.longdouble("1e4000")),
        "b1[0] is",
    ),
    "a name without .npy": (suffixless, "W2"),
    "no archive": (
        lambda p: p.write_bytes(b"hello"),
        "is not a NumPy file; expected an .npz file (from numpy.savez) with the keys W1 b1",
    ),
    "nothing": (lambda p: p.write_bytes(b""), "is not a NumPy file; expected an .npz file"),
    "a single array": (lambda p: p.write_bytes(_npy(np.ones(4))), "is a single array"),
    "a cut archive": (cut_short, "damaged"),
    "a bomb by its head": (bomb, "W2 has shape (1000000000, 100000000)"),
    "a bomb by its bytes": (expanding, "W2 has 50,000,000 bytes, too many"),
    "a bomb by what it expands to": (inflating, "W1: it is damaged"),
    "bytes after an array": (trailing, "b1: it has data after its array"),
    "a packing without a limit": (squeezed, "W2 has a compression that"),
    "a file of gigabytes": (sparse, "larger than the parameters for hidden 4 can be"),
    "a folder": (Path.mkdir, "Is a directory"),
    "no file": (lambda _: None, "No such file"),
}
BAD_POINTS: dict[str, tuple[Callable[[Path], object], str]] = {
    "empty": (lambda p: p.write_bytes(_npy(np.ones(0))), "has shape (0,)"),
    "non-finite": (lambda p: p.write_bytes(_npy(np.array([1, np.nan]))), "[1] is nan"),
    "two-dimensional": (lambda p: p.write_bytes(_npy(np.ones((3, 1)))), "has shape (3, 1)"),
    "a bare number": (lambda p: p.write_bytes(_npy(np.ones(()))), "has shape ()"),
    "a pickle": (lambda p: p.write_bytes(pickle.dumps(Trap())), "Python objects (a pickle)"),
    "objects": (lambda p: p.write_bytes(_npy(np.array([Trap()]))), "Python objects (a pickle)"),
    "a header of many signs": (
        lambda p: p.write_bytes(_headed(b"-" * 30_000 + b"1")),
        "it is damaged (its header is nested too deeply)",
    ),
    "a header of many sums": (
        lambda p: p.write_bytes(_headed(b"1+" * 30_000 + b"1")),
        "it is damaged (its header is nested too deeply)",
    ),
    "an archive": (archive, "an .npz archive"),
    "cut short": (lambda p: p.write_bytes(_npy(np.ones(100))[:300]), "damaged"),
    "two arrays": (
        lambda p: p.write_bytes(_npy(np.ones(100)) * 2),
        "has data after its array: it has 1,856 bytes, not 928",
    ),
    "a tail of gigabytes": (
        lambda p: _sparse(p, _npy(np.ones(9)), 8 << 30),
        "larger than points can be",
    ),
    "a billion points": (
        lambda p: _sparse(p, _head(10**9), 128 + 8 * 10**9),
        "has 1,000,000,000 points, more than the maximum of 100,000,000",
    ),
    "a header that nests": (lambda p: p.write_bytes(_long(b"(" * 60_000)), "damaged"),
    "a header of gigabytes": (
        lambda p: p.write_bytes(b"\x93NUMPY\2\0" + b"\xff" * 300),
        "its header has 4,294,967,295 bytes",
    ),
    "no file": (lambda _: None, "No such file"),
}


def _sparse(path: Path, start: bytes, size: int) -> None:
    path.write_bytes(start)
    os.truncate(path, size)


def _head(points: int) -> bytes:
    """The header of an .npy file, 128 bytes."""
    told = f"{{'descr': '<f8', 'fortran_order': False, 'shape': ({points},), }}"
    return b"\x93NUMPY\x01\x00v\x00" + told.ljust(117).encode() + b"\n"


def _long(text: bytes) -> bytes:
    return b"\x93NUMPY\x01\x00" + len(text).to_bytes(2, "little") + text


@pytest.mark.filterwarnings("error")
def test_headers_of_other_writers_are_read(nnlab: Nnlab, tmp_path: Path) -> None:
    """A header from Python 2 and one of 13 kB: no warning in the library or the command."""
    x = np.linspace(-2, 2, 200)
    told = "{'descr': '<f8', 'fortran_order': False, 'shape': (200L,), }"
    texts = {"python2": told, "long": told.replace("L", "").ljust(13_000)}
    for name, text in texts.items():
        path = tmp_path / f"{name}.npy"
        path.write_bytes(_long(text.encode() + b"\n") + x.tobytes())
        np.testing.assert_array_equal(read_points(path), x)
        done = nnlab("cubic", "--hidden", 4, "--no-gif", "-q", "--points", f"{name}.npy")
        assert (done.returncode, done.stderr) == (0, "")


def _npy(array: object) -> bytes:
    path = Path("array.npy")
    np.save(path, array)  # type: ignore[arg-type]
    return path.read_bytes()


@pytest.mark.parametrize("what", BAD_PARAMETERS)
def test_bad_parameters(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, what: str) -> None:
    refused(read_parameters_of_four, tmp_path / "p.npz", *BAD_PARAMETERS[what], monkeypatch)


@pytest.mark.parametrize("what", BAD_POINTS)
def test_bad_points(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, what: str) -> None:
    refused(read_points, tmp_path / "x.npy", *BAD_POINTS[what], monkeypatch)


def refused(
    read: Callable[[Path], object],
    path: Path,
    make: Callable[[Path], object],
    said: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(path.parent)
    make(path)
    with pytest.raises(UsageError) as error:
        read(path)
    assert said in str(error.value)
    assert str(path) in str(error.value)
    assert not Path("unpickled").exists()


def read_parameters_of_four(path: Path) -> object:
    return read_parameters(path, 4)


@pytest.mark.parametrize(
    ("flag", "what"),
    [
        *(
            ("--init-from", w)
            for w in ("a missing key", "a wrong shape", "a NaN", "a pickle inside")
        ),
        *(("--points", w) for w in ("empty", "non-finite", "two-dimensional", "objects")),
    ],
)
def test_a_bad_file_is_one_message(
    nnlab: Nnlab, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, flag: str, what: str
) -> None:
    monkeypatch.chdir(tmp_path)
    make, said = (BAD_POINTS if flag == "--points" else BAD_PARAMETERS)[what]
    name = "x.npy" if flag == "--points" else "p.npz"
    make(tmp_path / name)
    for samples in ((), ("--samples", 1)):
        done = nnlab("cubic", "--hidden", 4, "--no-gif", "--run-dir", "a", flag, name, *samples)
        assert done.returncode == 2
        assert said in done.stderr
        assert name in done.stderr
        assert len(done.stderr.splitlines()) <= 2
        assert not (tmp_path / "a").exists()
        assert not (tmp_path / "unpickled").exists()


def test_points_whose_cube_overflows(nnlab: Nnlab, tmp_path: Path) -> None:
    np.save(tmp_path / "x.npy", np.array([1.0, 1e20]))
    done = nnlab(*QUICK[:3], "--points", "x.npy", "--dtype", "float32")
    assert done.returncode == 2
    assert "holds 1e+20, whose cube is more than float32 can hold" in done.stderr


def test_a_run_from_its_own_initial_parameters_and_points_is_the_same_run(
    nnlab: Nnlab, tmp_path: Path
) -> None:
    config = CubicConfig(hidden=4, samples=50)
    np.savez(tmp_path / "p.npz", **first_parameters(config))  # type: ignore[arg-type]
    np.save(tmp_path / "x.npy", data.points(config)[0][:, 0])
    assert nnlab(*QUICK).returncode == 0
    given = ("--init-from", "p.npz", "--points", "x.npy", "--run-dir", "b")
    done = nnlab("cubic", "--hidden", 4, "--no-gif", *given)
    assert done.returncode == 0, done.stderr
    assert digest(tmp_path / "a") == digest(tmp_path / "b")
    assert (
        "samples: 50" in (tmp_path / "b/config.yaml").read_text()
    )  # the number of points in the file
    again = nnlab("cubic", "--config", "b/config.yaml", "--run-dir", "c")
    assert again.returncode == 0, again.stderr
    assert digest(tmp_path / "b") == digest(tmp_path / "c")


def test_a_run_goes_on_from_another_runs_weights(nnlab: Nnlab, tmp_path: Path) -> None:
    nnlab(*QUICK)
    done = nnlab(*QUICK, "--init-from", "a/model.npz", "--lr", 1e-300, "--run-dir", "b")
    assert done.returncode == 0, done.stderr
    for name, value in weights(tmp_path / "a").items():
        np.testing.assert_array_equal(value, weights(tmp_path / "b")[name])


def test_the_first_samples_of_more_points(nnlab: Nnlab, tmp_path: Path) -> None:
    np.save(tmp_path / "x.npy", np.linspace(-2, 2, 80))
    np.save(tmp_path / "few.npy", np.linspace(-2, 2, 80)[:50])
    for name, run in (("x", "b"), ("few", "c")):
        assert nnlab(*QUICK, "--points", f"{name}.npy", "--run-dir", run).returncode == 0
    assert digest(tmp_path / "b") == digest(tmp_path / "c")
    done = nnlab(*QUICK, "--points", "few.npy", "--samples", 60, "--run-dir", "d")
    assert done.returncode == 2
    assert "has 50 points, fewer than samples 60" in done.stderr


def test_vectors_in_the_shapes_of_the_equations(tmp_path: Path) -> None:
    """W1 (n,), b1 n x 1, W3 (n,), b3 a scalar: all shapes that MISSION can mean."""
    p = parameters()
    columns = {"b1": p["b1"][:, None], "b2": p["b2"][:, None], "b3": p["b3"][0]}
    savez(tmp_path / "p.npz", **columns, W1=p["W1"][:, 0], W3=p["W3"][0])
    for name, value in read_parameters(tmp_path / "p.npz", 4).items():
        np.testing.assert_array_equal(value, p[name])


def test_the_order_in_memory_does_not_matter(nnlab: Nnlab, tmp_path: Path) -> None:
    """Other libraries store W2 transposed, so their users save its `.T`."""
    given = parameters()
    np.savez(tmp_path / "c.npz", **given)  # type: ignore[arg-type]
    np.savez(tmp_path / "f.npz", **given | {"W2": np.asfortranarray(given["W2"])})  # type: ignore[arg-type]
    for name in "cf":
        done = nnlab(*QUICK, "--init-from", f"{name}.npz", "--run-dir", name)
        assert done.returncode == 0, done.stderr
    assert digest(tmp_path / "c") == digest(tmp_path / "f")
    assert nnlab("check", "--hidden", 4, "--init-from", "f.npz").returncode == 0


def test_a_number_that_is_infinite_in_float32(nnlab: Nnlab, tmp_path: Path) -> None:
    savez(tmp_path / "p.npz", b3=np.array([1e300]))
    done = nnlab(*QUICK, "--init-from", "p.npz", "--dtype", "float32")
    assert done.returncode == 2
    assert "b3[0] is 1e+300, which is not a finite float32" in done.stderr


@pytest.mark.parametrize("path", ["~no-such-user/x.npy", "a\0b", "x" * 300])
@pytest.mark.parametrize("flag", ["--init-from", "--points"])
def test_an_impossible_path_is_refused(tmp_path: Path, path: str, flag: str) -> None:
    (tmp_path / "c.yaml").write_text(f"{flag[2:].replace('-', '_')}: {json.dumps(path)}\n")
    with pytest.raises(UsageError):
        first_parameters(resolve(CubicConfig, tmp_path / "c.yaml", {}).config)


def test_a_bad_file_hides_no_other_fault(nnlab: Nnlab) -> None:
    done = nnlab("cubic", "--points", "none.npy", "--hidden", 0, "--lr", "x")
    assert done.returncode == 2
    assert "hidden got 0" in done.stderr
    assert "lr got" in done.stderr


def test_integers_are_read_as_float64(tmp_path: Path) -> None:
    np.save(tmp_path / "x.npy", np.array([-2, 0, 1]))
    found = read_points(tmp_path / "x.npy")
    assert found.dtype == np.float64
    np.testing.assert_array_equal(found, [-2, 0, 1])


def test_a_resume_needs_the_points_that_the_run_started_with(nnlab: Nnlab, tmp_path: Path) -> None:
    np.save(tmp_path / "x.npy", np.linspace(-2, 2, 50))
    assert nnlab(*QUICK, "--points", "x.npy").returncode == 0
    assert len(SavedRun(tmp_path / "a").record["inputs"]["points"]) == 64
    shutil.rmtree(tmp_path / "a/inputs")  # the copies; a large file has none
    (tmp_path / "x.npy").rename(tmp_path / "y.npy")
    gone = nnlab("resume", "a", "--epochs", 2)
    assert gone.returncode == 2
    assert "x.npy: No such file" in gone.stderr
    np.save(tmp_path / "x.npy", np.linspace(-1, 2, 50))
    changed = nnlab("resume", "a", "--epochs", 2)
    assert changed.returncode == 2
    assert "is not the file that a began with" in changed.stderr
    (tmp_path / "y.npy").rename(tmp_path / "x.npy")
    assert nnlab("resume", "a", "--epochs", 2).returncode == 0


def test_a_resume_needs_no_initial_parameters(nnlab: Nnlab, tmp_path: Path) -> None:
    savez(tmp_path / "p.npz")
    assert nnlab(*QUICK, "--init-from", "p.npz", "--epochs", 2, "--run-dir", "b").returncode == 0
    assert nnlab(*QUICK, "--init-from", "p.npz").returncode == 0
    (tmp_path / "p.npz").unlink()
    done = nnlab("resume", "a", "--epochs", 2)
    assert done.returncode == 0, done.stderr
    assert digest(tmp_path / "a") == digest(tmp_path / "b")


def test_a_resume_cannot_add_input_files(nnlab: Nnlab, tmp_path: Path) -> None:
    np.save(tmp_path / "x.npy", np.linspace(-2, 2, 50))
    assert nnlab(*QUICK).returncode == 0
    record = SavedRun(tmp_path / "a").record
    del record["inputs"]  # like a run of an older nnlab
    (tmp_path / "a/run.json").write_text(json.dumps(record))
    done = nnlab("resume", "a", "--epochs", 2, "--points", "x.npy")
    assert done.returncode == 2
    assert "a resume cannot change these keys" in done.stderr


# Runs nnlab; between the read and the digest, another program writes the file of points.
WRITTEN_MEANWHILE = """
import numpy as np
from nnlab.cli import app
from nnlab.cubic import input_files

read = input_files.read_points

def read_points(path):
    found = read(path)
    np.save(path, np.linspace(-1, 1, 50))
    return found

input_files.read_points = read_points
app.main()
"""


def test_a_file_that_changes_while_it_is_read_is_refused(tmp_path: Path) -> None:
    np.save(tmp_path / "x.npy", np.linspace(-2, 2, 50))
    done = subprocess.run(
        [sys.executable, "-c", WRITTEN_MEANWHILE, *map(str, QUICK), "--points", "x.npy"],
        cwd=tmp_path, env=ENVIRONMENT, text=True, capture_output=True, check=False,
    )  # fmt: skip
    assert done.returncode == 2, done.stderr
    assert "x.npy changed while it was read" in done.stderr
    assert not (tmp_path / "a").exists()
