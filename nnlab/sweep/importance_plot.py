"""Draw how much each searched key matters."""

from collections.abc import Mapping

from matplotlib.figure import Figure

from nnlab.plots import BLUE, literal, new_figure
from nnlab.sweep.importance import MOST
from nnlab.sweep.scales import MOST_LETTERS
from nnlab.sweep.trial import Results
from nnlab.text import clipped

BAR = 0.45  # inches: from one bar to the next


def importance_figure(results: Results, importances: Mapping[str, float]) -> Figure:
    """Return the figure; `importances` (key -> share, together 1) has at least one key."""
    ranked = sorted(importances.items(), key=lambda each: each[1])
    figure, (ax,) = new_figure(width=7.0, height=1.5 + BAR * len(ranked))
    bars = ax.barh(
        [literal(clipped(key, MOST_LETTERS)) for key, _ in ranked], [share for _, share in ranked],
        color=BLUE, height=0.65,
    )  # fmt: skip
    ax.bar_label(bars, [f"{share:.0%}" for _, share in ranked], padding=4, fontsize=11)
    ax.set_xlim(0, 1.1 * max(share for _, share in ranked) or 1.0)
    ax.xaxis.set_major_formatter("{x:.0%}")
    ax.set_ylim(-0.6, len(ranked) - 0.4)
    ax.grid(visible=False, axis="y")
    metric, n = literal(results.plan.metric), min(len(results.ranked), MOST)
    ax.set_xlabel(f"share of the importance for a good {metric} (from {n:,} trial{'s' * (n != 1)})")
    return figure
