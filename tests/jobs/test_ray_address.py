"""Addresses where no Ray answers: one message each, soon."""

import socket
import subprocess
import sys
from collections.abc import Iterator
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest

from nnlab.errors import UsageError
from nnlab.jobs import ray_address
from nnlab.jobs.ray_address import answering
from tests.conftest import Nnlab

HANGS_UP = """
import socket, sys
connection, _ = socket.socket(fileno=int(sys.argv[1])).accept()
connection.recv(99)
"""


@pytest.fixture
def listener() -> Iterator[socket.socket]:
    """A server that accepts connections, and says nothing of itself."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server


def port(server: socket.socket) -> int:
    return int(server.getsockname()[1])


@pytest.fixture
def refusing() -> int:
    """Return a port on which nothing listens."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        return port(server)


@pytest.fixture(autouse=True)
def no_cluster(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv("RAY_ADDRESS", raising=False)
    monkeypatch.setenv("RAY_TMPDIR", str(tmp_path))
    monkeypatch.setattr(ray_address, "PATIENCE", 0.2)


def test_a_port_that_refuses(refusing: int) -> None:
    with pytest.raises(UsageError, match=rf"--ray 127.0.0.1:{refusing}: Connection refused: start"):
        answering(f"127.0.0.1:{refusing}")


def test_a_port_that_says_nothing(listener: socket.socket) -> None:
    with pytest.raises(UsageError, match=r"nothing answers within 0\.2 seconds"):
        answering(f"127.0.0.1:{port(listener)}")


def test_a_port_that_hangs_up(listener: socket.socket, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ray_address, "PATIENCE", 10)
    number = listener.fileno()
    with (
        subprocess.Popen([sys.executable, "-c", HANGS_UP, str(number)], pass_fds=[number]),
        pytest.raises(UsageError, match="what answers is not Ray"),
    ):
        answering(f"127.0.0.1:{port(listener)}")


def test_a_port_where_another_program_answers() -> None:
    with ThreadingHTTPServer(("127.0.0.1", 0), SimpleHTTPRequestHandler) as server:
        thread = Thread(target=server.serve_forever)
        thread.start()
        try:
            with pytest.raises(UsageError, match="what answers is not Ray"):
                answering(f"127.0.0.1:{server.server_port}")
        finally:
            server.shutdown()
            thread.join()


@pytest.mark.parametrize(
    ("joined", "given", "own"),
    [
        ("10.0.0.1:6379", "10.0.0.1:6379", True),
        ("10.0.0.1:6379", "10.0.0.1:6380", False),
        ("10.0.0.1:6379", "127.0.0.1:6379", False),  # a node, not the head
        ("127.0.0.1:6379", "localhost:6379", True),
        ("127.0.0.1:6379", "10.0.0.1:6379", False),
        ("damaged", "127.0.0.1:6379", False),
        ("", "127.0.0.1:6379", False),
    ],
)
def test_the_cluster_of_this_machine(tmp_path: Path, joined: str, given: str, own: bool) -> None:
    (tmp_path / "ray").mkdir()
    if joined:
        (tmp_path / "ray/ray_current_cluster").write_text(joined)
    assert ray_address.is_own(given) == own


def test_an_unknown_host() -> None:
    with pytest.raises(UsageError, match=r"--ray no-such-host.invalid:6379: .*name"):
        answering("no-such-host.invalid:6379")


@pytest.mark.parametrize("given", ["here", "10.0.0.1", "10.0.0.1:", ":6379", "10.0.0.1:0", ""])
def test_what_is_no_address(given: str) -> None:
    with pytest.raises(UsageError, match="it takes auto, local, or an address"):
        answering(given)


def test_a_client_address() -> None:
    with pytest.raises(UsageError, match="run on a machine of the cluster"):
        answering("ray://10.0.0.1:10001")


def test_auto_without_ray() -> None:
    with pytest.raises(UsageError, match="no Ray runs on this machine"):
        answering("auto")


def test_auto_with_the_address_of_a_cluster_that_ended(tmp_path: Path, refusing: int) -> None:
    file = tmp_path / "ray/ray_current_cluster"
    file.parent.mkdir()
    file.write_text(f"127.0.0.1:{refusing}")
    with pytest.raises(UsageError, match=rf"{refusing} \(from {file}\): Connection refused"):
        answering("auto")


def test_auto_with_an_address_from_the_environment(
    monkeypatch: pytest.MonkeyPatch, refusing: int
) -> None:
    monkeypatch.setenv("RAY_ADDRESS", f"127.0.0.1:{refusing}")
    with pytest.raises(UsageError, match=rf"{refusing} \(from RAY_ADDRESS\): Connection refused"):
        answering("auto")


def test_a_study_at_a_dead_address(nnlab: Nnlab, refusing: int, tmp_path: Path) -> None:
    done = nnlab("study", "gradient", "--quick", "--ray", f"127.0.0.1:{refusing}")
    assert done.returncode == 2
    assert done.stderr.startswith(f"nnlab: --ray 127.0.0.1:{refusing}: Connection refused")
    assert done.stderr.count("\n") == 1
    assert not (tmp_path / "studies").exists()


def test_a_study_without_the_extra(nnlab: Nnlab, tmp_path: Path) -> None:
    (tmp_path / "ray.py").write_text("raise ModuleNotFoundError(\"No module named 'ray'\")")
    done = nnlab("study", "gradient", "--quick", "--ray", "local", PYTHONPATH=str(tmp_path))
    assert done.returncode == 2
    assert "--ray needs a package that is not installed (No module named 'ray')" in done.stderr
    assert "nnlab-bench[ray]" in done.stderr
