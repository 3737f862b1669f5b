"""Draw how a sweep went: the value of each trial, the best so far, and the rerun of the best."""

from itertools import accumulate

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from nnlab.plots import BLUE, GREY, ORANGE, RED, legend, new_figure
from nnlab.reports.statistics import estimate
from nnlab.reports.ticks import STEPS
from nnlab.sweep.scales import drawn, label_of_values, value_scale, within
from nnlab.sweep.trial import Results, State
from nnlab.sweep.words import seeds_text

BLACK = "#222222"
SHAPES: dict[State, str] = {"pruned": "v", "dropped": "s", "diverged": "x", "failed": "P"}
HEIGHT, STRIP = 3.9, 0.26  # inches: of the panel of the values; of a row below it
MANY = 150  # trials; from here on dots are small


def dot_size(count: int) -> float:
    """Return the size of a dot, in points, where `count` of them are drawn."""
    return 7.0 if count < MANY // 3 else 5.0 if count < MANY else 3.5


def history_figure(results: Results) -> Figure:
    """Return the figure; at least one trial is complete."""
    ended = {state: [t.number for t in results.trials if t.state == state] for state in SHAPES}
    lost = {state: numbers for state, numbers in ended.items() if numbers}
    strip = STRIP * len(lost) + 0.1
    figure, (ax, *below) = new_figure(
        1 + bool(lost), 1, width=8.0, height=HEIGHT + 1.0 + strip * bool(lost),
        ratios=[HEIGHT, strip] if lost else None,
    )  # fmt: skip
    last = len(results.trials) - 1
    at_end = last + max(1.0, 0.05 * last)
    _draw_values(ax, results, at_end)
    for each in (ax, *below):
        each.set_xlim(-max(0.5, 0.02 * last), at_end + max(0.5, 0.02 * last))
        each.xaxis.set_major_locator(MaxNLocator(8, integer=True, min_n_ticks=1, steps=STEPS))
        each.xaxis.set_major_formatter("{x:,.0f}")
    for strip_ax in below:
        _draw_lost(strip_ax, lost)
        ax.tick_params(labelbottom=False)
    figure.axes[-1].set_xlabel("trial")
    legend(figure, 2)
    return figure


def _draw_values(ax: Axes, results: Results, at_end: float) -> None:
    """Draw the values, the best so far, and at the right end the rerun."""
    done = sorted(results.ranked, key=lambda trial: trial.number)
    x, y = [trial.number for trial in done], [drawn(trial) for trial in done]
    size = dot_size(len(done))
    ax.plot(x, y, "o", color=BLUE, alpha=0.7, markersize=size, markeredgewidth=0, label="a trial")
    better = min if results.plan.direction == "minimize" else max
    ax.plot(
        [*x, len(results.trials) - 1], [*accumulate(y, better), better(y)], color=ORANGE,
        linewidth=2, drawstyle="steps-post", label="best so far",
    )  # fmt: skip
    ends = _draw_rerun(ax, results, at_end)
    best = results.ranked[0]
    ax.plot(
        best.number, drawn(best), "*", color=RED, markersize=17, markeredgecolor="white",
        label=f"the best, trial {best.number}", zorder=5,
    )  # fmt: skip
    values = value_scale(results, ends)
    values.put(ax.yaxis, HEIGHT)
    ax.set_ylabel(label_of_values(results, values))


def _draw_rerun(ax: Axes, results: Results, at_end: float) -> list[float]:
    """Draw the mean of the rerun with its interval, or its values; return the values drawn."""
    best = results.ranked[0]
    if not best.fresh:
        return []
    mean, half, _ = estimate([within(value) for value in best.fresh])
    ends = [mean - (half or 0.0), mean + (half or 0.0)]
    if min(map(within, best.fresh)) > 0 >= ends[0]:
        ends[0] = min(map(within, best.fresh))  # a logarithmic axis has no place for the rest
    ax.errorbar(
        at_end, mean, [[mean - ends[0]], [ends[1] - mean]], fmt="D", color=BLACK, markersize=7,
        elinewidth=2, capsize=5, zorder=4,
        label=f"the best on {seeds_text(results, best)}" + ": mean, 95% interval" * bool(half),
    )  # fmt: skip
    return ends


def _draw_lost(ax: Axes, lost: dict[State, list[int]]) -> None:
    """Draw a row for each way in which a trial ended without a final value."""
    for row, (state, numbers) in enumerate(lost.items()):
        ax.plot(
            numbers, [row] * len(numbers), SHAPES[state], color=GREY, markersize=6,
            alpha=0.8, markeredgewidth=1.6 if state == "diverged" else 0,
        )  # fmt: skip
    ax.set_yticks(range(len(lost)), [f"{state}" for state in lost])
    ax.set_ylim(len(lost) - 0.4, -0.6)
    ax.grid(visible=False, axis="y")
