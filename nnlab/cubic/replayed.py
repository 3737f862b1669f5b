"""`nnlab replay` for a run of `nnlab cubic`: a state, its loss, its fit and its gradient."""

import math
from contextlib import suppress
from functools import partial

import numpy as np
from threadpoolctl import threadpool_limits

from nnlab.cubic import data
from nnlab.cubic.config import CubicConfig
from nnlab.cubic.drawing import figures
from nnlab.cubic.full_gradient import (
    ALL,
    LAYERS,
    THREADS,
    by_layer,
    in_float64,
    loss_and_gradient,
    squares,
)
from nnlab.cubic.network import Backpropagation, Parameters
from nnlab.cubic.points import Points, Slices
from nnlab.cubic.replay import config_of, finite_steps, states
from nnlab.cubic.state import Position, State, blank
from nnlab.cubic.train import total_steps
from nnlab.errors import NnlabError, UsageError
from nnlab.reports.replayed import Asked, Measured, Replayed
from nnlab.runs.checkpoint_file import Expected, read
from nnlab.runs.checkpoints import Checkpoints
from nnlab.runs.recorded import unchanged_config
from nnlab.runs.saved import SavedRun
from nnlab.runs.trained import final_weights, is_finished, same_weights
from nnlab.text import printable, resume_line

LONG = 1_000_000  # steps, some 20 seconds


def replay(saved: SavedRun, asked: Asked) -> Replayed:
    """Return a state of the run, to the bit, from the nearest checkpoint or from the start.

    The last state of a finished run is always computed from the start, and compared with model.npz.

    Raises:
        UsageError: the run does not have this step; or as `config_of`.
        DataError: model.npz is missing or damaged.
        DivergedError: as `states`.
    """
    config = config_of(saved)
    total, step = total_steps(config), _wanted_step(saved, config, asked)
    proven = is_finished(saved) and step == total
    final = final_weights(saved, blank(config)) if proven else None
    before = [] if proven else [state for state in _kept(saved) if state.step <= step]
    near = max(before, key=lambda state: state.step, default=None)
    begin = near.step if near else 0

    def told(taken: int) -> None:
        if step - begin > LONG:  # a pipe gets lines, too
            asked.view.overall(f"training {saved.path.name} again", taken, step, "steps", None)
        else:
            asked.view.progress(taken - begin, step - begin, "steps")

    row = _last_row(saved, begin, step)
    stops = [step] if row is None else [int(saved.metrics["step"][row]), step]
    found = dict(states(config, stops, near, told))
    parameters = found[step]
    equal = None if final is None else same_weights(parameters, final)
    return Replayed(
        at=step,
        total=total,
        unit="step",
        began=f"the checkpoint of step {begin:,}" if near else "the start",
        measured=_measured(config, parameters),
        weights=parameters,
        draw=partial(figures, config, parameters, step),
        stored=bool(equal) or (near is not None and near.step == step),
        equal=equal,
        logged="" if row is None else _compared(saved, config, row, found[stops[0]]),
    )


def _last_row(saved: SavedRun, begin: int, step: int) -> int | None:
    """Return the last row of metrics.csv that a training from `begin` to `step` passes, if any."""
    logged = saved.metrics.get("step", [])
    return max((row for row, at in enumerate(logged) if begin <= at <= step), default=None)


def _compared(saved: SavedRun, config: CubicConfig, row: int, parameters: Parameters) -> str:
    """Return whether the parameters have the rmse and max_error of this row, to the bit."""
    with threadpool_limits(config.blas_threads, "blas"):  # as in the run
        error = np.abs(data.on_grid(Backpropagation(parameters, len(data.GRID))) - data.GRID**3)
    now = {"rmse": float(np.sqrt(np.mean(error**2))), "max_error": float(error.max())}
    place = f"the log point at step {int(saved.metrics['step'][row]):,}"
    for name, value in now.items():
        if (was := saved.metrics[name][row]) != value:
            return f"{place} does not agree: its {name} is {was!r}, and {value!r} in this replay"
    return f"{place} agrees to the bit"


def last_step(saved: SavedRun, config: CubicConfig) -> int:
    """Return the last step of a run; of an unfinished one, the last that it has surely taken."""
    if (last := finite_steps(saved, config)) is not None:
        return last
    logged = saved.metrics.get("step", [])
    return int(max([0, *logged[-1:], *(state.step for state in _kept(saved))]))


def _wanted_step(saved: SavedRun, config: CubicConfig, asked: Asked) -> int:
    """Return the step that is asked for.

    Raises:
        UsageError: the run does not have it.
    """
    total, last = total_steps(config), last_step(saved, config)
    step = last if asked.step is None else asked.step
    if asked.epoch is not None:
        step = asked.epoch * config.steps_per_epoch
    if 0 <= step <= last:
        return step
    what = f"step {step:,}" if asked.epoch is None else f"epoch {asked.epoch:,} (step {step:,})"
    missing = f"{printable(saved.path)} has no {what}"
    if last == total:
        epochs = f" (epochs 0 to {config.epochs:,})" * (asked.epoch is not None)
        raise UsageError(f"{missing}: its steps are 0 to {total:,}{epochs}")
    if (diverged := saved.diverged_step) is not None:
        raise UsageError(
            f"{missing}: it diverged at step {diverged:,}, and step {last:,} is the last that is "
            "surely finite"
        )
    raise UsageError(
        f"{missing}: it has taken {last:,} of its {total:,} steps "
        f"({saved.status}); to go on with it: {resume_line(saved.path)}"
    )


def _kept(saved: SavedRun) -> tuple[State, ...]:
    """Return the states of the undamaged checkpoints."""
    config = unchanged_config(saved, CubicConfig)  # without its copies
    checkpoints, found = Checkpoints(saved.path / "checkpoint"), []
    for name in ("last", "previous"):
        with suppress(NnlabError):  # missing or damaged
            expected = Expected(blank(config), Position, config)
            found.append(State.of(read(checkpoints.path(name), expected)))
    return tuple(found)


def _measured(config: CubicConfig, parameters: Parameters) -> tuple[Measured, ...]:
    """Measure a state: its loss and gradient over the training points, its fit on the grid."""
    points, samples = Points(config), config.samples
    x, y = (Slices(points, samples, targets=targets) for targets in (False, True))
    with threadpool_limits(THREADS, "blas"):
        error = np.abs(data.on_grid(Backpropagation(parameters, len(data.GRID))) - data.GRID**3)
        loss, gradient = loss_and_gradient(in_float64(parameters), x, y)
    norms = {layer: math.sqrt(sum_) for layer, sum_ in by_layer(squares(gradient)).items()}
    return (
        Measured("loss", loss, f"mean of (y - f)² over the {len(x):,} training points"),
        Measured("rmse", float(np.sqrt(np.mean(error**2))), "on the grid -2, -1.95, ..., 2"),
        Measured("max_error", float(error.max()), "on the same grid"),
        Measured("gradient", norms[ALL], "norm of the gradient of this loss"),
        *(
            Measured(f"gradient_{layer}", norms[layer], f"of its part W{layer}, b{layer}")
            for layer in LAYERS
        ),
    )
