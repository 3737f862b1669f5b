"""What takes the steps: for each engine the same samples, in the same order."""

from collections.abc import Callable
from functools import partial

from nnlab.cubic.config import CubicConfig
from nnlab.cubic.gradients import NETWORKS
from nnlab.cubic.network import Array, Backpropagation, Parameters, minibatch_descent
from nnlab.errors import UsageError

MANY_WEIGHTS, MANY_MULTIPLICATIONS = 1_000_000, 8_000_000  # from here threads win, see blas_threads

Descent = Callable[[Parameters, Array, Array], Array]
"""Takes the steps for x and y, (samples, 1), in place; returns f - y before each, (samples, 1)."""


def descent(config: CubicConfig) -> tuple[Descent, str]:
    """Return what takes the steps of a run, and where: the device, and what compiles for it.

    Raises:
        UsageError: the engine is not installed.
    """
    if config.engine == "numba":
        return _numba(config)
    if config.batch_size == 1 and config.gradient == "exact":
        from nnlab.cubic.blas import stochastic_descent  # with SciPy, for those who use it

        return partial(stochastic_descent, lr=config.lr), "cpu"
    networks: dict[int, Backpropagation] = {}
    kind = NETWORKS[config.gradient]
    return partial(
        minibatch_descent, lr=config.lr, batch_size=config.batch_size, networks=networks, kind=kind
    ), "cpu"


def _numba(config: CubicConfig) -> tuple[Descent, str]:
    try:
        import numba

        from nnlab.cubic.compiled import compiled_descent, load
    except ModuleNotFoundError:
        raise UsageError(
            "engine numba: Numba is not installed: pip install numba; or take --engine numpy"
        ) from None
    except ImportError as error:
        raise UsageError(
            f"engine numba: Numba cannot be imported ({error}); install it again: "
            "pip install --force-reinstall numba; or take --engine numpy"
        ) from None
    load(config.dtype)
    steps = partial(compiled_descent, lr=config.lr, batch_size=config.batch_size)
    return steps, f"cpu, numba {numba.__version__}"


def blas_threads(hidden: int, batch_size: int) -> int | None:
    """Return 1 where a step's matrices are small, so that threads cost time; None: as many as are.

    Measured on 2 cores (`benchmarks/threads.py`): at batch size 1 a second thread wins when W2
    outgrows a core's cache, for a batch when a matrix product takes 8 million multiplications.
    """
    few = MANY_WEIGHTS if batch_size == 1 else MANY_MULTIPLICATIONS
    return 1 if batch_size * hidden**2 < few else None
