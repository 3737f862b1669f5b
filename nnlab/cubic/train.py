"""Train the network of Part 1 and write its run directory."""

from collections.abc import Generator
from contextlib import suppress
from typing import NamedTuple

import numpy as np
from threadpoolctl import threadpool_limits

from nnlab.cubic import data
from nnlab.cubic.config import CubicConfig
from nnlab.cubic.divergence import check_finite, squared_errors
from nnlab.cubic.drawing import draw
from nnlab.cubic.engines import descent
from nnlab.cubic.metrics import METRICS
from nnlab.cubic.network import Array, Backpropagation, Parameters
from nnlab.cubic.pacing import frame_steps
from nnlab.cubic.points import Points
from nnlab.cubic.state import MOST_FRAMES, Position, State, blank, initial_state, save
from nnlab.cubic.verdict import Finished, verdict
from nnlab.cubic.walk import walk
from nnlab.errors import UsageError
from nnlab.runs import copies
from nnlab.runs.columns import Row
from nnlab.runs.run import Run
from nnlab.runs.signals import Stop


class Chunk(NamedTuple):
    """Samples whose steps are taken next.

    Attributes:
        parameters: what the steps change in place. The caller may replace its arrays by others.
        x, y: inputs and targets, (samples, 1).
    """

    parameters: Parameters
    x: Array
    y: Array


Training = Generator[Chunk, Array, None]
"""Yields each chunk of steps, and is sent f - y of its samples, (samples, 1)."""


def train(config: CubicConfig, run: Run) -> None:
    """Train with `config`, from the start or from a resumed run's checkpoint; write to `run`.

    Raises:
        UsageError: the engine is not installed.
        NnlabError: as `training`.
    """
    with run.signals.held():  # Ctrl-C must not interrupt the compiler
        if config.engine == "numba":
            run.view.note("loading the compiled steps (the first time: some seconds)")
        take_steps, device = descent(config)
    with threadpool_limits(config.blas_threads, "blas"), suppress(StopIteration):
        steps = training(config, run, device)
        chunk = next(steps)
        while True:
            chunk = steps.send(take_steps(*chunk))


def training(config: CubicConfig, run: Run, device: str) -> Training:
    """Train as `train` does; the caller takes the steps, on `device`.

    Raises:
        DivergedError: a loss or parameter was not finite; the checkpoint before it is kept.
        UsageError: a resumed run has gone further than `config` asks, or began with other files;
            a file that the run starts from cannot be used.
        DataError: the checkpoints of a resumed run are damaged.
    """
    config = copies.stand_in(config, run.path, run.inputs)
    total = total_steps(config)
    with data.held(config):
        points = Points(config)
        saved = run.restore(blank(config), Position)
        state = State.of(saved) if saved else initial_state(config)
        inputs = data.inputs(config, run, restored=saved is not None)
    if saved:
        run.view.note(f"continuing from step {state.step:,} of {total:,}")
    if state.step > total:
        raise UsageError(
            f"{run.path} has taken {state.step:,} steps, more than the {total:,} asked"
        )
    data.keep_copies(config, run, inputs)
    count = config.hidden**2 + 4 * config.hidden + 1
    run.begin(device={"asked": "cpu", "used": device}, parameters=count, inputs=inputs)
    run.view.note(f"{count:,} parameters")
    run.signals.hold()  # until a chunk of steps is done; after the last, until the run is finished
    try:
        yield from _descend(config, state, run, points)
    except Stop as stop:
        save(config, state, run)
        draw(config, state, run)
        if run.last:
            run.summarize(_summary(run.last))
        stop.add_note(f"saved at step {state.step:,} of {total:,}: no step will be repeated")
        raise
    run.save("model.npz", lambda file: np.savez(file, **state.parameters))  # type: ignore[arg-type]
    draw(config, state, run)
    run.judge(
        verdict(
            Finished(
                config, run.last, losses=lambda: run.columns("loss").get("loss", ()),
                x=points.parts, w2=state.parameters["W2"],
            )
        )
    )  # fmt: skip
    run.finish(_summary(run.last))


def _summary(last: Row) -> Row:
    """Return the metrics of the last log point, the headline first."""
    return {metric.name: last[metric.name] for metric in METRICS if metric.name != "epoch"}


def total_steps(config: CubicConfig) -> int:
    """Return the gradient steps of a whole run."""
    return config.steps_per_epoch * config.epochs


def _descend(config: CubicConfig, state: State, run: Run, points: Points) -> Training:
    """Yield the remaining steps, in chunks that end at log points and frames."""
    judge = Backpropagation(state.parameters, len(data.GRID))
    total, log_every = total_steps(config), config.steps_per_log_point
    run.view.progress(state.step, total, "steps")
    frames = frame_steps(total) if config.gif else []
    if config.gif and not state.step:
        state.frames.append((0, data.on_grid(judge)))
    parts = walk(config, points, state.step, total, every=log_every, stops=frames)
    for epoch, begin, end, x_part, y_part in parts:
        run.signals.check()
        run.pause()
        errors = yield Chunk(state.parameters, x_part, y_part)
        squares = squared_errors(config, errors, begin)
        # One after the other: the sum must not depend on where a chunk ends.
        squares[0] += state.squared_error
        state.squared_error = float(np.add.accumulate(squares)[-1])
        state.step, state.seen = end, state.seen + len(errors)
        if end in frames:
            if len(state.frames) == MOST_FRAMES:
                del state.frames[1::2]
            state.frames.append((end, data.on_grid(judge)))
        if end % log_every == 0:
            _log(config, state, run, epoch, data.on_grid(judge))
            state.squared_error, state.seen = 0.0, 0
        if run.checkpoint_due or end == total:
            save(config, state, run)
        run.view.progress(end, total, "steps")
    if state.seen:  # not in the checkpoint: with more epochs this step would not be a log point
        _log(config, state, run, config.epochs - 1, data.on_grid(judge))


@np.errstate(over="ignore", invalid="ignore")
def _log(config: CubicConfig, state: State, run: Run, epoch: int, fit: Array) -> None:
    """Log a point; DivergedError if the network is not finite after the last step."""
    error = np.abs(fit - data.CUBE)
    row = {
        "step": state.step,
        "epoch": epoch + 1,
        "loss": state.squared_error / state.seen,
        "rmse": float(np.sqrt(np.mean(error**2))),
        "max_error": float(error.max()),
        "seconds": round(run.elapsed(), 6),
    }
    check_finite(config, state.step, row["loss"], state.parameters, np.array(row["rmse"]))
    run.log(row)
