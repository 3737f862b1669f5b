"""The run directory: never shared, never overwritten, and honest about how its run ended."""

import csv
import json
import resource
import shlex
import signal
import subprocess
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from nnlab.config.resolve import resolve
from nnlab.console.view import Silent
from nnlab.cubic.config import CubicConfig
from nnlab.errors import DataError, UsageError
from nnlab.runs.directory import make_next
from nnlab.runs.run import Run
from nnlab.runs.saved import SavedRun
from tests.conftest import ENVIRONMENT, Nnlab, command, digest


def create(path: Path | None = None) -> Run:
    return Run("cubic", resolve(CubicConfig, None, {}), Silent(), command="test", path=path)


def status(path: Path) -> str:
    return str(SavedRun(path).record["status"])


def test_a_run_completes(tmp_path: Path) -> None:
    with create(tmp_path / "a") as run:
        assert status(run.path) == "running"
        run.begin(device="cpu")
        run.log({"step": 1, "loss": 0.5})
        run.log({"step": 2, "loss": 1 / 3})
        run.save("plots/x.txt", lambda file: file.write(b"x"))
        run.finish({"loss": 1 / 3})
    record = json.loads((run.path / "run.json").read_text())
    assert record["status"] == "completed"
    assert record["summary"] == {"loss": 1 / 3}
    for key in ("started", "finished", "seconds", "seed", "versions", "git_commit", "machine"):
        assert key in record
    with (run.path / "metrics.csv").open(newline="") as file:
        assert [float(row["loss"]) for row in csv.DictReader(file)] == [0.5, 1 / 3]
    assert sorted(p.name for p in run.path.iterdir()) == [
        ".lock", "config.yaml", "metrics.csv", "plots", "run.json",
    ]  # fmt: skip


def test_a_run_knows_the_versions_of_the_compiler(tmp_path: Path) -> None:
    numba, llvmlite = pytest.importorskip("numba"), pytest.importorskip("llvmlite")
    with create(tmp_path / "a") as run:
        run.finish({})
    versions = json.loads((run.path / "run.json").read_text())["versions"]
    assert versions["numba"] == numba.__version__
    assert versions["llvmlite"] == llvmlite.__version__


def test_an_existing_directory_is_refused_and_left_alone(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    with pytest.raises(UsageError, match="never overwrites"):
        create(tmp_path / "a").__enter__()
    assert list((tmp_path / "a").iterdir()) == []


def test_many_starts_at_once_get_a_directory_each(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    with ThreadPoolExecutor(8) as pool:
        paths = list(pool.map(lambda _: make_next(Path("runs"), "cubic").path, range(24)))
    assert sorted(p.name for p in paths) == [f"cubic-{n:04d}" for n in range(1, 25)]


def test_two_processes_at_once_get_a_directory_each(tmp_path: Path) -> None:
    started = [
        subprocess.Popen(
            command("cubic", "-q", "--samples", 50, "--hidden", 3, "--no-gif"),
            cwd=tmp_path, env=ENVIRONMENT, stdout=subprocess.PIPE, text=True,
        )
        for _ in range(3)
    ]  # fmt: skip
    said = {process.communicate()[0].strip() for process in started}
    assert said == {"runs/cubic-0001", "runs/cubic-0002", "runs/cubic-0003"}


def test_numbers_go_on_after_the_highest(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for name in ("cubic-0041", "cubic-old", "cubic-sample-0050", "fashion-0077"):
        Path("runs", name).mkdir(parents=True)
    assert make_next(Path("runs"), "cubic").path == Path("runs/cubic-0042")


def test_a_run_that_never_began_leaves_nothing(tmp_path: Path) -> None:
    with pytest.raises(DataError), create(tmp_path / "new/parents/a"):
        raise DataError("no data")
    assert list(tmp_path.iterdir()) == []


def test_a_run_that_fails_later_says_why(tmp_path: Path) -> None:
    with pytest.raises(ZeroDivisionError), create(tmp_path / "a") as run:
        run.begin()
        run.log({"step": 1})
        run.log({"step": 1 // 0})
    record = SavedRun(tmp_path / "a").record
    assert record["status"] == "failed"
    assert "division" in record["error"]
    assert (tmp_path / "a/metrics.csv").read_text() == "step\n1\n"


def test_a_full_disk_is_one_message_and_a_record_of_it(tmp_path: Path) -> None:
    """A limit on the size of files stands in for a disk: the kernel refuses the write."""

    def limit() -> None:
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (8192, 8192))

    options = ("--samples", 3000, "--log-every", 1, "--hidden", 3, "--no-gif", "--run-dir", "a")
    done = subprocess.run(
        command("cubic", *options), cwd=tmp_path, env=ENVIRONMENT, capture_output=True, text=True,
        preexec_fn=limit, check=False,
    )  # fmt: skip
    assert done.returncode == 1
    error, advice = done.stderr.splitlines()[-2:]
    assert error.startswith("nnlab: a/metrics.csv: File too large")
    assert advice.endswith("nnlab resume a")
    assert "Traceback" not in done.stderr
    assert status(tmp_path / "a") == "failed"


def test_a_reader_that_leaves_does_not_stop_the_run(tmp_path: Path) -> None:
    line = shlex.join(command("cubic", "--samples", 20_000, "--no-gif", "--run-dir", "a"))
    done = subprocess.run(
        ["bash", "-c", f"({line}) 2>&1 | head -n 1"],  # noqa: S607
        cwd=tmp_path, env=ENVIRONMENT, capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert done.stdout == "run directory: a\n"
    assert status(tmp_path / "a") == "completed"


@pytest.mark.parametrize("name", ["n\nhidden: 7", "e\x1b[31mx", "[red]x", "a b", "x" * 200])
def test_a_strange_name_harms_neither_terminal_nor_config(
    nnlab: Nnlab, tmp_path: Path, name: str
) -> None:
    options = ("cubic", "--samples", 30, "--hidden", 3, "--no-gif", "--run-dir")
    first = nnlab(*options, name)
    assert first.returncode == 0, first.stderr
    assert "\x1b" not in first.stdout + first.stderr
    again = nnlab("cubic", "--config", f"{name}/config.yaml", "--run-dir", "b")
    assert again.returncode == 0, again.stderr
    assert digest(tmp_path / name) == digest(tmp_path / "b")


@pytest.mark.parametrize("name", ["x" * 300, "a\udcff/b"])
def test_a_name_that_cannot_be_leaves_nothing(nnlab: Nnlab, tmp_path: Path, name: str) -> None:
    done = nnlab("cubic", "--samples", 30, "--hidden", 3, "--no-gif", "--run-dir", name)
    assert "Traceback" not in done.stderr
    assert (done.returncode == 0) == bool(list(tmp_path.iterdir()))


def test_run_json_tells_command_and_device(nnlab: Nnlab, tmp_path: Path) -> None:
    nnlab("cubic", "--samples", 50, "--no-gif", "--run-dir", "a b")
    record = json.loads((tmp_path / "a b/run.json").read_text())
    assert record["command"] == "nnlab cubic --samples 50 --no-gif --run-dir 'a b'"
    assert record["device"] == {"asked": "cpu", "used": "cpu"}
    first = (tmp_path / "a b/config.yaml").read_text().splitlines()[0]
    assert first == f"# {record['command']}"
