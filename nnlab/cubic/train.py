"""Train the network of Part 1 and write its run directory."""

import math
from dataclasses import dataclass, field

import numpy as np
from threadpoolctl import threadpool_limits

from nnlab import seeds
from nnlab.cubic import data, plots
from nnlab.cubic.blas import blas_threads, stochastic_descent
from nnlab.cubic.config import CubicConfig
from nnlab.cubic.network import (
    Array,
    Backpropagation,
    Parameters,
    initial_parameters,
    minibatch_descent,
)
from nnlab.cubic.schedule import blocks, frame_steps
from nnlab.errors import DivergedError
from nnlab.run import Run


@dataclass
class State:
    """All that training changes.

    Attributes:
        parameters: W1 b1 W2 b2 W3 b3.
        step: gradient steps taken.
        squared_error: sum of (y - f)^2 since the last log point, over `seen` samples.
        history: the rows logged so far.
        frames: (step, f on the grid) of each frame of the animation.
    """

    parameters: Parameters
    step: int = 0
    squared_error: float = 0.0
    seen: int = 0
    history: list[dict[str, float]] = field(default_factory=list)
    frames: list[tuple[int, Array]] = field(default_factory=list)


def initial_state(config: CubicConfig) -> State:
    """Return the state before the first step, a function of the config alone."""
    rng = seeds.generator(config.seed, seeds.Purpose.INIT)
    parameters = initial_parameters(config.hidden, config.init_scale, rng, config.dtype)
    return State(parameters)


def train(config: CubicConfig, run: Run) -> None:
    """Train as `config` says; log, save and draw into `run`.

    Raises:
        DivergedError: a loss was not finite; what had been logged is kept.
    """
    count = config.hidden**2 + 4 * config.hidden + 1
    run.begin(device={"asked": "cpu", "used": "cpu"}, parameters=count)
    run.view.note(f"{count:,} parameters")
    state = initial_state(config)
    threads = blas_threads(config.hidden, config.batch_size)
    with threadpool_limits(threads, "blas"):
        _descend(config, state, run)
    run.save("model.npz", lambda path: np.savez(path, **state.parameters))  # type: ignore[arg-type]
    draw(config, state, run)
    last = state.history[-1]
    run.finish({name: last[name] for name in ("step", "loss", "rmse", "max_error", "seconds")})


def _descend(config: CubicConfig, state: State, run: Run) -> None:
    """Take all steps, in blocks that end where something has to be seen."""
    x, y = data.points(config)
    buffers: dict[int, Backpropagation] = {}
    judge = Backpropagation(state.parameters, len(data.GRID))
    steps_per_epoch = -(-config.samples // config.batch_size)
    total = steps_per_epoch * config.epochs
    run.view.progress(0, total, "steps")
    frames = frame_steps(total) if config.gif else set()
    if config.gif:
        state.frames.append((0, _on_grid(judge)))
    for epoch in range(config.epochs):
        order = data.order(config, epoch)
        x_epoch, y_epoch = x[order], y[order]  # (samples, 1)
        first = epoch * steps_per_epoch
        for begin, end in blocks(first, first + steps_per_epoch, config.log_every, frames):
            block = slice((begin - first) * config.batch_size, (end - first) * config.batch_size)
            errors = _take_steps(config, state.parameters, x_epoch[block], y_epoch[block], buffers)
            _check_finite(config, errors, begin)
            state.step = end
            state.squared_error += float(np.sum(np.square(errors, dtype=np.float64)))
            state.seen += len(errors)
            if end in frames:
                state.frames.append((end, _on_grid(judge)))
            if end % config.log_every == 0 or end == total:
                _log(config, state, run, epoch, _on_grid(judge))
            run.view.progress(end, total, "steps")


def _take_steps(
    config: CubicConfig,
    parameters: Parameters,
    x: Array,
    y: Array,
    buffers: dict[int, Backpropagation],
) -> Array:
    """Take the gradient steps of one block of samples; return f - y of each, (samples, 1)."""
    if config.batch_size == 1:
        return stochastic_descent(parameters, x, y, config.lr)
    return minibatch_descent(parameters, x, y, config.lr, config.batch_size, buffers)


def _on_grid(judge: Backpropagation) -> Array:
    """Return f on the grid as float64, (81,)."""
    return judge.forward(data.GRID[:, None].astype(judge.f.dtype))[:, 0].astype(np.float64)


@np.errstate(over="ignore")
def _check_finite(config: CubicConfig, errors: Array, begin: int) -> None:
    """Raise DivergedError at the first step whose loss is not finite."""
    finite = np.isfinite(np.square(errors))
    if not finite.all():
        step = begin + int(np.argmin(finite)) // config.batch_size + 1
        raise DivergedError(step, config.lr)


@np.errstate(over="ignore", invalid="ignore")
def _log(config: CubicConfig, state: State, run: Run, epoch: int, fit: Array) -> None:
    error = np.abs(fit - data.GRID**3)
    row = {
        "step": state.step,
        "epoch": epoch + 1,
        "loss": state.squared_error / state.seen,
        "rmse": float(np.sqrt(np.mean(error**2))),
        "max_error": float(error.max()),
        "seconds": round(run.elapsed(), 6),
    }
    if not all(map(math.isfinite, row.values())):  # the last step, which no sample has judged
        raise DivergedError(state.step, config.lr)
    state.history.append(row)
    state.squared_error, state.seen = 0.0, 0
    run.log(row)


def draw(config: CubicConfig, state: State, run: Run) -> None:
    """Write the pictures of a run whose history has at least one row."""
    judge = Backpropagation(state.parameters, len(data.GRID))
    title = f"{config.hidden} + {config.hidden} logistic units, lr {config.lr:g}"
    fit = plots.fit_figure(data.GRID, _on_grid(judge), title)
    run.save("plots/fit.png", fit.savefig)
    run.save("plots/learning.png", plots.learning_figure(state.history, title).savefig)
    if state.frames:
        run.view.note("drawing training.gif")
        first, *rest = plots.animation(data.GRID, state.frames)
        run.save(
            "plots/training.gif",
            lambda path: first.save(
                path, "GIF", save_all=True, append_images=rest, duration=plots.FRAME_MS, loop=0
            ),
        )
