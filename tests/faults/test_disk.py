"""A disk that is full, read-only or gone: one message, and a run that resumes when it is back."""

import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from nnlab.doctor import disk as doctor
from nnlab.runs.saved import SavedRun
from tests.faults.harness import CUBIC, FASHION, RUN, nnlab, result, start, undisturbed

pytestmark = pytest.mark.slow


def remount(disk: Path, options: str) -> None:
    subprocess.run(["mount", "-o", f"remount,{options}", disk], check=True)  # noqa: S607


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    """Return a folder that is a disk of its own, 400 KB."""
    path = tmp_path / "disk"
    path.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=400k", "nnlab-test", str(path)]
    if (
        not shutil.which("mount")
        or subprocess.run(mount, capture_output=True, check=False).returncode
    ):
        pytest.skip("no right to mount here; a limit on the size of files stands in (test_run)")
    yield path
    subprocess.run(["umount", "--lazy", path], check=True)  # noqa: S607


@pytest.mark.parametrize(
    ("arguments", "room"),
    [(CUBIC, "400k"), pytest.param(FASHION, "6m", marks=pytest.mark.long)],
    ids=["cubic", "fashion"],
)
def test_a_full_disk(disk: Path, arguments: tuple[object, ...], room: str) -> None:
    remount(disk, f"size={room}")
    done = nnlab(disk, (*arguments, "--run-dir", RUN))
    assert done.returncode == 1
    error, advice = done.stderr.splitlines()[-2:]
    assert error.startswith(f"nnlab: {RUN}/")
    assert ".tmp" not in error
    assert error.endswith(": No space left on device; free some space, or choose another disk")
    assert advice.endswith(f"to go on: nnlab resume {RUN}")
    again = nnlab(disk, ("resume", RUN))
    assert again.returncode == 1
    remount(disk, "size=40m")
    assert nnlab(disk, ("resume", RUN)).returncode == 0
    assert result(disk / RUN) == undisturbed(arguments)


def test_a_disk_that_turns_read_only(disk: Path) -> None:
    remount(disk, "size=40m")
    process = start(disk, (*CUBIC, "--run-dir", RUN))
    while not (disk / RUN / "checkpoint/last.safetensors").exists():
        assert process.poll() is None
    process.kill()
    process.communicate()
    remount(disk, "ro")
    done = nnlab(disk, ("resume", RUN))
    assert done.returncode == 1
    (line,) = done.stderr.splitlines()
    assert line.endswith("Read-only file system; choose a folder on a writable disk")
    done = nnlab(disk, (*CUBIC, "--run-dir", "new"))
    assert done.returncode == 1
    assert "Read-only file system" in done.stderr
    remount(disk, "rw")
    assert nnlab(disk, ("resume", RUN)).returncode == 0
    assert result(disk / RUN) == undisturbed(CUBIC)


def test_a_run_directory_that_vanishes(tmp_path: Path) -> None:
    process = start(tmp_path, (*CUBIC, "--run-dir", RUN))
    while not (tmp_path / RUN / "checkpoint/last.safetensors").exists():
        assert process.poll() is None
    (tmp_path / RUN).rename(tmp_path / "elsewhere")
    _, said = process.communicate()
    assert process.returncode == 1
    assert said.splitlines()[-1].startswith(f"nnlab: {RUN}: the run directory has vanished")
    assert "Traceback" not in said
    assert not (tmp_path / RUN).exists()
    assert SavedRun(tmp_path / "elsewhere").record["status"] == "running"
    assert nnlab(tmp_path, ("resume", "elsewhere")).returncode == 0
    assert result(tmp_path / "elsewhere") == undisturbed(CUBIC)


def test_the_doctor_names_a_disk_that_is_full_or_read_only(disk: Path) -> None:
    (full,) = doctor.checks(disk / "runs")
    assert (full.state, full.seen) == ("fault", f"{disk}/runs: No space left on device")
    assert full.advice.startswith("free some space")
    remount(disk, "size=30m")
    found = list(doctor.checks(disk / "runs"))
    assert "wrote 8 MB; tmpfs, 0.0 GB free" in found[0].seen
    assert [each.state for each in found] == ["warn", "ok", "ok"]
    assert not list(disk.iterdir())
    remount(disk, "ro")
    (locked,) = doctor.checks(disk / "runs")
    assert (locked.state, locked.seen) == ("fault", f"{disk}/runs: Read-only file system")
