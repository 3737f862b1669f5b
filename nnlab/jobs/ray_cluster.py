"""Join a Ray cluster, or start Ray on this machine."""

import os
import sys
import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from nnlab.cores import cores
from nnlab.errors import UsageError, missing_package
from nnlab.jobs.ray_address import AUTO, LOCAL, answering, cluster_file, is_older
from nnlab.jobs.ray_versions import PACKAGE

STORE_BYTES = 256 << 20  # of Ray's shared memory on this machine
QUIET = {
    "RAY_USAGE_STATS_ENABLED": "0", "RAY_ACCEL_ENV_VAR_OVERRIDE_ON_ZERO": "0",
}  # fmt: skip
PATIENCE = {"RAY_NUM_REDIS_GET_RETRIES": "8"}  # seconds to reach a cluster; Ray's own are 20
MODE = "RAY_AUTH_MODE"
HINT = "; if it asks for a token, put its token into ~/.ray/auth_token and set RAY_AUTH_MODE=token"


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
    quiet = QUIET if where == LOCAL else QUIET | PATIENCE
    os.environ.update({name: value for name, value in quiet.items() if name not in os.environ})
    with _signed_in(address):
        try:
            import ray
        except ImportError as error:
            raise missing_package("--ray", "ray", error) from None
        try:
            _init(address, where, jobs, environment)
            yield
        finally:
            ray.shutdown()


def _init(address: str, where: str, jobs: int | None, environment: Mapping[str, str]) -> None:
    """Call `ray.init`, quietly; see `joined`."""
    import ray

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
            raise UsageError(
                f"--ray {address}: Ray cannot join the cluster: {said}{HINT * (where != LOCAL)}"
            ) from None


@contextmanager
def _signed_in(address: str) -> Iterator[None]:
    """Let Ray use its token inside the block, if the cluster of this machine asks for it.

    It does if the token was there when `ray start` made the cluster. As Ray, give the token to a
    cluster that was found, never to an address. A driver with a token hears nothing from a cluster
    without.
    """
    token = Path(os.environ.get("RAY_AUTH_TOKEN_PATH") or "~/.ray/auth_token").expanduser()
    decided = MODE in os.environ or "ray" in sys.modules  # Ray looks when it is imported
    found = address == AUTO and "RAY_ADDRESS" not in os.environ
    if decided or not found or not is_older(token, cluster_file()):
        yield
        return
    os.environ[MODE] = "token"
    try:
        yield
    finally:
        del os.environ[MODE]


def cpus() -> int:
    """Return the number of CPUs of the cluster at this moment, 1 or more."""
    return max(1, int(_resource("CPU")))


def gpus() -> int:
    """Return the number of GPUs of the cluster at this moment."""
    return int(_resource("GPU"))


def _resource(name: str) -> float:
    import ray

    return float(ray.cluster_resources().get(name, 0))
