"""Join a Ray cluster, or start Ray on this machine."""

import os
import sys
import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from nnlab.cores import cores
from nnlab.errors import UsageError, missing_package
from nnlab.jobs.ray_address import LOCAL, answering, is_own
from nnlab.jobs.ray_head import Head
from nnlab.jobs.ray_trial import MODE, QUIET, TOKEN, refusal
from nnlab.jobs.ray_versions import PACKAGE
from nnlab.text import printable

STORE_BYTES = 256 << 20  # of Ray's shared memory on this machine


@contextmanager
def joined(address: str, jobs: int | None, environment: Mapping[str, str]) -> Iterator[Head]:
    """Be a driver of the cluster inside the block; yield its head. Its workers run this nnlab.

    Args:
        address: `auto`, `local`, or HOST:PORT.
        jobs: for `local`, the number of CPUs that Ray may use; None for all.
        environment: variables of the workers.

    Raises:
        UsageError: Ray is not installed, or there is no cluster that this process can join.
    """
    where = address
    if address != LOCAL:
        where = answering(address)
        _sign_in(address, where)
    os.environ.update({name: value for name, value in QUIET.items() if name not in os.environ})
    try:
        import ray
    except ImportError as error:
        raise missing_package("--ray", "ray", error) from None
    head = None
    try:
        _init(address, where, jobs, environment)
        head = Head(where, ray.cluster_resources)
        yield head
    finally:
        if head:
            head.leave(ray.shutdown)
        else:
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
            raise UsageError(f"--ray {address}: Ray cannot join the cluster: {said}") from None


def _sign_in(address: str, where: str) -> None:
    """Look whether this process can join, and let Ray use its token if it must.

    Ray's token is for the cluster of this machine; for another one, the user decides. Ray looks at
    the variable when it is imported.

    Args:
        address: what the user gave.
        where: HOST:PORT, where something answers.

    Raises:
        UsageError: this process cannot join the cluster.
    """
    mode = os.environ.get(MODE)
    signed = mode not in {None, "", "disabled"}
    why = refusal(where, token=False)
    if signed and not why:
        raise UsageError(
            f"--ray {address}: the cluster asks for no token, but {MODE} is {printable(str(mode))} "
            "here: unset it"
        )
    if why == TOKEN:
        if mode is None and "ray" not in sys.modules and is_own(where):
            os.environ[MODE] = "token"
            signed = True
        if signed:
            why = refusal(where, token=True)
    if why:
        raise UsageError(f"--ray {address}: Ray cannot join the cluster: {why}")
