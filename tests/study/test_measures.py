"""Measures that every experiment has."""

from pathlib import Path

from nnlab.study.measures import steps_to
from nnlab.study.results import Reading
from tests.study.unseen import trained


def test_the_steps_to_a_target_are_those_of_the_first_log_point_below_it(tmp_path: Path) -> None:
    run = trained(
        tmp_path / "a", hidden=8, samples=400, lr=0.05, init_scale=0.5, log_every=20,
    )  # fmt: skip
    steps, rmse = run.metrics["step"], run.metrics["rmse"]
    assert rmse[0] > 2 > min(rmse)
    first = next(step for step, value in zip(steps, rmse, strict=True) if value < 2)
    assert [*steps_to("rmse", 2)(run)] == [Reading("steps_to_rmse_2", first)]
    assert [*steps_to("rmse", 1e-6)(run)] == [Reading("steps_to_rmse_1e-06", 400)]
