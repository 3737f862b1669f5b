"""nnlab doctor: what it finds is what is there, and each fault is found."""

import json
import os
import pwd
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from importlib import metadata
from pathlib import Path
from typing import Any, NoReturn

import numpy as np
import pytest

from nnlab.cubic import doctor as cubic
from nnlab.doctor import disk, machine, packages
from nnlab.experiments import EXPERIMENTS
from nnlab.fashion import device
from nnlab.fashion import doctor as fashion
from nnlab.fashion.dataset import locate
from nnlab.finding import Finding, examine
from tests.conftest import Nnlab, Typed, python
from tests.faults.harness import default_signals
from tests.faults.test_file_systems import preload, without_cc

ROOT = Path(__file__).parents[2]
CRASH = "import os; os.abort()"
ILLEGAL = "import os, signal; os.kill(os.getpid(), signal.SIGILL)"
HANG = "import time; time.sleep(600)"
MISSING = "raise ImportError('no libfoo.so')"
EXIT = "import os; print('{'); os._exit(3)"


@pytest.fixture
def fake(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], list[Finding]]:
    """Return a function that puts a module `tensorflow` first, and does the checks of fashion."""

    def check(code: str, patience: float = 60) -> list[Finding]:
        (tmp_path / "tensorflow.py").write_text(code)
        monkeypatch.setattr(sys, "path", [str(tmp_path), *sys.path])
        # The data are checked in another process, too.
        monkeypatch.setattr(fashion, "examined", lambda *_: iter([]))
        return list(fashion.checks(lambda _: None, patience))

    return check


@pytest.mark.slow
def test_a_good_machine_passes(nnlab: Nnlab) -> None:
    done = nnlab("doctor", "--json")
    told = json.loads(done.stdout)
    found = {each["name"]: each for each in told["findings"]}
    assert {each["state"] for each in told["findings"]} <= {"ok", "warn"}, done.stdout
    assert (done.returncode, told["can_run"]) == (0, {"cubic": True, "fashion": True})
    for package in ("numpy", "tensorflow", "keras"):
        assert f"{package} {metadata.version(package)}" in found["packages"]["seen"]
    assert f"tensorflow {metadata.version('tensorflow')}" in found["tensorflow"]["seen"]
    assert re.search(r"trains on CPU:0; computed rightly on: CPU:0$", found["device"]["seen"])
    assert "convolutions ran in it: " in found["onednn"]["seen"]
    assert str(locate.find()) in found["data"]["seen"]
    assert "as the equations say" in found["steps"]["seen"]
    assert (found["data"]["experiment"], found["runs"]["experiment"]) == ("fashion", None)


def test_every_fault_is_told_at_once(nnlab: Nnlab, tmp_path: Path) -> None:
    (tmp_path / "fake").mkdir()
    (tmp_path / "fake/tensorflow.py").write_text(CRASH)
    (tmp_path / "runs").touch()
    data = tmp_path / "data"
    data.mkdir()
    for name in locate.FILES:
        (data / name).write_bytes(b"nothing")
    done = nnlab("doctor", PYTHONPATH=f"{tmp_path / 'fake'}{os.pathsep}{ROOT}",
                 NNLAB_DATA=str(data), HOME=str(tmp_path / "none"), COLUMNS="80")  # fmt: skip
    lines = done.stdout.splitlines()
    assert done.returncode == 1
    wrong = {line.split()[1]: line for line in lines if line.startswith("fault ")}
    assert set(wrong) == {"runs", "tensorflow", "data"}
    assert "this is a file, not a folder; to do: start nnlab in a folder" in wrong["runs"]
    assert "the process ended (SIGABRT); to do: install it again" in wrong["tensorflow"]
    assert str(data) in wrong["data"]
    assert any(line.startswith("warn   home ") for line in lines)
    assert lines[-2:] == ["nnlab cubic cannot run: runs",
                          "nnlab fashion cannot run: runs, tensorflow, data"]  # fmt: skip
    assert "Traceback" not in done.stderr
    assert "\x1b" not in done.stdout


