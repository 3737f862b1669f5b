"""Measures that every experiment has."""

from pathlib import Path

import pytest
from scipy import stats

from nnlab.study.measures import curve, late, place_name, steps_to
from nnlab.study.results import Reading
from tests.study.unseen import trained


def test_the_steps_to_a_target_are_those_of_the_first_log_point_below_it(tmp_path: Path) -> None:
    run = trained(
        tmp_path / "a", hidden=8, samples=400, lr=0.05, init_scale=0.5, log_every=20,
    )  # fmt: skip
    steps, rmse = run.metrics["step"], run.metrics["rmse"]
    assert rmse[0] > 2 > min(rmse)
    first = next(step for step, value in zip(steps, rmse, strict=True) if value < 2)
    assert [*steps_to("rmse", 2)(run)] == [
        Reading("steps_to_rmse_2", first), Reading("reached_rmse_2", True)
    ]  # fmt: skip
    assert [*steps_to("rmse", 1e-6)(run)] == [
        Reading("steps_to_rmse_1e-06", 400), Reading("reached_rmse_1e-06", False)
    ]  # fmt: skip


def test_a_curve_is_all_log_points_or_some(tmp_path: Path) -> None:
    run = trained(tmp_path / "a", hidden=3, samples=40, log_every=10)
    rmse = run.metrics["rmse"]
    at = ("10", "20", "30", "40")
    whole = [Reading("rmse_curve", y, x) for x, y in zip(at, rmse, strict=True)]
    assert [*curve("rmse")(run)] == whole
    assert [*curve("rmse", at=(20, 35, 40, 50))(run)] == [whole[1], whole[3]]


@pytest.mark.parametrize(
    ("place", "name"),
    [(20.0, "20"), (1e6, "1000000"), (1_000_001.0, "1000001"), (0.1 + 0.2, "0.30000000000000004")],
)
def test_two_places_never_have_one_name(place: float, name: str) -> None:
    assert place_name(place) == name
    assert float(name) == place


def test_a_late_value_is_the_geometric_mean_of_the_last_log_points(tmp_path: Path) -> None:
    run = trained(tmp_path / "a", hidden=3, samples=40, log_every=2)
    (reading,) = late("rmse", points=4)(run)
    assert reading.measure == "late_rmse"
    assert reading.value == pytest.approx(stats.gmean(run.metrics["rmse"][-4:]))
