"""Measure the effect of each error in the assignment's code; write the tables and pictures.

    python tools/errata.py [SEEDS]

Rewrites the tables in docs/errata.md and the pictures docs/images/errata-*.png. Takes 5 minutes on
2 cores.
"""

import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from pathlib import Path
from typing import NamedTuple

import numpy as np
from threadpoolctl import threadpool_limits
from write_docs import fill

from nnlab.cubic import data
from nnlab.cubic.blas import stochastic_descent
from nnlab.cubic.check.compare import relative_error
from nnlab.cubic.config import CubicConfig, GradientKind
from nnlab.cubic.gradients import NETWORKS, gradients
from nnlab.cubic.network import Array, Backpropagation, Parameters, minibatch_descent
from nnlab.cubic.points import Points
from nnlab.cubic.state import first_parameters
from nnlab.plots import BLUE, ORANGE, RED, new_figure

ROOT = Path(__file__).parent.parent
IMAGES = ROOT / "docs/images"
SIX = 6  # seeds; the results that nnlab had to reproduce were from six seeds
GRID = data.GRID[:, None]


class Variant(NamedTuple):
    """One way to train: a gradient, and a way to draw W2."""

    title: str
    kind: GradientKind
    init: str


VARIANTS = (
    Variant("right", "exact", "gaussian"),
    Variant("error 1: s' at the wrong unit", "wrong-unit", "gaussian"),
    Variant("error 2: the diagonal alone", "diagonal", "gaussian"),
    Variant("errors 1 and 2", "as-printed", "gaussian"),
    Variant("error 3: equal rows", "exact", "recycled"),
    Variant("as printed: errors 1, 2, 3", "as-printed", "recycled"),
)


class Trained(NamedTuple):
    """The result of a run: the fit on the grid, (81,), and all parameters."""

    fit: Array
    parameters: Parameters


def train(job: tuple[int, int]) -> Trained:
    """Train VARIANTS[job[0]] with seed job[1] and the defaults: 100,000 steps."""
    variant, seed = VARIANTS[job[0]], job[1]
    config = CubicConfig.model_validate({"seed": seed, "init": variant.init})
    parameters = first_parameters(config)
    points = Points(config)
    x, y = points.pairs(points.visited(0)(0, config.samples))
    with threadpool_limits(1, "blas"):
        if variant.kind == "exact":
            stochastic_descent(parameters, x, y, config.lr)
        else:
            minibatch_descent(parameters, x, y, config.lr, 1, kind=NETWORKS[variant.kind])
    return Trained(fit(parameters), parameters)


def fit(parameters: Parameters) -> Array:
    """Return f on the grid, (81,)."""
    return Backpropagation(parameters, len(GRID)).forward(GRID)[:, 0].copy()


def rmse(fit: Array) -> float:
    """Return the RMSE of the fit on the grid."""
    return float(np.sqrt(np.mean((fit - data.GRID**3) ** 2)))


def table(header: list[str], rows: list[list[str]]) -> str:
    """Return a Markdown table."""
    return "\n".join(
        "| " + " | ".join(row) + " |" for row in (header, ["---"] * len(header), *rows)
    )


def blocks_table(trained: Parameters) -> str:
    """Return the table of the printed gradient's error by block, before and after training."""
    start, rows = first_parameters(CubicConfig()), []
    for name in start:
        row = [f"`{name}`"]
        for parameters in (start, trained):
            right, printed = (
                gradients(parameters, GRID, GRID**3, kind)[name] for kind in ("exact", "as-printed")
            )
            row.append(f"{relative_error(printed, right):.2g}")
        rows.append(row)
    return table(["block", "at the start", "after 100,000 steps with the right gradient"], rows)


def rmse_table(runs: list[list[Trained]]) -> str:
    """Return the table of each variant's RMSE on the grid over its seeds."""
    rows = []
    for variant, found in zip(VARIANTS, runs, strict=True):
        errors = np.array([rmse(run.fit) for run in found])
        six = errors[:SIX]
        rows.append(
            [
                variant.title, f"{six.mean():.3f}", f"{six.min():.3f} to {six.max():.3f}",
                f"{np.mean([np.abs(r.fit - data.GRID**3).max() for r in found[:SIX]]):.2f}",
                f"{errors.mean():.3f}", f"{np.mean(errors > 0.5):.0%}",
            ]
        )  # fmt: skip
    header = ["", "mean RMSE", "range", "mean largest error"]
    return table([*header, f"mean over {len(runs[0])} seeds", "of these above 0.5"], rows)