def test_a_numpy_that_this_processor_cannot_run_is_told_in_json(
    nnlab: Nnlab, tmp_path: Path
) -> None:
    (tmp_path / "numpy.py").write_text(ILLEGAL)
    done = nnlab("doctor", "--json", PYTHONPATH=f"{tmp_path}{os.pathsep}{ROOT}")
    told = json.loads(done.stdout)
    faults = {each["name"]: each for each in told["findings"] if each["state"] == "fault"}
    assert set(faults) == {"pictures", "blas", "tensorflow", "data"}
    assert {each["seen"] for each in faults.values()} == {"the process ended (SIGILL)"}
    assert "build it for this processor (numpy), or use another machine" in faults["data"]["advice"]
    assert (done.returncode, told["can_run"]) == (1, {"cubic": False, "fashion": False})


@pytest.mark.parametrize(
    ("code", "seen", "advice"),
    [
        (CRASH, "the process ended (SIGABRT)", "install it again: pip install"),
        (EXIT, "the process ended (exit code 3)", "install it again: pip install"),
        (MISSING, "ImportError: no libfoo.so", "install it again: pip install"),
        ("raise SystemExit(0)", "SystemExit: 0", "install it again"),
        ("config = None", "ModuleNotFoundError: No module named 'tensorflow", "install it again"),
    ],
)
def test_a_broken_tensorflow_is_a_finding(
    fake: Callable[..., list[Finding]], code: str, seen: str, advice: str
) -> None:
    found = fake(f"__version__ = '0'; {code}")
    assert [each.name for each in found] == ["tensorflow"]
    assert found[0].state == "fault"
    assert found[0].seen.startswith(seen)
    assert found[0].advice.startswith(advice)


def test_a_tensorflow_that_hangs_is_given_up(fake: Callable[..., list[Finding]]) -> None:
    found = fake(HANG, 2)[0]
    assert (found.state, found.seen) == ("fault", "no answer in 2 seconds")
    assert "nnlab doctor --patience 20" in found.advice


@pytest.mark.parametrize(
    ("code", "seen"),
    [
        (ILLEGAL, "the process ended (SIGILL)"),
        (HANG, "no answer in 8 seconds"),
    ],
)
def test_a_numba_that_crashes_or_hangs_leaves_the_other_findings(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, code: str, seen: str
) -> None:
    (tmp_path / "numba.py").write_text(code)
    monkeypatch.setattr(sys, "path", [str(tmp_path), *sys.path])
    blas, steps, numba = cubic.checks(lambda _: None, 8)
    assert (blas.name, steps.name, steps.state) == ("blas", "steps", "ok")
    assert (numba.name, numba.state) == ("numba", "fault")
    assert numba.seen.startswith(seen)


PROBE = """
import sys
from nnlab.doctor.probe import probe
sys.path.insert(0, ".")
print(probe("hanging:wait", "x", float(sys.argv[1])).fault.seen)
"""
HANGING = """
import os, subprocess, sys, time
def wait():
    subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
    os.mkfifo("hangs")
    time.sleep(600)
    yield
"""


@pytest.mark.parametrize("number", [None, signal.SIGTERM, signal.SIGINT])
def test_a_probe_and_its_children_end_with_the_doctor(
    tmp_path: Path, number: signal.Signals | None
) -> None:
    (tmp_path / "hanging.py").write_text(HANGING)
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    doctor = subprocess.Popen(
        [sys.executable, "-c", PROBE, "600" if number else "5"], cwd=tmp_path, text=True,
        stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env=environment,
        preexec_fn=default_signals,  # noqa: PLW1509 - no threads
    )  # fmt: skip
    while not (tmp_path / "hangs").exists() and doctor.poll() is None:
        time.sleep(0.02)
    if number:
        doctor.send_signal(number)
    out, _ = doctor.communicate(timeout=60)
    assert (doctor.returncode, out) == (
        (-number, "") if number else (0, "no answer in 5 seconds\n")
    )
    deadline = time.monotonic() + 60
    while found := inside(tmp_path):
        assert time.monotonic() < deadline, found


