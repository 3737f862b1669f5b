"""Where curves turn: worked examples, and that noise alone does not look like a rise."""

from statistics import fmean

import numpy as np
import pytest

from nnlab.study.results import Results, Row
from nnlab.study.turning import lowest_at, ratio, turning
from tests.study.made import rows


def curves(*of: list[float], measure: str = "loss", arm: str = "a") -> Results:
    """Return the curves of seeds 0, 1, ...; the first value stands at epoch 1."""
    return Results(
        Row("p", arm, seed, f"{measure}_curve", str(epoch), value)
        for seed, values in enumerate(of)
        for epoch, value in enumerate(values, 1)
    )


def test_each_run_is_read_at_the_epoch_that_is_best_for_the_others() -> None:
    results = curves([3, 1, 5], [3, 2, 1], [4, 3, 1])
    also = curves([0.1, 0.2, 0.3], [0.4, 0.5, 0.6], [0.7, 0.8, 0.9], measure="accuracy")
    found = results + also.rows
    found += turning("p", "a", "loss", "accuracy")(found)
    # Means of the others: without 0: 3.5 2.5 1; without 1: 3.5 2 3; without 2: 3 1.5 3.
    assert found.by_seed("p", "a-at-turn", "loss") == {0: 5, 1: 2, 2: 3}
    assert found.by_seed("p", "a-at-end", "loss") == {0: 5, 1: 1, 2: 1}
    assert found.by_seed("p", "a-at-turn", "accuracy") == {0: 0.3, 1: 0.5, 2: 0.8}


def test_noise_around_a_level_is_no_rise() -> None:
    rng = np.random.default_rng(1)
    rises = []
    for _ in range(50):
        results = curves(*rng.normal(1.0, 0.1, (8, 30)).tolist())
        found = results + turning("p", "a", "loss")(results)
        end, turn = (found.by_seed("p", f"a-at-{where}", "loss") for where in ("end", "turn"))
        rises += [end[seed] - turn[seed] for seed in end]
    assert abs(fmean(rises)) < 0.02  # each run's own lowest value is 0.2 below its last


def test_the_lowest_value_of_each_run_has_a_place() -> None:
    results = curves([3, 1, 5], [3, 2, 2])
    found = results + lowest_at("p", "a", "loss", "best_epoch")(results)
    assert found.by_seed("p", "a", "best_epoch") == {0: 2, 1: 2}  # the first of equal ones


def test_a_ratio_is_taken_seed_by_seed() -> None:
    results = rows({"a": [2, 6], "b": [4, 4]})
    found = results + ratio("p", "loss", "a", "b")(results)
    assert found.by_seed("p", "a", "loss_ratio") == pytest.approx({0: 0.5, 1: 1.5})


def test_one_seed_has_no_others() -> None:
    results = curves([3, 1, 5])
    assert [*turning("p", "a", "loss")(results)] == []
