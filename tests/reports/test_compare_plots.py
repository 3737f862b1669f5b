"""The curves of a comparison: what is drawn, over which x, and what is not."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from matplotlib.axes import Axes
from matplotlib.collections import PolyCollection
from scipy import stats

from nnlab.cli.compare import compared
from nnlab.reports.compare_plots import figures
from nnlab.reports.curves import Trace, mean
from nnlab.runs.saved import SavedRun
from tests.reports.logged import cubic, fashion


def axes(runs: Sequence[SavedRun], x: str | None = None, metrics: Sequence[str] = ()) -> list[Axes]:
    """Return the panels of comparison.png that are shown."""
    found, comparing = compared(runs)
    found = found.only(metrics) if metrics else found
    drawn = figures(found, comparing, x=x, named=bool(metrics))
    return [ax for ax in drawn.figures["comparison.png"].axes if ax.get_visible()]


def bands(ax: Axes) -> list[PolyCollection]:
    return [each for each in ax.collections if isinstance(each, PolyCollection)]


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> list[SavedRun]:
    folder = tmp_path_factory.mktemp("runs")
    return [
        cubic(
            folder / f"{lr}-{seed}", [3 - seed, 1 + seed, 0.5], lr=lr, seed=seed, batch_size=10,
            samples=1000, speed=0.1 * (1 + seed),
        )
        for lr in (0.01, 0.02)
        for seed in (0, 1)
    ]  # fmt: skip


def test_the_x_axis_can_be_chosen_mlflow_11739(runs: list[SavedRun]) -> None:
    panels = axes(runs)
    assert [ax.get_xlabel() for ax in panels] == [
        "gradient steps", "samples seen", "epochs", "seconds of training",
    ]  # fmt: skip
    assert {ax.get_ylabel() for ax in panels} == {"rmse, y"}
    x = [np.array(panel.lines[1].get_xdata()) for panel in panels]  # seed 1 of the first group
    np.testing.assert_allclose(x[0], [100, 200, 300])
    np.testing.assert_allclose(x[1], [1000, 2000, 3000])
    np.testing.assert_allclose(x[2], [1, 2, 3])
    np.testing.assert_allclose(x[3], [20, 40, 60])
    over_time = axes(runs, x="seconds")
    assert [ax.get_ylabel() for ax in over_time] == ["rmse, y", "max error, y", "loss, y²"]
    assert {ax.get_xlabel() for ax in over_time} == {"seconds of training"}
    assert len(axes(runs, metrics=["loss"])) == 4
    assert len(axes(runs, x="epoch", metrics=["loss", "rmse"])) == 2


def test_a_group_has_thin_traces_a_thick_mean_and_a_band(runs: list[SavedRun]) -> None:
    panel = axes(runs, x="step")[0]
    widths = [line.get_linewidth() for line in panel.lines]
    assert [width > 2 for width in widths] == [False, False, True] * 2
    assert len(bands(panel)) == 2
    np.testing.assert_allclose(np.array(panel.lines[2].get_ydata()), [2.5, 1.5, 0.5])
    edges = np.array(bands(panel)[0].get_paths()[0].vertices)  # (corners, 2)
    low, high = stats.t.interval(0.95, 1, 2.5, stats.sem([3, 2]))
    at_100 = edges[edges[:, 0] == 100, 1]
    assert (at_100.min(), at_100.max()) == pytest.approx((low, high))


def test_the_mean_over_time_is_drawn_at_the_mean_times(runs: list[SavedRun]) -> None:
    panel = axes(runs, x="seconds")[0]
    np.testing.assert_allclose(np.array(panel.lines[2].get_xdata()), [15, 30, 45])
    np.testing.assert_allclose(np.array(panel.lines[2].get_ydata()), [2.5, 1.5, 0.5])


def test_one_run_never_has_a_band(tmp_path: Path, runs: list[SavedRun]) -> None:
    stopped = cubic(tmp_path / "s", [3, 1], seed=5, status="interrupted")
    alone = [cubic(tmp_path / f"{lr}", [3, 1], lr=lr) for lr in (0.3, 0.4)]
    assert [len(bands(ax)) for ax in axes([*alone, stopped])] == [0] * 4
    panel = axes([*alone, *runs], x="step")[0]
    assert len(bands(panel)) == 2


def test_traces_are_averaged_only_where_all_have_a_point() -> None:
    first = Trace(np.array([1, 2, 3, 4]), np.array([10, 20, 30, 40]), np.array([4.0, 3, 2, 1]))
    second = Trace(np.array([2, 4, 5]), np.array([20, 40, 50]), np.array([5.0, 3, 9]))
    found = mean([first, second])
    assert found is not None
    np.testing.assert_array_equal(found.x, [20, 40])
    np.testing.assert_array_equal(found.y, [4, 2])
    assert mean([first]) is None


def test_a_run_that_stopped_early_ends_the_mean_not_its_traces(tmp_path: Path) -> None:
    runs = [
        fashion(tmp_path / f"{seed}", [0.5 + 0.1 * i for i in range(3 + seed)], seed=seed)
        for seed in (0, 1)
    ]
    panel = axes(runs, x="epoch", metrics=["val_accuracy"])[0]
    assert [len(np.array(line.get_xdata())) for line in panel.lines] == [3, 4, 3]


def test_no_metric_and_no_peak_is_dropped_in_long_runs_trackio_659(tmp_path: Path) -> None:
    points = 20_000
    curve = [1 + (k == 12_345) for k in range(points)]  # one spike
    runs = [cubic(tmp_path / f"{lr}", curve, every=1, lr=lr) for lr in (0.1, 0.2)]
    panels = axes(runs, x="step")
    assert [ax.get_ylabel() for ax in panels] == ["rmse, y", "max error, y", "loss, y²"]
    for panel in panels:
        for line in panel.lines:
            x, y = np.array(line.get_xdata()), np.array(line.get_ydata())
            assert (x[0], x[np.argmax(y)], x[-1]) == (1, 12_346, points)
            assert 1000 <= len(x) <= 2002


def test_steps_that_are_not_known_leave_their_panels_out(tmp_path: Path) -> None:
    runs = [fashion(tmp_path / f"{seed}", [0.5, 0.6], seed=seed, images=None) for seed in (0, 1)]
    found, _ = compared(runs)
    assert found.notes == [
        f"{s} is not drawn over step, samples: not known for this run" for s in "01"
    ]
    panels = axes(runs)
    assert [len(panel.lines) for panel in panels] == [0, 0, 3, 3]
    assert [text.get_text() for text in panels[0].texts] == ["not known for these runs"]


def test_a_metric_without_a_curve_has_no_picture(tmp_path: Path) -> None:
    runs = [fashion(tmp_path / f"{s}", [0.5], seed=s, test_accuracy=0.5) for s in (0, 1)]
    found, comparing = compared(runs)
    drawn = figures(found.only(["test_accuracy"]), comparing, named=True)
    assert "comparison.png" not in drawn.figures
    assert "no metric was logged during training: no curves" in drawn.notes


def test_many_groups_have_a_style_each(tmp_path: Path) -> None:
    runs = [cubic(tmp_path / f"{i}", [2, 1], lr=0.1 + i / 100) for i in range(12)]
    panel = axes(runs, x="step")[0]
    assert len({(line.get_color(), line.get_linestyle()) for line in panel.lines}) == 12


def test_a_run_that_diverged_does_not_flatten_the_others(tmp_path: Path) -> None:
    wild = cubic(tmp_path / "wild", [1e50, 1e140, 1e152], lr=9, status="diverged")
    sound = [cubic(tmp_path / f"{lr}", [3, 1, 0.2], lr=lr) for lr in (0.1, 0.2)]
    found, comparing = compared([wild, *sound])
    assert found.notes[0].endswith("up to step 300; its curve may leave the panels")
    figure = figures(found, comparing, x="step").figures["comparison.png"]
    assert figure.axes[0].get_ylim()[1] < 10
    figure.savefig(tmp_path / "x.png")
    alone = figures(*compared([wild, cubic(tmp_path / "w", [1e9, 1e153], lr=8, status="diverged")]))
    alone.figures["comparison.png"].savefig(tmp_path / "y.png")


def test_names_from_outside_are_drawn_as_they_are(tmp_path: Path) -> None:
    runs = [
        cubic(tmp_path / name, [2, 1], lr=0.1 + i, samples=200 + i, init_from=Path(f"/$x^${i}"))
        for i, name in enumerate(("a$b^", "实验"))
    ]
    figure = figures(*compared(runs)).figures["comparison.png"]
    figure.savefig(tmp_path / "x.png")
    labels = [text.get_text() for text in figure.legends[0].get_texts()]
    assert labels[1].endswith("(??)")
    assert "lr 0.1, " in labels[0]


def test_the_legend_of_a_picture_fits_its_width(tmp_path: Path) -> None:
    runs = [
        cubic(tmp_path / f"a-rather-long-name-{i}", [2, 1], lr=0.1 + i, hidden=9 + i, epochs=1 + i)
        for i in range(5)
    ]
    figure = figures(*compared(runs)).figures["comparison.png"]
    figure.savefig(tmp_path / "x.png")
    box = figure.legends[0].get_window_extent()
    assert box.x0 >= 0
    assert box.x1 <= figure.bbox.width
