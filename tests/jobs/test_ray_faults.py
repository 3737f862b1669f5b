"""Clusters of `ray start` that a command cannot join, or that end: one message each."""

import re
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from nnlab.jobs.ray_trial import TOKEN
from tests.conftest import ENVIRONMENT, Nnlab, command
from tests.jobs.cluster import Started, started
from tests.jobs.test_signals import wait_until

pytestmark = [pytest.mark.slow, pytest.mark.long]
SPACE = ("sweep", "cubic", "lr=0.01,0.02", "--reruns", 0, "--name", "x")
SHORT = (*SPACE, "samples=2000")


@pytest.fixture(scope="module")
def plain() -> Iterator[Started]:
    with started() as cluster:
        yield cluster


@pytest.fixture(scope="module")
def guarded() -> Iterator[Started]:
    with started("1" * 64) as cluster:
        yield cluster


def refused(done: subprocess.CompletedProcess[str], why: str) -> None:
    """Assert that a command has refused a cluster in one line."""
    assert done.returncode == 2
    assert re.fullmatch(rf"nnlab: --ray \S+: .*{re.escape(why)}\n", done.stderr)


@pytest.mark.parametrize("address", ["auto", "127.0.0.1:PORT"])
def test_the_token_is_used_for_the_cluster_of_this_machine(
    guarded: Started, nnlab: Nnlab, address: str
) -> None:
    where = address.replace("PORT", str(guarded.port))
    done = nnlab(*SHORT, "--ray", where, **guarded.variables)
    assert done.returncode == 0, done.stderr
    assert "2 of 2 trials" in done.stderr
    assert "gcs" not in done.stderr


@pytest.mark.parametrize("mode", [{}, {"RAY_AUTH_MODE": "token", "RAY_AUTH_TOKEN": "2" * 64}])
def test_a_cluster_that_asks_for_a_token(
    guarded: Started, nnlab: Nnlab, tmp_path: Path, mode: dict[str, str]
) -> None:
    """It is not given to an address that is not known here, and another one does not open it."""
    variables = guarded.variables | {"RAY_TMPDIR": str(tmp_path)} | mode
    refused(nnlab(*SHORT, "--ray", f"127.0.0.1:{guarded.port}", **variables), TOKEN)
    assert not (tmp_path / "sweeps").exists()


def test_a_cluster_that_asks_for_no_token(plain: Started, nnlab: Nnlab) -> None:
    variables = plain.variables | {"RAY_AUTH_MODE": "token", "RAY_AUTH_TOKEN": "2" * 64}
    refused(nnlab(*SHORT, "--ray", "auto", **variables), "RAY_AUTH_MODE is token here: unset it")


@pytest.mark.parametrize(
    ("part", "why"), [("raylet/raylet", "it lets no process join"), ("gcs_server", "within 5 sec")]
)
def test_a_cluster_that_hangs(plain: Started, nnlab: Nnlab, part: str, why: str) -> None:
    plain.send(signal.SIGSTOP, part)
    try:
        done = nnlab(*SHORT, "--ray", f"127.0.0.1:{plain.port}", **plain.variables)
    finally:
        plain.send(signal.SIGCONT, part)
    assert (done.returncode, done.stderr.count("\n")) == (2, 1)
    assert why in done.stderr


def test_a_cluster_whose_head_dies(nnlab: Nnlab, tmp_path: Path) -> None:
    """One line says how to go on, and it does."""
    with started() as cluster:
        process = subprocess.Popen(
            command(*SPACE, "samples=600000", "hidden=80", "--ray", "auto"), cwd=tmp_path,
            env=ENVIRONMENT | cluster.variables, text=True, stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )  # fmt: skip
        try:
            wait_until(lambda: bool([*tmp_path.glob("sweeps/x/runs/*/checkpoint/last*")]))
            cluster.send(signal.SIGKILL, "gcs_server")
            stdout, stderr = process.communicate(timeout=120)
        finally:
            process.kill()
            process.communicate()
    assert (process.returncode, stdout) == (1, "")
    said = [line for line in stderr.splitlines() if not line.startswith("sweep")]
    assert len(said) == 1
    ended = r"nnlab: the Ray cluster at \S+ ended; to go on: nnlab sweep resume sweeps/x"
    assert re.fullmatch(ended, said[0])
    assert nnlab("sweep", "resume", "x", "--jobs", 2).returncode == 0
