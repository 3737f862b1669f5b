"""Draw the value of each trial against each searched key."""

from statistics import median

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from nnlab.plots import BLUE, GREY, RED, new_figure
from nnlab.sweep.history_plot import BLACK, dot_size
from nnlab.sweep.scales import (
    MOST_NAMES,
    Scale,
    drawn,
    label_of_values,
    scale_of,
    stopped,
    value_scale,
)
from nnlab.sweep.trial import Results

COLUMNS = 3
COLUMNS_OF = {1: 1, 2: 2, 4: 2}  # keys -> columns; others: COLUMNS
WIDTH, HEIGHT = 4.0, 3.4  # inches: of a panel
AT_EDGE = {"minimize": 1.0, "maximize": 0.0}  # the worse end of the y axis


def slices_figure(results: Results) -> Figure:
    """Return the figure, a panel for each key; at least one trial is complete."""
    plan = results.plan
    columns = COLUMNS_OF.get(len(plan.space), COLUMNS)
    rows = -(-len(plan.space) // columns)
    width = WIDTH * columns if columns > 1 else 7.0
    figure, places = new_figure(rows, columns, width=width, height=HEIGHT * rows + 0.7)
    inches = width / columns - 1.0
    values = value_scale(results, [drawn(trial) for trial in stopped(results)])
    for number, (key, ax) in enumerate(zip(plan.space, places, strict=False)):
        scale = scale_of(plan, key)
        _draw(ax, results, key, scale)
        scale.put(ax.xaxis, inches)
        values.put(ax.yaxis, HEIGHT - 0.8)
        ax.set_ylabel(label_of_values(results, values))
        if number % columns:
            ax.set_ylabel("")
            ax.tick_params(labelleft=False)
        if scale.crowded(inches):
            ax.tick_params(axis="x", rotation=25)
            for label in ax.get_xticklabels():
                label.set(horizontalalignment="right", rotation_mode="anchor")
    for ax in places[len(plan.space) :]:
        ax.set_visible(False)
    named: dict[str, Line2D] = {}
    for ax in places:
        for line in ax.lines:
            named.setdefault(str(line.get_label()), line)
    figure.legend(
        handles=[line for name, line in named.items() if not name.startswith("_")],
        loc="outside lower center", ncols=(2, 3, 5)[columns - 1], fontsize=11, frameon=False,
    )  # fmt: skip
    return figure


def _draw(ax: Axes, results: Results, key: str, scale: Scale) -> None:
    """Draw the trials over one key; those that diverged at the worse edge."""
    done, size = results.ranked, dot_size(len(results.trials))
    early = [(scale.place(trial.keys[key]), drawn(trial)) for trial in stopped(results)]
    if early:
        ax.plot(
            *zip(*early, strict=True), "v", color=GREY, alpha=0.6, markersize=0.9 * size,
            markerfacecolor="none", label="stopped early",
        )  # fmt: skip
    points = [(scale.place(trial.keys[key]), drawn(trial)) for trial in done]
    ax.plot(
        *zip(*points, strict=True), "o", color=BLUE, alpha=0.5, markersize=size,
        markeredgewidth=0, label="a trial",
    )  # fmt: skip
    ax.plot(
        *points[0], "*", color=RED, markersize=17, markeredgecolor="white", zorder=5,
        label=f"the best, trial {done[0].number}",
    )  # fmt: skip
    for place in sorted({x for x, _ in points}) if 0 < len(scale.names) <= MOST_NAMES else ():
        middle = median(y for x, y in points if x == place)
        ax.plot(
            [place - 0.25, place + 0.25], [middle, middle], color=BLACK, linewidth=2,
            label="median of a choice",
        )  # fmt: skip
    lost = [scale.place(t.keys[key]) for t in results.trials if t.state == "diverged"]
    if lost:
        ax.plot(
            lost, [AT_EDGE[results.plan.direction]] * len(lost), "x", color=GREY, markersize=7,
            markeredgewidth=1.8, transform=ax.get_xaxis_transform(), clip_on=False,
            label="diverged",
        )  # fmt: skip