def inside(folder: Path) -> list[str]:
    """Return the processes that work in `folder`."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):  # it has ended
            if (process / "cwd").readlink() == folder:
                found.append(process.name)
    return found


ANSWER: dict[str, Any] = {
    "versions": {"tensorflow": "2"}, "used": "CPU:0", "onednn": "1", "ran": {"CPU:0": ""},
    "seconds": 1,
}  # fmt: skip


def test_a_gpu_that_tensorflow_does_not_see_is_told(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(device, "GPU_DRIVERS", (tmp_path / "none",))
    assert fashion._device(ANSWER).state == "ok"
    monkeypatch.setattr(device, "GPU_DRIVERS", (tmp_path,))
    monkeypatch.delenv("CUDA_VISIBLE_DEVICES", raising=False)
    assert fashion._device(ANSWER).advice.endswith("pip install 'tensorflow[and-cuda]'")
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "-1")
    seen = fashion._device(ANSWER)
    assert (seen.state, "CUDA_VISIBLE_DEVICES is '-1'" in seen.advice) == ("warn", True)
    gpu = ANSWER | {"used": "GPU:0", "ran": {"CPU:0": "", "GPU:0": ""}}
    assert fashion._device(gpu).state == "ok"
    assert fashion._onednn(gpu, "").state == "ok"
    broken = fashion._device(gpu | {"ran": {"CPU:0": "", "GPU:0": "no kernel image"}})
    assert (broken.state, broken.seen) == ("fault", "GPU:0: no kernel image")


def test_onednn_that_does_not_run_is_told() -> None:
    log = "onednn_verbose,v1,primitive,exec,cpu,convolution,jit:avx2,forward_training,src\n"
    assert fashion._onednn(ANSWER, log).seen.endswith("ran in it: jit:avx2")
    assert fashion._onednn(ANSWER | {"onednn": "0"}, "").advice.startswith("TF_ENABLE_ONEDNN_OPTS")
    assert fashion._onednn(ANSWER, "").state == "warn"


@pytest.fixture
def no_data(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """Hide the data of this machine."""
    for name in ("NNLAB_DATA", "NNLAB_MIRROR"):
        monkeypatch.delenv(name, raising=False)
    for name in ("XDG_CACHE_HOME", "KERAS_HOME"):
        monkeypatch.setenv(name, str(tmp_path / name))
    monkeypatch.setattr(locate, "DEBIAN", tmp_path / "debian")
    return tmp_path / "debian"


def test_missing_and_damaged_data_are_told(no_data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    missing = fashion._data()
    assert (missing.state, missing.seen) == ("fault", "Fashion-MNIST is not on this machine")
    assert missing.advice.startswith("nnlab data fetch")
    no_data.mkdir()
    for name in locate.FILES:
        (no_data / name).write_bytes(b"nothing")
    damaged = fashion._data()
    assert damaged.state == "fault"
    assert f"skipped {no_data}" in damaged.seen
    monkeypatch.setenv("NNLAB_DATA", str(no_data))
    assert examine("data", fashion._data).state == "fault"
    shutil.rmtree(no_data)
    assert "no such folder; looking elsewhere" in fashion._data().seen


def test_the_disk_is_really_used_and_left_as_it_was(tmp_path: Path) -> None:
    found = list(disk.checks(tmp_path / "a/b/runs"))
    assert [(each.name, each.state) for each in found[1:]] == [("fsync", "ok"), ("locks", "ok")]
    assert str(tmp_path / "a/b/runs") in found[0].seen
    assert list(tmp_path.iterdir()) == []


DISK = "from pathlib import Path; from nnlab.doctor.disk import checks; print(*checks(Path()))"


@without_cc
def test_what_a_network_mount_lacks_is_told(tmp_path: Path) -> None:
    without = [preload(tmp_path, name) for name in ("no-flock", "no-folder-fsync")]
    said = python(DISK, LD_PRELOAD=":".join(without)).stdout.decode()
    assert "name='fsync', state='warn'" in said
    assert "name='locks', state='warn', seen='no flock here" in said
    assert python(DISK).stdout.decode().count("state='warn'") == 0


def test_a_lock_that_two_get_is_a_fault(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("fcntl.flock", lambda *_: None)
    assert list(disk.checks(tmp_path))[2].state == "fault"


def test_a_link_to_nowhere_is_no_folder_for_runs(tmp_path: Path) -> None:
    (tmp_path / "runs").symlink_to("nowhere")
    (found,) = disk.checks(tmp_path / "runs")
    assert found.state == "fault"
    assert "this is a link to nowhere, where there is no folder" in found.seen


def test_what_a_killed_doctor_left_is_removed_after_an_hour(tmp_path: Path) -> None:
    for name in (".tmp-doctor-old", ".tmp-doctor-new", "mine"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "file").write_bytes(b"x")
    for name in (".tmp-doctor-old", "mine"):
        os.utime(tmp_path / name, (1, 1))
    assert {found.state for found in disk.checks(tmp_path)} <= {"ok", "warn"}
    assert {path.name for path in tmp_path.iterdir()} == {".tmp-doctor-new", "mine"}


def test_a_home_that_is_missing_is_told(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    assert machine.home().state == "ok"
    monkeypatch.setenv("HOME", str(tmp_path / "none"))
    assert machine.home().seen == f"{tmp_path / 'none'} is not a folder"
    monkeypatch.delenv("HOME")

    def nobody(_: int) -> NoReturn:
        raise KeyError

    monkeypatch.setattr(pwd, "getpwuid", nobody)
    assert machine.home().seen == "no home folder is known"


def test_old_and_missing_packages_are_told(monkeypatch: pytest.MonkeyPatch) -> None:
    needed = ["numpy>=99.1", "nnlab-none>=1.0", "pydantic>=2", 'nnlab-opt[x]>=3; extra == "fast"',
              'nnlab-dev>=3; extra == "dev"']  # fmt: skip
    monkeypatch.setattr(metadata, "requires", lambda _: needed)
    found = packages.packages()
    assert found.state == "fault"
    assert found.seen == f"numpy {metadata.version('numpy')}, nnlab-none missing"
    assert found.advice == "pip install 'numpy>=99.1' 'nnlab-none>=1.0'"
    assert packages.extras().seen == "none installed; not installed: nnlab-opt"
    monkeypatch.undo()
    assert packages.packages().state == "ok"

    def none(_: str) -> NoReturn:
        raise metadata.PackageNotFoundError

    monkeypatch.setattr(metadata, "requires", none)
    assert packages.packages().state == "warn"


def test_little_memory_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(machine, "free_memory", lambda: 1e9)
    assert machine.processor().state == "warn"
    assert "1.0 GB of memory free" in machine.processor().seen


def test_settings_are_shown_without_a_password(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NNLAB_MIRROR", "https://me:secret@host/")
    monkeypatch.setenv("OMP_NUM_THREADS", "3")
    seen = machine.settings().seen
    assert "OMP_NUM_THREADS=3" in seen
    assert "NNLAB_MIRROR=..." in seen
    assert "secret" not in seen


def test_wrong_steps_are_a_fault(monkeypatch: pytest.MonkeyPatch) -> None:
    assert cubic.steps("numpy").state == "ok"
    monkeypatch.setattr(np, "exp", lambda z, out: np.add(z, 1, out))  # as a broken library may be
    assert cubic.steps("numpy").state == "fault"


def test_a_package_that_cannot_be_imported_is_a_fault(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "scipy.linalg.blas", None)
    found = examine("blas", cubic.blas)
    assert (found.state, found.advice) == (
        "fault", "install it again: pip install --force-reinstall scipy"
    )  # fmt: skip


def test_an_encoding_without_signs_is_told() -> None:
    code = "from nnlab.doctor.terminal import terminal; print(*terminal())"
    assert python(code, PYTHONIOENCODING="ascii").stdout.startswith(b"warn ")
    assert python(code, PYTHONIOENCODING="utf-8").stdout.startswith(b"ok ")


def test_the_row_of_an_experiment_names_its_checks() -> None:
    assert [row.name for row in EXPERIMENTS.values() if row.checks] == ["cubic", "fashion"]


@pytest.mark.parametrize("words", ["doctor --patience 0", "doctor --patience x", "doctor x"])
def test_a_wrong_flag_is_told(typed: Typed, words: str) -> None:
    assert typed(*words.split())[0] == 2


@pytest.mark.parametrize("seconds", ["0.5", "86401", "inf", "nan", "-1"])
def test_an_impossible_patience_is_told(typed: Typed, seconds: str) -> None:
    code, out, fault = typed("doctor", f"--patience={seconds}")
    assert (code, out) == (2, "")
    assert fault == f"nnlab: --patience {seconds}: give 1 to 86,400 seconds\n"
