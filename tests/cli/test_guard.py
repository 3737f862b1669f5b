"""What surrounds nnlab does not reach into it: closed streams, rc files, limits of the system."""

import hashlib
import resource
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.conftest import ENVIRONMENT, Nnlab, command, python

QUICK = ("cubic", "--hidden", 5, "--samples", 400, "--log-every", 100)

CLOSED = [">&-", "<&- >&- 2>&- --json"]


def shell(folder: Path, line: str) -> subprocess.CompletedProcess[str]:
    """Run `line` in bash; `nnlab` in it is that under test."""
    nnlab = " ".join(command())
    script = f'nnlab() {{ {nnlab} "$@"; }}; {line}'
    return subprocess.run(
        ["/bin/bash", "-c", script], cwd=folder, env=ENVIRONMENT, text=True, capture_output=True,
        check=False,
    )  # fmt: skip


@pytest.mark.parametrize("closed", CLOSED)
def test_closed_streams_are_no_trouble(tmp_path: Path, nnlab: Nnlab, closed: str) -> None:
    done = shell(tmp_path, f"nnlab {' '.join(map(str, QUICK))} --run-dir a {closed}")
    assert done.returncode == 0, done.stderr
    said = done.stderr.splitlines()
    starts = ("run dir", "46 par", "step ", "drawing", "not learned: ")
    assert all(line.startswith(starts) for line in said), said
    assert nnlab(*QUICK, "--run-dir", "b").returncode == 0
    assert files(tmp_path / "a") == files(tmp_path / "b")
    for name in ("model.npz", "plots/fit.png", "plots/training.gif"):  # nobody printed into them
        assert (tmp_path / "a" / name).read_bytes() == (tmp_path / "b" / name).read_bytes()


def files(run: Path) -> set[str]:
    """Return the names of a run's files; a slow machine writes one more checkpoint."""
    names = {str(path.relative_to(run)) for path in run.rglob("*")}
    return names - {"checkpoint/previous.safetensors"}


@pytest.mark.parametrize("line", ["nnlab --help >&-", "nnlab --version >&-", "nnlab data >&-"])
def test_help_without_a_reader(tmp_path: Path, line: str) -> None:
    done = shell(tmp_path, line)
    assert done.returncode in {0, 2}
    assert done.stderr == ""


def test_an_error_without_a_reader_keeps_its_code(tmp_path: Path) -> None:
    assert shell(tmp_path, "nnlab cubic --lr fast 2>&-").returncode == 2


RC = {
    "MATPLOTLIBRC": "text.usetex: true\nfont.size: 30\n",
    "config folder": "lines.linewidth: 9\nsavefig.dpi: 20\nfigure.facecolor: red\n",
    "working directory": "text.usetex = maybe\nno.such.key: 3\ntext.usetex: true\n",
}


def test_pictures_do_not_depend_on_a_users_matplotlibrc(tmp_path: Path, nnlab: Nnlab) -> None:
    assert nnlab(*QUICK, "--run-dir", "plain").returncode == 0
    for place, text in RC.items():
        folder = tmp_path / "matplotlib" if place == "config folder" else tmp_path
        folder.mkdir(exist_ok=True)
        rc = folder / ("my.rc" if place == "MATPLOTLIBRC" else "matplotlibrc")
        rc.write_text(text)
        environment = {"MATPLOTLIBRC": str(rc)} if place == "MATPLOTLIBRC" else {}
        environment["XDG_CONFIG_HOME"] = str(tmp_path)
        done = nnlab(*QUICK, "--run-dir", place, "--quiet", **environment)
        assert (done.returncode, done.stdout, done.stderr) == (0, f"{place}\n", "")
        assert digests(tmp_path / place) == digests(tmp_path / "plain")


def digests(run: Path) -> dict[str, str]:
    return {p.name: hashlib.sha256(p.read_bytes()).hexdigest() for p in run.glob("plots/*")}


def limited(
    folder: Path, limit: Callable[[], None], *arguments: object
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command(*arguments), cwd=folder, env=ENVIRONMENT, text=True, capture_output=True,
        check=False, preexec_fn=limit,
    )  # fmt: skip


@pytest.mark.parametrize("most", [5, 8])
def test_too_many_open_files(tmp_path: Path, most: int) -> None:
    def limit() -> None:
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))

    done = limited(tmp_path, limit, *QUICK, "--quiet", "--run-dir", "a")
    assert done.returncode == 1
    first, *notes = done.stderr.splitlines()
    assert first.startswith("nnlab: ")
    assert first.endswith("raise the limit (ulimit -n 1024), or close other programs")
    go_on = "what was saved before is good; once that is mended, to go on: nnlab resume a"
    assert notes == ([go_on] if (tmp_path / "a/run.json").exists() else [])  # with 5 it never began


def test_too_little_memory(tmp_path: Path) -> None:
    def limit() -> None:
        resource.setrlimit(resource.RLIMIT_AS, (1_000_000_000, 1_000_000_000))

    done = limited(tmp_path, limit, "cubic", "--hidden", 10_000, "--quiet")
    assert done.returncode == 1
    (said,) = done.stderr.splitlines()
    assert said.startswith("nnlab: out of memory (")
    assert said.endswith("): try a smaller network or batch")


@pytest.mark.slow
def test_too_little_memory_in_tensorflow() -> None:
    code = """
import tensorflow as tf
from nnlab.cli.failure import describe
try:
    tf.random.normal((1 << 20, 1 << 20))
except Exception as error:
    print(*describe(error))
"""
    said = python(code, TF_CPP_MIN_LOG_LEVEL="3").stdout.decode()
    assert said.startswith("1 nnlab: out of memory (OOM when allocating tensor with shape[1048576")
    assert said.endswith("): try a smaller network or batch\n")
    assert said.count("\n") == 1


@pytest.mark.slow
def test_keras_does_not_load_what_no_command_uses() -> None:
    """A library keeps Keras whole: another part of the program may use it."""
    load = (
        "import keras, sys; print(*(m for m in ('sklearn', 'scipy.stats') if sys.modules.get(m)))"
    )
    assert python(load, KERAS_BACKEND="tensorflow").stdout.split() == [b"sklearn", b"scipy.stats"]
    done = python(
        f"from nnlab.cli.guard import prepare; prepare(); {load}", KERAS_BACKEND="tensorflow"
    )
    assert (done.returncode, done.stdout.split()) == (0, []), done.stderr.decode()


def test_how_long_threads_wait_changes_no_byte(nnlab: Nnlab, tmp_path: Path) -> None:
    wide = ("cubic", "--hidden", 1000, "--samples", 20, "--no-plots", "--run-dir")
    assert nnlab(*wide, "a").returncode == 0
    assert nnlab(*wide, "b", OPENBLAS_THREAD_TIMEOUT="26").returncode == 0  # OpenBLAS's own
    assert (tmp_path / "a/model.npz").read_bytes() == (tmp_path / "b/model.npz").read_bytes()
