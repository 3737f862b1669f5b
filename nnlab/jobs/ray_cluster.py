"""Join a Ray cluster, or start Ray on this machine; ask its nodes."""

import os
import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from nnlab.cores import cores
from nnlab.errors import UsageError, missing_package
from nnlab.jobs import ray_entry
from nnlab.jobs.ray_address import LOCAL, answering
from nnlab.jobs.ray_versions import PACKAGE

LOOK_SECONDS = 120.0  # for a node to start its first worker
STORE_BYTES = 256 << 20  # of Ray's shared memory on this machine
QUIET = {"RAY_USAGE_STATS_ENABLED": "0", "RAY_ACCEL_ENV_VAR_OVERRIDE_ON_ZERO": "0"}


@contextmanager
def joined(address: str, jobs: int | None, environment: Mapping[str, str]) -> Iterator[None]:
    """Be a driver of the cluster inside the block. Its workers run this copy of nnlab.

    Args:
        address: `auto`, `local`, or HOST:PORT.
        jobs: for `local`, the number of CPUs that Ray may use; None for all.
        environment: variables of the workers.

    Raises:
        UsageError: Ray is not installed, or there is no cluster that this process can join.
    """
    where = LOCAL if address == LOCAL else answering(address)
    os.environ.update({name: value for name, value in QUIET.items() if name not in os.environ})
    try:
        import ray
    except ImportError as error:
        raise missing_package("--ray", "ray", error) from None
    own = {
        "num_cpus": jobs or cores(), "include_dashboard": False, "object_store_memory": STORE_BYTES,
    }  # fmt: skip
    # Ray prints that a worker died; here that is no news, and a view may be drawing there.
    ray._private.worker.print_to_stdstream = lambda *_, **__: None  # noqa: SLF001 - no other way
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            ray.init(
                where, log_to_driver=False, logging_level="critical",
                runtime_env={"env_vars": dict(environment), "py_modules": [str(PACKAGE)]},
                **(own if where == LOCAL else {}),
            )  # fmt: skip
        except (OSError, RuntimeError, ValueError) as error:
            said = " ".join(str(error).split())
            raise UsageError(f"--ray {address}: Ray cannot join the cluster: {said}") from None
    try:
        yield
    finally:
        ray.shutdown()


def cpus() -> int:
    """Return the number of CPUs of the cluster at this moment."""
    import ray

    return max(1, int(ray.cluster_resources().get("CPU", 0)))


def refused(wanted: Mapping[str, str]) -> str:
    """Return why a node cannot do the work; "" if each can.

    Args:
        wanted: the versions that each node must have.
    """
    import ray
    from ray.util.scheduling_strategies import NodeAffinitySchedulingStrategy

    look = ray.remote(ray_entry.look)
    asked = {}
    for node in ray.nodes():
        if node["Alive"]:
            here = NodeAffinitySchedulingStrategy(node["NodeID"], soft=False)
            one = look.options(num_cpus=0, max_retries=0, scheduling_strategy=here)
            asked[one.remote(wanted)] = node["NodeManagerHostname"]
    ray.wait(list(asked), num_returns=len(asked), timeout=LOOK_SECONDS)
    for reply, name in asked.items():
        try:
            if why := ray.get(reply, timeout=0):
                return str(why)
        except ray.exceptions.GetTimeoutError:
            return f"node {name} has started no worker within {LOOK_SECONDS:g} seconds"
        except ray.exceptions.RayError as error:
            if isinstance(error, ray.exceptions.RayTaskError | ray.exceptions.RuntimeEnvSetupError):
                return (
                    f"node {name} cannot do the work: {str(error).strip().rpartition(chr(10))[2]}"
                )
    return ""
