"""Tasks on a real Ray cluster: what `Pool` does, with the same results and the same bytes."""

import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path

import pytest

from nnlab.errors import DataError, DivergedError, UsageError
from nnlab.jobs.pool import Pool
from nnlab.jobs.ray_pool import RayPool
from nnlab.jobs.ray_scratch import PREFIX
from nnlab.jobs.slot import TRIES
from nnlab.jobs.task import ClusterLost, Done, Needs, Task, WorkerLost, WorkerTraceback
from nnlab.runs.saved import SavedRun
from tests.conftest import ENVIRONMENT, Nnlab
from tests.jobs.cluster import RayCluster, running
from tests.jobs.test_pool import task
from tests.jobs.test_signals import wait_until

pytestmark = [
    pytest.mark.slow,
    pytest.mark.filterwarnings("ignore::ResourceWarning"),  # of Ray
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),  # the same
]
LONG = pytest.mark.long
KEYS = {"samples": 2_000, "hidden": 20, "gif": False}


@pytest.fixture(scope="module")
def cluster() -> Iterator[RayCluster]:
    with running() as cluster:
        yield cluster


@pytest.fixture(scope="module")
def pool(cluster: RayCluster) -> Iterator[RayPool]:
    with RayPool(cluster.address) as pool:
        yield pool


def one(pool: RayPool, function: str, **arguments: object) -> Done:
    """Return what came of the only task."""
    (done,) = pool.map([task(function, **arguments)])
    return done


def counting(home: Path, name: str, to: int = 40, seconds: float = 0.1) -> Task:
    arguments = {"name": name, "to": to, "seconds": seconds}
    return Task(name, "tests.jobs.calls:count", arguments, home, (name,))


def training(home: Path, seed: int) -> Task:
    name = f"runs/{seed}"
    arguments = {"run": name, "seed": seed, **KEYS}
    return Task(name, "tests.jobs.calls:train_at", arguments, home, (name,))


