"""Implementations of the training step; all of them get the same samples in the same order."""

from collections.abc import Callable
from functools import partial

from nnlab.cubic.config import CubicConfig
from nnlab.cubic.gradients import NETWORKS
from nnlab.cubic.network import Array, Backpropagation, Parameters, minibatch_descent
from nnlab.errors import UsageError

Descent = Callable[[Parameters, Array, Array], Array]
"""(parameters, x, y) -> f - y of each sample before its step; x, y and f - y are (samples, 1).

Takes all steps for these samples and changes the parameters in place.
"""


def descent(config: CubicConfig) -> tuple[Descent, str]:
    """Return the function that takes the steps of a run, and its device, for run.json.

    Raises:
        UsageError: the engine needs Numba, which cannot be imported.
    """
    if config.engine == "numba":
        return _numba(config)
    if config.batch_size == 1 and config.gradient == "exact":
        from nnlab.cubic.blas import stochastic_descent  # imports SciPy, only needed here

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
            "engine numba: Numba is not installed: pip install numba; or use --engine numpy"
        ) from None
    except ImportError as error:
        raise UsageError(
            f"engine numba: Numba cannot be imported ({error}); install it again: "
            "pip install --force-reinstall numba; or use --engine numpy"
        ) from None
    kind = NETWORKS[config.gradient]
    load(config.dtype, kind, config.batch_size)
    steps = partial(compiled_descent, lr=config.lr, batch_size=config.batch_size, kind=kind)
    return steps, f"cpu, numba {numba.__version__}"
