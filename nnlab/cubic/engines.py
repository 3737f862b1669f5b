"""What takes the steps: for each engine the same samples, in the same order."""

from collections.abc import Callable
from functools import partial

from nnlab.cubic.config import CubicConfig
from nnlab.cubic.gradients import NETWORKS
from nnlab.cubic.network import Array, Backpropagation, Parameters, minibatch_descent
from nnlab.errors import UsageError

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
