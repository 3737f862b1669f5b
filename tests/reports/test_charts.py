"""The curves of a page: which metrics, which points, and SVG that a strict page can hold."""

import math
import re
from xml.etree import ElementTree as ET

import pytest

from nnlab.cubic.metrics import METRICS as CUBIC
from nnlab.fashion.metrics import METRICS as FASHION
from nnlab.metric import Metric
from nnlab.reports.charts import MOST_POINTS, charts

COLUMNS: dict[str, list[float]] = {
    "step": [1, 2, 3], "rmse": [3.0, 0.5, 0.1], "max_error": [5.0, 2.0, 0.3],
    "loss": [1.0, 1.1, 0.9], "seconds": [0.1, 0.2, 0.3],
}  # fmt: skip


def test_each_unit_has_a_chart_and_the_clock_has_none() -> None:
    assert [chart.title for chart in charts(COLUMNS, CUBIC)] == [
        "rmse and max_error over gradient steps", "loss over gradient steps",
    ]  # fmt: skip
    names = ("epoch", "loss", "accuracy", "val_loss", "val_accuracy", "lr", "images_per_second")
    found = charts({name: [1.0, 2.0] for name in names}, FASHION)
    assert [chart.title for chart in found] == [
        "accuracy and val_accuracy over epochs", "loss and val_loss over epochs",
    ]  # fmt: skip


@pytest.mark.parametrize("columns", [{}, {"step": [1.0]}, {"foreign": [1.0], "rmse": [1.0]}])
def test_what_cannot_be_drawn_has_no_chart(columns: dict[str, list[float]]) -> None:
    assert charts(columns, CUBIC) == []


def test_many_metrics_of_one_unit_are_drawn_four_by_four() -> None:
    metrics = [Metric("step", "", "", ","), *(Metric(f"m{i}", "", "lower", "g") for i in range(6))]
    found = charts({metric.name: [1.0, 2.0] for metric in metrics}, metrics)
    assert [chart.title for chart in found] == [
        "m0 and m1 and m2 and m3 over step", "m4 and m5 over step",
    ]  # fmt: skip


def test_a_chart_is_described_in_words() -> None:
    root = ET.fromstring(charts(COLUMNS, CUBIC)[0].svg)  # noqa: S314 - our own
    assert root.get("role") == "img"
    said = root.get("aria-label") or ""
    assert said.startswith("rmse and max_error over gradient steps: rmse goes from 3 at step 1 to")
    assert "max_error goes from 5 at step 1 to 0.3 at step 3" in said


def test_a_chart_needs_no_style_and_its_ids_are_its_own() -> None:
    both = [chart.svg for chart in charts(COLUMNS, CUBIC)]
    assert both == [chart.svg for chart in charts(COLUMNS, CUBIC)]  # the same bytes
    ids = [re.findall(r' id="([^"]+)"', svg) for svg in both]
    assert ids[0]
    assert not set(ids[0]) & set(ids[1])
    for svg, known in zip(both, ids, strict=True):
        root = ET.fromstring(svg)  # noqa: S314
        assert len(known) == len(set(known))
        assert {element.tag for element in root.iter()} <= {
            "svg", "g", "path", "defs", "use", "text", "clipPath", "rect",
        }  # fmt: skip
        names = {name for element in root.iter() for name in element.attrib}
        assert names.isdisjoint({"style", "class"})
        links = re.findall(r'href="#([^"]+)"|url\(#([^)]+)\)', svg)
        assert {one or other for one, other in links} == set(known)
        assert "var(--blue)" in svg
        assert "#000000" not in svg
        assert not re.search(r"20\d\d-\d\d-\d\d|matplotlib|DejaVu", svg)


def test_errors_over_decades_are_on_a_log_axis() -> None:
    axis = re.compile(r">([^<>]+)</text>")
    wide, narrow = (axis.findall(chart.svg) for chart in charts(COLUMNS, CUBIC))
    assert {"0.1", "1"} <= set(wide)
    assert "0.1" not in narrow


@pytest.mark.parametrize("values", [[1e308, 1e-308], [1e308, 1e308], [0.0, 0.0], [5e-324, 1.0]])
def test_extreme_values_are_drawn(values: list[float]) -> None:
    (chart,) = charts({"step": [1.0, 2.0], "loss": values}, CUBIC)
    assert chart.svg.startswith("<svg")


def test_the_chart_of_a_long_run_has_few_points_and_its_peak() -> None:
    count = 50_000
    loss = [2 + math.sin(i * i) for i in range(count)]
    loss[12_345] = 9.0
    (chart,) = charts({"step": range(count), "loss": loss}, CUBIC)
    line = max(re.findall(r'd="([^"]+)"', chart.svg), key=len)
    points = [float(y) for _, y in re.findall(r"[ML] (\S+) (\S+)", line)]
    assert MOST_POINTS / 2 < len(points) <= MOST_POINTS
    top, second = sorted(points)[:2]  # y goes down
    assert second - top > (max(points) - top) / 2
