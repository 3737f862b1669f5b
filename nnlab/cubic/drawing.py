"""Draw the pictures of a run, and write them to it."""

from nnlab.cubic import data
from nnlab.cubic.config import CubicConfig
from nnlab.cubic.network import Backpropagation
from nnlab.cubic.state import State
from nnlab.runs.run import Run


def draw(config: CubicConfig, state: State, run: Run) -> None:
    """Write the pictures of a run, unless it asks for none."""
    if not run.pictures:
        return
    from nnlab.cubic import plots, unit_plots  # load Matplotlib (0.3 s), after the training

    judge, grid = Backpropagation(state.parameters, len(data.GRID)), data.GRID
    title = f"{config.hidden} + {config.hidden} logistic units, lr {config.lr:g}"
    if config.gradient != "exact":
        title += f", gradient {config.gradient}"
    after = f"{title}, {state.step:,} step" + "s" * (state.step != 1)
    run.save("plots/fit.png", plots.fit_figure(grid, data.on_grid(judge), after).savefig)
    w3, b3 = state.parameters["W3"], state.parameters["b3"]
    units = unit_plots.units_figure(grid, judge.h1, judge.h2, w3, b3, after)
    run.save("plots/units.png", units.savefig)
    if run.history:
        run.save("plots/learning.png", plots.learning_figure(run.history, title).savefig)
    if state.frames:
        run.view.note("drawing training.gif")
        first, *rest = plots.animation(grid, state.frames)
        run.save(
            "plots/training.gif",
            lambda file: first.save(
                file, "GIF", save_all=True, append_images=rest, duration=plots.FRAME_MS, loop=0
            ),
        )
