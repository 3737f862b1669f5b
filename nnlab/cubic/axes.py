"""The x axes of the curves of `nnlab cubic`."""

from nnlab.cubic.config import CubicConfig
from nnlab.reports.groups import Axes
from nnlab.runs.saved import SavedRun


def axes(saved: SavedRun, config: CubicConfig) -> Axes:
    """Return steps, samples seen, epochs and seconds at each log point of a run.

    The epoch is step / steps per epoch, with its fraction. The last batch of an epoch may be
    smaller, so samples seen are those of the whole epochs, and batch_size for each step after them.
    """
    steps = saved.metrics.get("step", [])
    samples = []
    for step in steps:
        epochs, rest = divmod(step, config.steps_per_epoch)
        samples.append(epochs * config.samples + rest * config.batch_size)
    return {
        "step": steps,
        "samples": samples,
        "epoch": [step / config.steps_per_epoch for step in steps],
        "seconds": saved.metrics.get("seconds", []),
    }
