"""File systems without locks, or that cannot flush a folder; folders that belong to another user.

What a network mount lacks is taken away by a small library in front of the C library's.
"""

import contextlib
import os
import shutil
import signal
import stat
import subprocess
from pathlib import Path
from typing import NoReturn

import pytest

from nnlab.runs.holder import Holder
from nnlab.runs.saved import SavedRun
from tests.conftest import Nnlab
from tests.faults.harness import DOCUMENTED, QUICK, start

SOURCES = Path(__file__).parent
NOBODY = 65534
pytestmark = pytest.mark.slow

LIVE = ("cubic", "--hidden", 9, "--samples", 10_000_000, "--run-dir", "a")
without_cc = pytest.mark.skipif(not shutil.which("cc"), reason="there is no C compiler")
needs_root = pytest.mark.skipif(os.getuid() != 0, reason="only root can be two users")


def preload(folder: Path, name: str) -> str:
    """Compile `name`.c; return the library for LD_PRELOAD."""
    library = folder / f"{name}.so"
    source = SOURCES / f"{name}.c"
    subprocess.run(["cc", "-shared", "-fPIC", "-o", library, source], check=True)  # noqa: S607
    return str(library)


@without_cc
@pytest.mark.parametrize(
    "number",
    [
        pytest.param("38", id="ENOSYS"),
        pytest.param("37", id="ENOLCK", marks=pytest.mark.long),
        pytest.param("95", id="EOPNOTSUPP", marks=pytest.mark.long),
    ],
)
def test_without_flock_a_dead_holder_is_told_from_a_live_one(
    nnlab: Nnlab, tmp_path: Path, number: str
) -> None:
    without = {"LD_PRELOAD": preload(tmp_path, "no-flock"), "FLOCK_ERRNO": number}
    process = start(tmp_path, LIVE, "env", *(f"{k}={v}" for k, v in without.items()))
    assert process.stderr
    assert process.stderr.readline() == "run directory: a\n"  # and no library's warning
    live = nnlab("resume", "a", **without)
    assert live.returncode == 2
    assert live.stderr.startswith(f"nnlab: a: process {process.pid} on ")
    assert "is working on this run" in live.stderr
    process.kill()  # it stays a zombie until `communicate`: dead all the same
    done = nnlab("resume", "a", "--samples", 3, **without)  # refused for its flag alone
    assert "a resume cannot change these keys" in done.stderr
    done = nnlab("cubic", "--run-dir", "a", **without)
    assert "a exists, and nnlab never overwrites a run" in done.stderr
    process.communicate()
    assert not list((tmp_path / "a").glob(".tmp-*"))


@without_cc
def test_without_flock_a_killed_run_is_resumed(nnlab: Nnlab, tmp_path: Path) -> None:
    without = {"LD_PRELOAD": preload(tmp_path, "no-flock")}
    long = (*QUICK, "--epochs", 30, "--no-gif", "--run-dir", "a")
    process = start(tmp_path, long, "env", f"LD_PRELOAD={without['LD_PRELOAD']}")
    assert process.stderr
    process.stderr.readline()
    process.kill()
    process.communicate()
    assert list((tmp_path / "a/.lock.held").iterdir())
    done = nnlab("resume", "a", **without)
    assert done.returncode == 0, done.stderr
    assert "flock" not in done.stderr
    assert not (tmp_path / "a/.lock.held").exists()


@without_cc
def test_a_folder_that_cannot_be_flushed_is_noted(nnlab: Nnlab, tmp_path: Path) -> None:
    library = preload(tmp_path, "no-folder-fsync")
    for number in (22, 95):
        run = f"run-{number}"
        done = nnlab(*QUICK, "--run-dir", run, LD_PRELOAD=library, FSYNC_ERRNO=str(number))
        assert done.returncode == 0, done.stderr
        (note,) = SavedRun(tmp_path / run).record["notes"]
        assert "cannot flush a folder" in note
    again = nnlab("resume", run, "--epochs", 2, LD_PRELOAD=library)
    assert again.returncode == 0, again.stderr
    assert len(SavedRun(tmp_path / run).record["notes"]) == 1


