"""Tasks in real worker processes: results, errors, the order of things, what a worker may see."""

import os
import signal
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from nnlab.errors import DataError, DivergedError
from nnlab.jobs.pool import Pool
from nnlab.jobs.task import Done, Task, WorkerTraceback
from nnlab.runs.signals import Interrupted
from tests.conftest import Nnlab, digest


def task(function: str, **arguments: Any) -> Task:
    return Task(f"a {function}", f"tests.jobs.calls:{function}", arguments)


@pytest.fixture(scope="module")
def pool() -> Iterator[Pool]:
    with Pool(2, threads=3) as pool:
        yield pool


def one(pool: Pool, function: str, **arguments: Any) -> Done:
    """Return what came of the only task."""
    (done,) = pool.map([task(function, **arguments)])
    return done


def test_every_task_is_done_with_its_own_result(pool: Pool) -> None:
    tasks = [task("square", x=x) for x in range(50)]
    done = list(pool.map(tasks))
    assert sorted(each.task.arguments["x"] for each in done) == list(range(50))
    assert all(each.result == each.task.arguments["x"] ** 2 and not each.error for each in done)


def test_results_come_as_they_end(pool: Pool) -> None:
    seconds = [1.5, 0, 0, 0]
    done = pool.map(task("square", x=x, seconds=s) for x, s in enumerate(seconds))
    assert [each.result for each in done] == [1, 4, 9, 0]


def test_no_tasks(pool: Pool) -> None:
    assert list(pool.map([])) == []


def test_workers_are_kept(pool: Pool) -> None:
    ids = {done.result for done in pool.map([task("pid")] * 20)}
    assert len(ids) <= 2
    assert ids >= {done.result for done in pool.map([task("pid")] * 20)}
    assert os.getpid() not in ids


def test_a_task_is_taken_when_a_worker_is_free_for_it(pool: Pool) -> None:
    taken = 0

    def tasks() -> Iterator[Task]:
        nonlocal taken
        for taken in range(1, 11):  # noqa: B007 - counted
            yield task("pid")

    for number, _ in enumerate(pool.map(tasks()), start=1):
        assert taken <= number + 2


@pytest.mark.parametrize(
    ("kind", "expected"),
    [("diverged", DivergedError), ("data", DataError), ("value", ValueError)],
)
def test_an_error_comes_home(pool: Pool, kind: str, expected: type[Exception]) -> None:
    from tests.jobs.calls import ERRORS

    done = one(pool, "fail", kind=kind)
    assert type(done.error) is expected
    assert str(done.error) == str(ERRORS[kind])
    assert done.error.__notes__ == ["a note"]
    assert done.result is None
    assert isinstance(done.error.__cause__, WorkerTraceback)
    assert "raise error" in str(done.error.__cause__)


def test_an_error_that_cannot_be_read_back_is_told(pool: Pool) -> None:
    assert repr(one(pool, "fail", kind="odd").error) == "RuntimeError('OddError: 1 and 2')"


def test_python_that_ends_is_an_error(pool: Pool) -> None:
    assert "exit code 3" in str(one(pool, "fail", kind="exit").error)


def test_a_result_that_cannot_be_sent_is_an_error(pool: Pool) -> None:
    assert "lambda" in str(one(pool, "unreadable").error)


@pytest.mark.parametrize("call", ["tests.jobs.calls:none", "tests.no_module:f"])
def test_an_unknown_function_is_an_error(pool: Pool, call: str) -> None:
    (done,) = pool.map([Task("t", call)])
    assert isinstance(done.error, AttributeError | ImportError)


def test_a_worker_that_failed_goes_on(pool: Pool) -> None:
    before = {done.result for done in pool.map([task("pid")] * 20)}
    one(pool, "fail", kind="value")
    assert {done.result for done in pool.map([task("pid")] * 20)} <= before


def test_what_a_worker_prints_reaches_nobody(pool: Pool, capfd: pytest.CaptureFixture[str]) -> None:
    assert one(pool, "talk").result == "done"
    assert capfd.readouterr() == ("", "")


def test_a_worker_finds_the_modules_of_its_parent(pool: Pool) -> None:
    assert one(pool, "path").result == sys.path


def test_threads_do_not_shape_sums(pool: Pool) -> None:
    found = one(pool, "environment").result
    assert found["TF_NUM_INTEROP_THREADS"] == found["NUMBA_NUM_THREADS"] == "3"
    assert found["OMP_NUM_THREADS"] == found["OPENBLAS_NUM_THREADS"] == "1"
    assert "TF_NUM_INTRAOP_THREADS" not in found


def test_a_map_that_is_closed_stops_its_tasks(pool: Pool) -> None:
    done = pool.map([task("pid"), task("square", x=1, seconds=60), task("square", x=2, seconds=60)])
    next(done)
    done.close()  # type: ignore[attr-defined]
    assert one(pool, "square", x=3).result == 9


def test_a_fault_of_the_caller_ends_the_pool() -> None:
    def tasks() -> Iterator[Task]:
        yield task("square", x=1, seconds=60)
        raise LookupError

    with pytest.raises(LookupError), Pool(2) as pool:
        list(pool.map(tasks()))


def test_in_a_thread_there_are_no_signals_to_handle() -> None:
    from concurrent.futures import ThreadPoolExecutor

    def square() -> Any:
        with Pool(1) as pool:
            return one(pool, "square", x=4).result

    with ThreadPoolExecutor(1) as executor:
        assert executor.submit(square).result() == 16


def test_a_signal_after_the_last_task_is_raised() -> None:
    with pytest.raises(Interrupted, match="SIGTERM"), Pool(1) as pool:
        assert one(pool, "square", x=4).result == 16
        os.kill(os.getpid(), signal.SIGTERM)
        still_here = True
    assert still_here


@pytest.mark.slow
@pytest.mark.parametrize(
    "keys",
    [
        {"experiment": "fashion", "data": "sample", "epochs": 1},
        pytest.param(
            {"experiment": "cubic", "hidden": 300, "samples": 3000, "batch_size": 64,
             "blas_threads": 2},
            marks=pytest.mark.long,
        ),
    ],
    ids=["fashion", "cubic"],
)  # fmt: skip
def test_a_run_has_the_bytes_of_a_lone_command(
    nnlab: Nnlab, tmp_path: Path, keys: dict[str, Any]
) -> None:
    """With fewer threads, and as the second run of a worker that is kept."""
    my = tmp_path / "my.yaml"
    my.write_text(yaml.safe_dump({key: keys[key] for key in keys if key != "experiment"}))
    alone = nnlab(keys["experiment"], "--config", my, "--run-dir", "alone", "--no-plots")
    assert alone.returncode == 0, alone.stderr
    with Pool(1, threads=1) as pool:
        tasks = [task("train", path=str(tmp_path / name), **keys) for name in ("first", "second")]
        done = list(pool.map(tasks))
    assert [each.error for each in done] == [None, None]
    assert {each.result for each in done} == {digest(tmp_path / "alone")}
