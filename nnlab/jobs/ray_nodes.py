"""Look whether each node of the cluster can do the work, and send it the data that it lacks."""

from collections.abc import Callable, Iterator, Sequence
from pkgutil import resolve_name
from typing import Any, NamedTuple

from nnlab.errors import NnlabError, UsageError
from nnlab.jobs import ray_entry
from nnlab.jobs.pool import TICK_SECONDS
from nnlab.jobs.ray_entry import Wanted

LOOK_SECONDS = 120.0  # for a node to start its first worker, and to look


class Node(NamedTuple):
    """A node of the cluster.

    Attributes:
        number: Ray's number of it.
        name: the name of its machine.
    """

    number: str
    name: str


def prepare(wanted: Wanted, check: Callable[[], None]) -> Wanted:
    """Look at each node, and send it the published data if it lacks them.

    Args:
        wanted: what each node must have.
        check: is called often; what it raises ends the wait.

    Returns:
        What to ask of nodes from now on. If no machine has the data, nodes look for them as a
        single machine would, and download them.

    Raises:
        UsageError: a node cannot do the work.
    """
    lacking = list(_unfit(wanted, _nodes(), check))
    if not lacking:
        return wanted
    contents = resolve_name(f"{wanted.data}:contents")()
    if contents is None:
        return wanted._replace(data="")
    import ray

    sent = ray.put(contents)
    for _ in _replies(ray_entry.keep, (wanted.data, sent), lacking, check):
        pass
    for node in _unfit(wanted, lacking, check):
        raise UsageError(f"node {node.name} does not find the data that were sent to it")
    return wanted


def last_line(error: Exception) -> str:
    """Return the last line of what Ray says of an error."""
    return str(error).strip().rpartition("\n")[2].strip()


def _unfit(wanted: Wanted, nodes: Sequence[Node], check: Callable[[], None]) -> Iterator[Node]:
    """Yield the nodes that lack the published data. Raises UsageError for another fault."""
    for node, unfit in _replies(ray_entry.look, (wanted,), nodes, check):
        if unfit and unfit.why:
            raise UsageError(unfit.why)
        if unfit:
            yield node


def _nodes() -> list[Node]:
    import ray

    return [
        Node(each["NodeID"], each["NodeManagerHostname"]) for each in ray.nodes() if each["Alive"]
    ]


def _replies(
    function: Callable[..., Any],
    arguments: Sequence[Any],
    nodes: Sequence[Node],
    check: Callable[[], None],
) -> Iterator[tuple[Node, Any]]:
    """Call a function on nodes, all at a time, and yield what each returns; not for one that dies.

    Raises:
        NnlabError: a node starts no worker, or the call fails there.
    """
    import ray
    from ray.util.scheduling_strategies import NodeAffinitySchedulingStrategy

    call = ray.remote(function)
    asked = {}
    for node in nodes:
        there = NodeAffinitySchedulingStrategy(node.number, soft=False)
        one = call.options(num_cpus=0, max_retries=0, scheduling_strategy=there)
        asked[one.remote(*arguments)] = node
    waiting, ticks = list(asked), LOOK_SECONDS / TICK_SECONDS
    while waiting and ticks > 0:
        check()
        _, waiting = ray.wait(waiting, num_returns=len(waiting), timeout=TICK_SECONDS)
        ticks -= 1
    for reply, node in asked.items():
        try:
            yield node, ray.get(reply, timeout=0)
        except ray.exceptions.GetTimeoutError:
            raise NnlabError(
                f"node {node.name} has not answered within {LOOK_SECONDS:g} seconds: look at it, "
                "or take it out of the cluster (ray stop)"
            ) from None
        except (ray.exceptions.RayTaskError, ray.exceptions.RuntimeEnvSetupError) as error:
            raise NnlabError(f"node {node.name} cannot do the work: {last_line(error)}") from error
        except ray.exceptions.RayError:
            continue  # it died
