"""A real Ray cluster of three nodes on this machine."""

import contextlib
import os
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

NODES = 3


class RayCluster:
    """Three nodes with one CPU each. The first, on which drivers run, is never killed."""

    def __init__(self) -> None:
        from ray.cluster_utils import Cluster

        self._cluster = Cluster(
            initialize_head=True,
            head_node_args={"num_cpus": 1, "include_dashboard": False},
        )
        self.address: str = self._cluster.address
        self._others: list[Any] = []

    def fill(self) -> None:
        """Start nodes until there are three."""
        while len(self._others) < NODES - 1:
            self._others.append(self.add())

    def add(self, **environment: str) -> Any:
        """Start another node, with these variables."""
        return self._cluster.add_node(num_cpus=1, env_vars=environment or None)

    def kill(self, node: Any = None) -> None:
        """Kill all processes of a node, as a machine does that loses its power."""
        self._cluster.remove_node(node or self._others.pop(), allow_graceful=False)

    def end(self) -> None:
        """End all nodes."""
        self._cluster.shutdown()


@contextlib.contextmanager
def running() -> Iterator[RayCluster]:
    """Start a cluster; end it after the block."""
    os.environ["RAY_USAGE_STATS_ENABLED"] = "0"
    cluster = RayCluster()
    try:
        cluster.fill()
        yield cluster
    finally:
        cluster.end()


class Started(NamedTuple):
    """What `ray start --head` made: one node with one CPU, apart from all other Ray.

    Attributes:
        port: the port of its head.
        variables: what a process needs to find it as the cluster of its machine.
    """

    port: int
    variables: dict[str, str]

    def send(self, number: signal.Signals, *names: str) -> None:
        """Send a signal to the processes of the cluster whose command line has one of the names."""
        for path in Path("/proc").glob("[0-9]*/cmdline"):
            with contextlib.suppress(OSError):
                command = path.read_bytes().decode(errors="replace")
                if self.variables["RAY_TMPDIR"] in command and any(n in command for n in names):
                    os.kill(int(path.parent.name), number)


@contextlib.contextmanager
def started(token: str = "") -> Iterator[Started]:
    """Run `ray start --head`, with this token; end it after the block."""
    with tempfile.TemporaryDirectory() as folder, socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
        free.close()
        variables = {"HOME": folder, "RAY_TMPDIR": folder, "RAY_USAGE_STATS_ENABLED": "0"}
        if token:
            Path(folder, ".ray").mkdir()
            Path(folder, ".ray/auth_token").write_text(token)
        mode = {"RAY_AUTH_MODE": "token" if token else "disabled"}
        words = f"start --head --port {port} --num-cpus 1 --include-dashboard false"
        cluster = Started(port, variables)
        try:
            subprocess.run(
                [sys.executable, "-m", "ray.scripts.scripts", *words.split()],
                env=os.environ | variables | mode, check=True, capture_output=True,
            )  # fmt: skip
            yield cluster
        finally:
            cluster.send(signal.SIGKILL, "")
