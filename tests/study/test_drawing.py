"""Pictures of rows that are hard to draw. Warnings are errors."""

import io
import math
from collections.abc import Mapping, Sequence
from itertools import pairwise

import numpy as np
import pytest
from matplotlib.container import ErrorbarContainer
from matplotlib.figure import Figure
from matplotlib.text import Text

from nnlab.study.panels import Courses, Dots, Means, Panel, panels
from nnlab.study.results import Results, Row

Arms = Mapping[str, Mapping[str, Sequence[float]]]
"""arm -> place -> the values of seeds 0, 1, ..."""


def drawn(panel: Panel, arms: Arms) -> Figure:
    """Return the figure of one panel, laid out."""
    rows = [
        Row("p", arm, seed, "m", at, value)
        for arm, places in arms.items()
        for at, values in places.items()
        for seed, value in enumerate(values)
    ]
    figure = panels("Title", panel)(Results(rows))
    figure.savefig(io.BytesIO())
    return figure


def written(labels: Sequence[Text]) -> list[str]:
    return [label.get_text() for label in labels if label.get_text()]


def apart(labels: Sequence[Text]) -> bool:
    """Return whether no two of the labels of an axis overlap."""
    boxes = [label.get_window_extent() for label in labels if label.get_text()]
    return not any(a.overlaps(b) for a, b in pairwise(boxes))


def test_values_that_are_equal_but_for_rounding_on_a_logarithmic_axis() -> None:
    last = math.nextafter(256, 300)
    panel = Means(part="p", measure="m", y_label="steps", log_x=True, log_y=True)
    figure = drawn(panel, {"a": {"1": [256.0] * 3, "8": [last] * 3}})
    low, high = figure.axes[0].get_ylim()
    assert low < 256 < last < high
    assert high / low > 1.1


def test_lines_that_lie_on_each_other_differ_in_all_signs_and_show_through() -> None:
    course = {str(at): [1.0 + at, 2.0 + at] for at in range(30)}
    arms = dict.fromkeys("abcdef", course)
    figure = drawn(Courses(part="p", measure="m", y_label="y"), arms)
    means = [line for line in figure.axes[0].lines if line.get_linewidth() > 1]
    for name in ("color", "marker", "markevery", "linewidth"):
        assert len({getattr(line, f"get_{name}")() for line in means}) == 6, name
    widths = [line.get_linewidth() for line in means]
    assert widths == sorted(widths, reverse=True)
    entries = figure.legends[0].get_lines()
    for mean, entry in zip(means, entries, strict=True):
        assert mean.get_color() == entry.get_color()
        assert mean.get_marker() == entry.get_marker()


def test_an_arm_with_one_point_is_a_marker_and_an_arm_without_rows_has_no_entry() -> None:
    panel = Courses(part="p", measure="m", y_label="y", arms={"a": "A", "b": "B", "c": "C"})
    figure = drawn(panel, {"a": {"1": [1.0], "2": [2.0]}, "b": {"1": [3.0]}})
    one = figure.legends[0].get_lines()[1]
    assert written(figure.legends[0].get_texts()) == ["A", "B"]
    assert (one.get_linestyle(), one.get_marker()) == ("None", "s")


@pytest.mark.parametrize("label", ["recall", "RMSE"])
def test_the_interval_of_a_share_ends_at_0_and_1(label: str) -> None:
    values = [0.0, 0.5, 1.0]
    half = 4.3027 * 0.5 / math.sqrt(3)  # t(2) from a table; the standard deviation is 0.5
    wanted = (0, 1) if label == "recall" else (0.5 - half, 0.5 + half)
    figure = drawn(Dots(part="p", measure="m", y_label=label), {"a": {"": values}})
    (interval,) = (c for c in figure.axes[0].containers if isinstance(c, ErrorbarContainer))
    (segment,) = interval.lines[2][0].get_segments()
    assert segment[:, 1] == pytest.approx(wanted, abs=1e-4)


def test_the_mean_of_dots_hides_no_dot_and_looks_like_no_dot() -> None:
    figure = drawn(Dots(part="p", measure="m", y_label="y"), {"a": {"": [1.0, 2.0, 3.0]}})
    dots, mean = figure.axes[0].lines[:2]
    assert np.max(np.asarray(dots.get_xdata(), float)) < np.min(np.asarray(mean.get_xdata(), float))
    assert dots.get_color() != mean.get_color()


@pytest.mark.parametrize("high", [1.02, 2.0, 1e3, 1e9])
def test_a_logarithmic_axis_has_at_least_three_labels_that_do_not_touch(high: float) -> None:
    panel = Means(part="p", measure="m", y_label="y", log_x=True, log_y=True)
    for start in (0.0013, 47_000.0):
        ends = (start, start * math.sqrt(high), start * high)
        figure = drawn(panel, {"a": {repr(x): [x, x] for x in ends}})
        ax = figure.axes[0]
        for axis in (ax.xaxis, ax.yaxis):
            low, top = axis.get_view_interval()
            labels = [
                tick.label1 for tick in axis.get_major_ticks() if low <= tick.get_loc() <= top
            ]
            assert len(written(labels)) >= 3, (start, axis)
            assert apart(labels)


def test_whole_numbers_have_whole_labels_and_thousands_have_commas() -> None:
    panel = Courses(part="p", measure="m", y_label="y")
    epochs = drawn(panel, {"a": {str(at): [0.5, 1.7] for at in range(1, 5)}})
    labels = written(epochs.axes[0].get_xticklabels())
    assert {"1", "2", "3", "4"} <= set(labels)
    assert not any("." in label for label in labels)
    steps = drawn(panel, {"a": {str(at): [0.5, 1.7] for at in (0, 40_000, 80_000)}})
    assert "20,000" in written(steps.axes[0].get_xticklabels())
    assert apart(steps.axes[0].get_xticklabels())


def test_a_count_that_is_the_same_in_all_runs_has_whole_labels() -> None:
    figure = drawn(Dots(part="p", measure="m", y_label="epoch"), {"a": {"": [3.0, 3.0, 3.0]}})
    assert "3" in written(figure.axes[0].get_yticklabels())
    assert not any("." in label for label in written(figure.axes[0].get_yticklabels()))


def test_long_labels_of_a_legend_stay_in_the_picture() -> None:
    long = {name: f"{name}: " + "a label with many words " * 6 for name in "abc"}
    panel = Courses(part="p", measure="m", y_label="y", arms=long)
    figure = drawn(panel, {name: {"1": [1.0, 2.0], "2": [2.0, 3.0]} for name in long})
    box = figure.legends[0].get_window_extent()
    assert box.x0 >= 0
    assert box.x1 <= figure.bbox.width


def test_the_mean_of_runs_whose_seconds_differ_is_at_the_mean_of_their_seconds() -> None:
    rows = [
        Row("p", "a", seed, "m", repr(number * (1.0 + seed)), number + 2.0 * seed)
        for seed in range(2)
        for number in (1.0, 3.0)
    ]
    figure = panels("Title", Courses(part="p", measure="m", y_label="y"))(Results(rows))
    mean = figure.axes[0].lines[-1]
    assert np.asarray(mean.get_xdata()) == pytest.approx([1.5, 4.5])
    assert np.asarray(mean.get_ydata()) == pytest.approx([2.0, 4.0])
