"""nnlab: a command-line lab bench for seeing how neural networks learn.

The public face; each name loads what it needs on first use.

    import nnlab

    run = nnlab.train("cubic", hidden=16, samples=5000, seed=1)   # as `nnlab cubic --hidden 16 ...`
    run.status, run.summary["rmse"], run.metrics["loss"], run.weights()["W2"]
    nnlab.open_run("runs/cubic-0001")
    nnlab.gradients(parameters, x, y)
"""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from nnlab.cubic.gradients import gradients
    from nnlab.python import open_run, train

__version__ = "0.3.0"

__all__ = ["__version__", "gradients", "open_run", "train"]

_HOMES = {
    "gradients": "nnlab.cubic.gradients",
    "open_run": "nnlab.python",
    "train": "nnlab.python",
}


def __getattr__(name: str) -> Any:  # noqa: ANN401 - whatever has that name
    """Load a public name on first use (PEP 562)."""
    if name not in _HOMES:
        raise AttributeError(f"module 'nnlab' has no attribute {name!r}")
    from importlib import import_module  # noqa: PLC0415

    return getattr(import_module(_HOMES[name]), name)