def climb(lr: float, steps: int) -> Array:
    """Return the RMSE on the grid after each step with the right gradient, while it is finite."""
    config = CubicConfig()
    parameters = first_parameters(config)
    points = Points(config)
    x, y = points.pairs(points.visited(0)(0, steps))
    errors = []
    with np.errstate(over="ignore", invalid="ignore"):
        for k in range(steps):
            stochastic_descent(parameters, x[k : k + 1], y[k : k + 1], lr)
            errors.append(rmse(fit(parameters)))
    return np.array([error for error in errors if np.isfinite(error)])


def draw_fits(runs: list[list[Trained]]) -> None:
    """Draw the first six fits of each variant over y = x^3."""
    figure, axes = new_figure(2, 3, width=11, height=7.5)
    for ax, variant, found in zip(axes, VARIANTS, runs, strict=True):
        ax.plot(data.GRID, data.GRID**3, color=RED, linewidth=4, alpha=0.6, label="$x^3$")
        for k, run in enumerate(found[:SIX]):
            label = f"network, seeds 0 to {SIX - 1}" if not k else None
            ax.plot(data.GRID, run.fit, color=BLUE, linewidth=1.2, label=label)
        mean = np.mean([rmse(run.fit) for run in found[:SIX]])
        ax.set_title(f"{variant.title}\nmean RMSE {mean:.3f}", fontsize=12)
        ax.set(xlabel="x", ylabel="y", ylim=(-9, 9))
    axes[0].legend(loc="upper left", fontsize=10, frameon=False)
    figure.savefig(IMAGES / "errata-fits.png")


def draw_units(runs: list[list[Trained]]) -> None:
    """Draw the outputs of the units of layer 2 after training, for both ways to draw W2."""
    figure, axes = new_figure(1, 2, width=10, height=4.2)
    chosen = (("every weight of W2 drawn by itself", runs[0][0]), ("rows of W2 equal", runs[4][0]))
    for ax, (title, run) in zip(axes, chosen, strict=True):
        network = Backpropagation(run.parameters, len(GRID))
        network.forward(GRID)
        ax.plot(data.GRID, network.h2, color=BLUE, linewidth=0.8, alpha=0.5)
        ax.set(title=title, xlabel="x", ylabel="h2 of each of the 125 units", ylim=(0, 1))
    figure.savefig(IMAGES / "errata-units.png")


def draw_signs(steps: int) -> int:
    """Draw the error of the fit with each sign; return the finite steps with the text's sign."""
    down, up = climb(0.01, steps), climb(-0.01, steps)
    figure, (ax,) = new_figure()
    for errors, colour, style, label in (
        (up, ORANGE, "--", "+2 (y − f), as in the text"),
        (down, BLUE, "-", "−2 (y − f), right"),
    ):
        ax.plot(range(1, len(errors) + 1), errors, style, color=colour, linewidth=2, label=label)
    ax.set(yscale="log", xlabel="gradient steps", ylabel="RMSE on the grid")
    ax.set(xlim=(0, 60), ylim=(1e-1, 1e30))
    ax.set_title("Descent by either sign of the loss's derivative")
    ax.legend(loc="upper left", fontsize=11, frameon=False)
    figure.savefig(IMAGES / "errata-sign.png")
    return len(up)


def draw_check() -> None:
    """Run `nnlab check` on the printed gradient, and keep its picture."""
    with tempfile.TemporaryDirectory() as folder:
        options = ["--gradient", "as-printed", "--autodiff", "--run-dir", f"{folder}/run"]
        command = [sys.executable, "-m", "nnlab", "check", *options]
        subprocess.run(command, check=False)  # exit code 1: it is wrong
        shutil.copy(f"{folder}/run/plots/blocks.png", IMAGES / "errata-blocks.png")


def main() -> None:
    """Train all variants, then write the tables and the pictures."""
    seeds = int(sys.argv[1]) if len(sys.argv) > 1 else 24
    jobs = [(variant, seed) for variant in range(len(VARIANTS)) for seed in range(seeds)]
    with ProcessPoolExecutor() as pool:
        trained = list(pool.map(train, jobs))
    runs = [trained[k : k + seeds] for k in range(0, len(trained), seeds)]
    draw_check()
    draw_fits(runs)
    draw_units(runs)
    climbed = draw_signs(steps=400)
    page = ROOT / "docs/errata.md"
    tables: dict[str, Callable[[], str]] = {
        "blocks": partial(blocks_table, runs[0][0].parameters),
        "rmse": partial(rmse_table, runs),
        "sign": lambda: (
            "With the sign of the text, the error of the fit is no longer a finite number after "
            f"{climbed:,} steps."
        ),
    }
    page.write_text(fill(page.read_text(encoding="utf-8"), tables), encoding="utf-8")


if __name__ == "__main__":
    main()
