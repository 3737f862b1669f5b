"""Where the trajectories of two saved runs of `nnlab cubic` part."""

from collections.abc import Callable, Iterator, Sequence

import numpy as np

from nnlab.console.view import View
from nnlab.cubic.config import CubicConfig
from nnlab.cubic.network import shapes
from nnlab.cubic.parting import blocks_apart, first_step_apart
from nnlab.cubic.replay import config_of, finite_steps
from nnlab.cubic.train import total_steps
from nnlab.cubic.trajectory import Trajectory, snapshot_steps, visit
from nnlab.errors import UsageError
from nnlab.reports.parting import Parting
from nnlab.runs.saved import SavedRun
from nnlab.runs.trained import is_finished
from nnlab.text import printable, resume_line

OF_ROUNDING = ("engine", "dtype", "blas_threads")  # keys that change the last bits only


def parting(runs: Sequence[SavedRun], tolerance: float | None, view: View) -> Parting:
    """Return where the trajectories of two runs part. Both are replayed on this machine.

    Args:
        runs: the two runs.
        tolerance: as in `nnlab.cubic.parting.blocks_apart`; None for `rounding` of their configs.
        view: shows how the replays go.

    Raises:
        UsageError: a run is not finished, or cannot be replayed.
        DataError: the weights of a run are damaged.
    """
    configs = [config_of(saved) for saved in runs]
    first, second = configs
    total = min(_reach(*pair) for pair in zip(runs, configs, strict=True))
    allowed = rounding(first, second) if tolerance is None else tolerance
    if shapes(first.hidden) != shapes(second.hidden):
        why = f"the networks have {first.hidden} and {second.hidden} units in a layer"
        return Parting(None, 0, 0, allowed, notes=(why,))
    looks = snapshot_steps(first, total)
    a, b = (
        Trajectory(config, looks, _progress(view, total, saved))
        for config, saved in zip(configs, runs, strict=True)
    )
    step = first_step_apart(a, b, total, allowed, looks)
    notes = [
        note for each in zip(runs, configs, (a, b), strict=True) for note in _notes(*each, total)
    ]
    if step is None:
        return Parting(None, total, a.replays, allowed, notes=tuple(notes))
    visits = tuple(visit(config, step) for config in configs) if step else ()
    blocks = blocks_apart(a(step), b(step), allowed)
    return Parting(step, total, a.replays, allowed, blocks, visits, tuple(notes))


def rounding(a: CubicConfig, b: CubicConfig) -> float:
    """Return the relative difference that may be rounding: 0 where two runs should round alike.

    Else it is the square root of the spacing of the coarser float type: 1.5e-8 for float64, 3.5e-4
    for float32. Two trajectories that still share half of their digits differ by rounding.
    """
    if all(getattr(a, key) == getattr(b, key) for key in OF_ROUNDING):
        return 0.0
    return float(max(np.sqrt(np.finfo(each.dtype).eps) for each in (a, b)))


def _reach(saved: SavedRun, config: CubicConfig) -> int:
    """Return the last step of a run after which its network is surely finite.

    Raises:
        UsageError: the run is not finished.
    """
    if (last := finite_steps(saved, config)) is not None:
        return last
    raise UsageError(
        f"{printable(saved.path)} is not finished ({saved.status}); "
        f"to finish it: {resume_line(saved.path)}"
    )


def _progress(view: View, total: int, saved: SavedRun) -> Callable[[int], None]:
    def told(step: int) -> None:
        view.progress(step, total, f"steps of {saved.path.name}")

    return told


def _notes(
    saved: SavedRun, config: CubicConfig, trajectory: Trajectory, total: int
) -> Iterator[str]:
    """Yield what the user should know of one run."""
    if not is_finished(saved):
        yield f"{saved.path} diverged at step {saved.diverged_step:,}: {total:,} steps are compared"
    elif total_steps(config) > total:
        yield f"{saved.path} takes {total_steps(config):,} steps: the first {total:,} are compared"
    elif blocks_apart(trajectory(total), saved.weights()):
        yield (
            f"the replay of {saved.path} does not end with its weights, so that this is not its "
            f"trajectory to the bit; to see what differs: nnlab reproduce {saved.path}"
        )
