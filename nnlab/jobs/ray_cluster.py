"""Join a Ray cluster, or start Ray on this machine."""

import os
import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from nnlab.cores import cores
from nnlab.errors import UsageError, missing_package
from nnlab.jobs.ray_address import LOCAL, answering
from nnlab.jobs.ray_versions import PACKAGE

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
    """Return the number of CPUs of the cluster at this moment, 1 or more."""
    return max(1, int(_resource("CPU")))


def gpus() -> int:
    """Return the number of GPUs of the cluster at this moment."""
    return int(_resource("GPU"))


def _resource(name: str) -> float:
    import ray

    return float(ray.cluster_resources().get(name, 0))
