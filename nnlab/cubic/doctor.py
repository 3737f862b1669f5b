"""The checks of `nnlab doctor` for `nnlab cubic`: its engines take the same steps."""

import time
from collections.abc import Callable, Iterator
from functools import partial
from importlib.util import find_spec
from pathlib import Path

from nnlab.doctor.probe import examined
from nnlab.errors import UsageError
from nnlab.finding import Check, Finding, Result, examine

HIDDEN, STEPS, LR = 125, 300, 0.01
SAME = 1e-9  # largest difference of two engines; they round differently


def checks(say: Callable[[str], None], patience: float) -> Iterator[Finding]:
    """Yield what is found.

    Args:
        say: called with a line before what takes long; nothing here does.
        patience: seconds to wait for the libraries.
    """
    del say
    libraries = "numpy scipy" + " numba" * (find_spec("numba") is not None)
    yield from examined("nnlab.cubic.doctor:tried", list(CHECKS), libraries, patience)


def tried() -> Iterator[Finding]:
    """Do the checks in this process."""
    for name, check in CHECKS.items():
        yield examine(name, check)


def blas() -> Result:
    """Which library multiplies matrices, and with how many threads."""
    import numpy as np  # noqa: F401 - loads its BLAS
    import scipy.linalg.blas  # noqa: F401
    from threadpoolctl import threadpool_info

    found = [each for each in threadpool_info() if each["user_api"] == "blas"]
    found.sort(key=lambda each: str(each["filepath"]))
    seen = "; ".join(
        f"{_whose(Path(each['filepath']))}{each['internal_api']} {each['version']} "
        f"({each.get('architecture', 'unknown processor')}), {each['num_threads']} threads"
        for each in found
    )
    if found:
        return Result("ok", seen)
    return Result(
        "warn", "a library whose threads nnlab cannot set",
        "the last digits of a result may depend on the number of cores",
    )  # fmt: skip


def _whose(library: Path) -> str:
    """Return the package that brought a library: its folder is numpy.libs or scipy.libs."""
    folder = library.parent.name
    return f"{folder.removesuffix('.libs')}: " if folder.endswith(".libs") else ""


def steps(engine: str) -> Result:
    """Take steps with an engine, and the same with the equations of `nnlab.cubic.network`."""
    import numpy as np
    from threadpoolctl import threadpool_limits

    from nnlab import seeds
    from nnlab.cubic.config import CubicConfig
    from nnlab.cubic.engines import descent
    from nnlab.cubic.network import initial_parameters, minibatch_descent

    rng = seeds.generator(0, seeds.Purpose.INIT)
    start = initial_parameters(HIDDEN, 0.5, rng)
    x = rng.uniform(-2, 2, (STEPS, 1))
    take, _ = descent(CubicConfig(engine=engine, hidden=HIDDEN, lr=LR))  # type: ignore[arg-type]
    by_engine = {name: array.copy() for name, array in start.items()}
    plain = {name: array.copy() for name, array in start.items()}
    with threadpool_limits(1, "blas"):
        before = time.perf_counter()
        take(by_engine, x, x**3)
        seconds = time.perf_counter() - before
        minibatch_descent(plain, x, x**3, lr=LR, batch_size=1, networks={})
    apart = max(float(np.max(np.abs(by_engine[name] - plain[name]))) for name in plain)
    seen = f"{STEPS} steps of {HIDDEN} units, {seconds / STEPS * 1e6:.0f} µs each"
    if not apart <= SAME:  # also if it is not a number
        return Result(
            "fault", f"{seen}: they differ by {apart:.2g} from the equations written plainly",
            f"install the library of engine {engine} again",
        )  # fmt: skip
    return Result("ok", f"{seen}, as the equations say")


def numba() -> Result:
    """Whether the compiled engine works, if Numba is installed."""
    try:
        return steps("numba")
    except UsageError as error:
        return Result("ok" if find_spec("numba") is None else "warn", str(error))


CHECKS: dict[str, Check] = {"blas": blas, "steps": partial(steps, "numpy"), "numba": numba}
