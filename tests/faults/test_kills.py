"""SIGKILL at any moment, as often as one likes: a resumed run ends with the undisturbed bytes."""

import random
import signal
import subprocess
from pathlib import Path

import pytest

from tests.faults.harness import (
    BATCHES,
    COMPILED,
    CUBIC,
    FASHION,
    FASHION_ALL,
    RUN,
    Arguments,
    result,
    start,
    undisturbed,
)

pytestmark = pytest.mark.slow


def survive(folder: Path, arguments: Arguments, rng: random.Random, longest: float) -> int:
    """Kill a run at random times until one of its processes lives to the end; return the kills."""
    kills = 0
    process = start(folder, (*arguments, "--run-dir", RUN))
    while True:
        try:
            _, said = process.communicate(timeout=rng.uniform(0, longest))
        except subprocess.TimeoutExpired:
            process.send_signal(signal.SIGKILL)
            process.communicate()
            kills += 1
            longest *= 1.1  # a slow machine must come to an end, too
        else:
            assert process.returncode == 0, said
            return kills
        begun = (folder / RUN / "run.json").exists()
        again = ("resume", RUN) if begun else (*arguments, "--run-dir", RUN)
        if not begun and (folder / RUN).exists():
            (folder / RUN).rename(folder / f"never-began-{kills}")
        process = start(folder, again)


@pytest.mark.parametrize(
    ("arguments", "longest", "kills"),
    [
        pytest.param(CUBIC, 5, 3, id="cubic"),
        pytest.param(COMPILED, 5, 1, id="cubic, compiled"),
        pytest.param(FASHION_ALL, 20, 1, id="fashion, every key"),
        pytest.param(CUBIC, 5, 30, id="cubic, long", marks=pytest.mark.long),
        pytest.param(BATCHES, 5, 30, id="cubic in batches, long", marks=pytest.mark.long),
        pytest.param(COMPILED, 5, 2, id="cubic, compiled, long", marks=pytest.mark.long),
        pytest.param(FASHION, 16, 14, id="fashion, long", marks=pytest.mark.long),
    ],
)
def test_killed_runs_end_with_the_bytes_of_an_undisturbed_one(
    tmp_path: Path, arguments: tuple[object, ...], longest: float, kills: int
) -> None:
    rng = random.Random(kills)  # noqa: S311 - not cryptography
    done = number = 0
    while done < kills:
        folder = tmp_path / str(number)
        folder.mkdir()
        done += survive(folder, arguments, rng, longest)
        assert result(folder / RUN) == undisturbed(arguments), f"seed {kills}, run {number}"
        number += 1
