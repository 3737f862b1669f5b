"""SIGKILL and Ctrl-C at any moment: a sweep goes on to the same trials, and repeats nothing."""

import os
import random
import signal
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from nnlab.cores import cores
from tests.conftest import digest
from tests.jobs.test_signals import members, wait_until
from tests.sweep.disturbed import (
    SMALL,
    SPACE,
    SWEEP,
    busy,
    counted,
    counter,
    ended,
    finished,
    kill_parent,
    lone,
    runs,
    status,
    storm,
    sweep,
    trials,
    undisturbed,
    whole,
)

pytestmark = pytest.mark.slow
LONG = pytest.mark.long
SHORT = (*SPACE, "samples=12_000", "log_every=500")  # runs of about half a second
KINDS = {
    "grid": ("cubic", "lr=0.001,0.01,0.1", "hidden=4,8,16", *SHORT[3:], "--search", "grid"),
    "random": (*SHORT, "--search", "random", "--trials", 12),
    "tpe": (*SHORT, "--search", "tpe", "--trials", 16),
    "prune": (*SHORT, "--search", "random", "--prune", "--trials", 18),
    "tpe, prune": (*SHORT, "--search", "tpe", "--prune", "--trials", 18),
    "race": (*SHORT, "--search", "random", "--race", "--seeds", 5, "--trials", 4),
}
LONG_KINDS = [pytest.param(words, id=kind, marks=LONG) for kind, words in KINDS.items()]


@pytest.mark.parametrize("jobs", [2, 4])
@pytest.mark.parametrize("words", LONG_KINDS)
def test_the_number_of_jobs_changes_no_byte(
    tmp_path: Path, words: tuple[object, ...], jobs: int
) -> None:
    assert whole(tmp_path, *words, "--jobs", jobs) == undisturbed(*words)


@pytest.mark.parametrize("words", [pytest.param(SMALL, id="small"), *LONG_KINDS])
def test_a_killed_sweep_goes_on_to_the_same_trials(
    tmp_path: Path, swept: tuple[Path, str], words: tuple[object, ...]
) -> None:
    expected = swept[1] if words is SMALL else undisturbed(*words)
    rng = random.Random(repr(words))  # noqa: S311 - not cryptography
    kills, number = 1 if words is SMALL else 10, 0
    while kills:
        folder = tmp_path / str(number)
        folder.mkdir()
        kills -= survive(folder, words, kills, rng)
        assert trials(folder) == expected, f"sweep {number}"
        number += 1


def survive(folder: Path, words: tuple[object, ...], kills: int, rng: random.Random) -> int:
    """Kill a sweep at random times, at most so often, and let it end; return the kills.

    No worker may be left, and what had finished may not be touched again.
    """
    following, before = (*words, "--name", SWEEP.name), dict[str, bytes]()
    for done in range(kills + 1):
        with sweep(folder, *following, "--jobs", rng.choice([1, 2, 4])) as process:
            wait_until((folder / SWEEP / "sweep.json").exists)
            try:
                ended(process, seconds=600 if done == kills else rng.uniform(0, 3))
            except subprocess.TimeoutExpired:
                before = kill_parent(folder, process)
            assert finished(folder).items() >= before.items()
            if process.returncode == 0:
                return done
        following = ("resume", SWEEP)
    raise AssertionError("it did not end")


def test_ctrl_c_ends_a_sweep_in_order(tmp_path: Path, swept: tuple[Path, str]) -> None:
    with sweep(tmp_path, *SMALL, "--name", SWEEP.name, "--jobs", 2) as process:
        wait_until(lambda: len(busy(tmp_path)) == 2 and bool(finished(tmp_path)))
        os.killpg(process.pid, signal.SIGINT)
        said = ended(process, -signal.SIGINT)
        assert members(process.pid) == set()
    assert said.splitlines()[-1] == f"to go on: nnlab sweep resume {SWEEP}"
    assert status(tmp_path) == "interrupted"
    assert {run.status for run in runs(tmp_path)} <= {"completed", "interrupted"}
    before = finished(tmp_path)
    with sweep(tmp_path, "resume", SWEEP) as process:
        ended(process)
    assert finished(tmp_path).items() > before.items()
    assert trials(tmp_path) == swept[1]


@pytest.mark.parametrize(
    ("count", "samples", "kills"), [(4, 20_000, 3), pytest.param(40, 240_000, 12, marks=LONG)]
)
def test_killed_workers_cost_only_what_was_not_saved(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, count: int, samples: int, kills: int
) -> None:
    """Three workers and generations of four: two of the workers are idle at times."""
    log = counter(tmp_path / "counter")
    words = (
        *SPACE, f"samples={samples}", "--search", "tpe", "--trials", count, "--reruns", 0,
    )  # fmt: skip
    with monkeypatch.context() as patch:
        patch.setattr(sys, "path", [str(log), *sys.path])
        with sweep(tmp_path, *words, "--name", SWEEP.name, "--jobs", 3) as process:
            rng = random.Random(kills)  # noqa: S311 - not cryptography
            assert storm(tmp_path, process, kills, rng, count / kills) == kills
            ended(process)
    made = runs(tmp_path)
    assert [run.status for run in made] == ["completed"] * count
    assert counted(log) >= count * samples
    # Of so few runs each kill may cost a whole one; a run that is repeated again and again fails.
    most = 1.1 * count if count == 40 else count + kills
    assert counted(log) <= most * samples
    compared = made if count == 40 else made[:1]
    with ThreadPoolExecutor(cores()) as pool:
        alone = list(pool.map(lambda run: lone(tmp_path, run, f"lone-{run.path.name}"), compared))
    assert [digest(path) for path in alone] == [digest(run.path) for run in compared]
