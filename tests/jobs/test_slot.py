"""Workers that are killed, at rest and at work."""

import os
import random
import signal
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from nnlab.jobs import slot
from nnlab.jobs.pool import Pool
from nnlab.jobs.task import Task, WorkerLost
from nnlab.runs.saved import SavedRun
from tests.jobs.test_pool import one, task

KILLS = 12


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM, signal.SIGSEGV])
def test_a_task_whose_worker_is_killed_begins_again(tmp_path: Path, number: int) -> None:
    with Pool(1) as pool:
        assert (
            one(pool, "die_once", number=number, log=f"{tmp_path}/log").result == "the second try"
        )


def test_a_task_that_always_loses_its_worker_is_given_up(tmp_path: Path) -> None:
    log = tmp_path / "log"
    with Pool(1) as pool:
        done = one(pool, "die", log=str(log))
        assert isinstance(done.error, WorkerLost)
        assert str(done.error).startswith(
            "task a die: its worker process ended by SIGKILL, after it printed: the last words"
        )
        assert log.read_text() == "x" * slot.TRIES
        assert one(pool, "square", x=3).result == 9


@pytest.mark.parametrize("code", [0, 7])
def test_a_worker_that_leaves_without_an_answer_is_lost(code: int) -> None:
    with Pool(1) as pool:
        error = one(pool, "leave", code=code).error
    assert f"ended with code {code}" in str(error)


def test_a_worker_that_is_killed_while_idle_is_replaced() -> None:
    with Pool(1) as pool:
        first = one(pool, "pid").result
        os.kill(first, signal.SIGKILL)
        second = one(pool, "pid").result
    assert second != first


@pytest.mark.slow
def test_a_storm_of_kills() -> None:
    """40 tasks, 12 workers killed at random moments, busy or idle: every result is right."""
    luck = random.Random(0)  # noqa: S311 - nothing secret
    results, killed, idle = {}, 0, 0
    with Pool(2) as pool:
        for begin in range(0, 40, 4):  # between two maps, both workers are idle
            tasks = [
                Task(f"{x}", "tests.jobs.calls:square", {"x": x, "seconds": 0.05})
                for x in range(begin, begin + 4)
            ]
            for number, done in enumerate(pool.map(tasks)):
                assert not done.error
                results[int(done.task.name)] = done.result
                if number == luck.randrange(3) and killed < KILLS:
                    time.sleep(luck.random() / 5)
                    killed += kill_one(pool, luck)
            if killed < KILLS and luck.random() < 0.5:
                killed += (at_rest := kill_one(pool, luck))
                idle += at_rest
        while killed < KILLS:
            killed += kill_one(pool, luck)
            assert one(pool, "square", x=5).result == 25
    assert results == {x: x * x for x in range(40)}
    assert idle


def kill_one(pool: Pool, luck: random.Random) -> bool:
    """Kill a worker of the pool, by its process id, as the kernel does when memory is full."""
    workers = [each.worker for each in pool._slots if each.worker and each.worker.alive]
    if workers:
        os.kill(luck.choice(workers)._process.pid, signal.SIGKILL)
    return bool(workers)


@pytest.mark.slow
@pytest.mark.parametrize(
    "number", [signal.SIGKILL, pytest.param(signal.SIGTERM, marks=pytest.mark.long)]
)
def test_a_run_goes_on_from_its_checkpoint(tmp_path: Path, number: int) -> None:
    """It is resumed by another worker, to the bytes of one that nobody disturbed."""
    killed = tmp_path / "killed"
    keys = {"samples": 200_000, "hidden": 80, "gif": False}

    def kill() -> int:
        while not (killed / "checkpoint/last.safetensors").exists():
            time.sleep(0.01)
        worker = int(SavedRun(killed).record["process"]["pid"])
        os.kill(worker, number)
        return worker

    with Pool(2) as pool, ThreadPoolExecutor(1) as executor:
        worker = executor.submit(kill)
        first, second = pool.map([
            task("train", path=str(killed), **keys),
            task("train", path=str(tmp_path / "alone"), **keys),
        ])  # fmt: skip
    assert first.error is second.error is None
    assert first.result == second.result
    assert SavedRun(killed).record["process"]["pid"] != worker.result()


def test_a_worker_that_does_not_heed_sigterm_is_killed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(slot, "GRACE_SECONDS", 0.2)
    ready = tmp_path / "ready"
    with Pool(2) as pool:
        done = pool.map([task("never_look_up", ready=str(ready)), task("pid")])
        next(done)
        while not ready.exists():
            time.sleep(0.01)
        done.close()  # type: ignore[attr-defined]
        assert one(pool, "square", x=3).result == 9
