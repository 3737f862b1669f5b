"""A run of `nnlab cubic` as a film: its fit, its units and its gradient at about 120 steps."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from threadpoolctl import ThreadpoolController

from nnlab.console.view import View
from nnlab.cubic import data, replay
from nnlab.cubic.full_gradient import (
    LAYERS,
    THREADS,
    by_layer,
    in_float64,
    loss_and_gradient,
    squares,
)
from nnlab.cubic.landscape import spread
from nnlab.cubic.network import Array, Backpropagation, Parameters
from nnlab.cubic.state import blank
from nnlab.reports.film import Curves, Film, Filming, Grid, Lines, Panel
from nnlab.reports.film_axis import Axis
from nnlab.runs.saved import SavedRun
from nnlab.runs.trained import final_weights, same_weights

UNITS = 128  # of a layer that are shown, at most
EVERY = 2  # of the points of the grid, for the activations
LOWEST, LARGEST = 1e-12, 1e150  # of what is drawn on a logarithmic axis
HIGHEST = 16.0  # of the fit's axis, so that one wild frame does not flatten the others
X = Axis("x", -2, 2)


def last_step(saved: SavedRun) -> int:
    """Return the last step of a run."""
    config = replay.config_of(saved)
    return config.steps_per_epoch * config.epochs


def film(saved: SavedRun, steps: Sequence[int], view: View) -> Film:
    """Train the run again, and return its states after the `steps` as a film.

    Args:
        saved: a finished run.
        steps: gradient steps, ascending; the last one is the run's last.
        view: shows how far the training is.

    Raises:
        NnlabError: as `replay.states`; the weights are missing or damaged.
    """
    config = replay.config_of(saved)
    final = final_weights(saved, blank(config))
    x, y = spread(*data.points(config))
    frames: list[dict[str, Any]] = []
    parameters: Parameters = {}
    libraries = ThreadpoolController()

    def told(step: int) -> None:
        view.progress(step, steps[-1], f"steps of {saved.path.name}")

    for _, parameters in replay.states(config, steps, told=told):
        with libraries.limit(limits=THREADS, user_api="blas"):
            frames.append(_frame(in_float64(parameters), x, y))
    shown = min(UNITS, config.hidden)
    part = f"{len(x):,} of the" if len(x) < config.samples else "all"
    notes = [f"Loss and gradient are those over {part} {config.samples:,} training points."]
    notes += [f"{shown:,} of {config.hidden:,} units are shown."] * (shown < config.hidden)
    numbers = {name: [frame[name] for frame in frames] for name in _NUMBERS}
    return Film(
        saved.path.name, "step", list(steps), numbers, _panels(frames, numbers),
        notes, same_weights(parameters, final),
    )  # fmt: skip


_NORMS = {layer: f"gradient {layer}" for layer in LAYERS}
_NUMBERS = ("rmse", "max error", "loss", *_NORMS.values())


def _frame(parameters: Parameters, x: Array, y: Array) -> dict[str, Any]:
    """Measure one state, which is in float64."""
    network = Backpropagation(parameters, len(data.GRID))
    fit = data.on_grid(network)  # (81,)
    error = fit - data.GRID**3
    loss, gradient = loss_and_gradient(parameters, x, y)
    norms = by_layer(squares(gradient))
    return {
        "fit": fit, "error": error,
        "h1": network.h1[::EVERY, :UNITS].T.copy(), "h2": network.h2[::EVERY, :UNITS].T.copy(),
        "W2": parameters["W2"][:UNITS, :UNITS],
        "rmse": float(np.sqrt(np.mean(error**2))), "max error": float(np.abs(error).max()),
        "loss": loss,
        **{name: float(np.sqrt(norms[layer])) for layer, name in _NORMS.items()},
    }  # fmt: skip


def _panels(frames: list[dict[str, Any]], numbers: dict[str, list[float]]) -> list[Panel]:
    """Return the pictures: those over x, W2, and the curves over the steps."""
    of = {name: np.array([f[name] for f in frames]) for name in ("fit", "error", "h1", "h2", "W2")}
    cube, few = data.GRID**3, data.GRID[::EVERY]
    top = 1.05 * max(8, np.abs(of["fit"][-1]).max(), min(np.abs(of["fit"]).max(), HIGHEST))
    far = max(float(np.abs(of["error"]).max()), 0.1)
    weight = float(np.abs(of["W2"]).max()) or 1.0
    said = {
        "h1": "Each unit is one line. Where it is steep, the unit tells one x from the next.",
        "h2": "Each unit is one line: one that bends shapes the fit, a flat one adds a constant.",
    }
    activations = [
        Lines(
            f"Activations of layer {h[1]}", said[h], Axis(f"activation {h}(x)", -0.02, 1.02),
            X, few, of[h], strip=h == "h2",
        )
        for h in said
    ]  # fmt: skip
    return [
        Lines(
            "The fit", "The network (blue) over x³ (red).", Axis("y", -top, top), X, data.GRID,
            of["fit"][:, None], still={"x³": cube}, fine=True, strip=True,
        ),
        Lines(
            "The error", "Network − x³; the axis is logarithmic away from 0.",
            Axis("error", -far, far, "symlog", 0.01), X, data.GRID, of["error"][:, None],
            still={"0": np.zeros_like(cube)}, fine=True,
        ),
        *activations,
        Curves(
            "The loss", "Mean of (y − f)² over training points, both axes logarithmic.",
            _log_axis("loss", [numbers["loss"]]), {"loss": np.array(numbers["loss"])},
        ),
        Curves(
            "The gradient of each layer", "The size of the exact gradient: small means slow.",
            _log_axis("norm of the gradient", [numbers[name] for name in _NORMS.values()]),
            {f"layer {layer}": np.array(numbers[name]) for layer, name in _NORMS.items()},
        ),
        Grid(
            "W2", "The weight from each unit of layer 1 (column) to each of layer 2 (row). Equal "
            "rows are units that get the same.",
            Axis("weight", -weight, weight, "symlog", weight / 10), of["W2"],
            "unit of layer 1", "unit of layer 2", strip=True,
        ),
    ]  # fmt: skip


def _log_axis(label: str, lines: Sequence[Sequence[float]]) -> Axis:
    values = np.clip(np.nan_to_num(np.array(lines)), LOWEST, LARGEST)
    return Axis(label, float(values.min()) / 1.2, float(values.max()) * 1.2, "log", LOWEST)


FILMING = Filming(last_step, film)
