"""A real Ray cluster of three nodes on this machine."""

import contextlib
import os
from collections.abc import Iterator
from typing import Any

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