def test_a_cluster_that_loses_a_node(
    cluster: RayCluster, pool: RayPool, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    """All is done, in part from what had come back; the bytes are those of Pool."""
    far, near = tmp_path / "far", tmp_path / "near"
    for home in (far, near):
        (home / "runs").mkdir(parents=True)
    seeds, names = range(5), ("a", "b", "c")
    with ThreadPoolExecutor(1) as executor:

        def kill() -> None:
            wait_until(lambda: all((far / name / "number").exists() for name in names))
            cluster.kill()

        killed = executor.submit(kill)
        tasks = [*(counting(far, name) for name in names), *(training(far, s) for s in seeds)]
        done = {each.task.name: each for each in pool.map(tasks)}
        killed.result()
    assert [each.error for each in done.values()] == [None] * len(tasks)
    begun = [done[name].result for name in names]
    assert sorted(map(len, begun)) == [1, 1, 2]  # one node died
    assert next(each[1] for each in begun if len(each) == 2) > 0
    assert {(far / name / "number").read_text() for name in names} == {"40"}
    with Pool(2) as two:
        alone = {each.task.name: each.result for each in two.map(training(near, s) for s in seeds)}
    assert {name: done[name].result for name in alone} == alone
    assert sorted(os.listdir(far / "runs/0")) == sorted({*os.listdir(near / "runs/0")} - {".lock"})
    assert not [path for path in tmp_path.rglob(".tmp-*") if path.exists()]
    assert capfd.readouterr() == ("", "")


@LONG
def test_every_task_is_done_with_its_own_result(pool: RayPool) -> None:
    tasks = [task("square", x=x) for x in range(300)]
    done = list(pool.map(tasks))
    assert sorted(each.task.arguments["x"] for each in done) == list(range(300))
    assert all(each.result == each.task.arguments["x"] ** 2 and not each.error for each in done)


@LONG
def test_long_tasks_after_short_ones_are_shared(pool: RayPool) -> None:
    """A pack that takes longer than foreseen gives its rest to other nodes."""
    list(pool.map([task("square", x=1)] * 300))
    tasks = [task("square", x=x, seconds=3) for x in range(6)]
    workers = {done.result for done in pool.map([task("pid")] * 3)}
    assert sorted(done.result for done in pool.map(tasks)) == [0, 1, 4, 9, 16, 25]
    assert workers


@LONG
@pytest.mark.parametrize(
    ("kind", "expected"),
    [("diverged", DivergedError), ("data", DataError), ("value", ValueError)],
)
def test_an_error_comes_home(pool: RayPool, kind: str, expected: type[Exception]) -> None:
    from tests.jobs.calls import ERRORS

    done = one(pool, "fail", kind=kind)
    assert type(done.error) is expected
    assert str(done.error) == str(ERRORS[kind])
    assert isinstance(done.error.__cause__, WorkerTraceback)


@LONG
def test_a_result_that_cannot_be_sent_is_an_error(pool: RayPool) -> None:
    assert "lambda" in str(one(pool, "unreadable").error)
    assert "exit code 3" in str(one(pool, "fail", kind="exit").error)


@LONG
def test_a_call_has_one_thread(pool: RayPool) -> None:
    found = one(pool, "environment").result
    for name in ("OMP_NUM_THREADS", "TF_NUM_INTEROP_THREADS", "NUMBA_NUM_THREADS"):
        assert found[name] == "1"
    assert {done.result for done in pool.map([task("blas_threads", wanted=2)] * 12)} == {1}


@LONG
def test_a_task_that_always_loses_its_worker_is_given_up(pool: RayPool, tmp_path: Path) -> None:
    log = tmp_path / "log"
    tasks = [task("die", log=str(log)), *(task("square", x=x) for x in range(5))]
    done = {each.task.name: each for each in pool.map(tasks)}
    error = done["a die"].error
    assert isinstance(error, WorkerLost)
    assert str(error).startswith("task a die: its worker process died on node ")
    assert log.read_text() == "x" * TRIES
    assert done["a square"].error is None


@LONG
def test_workers_that_always_die_before_they_begin_end_the_work(pool: RayPool) -> None:
    needs = Needs(data="tests.jobs.deadly")
    with pytest.raises(ClusterLost, match="workers in a row died before they began to work"):
        list(pool.map([Task("t", "tests.jobs.calls:pid", needs=needs)]))
    assert one(pool, "square", x=3).result == 9


@LONG
def test_a_killed_worker_costs_only_what_had_not_come_back(pool: RayPool, tmp_path: Path) -> None:
    """A run goes on from its checkpoint on another worker, to the bytes of an undisturbed one."""
    keys = {"samples": 600_000, "hidden": 80, "gif": False}
    arguments = {"run": "killed", **keys}
    killed = Task("killed", "tests.jobs.calls:train_at", arguments, tmp_path, ("killed",))

    def kill() -> int:
        last = tmp_path / "killed/checkpoint/last.safetensors"
        wait_until(last.exists)
        worker = int(SavedRun(tmp_path / "killed").record["process"]["pid"])
        os.kill(worker, signal.SIGKILL)
        return worker

    with ThreadPoolExecutor(1) as executor:
        worker = executor.submit(kill)
        (done,) = pool.map([killed])
    assert done.error is None
    record = SavedRun(tmp_path / "killed").record
    assert record["process"]["pid"] != worker.result()
    assert "resumed" in record
    alone = Task("alone", "tests.jobs.calls:train", {"path": str(tmp_path / "alone"), **keys})
    with Pool(1) as single:
        assert [each.result for each in single.map([alone])] == [done.result]


@LONG
def test_a_map_that_is_closed_stops_its_tasks(pool: RayPool) -> None:
    done = pool.map([task("square", x=1), *(task("square", x=2, seconds=600) for _ in range(3))])
    next(done)
    done.close()  # type: ignore[attr-defined]
    assert one(pool, "square", x=3).result == 9


@LONG
def test_files_that_a_node_lacks_are_named(pool: RayPool, tmp_path: Path) -> None:
    mine = tmp_path / "mine.npy"
    mine.write_bytes(b"here and there")
    needs = Needs(files=(mine, tmp_path))
    (done,) = pool.map([Task("t", "tests.jobs.calls:pid", needs=needs)])
    assert done.error is None
    missing = Needs(files=(Path("/proc/self/comm"),))  # another process has another one
    with pytest.raises(UsageError, match="/proc/self/comm, or has another one there"):
        list(pool.map([Task("t", "tests.jobs.calls:pid", needs=missing)]))


@LONG
def test_published_data_are_sent_once(pool: RayPool, tmp_path: Path) -> None:
    here = tmp_path / "here"
    here.write_text("the data")
    os.environ["NNLAB_TEST_DATA"] = str(here)
    needs = Needs(data="tests.jobs.published")
    done = list(pool.map([Task("t", "tests.jobs.published:text", needs=needs)] * 6))
    assert {each.result for each in done} == {"the data"}


@LONG
def test_a_node_with_another_version_is_named(
    cluster: RayCluster, pool: RayPool, tmp_path: Path, nnlab: Nnlab
) -> None:
    """Before the first task of a command, and when it joins later."""
    other = tmp_path / "site/numpy-1.2.3.dist-info"
    other.mkdir(parents=True)
    (other / "METADATA").write_text("Metadata-Version: 2.1\nName: numpy\nVersion: 1.2.3\n")
    path = os.pathsep.join([str(other.parent), os.environ.get("PYTHONPATH", "")])
    said = r"node \S+ has numpy 1\.2\.3 instead of \S+; the numbers of a run depend on them"
    node = cluster.add(PYTHONPATH=path)
    try:
        with pytest.raises(UsageError, match=said):
            list(pool.map([task("square", x=1, seconds=1)] * 20))
        done = nnlab("study", "gradient", "--quick", "--ray", cluster.address)
        assert done.returncode == 2
        assert re.fullmatch(rf"nnlab: {said}.*\n", done.stderr)
        assert not (tmp_path / "studies").exists()
    finally:
        cluster.kill(node)


PROGRAM = """
import sys
from pathlib import Path
from nnlab.jobs.ray_pool import RayPool
from nnlab.runs.signals import Interrupted
from tests.jobs.test_ray_pool import counting

try:
    with RayPool(sys.argv[1], 2) as pool:
        print("joined", flush=True)
        for done in pool.map(counting(Path(sys.argv[2]), name, 10_000) for name in sys.argv[3:]):
            print(done.task.name, done.error, flush=True)
except Interrupted as stop:
    sys.exit(f"stopped by {stop}")
"""


@LONG
@pytest.mark.parametrize("address", ["cluster", "local"])
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_a_driver_that_is_stopped_leaves_no_worker(
    cluster: RayCluster, tmp_path: Path, number: signal.Signals, address: str
) -> None:
    where = cluster.address if address == "cluster" else "local"
    names = [f"{number.name}-{address}-{letter}" for letter in "ab"]
    process = subprocess.Popen(
        [sys.executable, "-c", PROGRAM, where, tmp_path, *names],
        env=ENVIRONMENT | {"PYTHONPATH": os.pathsep.join(sys.path)}, text=True,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    )  # fmt: skip
    try:
        wait_until(lambda: all((tmp_path / name / "number").exists() for name in names))
        assert working(names)
        process.send_signal(number)
        stdout, stderr = process.communicate(timeout=60)
    finally:
        process.kill()
        process.communicate()
    assert stdout == "joined\n"
    said = {signal.SIGINT: "stopped by Ctrl-C\n", signal.SIGTERM: "stopped by SIGTERM\n"}
    assert stderr == said.get(number, "")
    wait_until(lambda: not working(names), 10)


def working(names: list[str]) -> set[str]:
    """Return the processes that work on tasks of these names: each holds the folder of its task."""
    found = set()
    for descriptor in Path("/proc").glob("[0-9]*/fd/*"):
        with suppress(OSError):
            folder = descriptor.readlink()
            if folder.name.startswith(PREFIX) and not {*os.listdir(folder)}.isdisjoint(names):
                found.add(descriptor.parts[2])
    return found


@LONG
def test_a_sweep_on_a_cluster_that_loses_a_node(
    cluster: RayCluster, tmp_path: Path, nnlab: Nnlab
) -> None:
    """The same trials as with two jobs, to the byte."""
    cluster.fill()
    space = ("cubic", "lr=0.01,0.03", "hidden=20,40", "samples=60000", "--seeds", "2")
    with ThreadPoolExecutor(1) as executor:

        def kill() -> None:
            wait_until(lambda: len([*tmp_path.glob("sweeps/far/runs/*/metrics.csv")]) > 2)
            cluster.kill()

        killed = executor.submit(kill)
        far = nnlab("sweep", *space, "--name", "far", "--ray", cluster.address)
        killed.result()
    near = nnlab("sweep", *space, "--name", "near", "--jobs", 2)
    assert (far.returncode, near.returncode) == (0, 0), far.stderr
    trials = [(tmp_path / f"sweeps/{name}/trials.csv").read_bytes() for name in ("far", "near")]
    assert trials[0] == trials[1]
    assert trials[0].count(b"complete") == 4
    assert "died" not in far.stderr
