"""The pictures of a sweep show each trial at its place, and bear any number of trials."""

import io
import math
from itertools import accumulate
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from matplotlib.collections import LineCollection
from matplotlib.figure import Figure

from nnlab.sweep.history_plot import BLACK, SHAPES, history_figure
from nnlab.sweep.importance_plot import importance_figure
from nnlab.sweep.parallel_plot import parallel_figure
from nnlab.sweep.plan import Choices
from nnlab.sweep.scales import Scale, scale_of, value_scale, within
from nnlab.sweep.slices_plot import slices_figure
from nnlab.sweep.trial import Results, Trial
from tests.sweep.made import FASHION, accuracy, made_plan, made_results

FIGURES = (history_figure, slices_figure, parallel_figure)


def drawn(figure: Figure) -> bytes:
    """Return the figure as PNG; a warning is an error."""
    file = io.BytesIO()
    figure.savefig(file, format="png", dpi=40)
    return file.getvalue()


def line(figure: Figure, label: str) -> Any:
    """Return the first line of a figure with a label."""
    return next(e for ax in figure.axes for e in ax.lines if str(e.get_label()) == label)


def test_the_history_has_each_trial_and_the_best_so_far() -> None:
    results = made_results()
    done = [trial for trial in results.trials if trial.state == "complete"]
    figure = history_figure(results)
    dots, steps = line(figure, "a trial"), line(figure, "best so far")
    assert list(dots.get_xdata()) == [trial.number for trial in done]
    assert list(dots.get_ydata()) == [trial.value for trial in done]
    lowest = accumulate((trial.value for trial in done if trial.value), min)
    assert list(steps.get_ydata())[:-1] == list(lowest)
    assert steps.get_xdata()[-1] == 39
    assert figure.axes[0].get_yscale() == "log"
    rows = [label.get_text() for label in figure.axes[1].get_yticklabels()]
    assert rows == ["pruned", "diverged", "failed"]
    for row, lost in zip(rows, figure.axes[1].lines, strict=True):
        numbers = [t.number for t in results.trials if t.state == row]
        assert np.asarray(lost.get_xdata()).tolist() == numbers
    assert len({each.get_marker() for each in figure.axes[1].lines}) == 3
    assert len(set(SHAPES.values())) == len(SHAPES)


def test_the_rerun_stands_right_of_all_trials() -> None:
    results = made_results()
    best = results.best
    assert best is not None
    (bar,) = history_figure(results).axes[0].containers
    (x,), (y,) = np.asarray(bar[0].get_data())
    assert x > results.trials[-1].number
    assert y == pytest.approx(np.mean(best.fresh))
    again = made_results(made_plan(reruns=0))
    assert history_figure(again).axes[0].containers == []


def test_accuracies_are_linear_and_their_best_is_the_highest() -> None:
    results = made_results(made_plan(**FASHION), value=accuracy)
    figure = history_figure(results)
    values = [trial.value for trial in results.trials if trial.state == "complete"]
    assert list(line(figure, "best so far").get_ydata())[-1] == max(v for v in values if v)
    assert figure.axes[0].get_yscale() == "linear"


def test_slices_have_a_panel_for_each_key_and_mark_the_best() -> None:
    results = made_results()
    figure = slices_figure(results)
    assert [ax.get_xlabel() for ax in figure.axes] == ["lr", "hidden", "init"]
    assert [ax.get_xscale() for ax in figure.axes] == ["log", "linear", "linear"]
    best = results.best
    assert best is not None
    for ax, place in zip(
        figure.axes,
        (best.keys["lr"], best.keys["hidden"], ["gaussian", "recycled"].index(best.keys["init"])),
        strict=True,
    ):
        (star,) = [each for each in ax.lines if each.get_marker() == "*"]
        assert np.asarray(star.get_data()).tolist() == [[place], [best.value]]
    labels = [label.get_text() for label in figure.axes[2].get_xticklabels()]
    assert labels == ["gaussian", "recycled"]


