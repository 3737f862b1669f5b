"""What ends the work of a driver: a silent head node, workers that die at their start."""

import time
from collections.abc import Iterator, Mapping
from threading import Event

import pytest

from nnlab.console.view import Silent
from nnlab.jobs import ray_head, ray_starts
from nnlab.jobs.ray_head import Head
from nnlab.jobs.ray_starts import MOST_FAILED, Starts
from nnlab.jobs.task import ClusterLost


class Cluster:
    """Answers until it is told to be silent."""

    def __init__(self) -> None:
        self.asked, self.speaks = Event(), Event()
        self.speaks.set()
        self.left = 0
        self.has = {"CPU": 3.0, "GPU": 1.0}

    def ask(self) -> Mapping[str, float]:
        self.asked.set()
        self.speaks.wait()
        return self.has

    def shutdown(self) -> None:
        self.speaks.wait()
        self.left += 1


@pytest.fixture
def cluster(monkeypatch: pytest.MonkeyPatch) -> Iterator[Cluster]:
    monkeypatch.setattr(ray_head, "ASK_SECONDS", 0.01)
    monkeypatch.setattr(ray_head, "SILENT_SECONDS", 0.1)
    monkeypatch.setattr(ray_head, "LEAVE_SECONDS", 0.01)
    cluster = Cluster()
    yield cluster
    cluster.speaks.set()


def wait_for_a_question(cluster: Cluster) -> None:
    cluster.asked.clear()
    assert cluster.asked.wait(60)


def check_often(head: Head, times: int) -> None:
    for _ in range(times):
        time.sleep(0.01)
        head.check()


def test_a_head_that_answers(cluster: Cluster) -> None:
    head = Head("h:1", cluster.ask)
    assert (head.cpus, head.gpus) == (3, 1)
    cluster.has = {}
    wait_for_a_question(cluster)
    wait_for_a_question(cluster)
    assert (head.cpus, head.gpus) == (1, 0)
    head.check()
    head.leave(cluster.shutdown)
    assert cluster.left == 1


def test_a_head_that_is_silent_ends_the_work(cluster: Cluster) -> None:
    head = Head("h:1", cluster.ask)
    cluster.speaks.clear()
    wait_for_a_question(cluster)
    with pytest.raises(ClusterLost, match=r"^the Ray cluster at h:1 ended$"):
        check_often(head, 100)
    head.leave(cluster.shutdown)  # does not wait for it
    assert not cluster.left


def test_a_driver_that_was_stopped_is_not_the_silence_of_the_head(cluster: Cluster) -> None:
    head = Head("h:1", cluster.ask)
    cluster.speaks.clear()
    wait_for_a_question(cluster)
    time.sleep(0.2)
    head.check()
    cluster.speaks.set()
    head.leave(cluster.shutdown)


class Told(Silent):
    """Keeps what it is told."""

    def __init__(self) -> None:
        self.notes: list[str] = []

    def note(self, text: str) -> None:
        self.notes.append(text)


def test_starts_that_fail_pause_the_next_and_end_the_work() -> None:
    starts = Starts(Told())
    assert not starts.pausing
    for _ in range(2):
        for _ in range(MOST_FAILED - 1):
            starts.failed("how", running=False)
        assert starts.pausing
        starts.succeeded()
    for _ in range(2 * MOST_FAILED):
        starts.failed("how", running=True)  # another node works
    with pytest.raises(ClusterLost, match=r"21 workers in a row died before .* \(how\): look at"):
        starts.failed("how", running=False)


def test_a_cluster_without_a_cpu_is_told_once(monkeypatch: pytest.MonkeyPatch) -> None:
    told = Told()
    starts = Starts(told)
    starts.look(running=False)
    assert told.notes == []
    monkeypatch.setattr(ray_starts, "QUIET_SECONDS", 0)
    starts.look(running=True)
    assert told.notes == []
    for _ in range(3):
        time.sleep(0.01)
        starts.look(running=False)
    assert len(told.notes) == 1
    assert "the Ray cluster has no free CPU" in told.notes[0]
