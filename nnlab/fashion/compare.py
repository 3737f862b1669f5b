"""What `nnlab compare` knows about `nnlab fashion` alone: which classes gained and which lost."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import NDArray

from nnlab.fashion.axes import KNOWN, axes
from nnlab.fashion.metrics import TESTED
from nnlab.fashion.recorded import recorded
from nnlab.fashion.score_plots import MOST_WITH_NUMBERS, matrix_width, name_classes
from nnlab.fashion.tested import Tested, read
from nnlab.metric import Metric
from nnlab.plots import new_figure
from nnlab.reports.changes import Change
from nnlab.reports.compare import Comparison
from nnlab.reports.comparing import Comparing, Drawn, Measured
from nnlab.reports.group_plots import label_of
from nnlab.reports.groups import Group
from nnlab.runs.saved import SavedRun

RECALL = "recall "  # before the name of a class: its metric
MOST_PANELS = 4  # more would be too small to read
DARK = 0.7  # share of the largest difference
WRITTEN = 0.5  # percent; smaller differences have no number


def measured(saved: SavedRun) -> list[Measured]:
    """Return the test accuracy and the recall of each class, each with its number of images.

    Without report.json there is no recall, and the number of images is that of the known data sets.
    """
    tested, (accuracy, _) = read(saved), TESTED
    if tested is None:
        value, (_, images) = (
            saved.summary.get(accuracy.name),
            KNOWN.get(recorded(saved).name, (0, 0)),
        )
        return [] if value is None else [Measured(accuracy, value, images or None)]
    return [
        Measured(accuracy, tested.accuracy, tested.images),
        *(
            Measured(_recall(each.name), each.recall, each.support)
            for each in tested.classes
            if each.support
        ),
    ]


def _recall(name: str) -> Metric:
    return Metric(
        f"{RECALL}{name}", "", "higher", ".4f",
        f"Share of the test images of {name} that were classified correctly.",
    )  # fmt: skip


def draw(found: Comparison) -> Drawn:
    """Draw how the confusion of each group differs from that of the first one.

    The notes name the classes whose recall changed beyond luck, and the runs without report.json.
    """
    reports: dict[str, list[Tested]] = {}
    notes = []
    for group in found.groups:
        for member in group.members:
            if report := read(member.saved):
                reports.setdefault(group.label, []).append(report)
            else:
                notes.append(f"no report.json, so nothing on its classes: {member.name}")
    names = {tuple(c.name for c in each.classes) for of in reports.values() for each in of}
    if len(names) > 1:
        return Drawn({}, [*notes, "the classes of the runs differ, so nothing is said on them"])
    shares = {label: np.mean([share(each) for each in of], axis=0) for label, of in reports.items()}
    if found.groups[0].label not in shares or len(shares) < 2:  # noqa: PLR2004 - first and another
        return Drawn({}, notes)
    if len(shares) - 1 > MOST_PANELS:
        shown = [*shares][1 : MOST_PANELS + 1]
        what = f"only groups {shown[0]} to {shown[-1]}, of {len(shares) - 1}"
        notes.append(f"confusion-difference.png: {what}")
    figure = confusion_difference_figure(found.groups, shares, *names)
    return Drawn({"confusion-difference.png": figure}, [*notes, *_gains(found)])


def _gains(found: Comparison) -> Iterator[str]:
    """Yield a line for each pair of groups: which classes gained and which lost.

    A pair without any interval has no line: what one run of a seed found may be luck of the seed.
    """
    pairs: dict[tuple[str, str], list[Change]] = {}
    for change in found.changes:
        known = change.difference.half is not None
        if known and change.measure.metric.name.startswith(RECALL):
            pairs.setdefault(change.pair, []).extend([change] * change.beyond_luck)
    for (first, second), changes in pairs.items():
        told = [
            f"{'gained' if change.better else 'lost'} {change.measure.metric.name[len(RECALL) :]} "
            f"{change.difference.amount:+.3f}"
            for change in sorted(changes, key=lambda each: -each.difference.amount)
        ]
        what = ", ".join(told) or "no class gained or lost"
        yield f"recall, {second} - {first}, beyond seeds and test images: {what}"


def share(tested: Tested) -> NDArray[Any]:
    """Return the share of the images of each true class by predicted class, (classes, classes)."""
    counts = np.array(tested.confusion, dtype=float)
    shares: NDArray[Any] = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)
    return shares


def confusion_difference_figure(
    groups: Sequence[Group], shares: Mapping[str, NDArray[Any]], names: Sequence[str]
) -> Figure:
    """Draw the confusion of each group minus that of the first one, in percent of the true class.

    Args:
        groups: the groups.
        shares: label of a group -> mean share of each true class by predicted class,
            (classes, classes); the first group has one.
        names: names of the classes.
    """
    first, *others = (group for group in groups if group.label in shares)
    others = others[:MOST_PANELS]
    columns = min(2, len(others))
    rows = -(-len(others) // columns)
    width = matrix_width(len(names))
    figure, places = new_figure(rows, columns, width=width * columns, height=(width - 1) * rows)
    changes = [100 * (shares[other.label] - shares[first.label]) for other in others]
    most = max(np.abs(changes).max(), WRITTEN)
    for ax, other, change in zip(places, others, changes, strict=False):
        image = ax.imshow(change, cmap="PuOr_r", vmin=-most, vmax=most)
        if len(names) <= MOST_WITH_NUMBERS:
            _write_numbers(ax, change, most)
        name_classes(ax, names)
        ax.set_title(f"{label_of(other, groups)}\nminus {label_of(first, groups)}")
        bar = figure.colorbar(image, ax=ax, shrink=0.8)
        bar.set_label("percent of the true class; on the diagonal more is better", fontsize=11)
    figure.suptitle("how often a class is predicted, against the first group", fontsize=14)
    for ax in places[len(others) :]:
        ax.set_visible(False)
    return figure


def _write_numbers(ax: Axes, change: NDArray[Any], most: float) -> None:
    """Write the differences that are not small; white where `most` makes the colour dark."""
    for (row, column), value in np.ndenumerate(change):
        if abs(value) >= WRITTEN:
            colour = "white" if abs(value) > DARK * most else "black"
            ax.text(column, row, f"{value:+.1f}", ha="center", va="center", color=colour)


COMPARING = Comparing(axes=axes, measured=measured, draw=draw)