def test_the_lines_end_at_their_values_and_the_best_is_on_top() -> None:
    results = made_results()
    figure = parallel_figure(results)
    ax = figure.axes[0]
    (lines,) = [each for each in ax.collections if isinstance(each, LineCollection)]
    ends = [segment[-1, 1] for segment in lines.get_segments()]
    done = len(results.ranked)
    assert ends[-done:] == sorted(ends[-done:], reverse=True)  # the best is drawn last
    assert len(ends) == done + sum(trial.state == "pruned" for trial in results.trials)
    widths: Any = lines.get_linewidth()
    assert widths[0] < widths[-1]
    (best,) = [each for each in ax.lines if str(each.get_label()).startswith("best")]
    assert best.get_color() == BLACK
    assert best.get_linewidth() > 2 * max(widths)  # so it is found without colour
    assert np.asarray(best.get_ydata())[-1] == 0
    assert [label.get_text() for label in ax.get_xticklabels()] == [
        "lr",
        "hidden",
        "init",
        "rmse (y)",
    ]
    assert figure.axes[1].get_ylabel() == "rmse (y)"


def test_the_axis_of_the_values_says_which_are_better() -> None:
    for figure in (history_figure(made_results()), slices_figure(made_results())):
        assert figure.axes[0].get_ylabel() == "rmse (y)\nlower is better"
    results = made_results(made_plan(**FASHION), value=accuracy)
    assert history_figure(results).axes[0].get_ylabel() == "val_accuracy\nhigher is better"


def test_importances_are_sorted_and_say_from_how_many_trials() -> None:
    results = made_results()
    figure = importance_figure(results, {"lr": 0.2, "hidden": 0.7, "init": 0.1})
    (ax,) = figure.axes
    assert [label.get_text() for label in ax.get_yticklabels()] == ["init", "lr", "hidden"]
    assert f"from {len(results.ranked)} trials" in ax.get_xlabel()
    drawn(figure)


@pytest.mark.parametrize("figure_of", FIGURES)
def test_any_size_can_be_drawn(figure_of: Any) -> None:
    lists = made_plan(**FASHION, seeds=3)
    one_key = made_plan(space={"lr": Choices(values=[0.1])}, trials=1)
    many = made_plan(space={"hidden": Choices(values=list(range(1, 90)))}, trials=300)
    for results in (
        made_results(lists, value=accuracy), made_results(one_key, lost=False), made_results(many),
        made_results(value=lambda _: 0.0),
    ):  # fmt: skip
        assert drawn(figure_of(results)).startswith(b"\x89PNG")


@settings(max_examples=4, deadline=None)
@given(st.lists(st.floats(0, 1e308), min_size=1, max_size=4), st.booleans())
def test_any_values_can_be_drawn(values: list[float], up: bool) -> None:
    plan = made_plan(direction="maximize" if up else "minimize")
    keys = {"lr": 0.01, "hidden": 20, "init": "gaussian"}
    trials = [Trial(n, keys, "complete", value, (value,)) for n, value in enumerate(values)]
    trials[0] = Trial(0, keys, "complete", values[0], (values[0],), fresh=tuple(values))
    for figure_of in FIGURES:
        drawn(figure_of(Results(plan, trials)))


@given(st.floats(1e-9, 1e9), st.floats(1.001, 1e6), st.booleans(), st.floats(0, 1))
def test_a_place_and_its_share_are_inverse(
    low: float, times: float, log: bool, share: float
) -> None:
    scale = Scale("lr", low, low * times, log)
    assert scale.share(scale.at(share)) == pytest.approx(share, abs=1e-6)
    ticks = scale.ticks(4.0, across=True)
    assert all(scale.low <= place <= scale.high for place in ticks)


def test_large_numbers_do_not_touch() -> None:
    few = Scale("samples", 0, 1e6).ticks(3.0, across=True)
    assert 2 <= len(few) < len(Scale("samples", 0, 1e6).ticks(9.0, across=True))
    assert Scale("x", 0, 1, names=("gaussian", "recycled")).crowded(1.0)
    assert not Scale("x", 0, 1, names=("gaussian", "recycled")).crowded(3.0)


def test_choices_stand_side_by_side_in_their_order() -> None:
    scale = scale_of(made_plan(space={"hidden": Choices(values=[64, 8, 1])}), "hidden")
    assert [scale.place(value) for value in (64, 8, 1)] == [0, 1, 2]
    mixed = scale_of(made_plan(space={"x": Choices(values=[True, 1, [1]])}), "x")
    assert [mixed.place(value) for value in (True, 1, [1])] == [0, 1, 2]


def test_the_values_have_a_logarithmic_axis_from_a_decade_on() -> None:
    assert value_scale(made_results(value=lambda keys: float(keys["hidden"]))).log
    assert not value_scale(made_results(value=lambda _: 1.0)).log
    assert not value_scale(made_results(value=lambda keys: float(keys["hidden"] < 100))).log
    assert math.isclose(within(5e-324), 0)