def test_another_machines_holder_is_named_with_the_way_out(nnlab: Nnlab, tmp_path: Path) -> None:
    assert nnlab(*QUICK, "--run-dir", "a b").returncode == 0
    held = tmp_path / "a b/.lock.held"
    held.mkdir()
    other = Holder.me().model_copy(update={"host": "far-away", "pid": 7, "since": "2026-01-02"})
    (held / "x").write_text(other.model_dump_json())
    done = nnlab("resume", "a b", "--epochs", 2)
    assert done.returncode == 2
    assert "process 7 on far-away, since 2026-01-02, may be working here" in done.stderr
    assert "rm -r 'a b/.lock.held'" in done.stderr
    (held / "x").write_bytes(b"\0" * 99)
    assert "a process may be working here" in nnlab("resume", "a b", "--epochs", 2).stderr
    shutil.rmtree(held)
    assert nnlab("resume", "a b", "--epochs", 2).returncode == 0


OWN = ["run.json", "config.yaml", "metrics.csv", "model.npz", ".lock", "checkpoint", "plots"]


def test_a_runs_own_files_that_are_links_are_refused(nnlab: Nnlab, tmp_path: Path) -> None:
    assert nnlab(*QUICK, "--run-dir", "a").returncode == 0
    (tmp_path / "a/report.json").touch()  # a run of fashion has one
    for name in (*OWN, "report.json", "checkpoint/last.safetensors", "plots/fit.png"):
        path, moved = tmp_path / "a" / name, tmp_path / "moved"
        path.rename(moved)
        path.symlink_to(moved)
        done = nnlab("resume", "a", "--epochs", 2)
        assert done.returncode == 2, name
        assert f"a link is in the place of a run's own file: {name};" in done.stderr
        path.unlink()
        moved.rename(path)
    assert nnlab("resume", "a", "--epochs", 2).returncode == 0


def attack(run: Path, secret: Path) -> NoReturn:
    """As another user, turn every name that a writer in the folder `run` might open into a link."""
    os.setgroups([])
    os.setgid(NOBODY)
    os.setuid(NOBODY)
    os.chdir(run)
    guessed = [
        f".tmp-{os.getpid() + n}-{name}"
        for n in range(1, 150)
        for name in ("run.json", "metrics.csv", "model.npz")
    ]
    while True:
        seen = [name for name in os.listdir() if name.startswith(".tmp-")]
        for path in map(Path, {*seen, *guessed}):
            with contextlib.suppress(OSError):
                if not path.is_symlink():
                    path.unlink()
            with contextlib.suppress(OSError):
                path.symlink_to(secret)


@needs_root
def test_links_in_another_users_run_harm_no_file_of_ours(nnlab: Nnlab, tmp_path: Path) -> None:
    secret, run = tmp_path / "secret", tmp_path / "a"
    secret.write_text("mine")
    assert nnlab(*QUICK, "--no-gif", "--run-dir", "a").returncode == 0
    for path in (run, *run.rglob("*")):
        os.chown(path, NOBODY, NOBODY)
    for parent in (tmp_path, *tmp_path.parents[:3]):
        parent.chmod(parent.stat().st_mode | stat.S_IXOTH)
    attacker = os.fork()
    if not attacker:
        attack(run, secret)
    try:
        for epochs in (2, 3):  # each may fail, since its files are stolen from it
            done = nnlab("resume", "a", "--epochs", epochs)
            assert done.returncode in DOCUMENTED
            assert "Traceback" not in done.stderr
    finally:
        os.kill(attacker, signal.SIGKILL)
        os.waitpid(attacker, 0)
    assert secret.read_text() == "mine"
    assert secret.stat().st_uid == 0
