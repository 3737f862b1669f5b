"""Draw the pictures of a run, and write them to it."""

from functools import partial
from typing import TYPE_CHECKING

from nnlab.cubic import data
from nnlab.cubic.config import CubicConfig
from nnlab.cubic.network import Backpropagation, Parameters
from nnlab.cubic.state import State
from nnlab.runs.run import Run

if TYPE_CHECKING:
    from matplotlib.figure import Figure


def draw(config: CubicConfig, state: State, run: Run) -> None:
    """Write the pictures of a run, unless it asks for none."""
    if not run.pictures:
        return
    from nnlab.cubic import plots
    from nnlab.plots import write_png

    if run.last:
        _draw_learning(config, run)
    for name, figure in figures(config, state.parameters, state.step).items():
        run.save(f"plots/{name}", partial(write_png, figure))
    if state.frames:
        run.view.note("drawing training.gif")
        images = plots.animation(data.GRID, state.frames)
        first = next(images)
        run.save(
            "plots/training.gif",
            lambda file: first.save(
                file, "GIF", save_all=True, append_images=images, duration=plots.FRAME_MS, loop=0
            ),
        )


def _draw_learning(config: CubicConfig, run: Run) -> None:
    """Draw the log points, which are in memory only here; before the canvases of the others."""
    from nnlab.cubic import plots
    from nnlab.plots import write_png

    if columns := run.columns("step", "loss", "rmse"):
        figure = plots.learning_figure(columns, _title(config))
        run.save("plots/learning.png", partial(write_png, figure))


def figures(config: CubicConfig, parameters: Parameters, step: int) -> dict[str, "Figure"]:
    """Return the pictures of one state, by file name: the fit, and the units that make it.

    Args:
        config: the config of the run.
        parameters: W1 b1 W2 b2 W3 b3.
        step: gradient steps taken.
    """
    from nnlab.cubic import plots, unit_plots  # load Matplotlib (0.3 s), after the training

    judge, grid = Backpropagation(parameters, len(data.GRID)), data.GRID
    after = f"{_title(config)}, {step:,} step" + "s" * (step != 1)
    fit = plots.fit_figure(grid, data.on_grid(judge), after)
    w3, b3 = parameters["W3"], parameters["b3"]
    units = unit_plots.units_figure(grid, judge.h1, judge.h2, w3, b3, after)
    return {"fit.png": fit, "units.png": units}


def _title(config: CubicConfig) -> str:
    title = f"{config.hidden} + {config.hidden} logistic units, lr {config.lr:g}"
    return title if config.gradient == "exact" else f"{title}, gradient {config.gradient}"
