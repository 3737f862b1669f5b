"""Measures by batch size, against the definitions and numbers that are known."""

from collections.abc import Mapping

import numpy as np
import pytest
from scipy import stats

from nnlab.cubic import data
from nnlab.cubic.replay import config_of, states
from nnlab.runs.saved import SavedRun
from nnlab.study import batch_measures
from nnlab.study.batch_measures import (
    batch_noise,
    cost_of,
    critical_batch_size,
    critical_batch_sizes,
    fastest,
    noise_scale,
    progress,
    step_memory,
)
from nnlab.study.results import Reading, Results, Row
from tests.study import plain_cubic
from tests.study.unseen import trained


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> SavedRun:
    """A run of 100 steps with batch size 4, logged at each step."""
    keys = {
        "hidden": 5, "samples": 400, "batch_size": 4, "init_scale": 0.7, "lr": 0.05,
        "log_every": 1, "seed": 2,
    }  # fmt: skip
    return trained(tmp_path_factory.mktemp("runs") / "a", **keys)


def values(readings: list[Reading]) -> Mapping[tuple[str, str], float]:
    return {(measure, at): value for measure, value, at in readings}


def test_progress_over_each_cost(run: SavedRun) -> None:
    found = [*progress("rmse")(run)]
    assert [(at, value) for name, value, at in found if name == "rmse_by_steps"][-1] == (
        "100",
        run.summary["rmse"],
    )
    steps, samples = (
        [float(at) for name, _, at in found if name == f"rmse_by_{cost}"]
        for cost in ("steps", "samples")
    )
    assert samples == [4 * step for step in steps]
    assert steps[0] == 1
    assert steps == sorted(set(steps))
    assert len(steps) <= batch_measures.POINTS + 1


def test_the_cost_of_a_target(run: SavedRun) -> None:
    rmse = np.array(run.metrics["rmse"])
    target = float(np.sort(rmse)[30]) + 1e-12
    first = int(np.argmax(rmse < target))
    assert 0 < first < 99
    found = values([*cost_of("rmse", target)(run)])
    assert found["reached", ""] == 1
    assert found["steps", ""] == first + 1
    assert found["samples", ""] == 4 * (first + 1)
    assert found["seconds", ""] == run.metrics["seconds"][first]


def test_a_target_that_is_not_reached_costs_all(run: SavedRun) -> None:
    found = values([*cost_of("rmse", 0)(run)])
    assert (found["reached", ""], found["steps", ""], found["samples", ""]) == (0, 100, 400)


def test_the_memory_of_a_step_holds_its_arrays(run: SavedRun) -> None:
    ((_, found, _),) = step_memory(run)
    gradients = 8 * (5 + 5 + 25 + 5 + 5 + 1)
    activations = 8 * 4 * 5 * 5  # five arrays (batch, hidden)
    assert 1000 * found > gradients + activations


def test_the_noise_of_batches(run: SavedRun) -> None:
    found = values([*batch_noise(400)(run)])
    x, y = data.points(config_of(run))
    g = plain_cubic.gradients(run.weights(), x, y)
    by_layer = {
        layer: sum(float(np.sum(g[f"{n}{layer}"].var(axis=0))) for n in "Wb") for layer in "123"
    }
    trace = sum(by_layer.values())
    sizes = batch_measures.SIZES
    for layer, exact in (by_layer | {"all": trace}).items():
        drawn = np.array([found[f"end_deviation_{layer}", str(size)] for size in sizes])
        # 400 batches: the mean of their squares scatters by some percent.
        assert np.mean(drawn**2 * sizes) == pytest.approx(exact, rel=0.15)
        line = stats.linregress(np.log(sizes), np.log(drawn))
        assert found[f"end_slope_{layer}", ""] == pytest.approx(line.slope, rel=1e-9)
        assert line.slope == pytest.approx(-0.5, abs=0.03)
    drawn = np.array([found["end_deviation_all", str(size)] for size in sizes])
    ratio = np.mean(drawn**2 * sizes / trace)
    assert found["end_trace_ratio", ""] == pytest.approx(ratio, rel=1e-9)
    assert {name.split("_")[0] for name, _ in found} == {"start", "middle", "end"}


def test_the_noise_scale_is_a_ratio_of_means(run: SavedRun) -> None:
    found = [*noise_scale("rmse", 0)(run)]  # never reached: up to the end
    x, y = data.points(config_of(run))
    g = plain_cubic.gradients(run.weights(), x, y)
    trace = sum(float(np.sum(each.var(axis=0))) for each in g.values())
    norm = sum(float(np.sum(each.mean(axis=0) ** 2)) for each in g.values())
    at_end = values(found)
    assert at_end["trace", "100"] == pytest.approx(trace, rel=1e-9)
    assert at_end["squared_norm", "100"] == pytest.approx(norm, rel=1e-9)
    assert at_end["b_simple_curve", "100"] == pytest.approx(trace / norm, rel=1e-9)
    traces, norms = (
        [value for name, value, _ in found if name == measure]
        for measure in ("trace", "squared_norm")
    )
    assert len(traces) == batch_measures.STATES
    assert at_end["b_simple", ""] == pytest.approx(np.mean(traces) / np.mean(norms), rel=1e-12)


def test_the_noise_scale_stops_at_the_target(run: SavedRun) -> None:
    rmse = np.array(run.metrics["rmse"])
    target = float(np.sort(rmse)[60]) + 1e-12
    first = int(np.argmax(rmse < target)) + 1
    assert 1 < first < 100
    config = config_of(run)
    ((_, weights),) = states(config, [first])
    g = plain_cubic.gradients(weights, *data.points(config))
    there = values([*noise_scale("rmse", target)(run)])
    trace = sum(float(np.sum(each.var(axis=0))) for each in g.values())
    assert there["trace", "100"] == pytest.approx(trace, rel=1e-9)
    assert ("trace", "0") in there


GRID = {"a": (1, 0.1), "b": (1, 0.2), "c": (1, 0.4), "d": (8, 0.1), "e": (8, 0.2)}


def tried(arm: str, steps: list[float], reached: list[float]) -> list[Row]:
    return [
        row
        for seed, (taken, there) in enumerate(zip(steps, reached, strict=True), 100)
        for row in (
            Row("tune", arm, seed, "steps", "", taken),
            Row("tune", arm, seed, "reached", "", there),
            Row("tune", arm, seed, "diverged", "", 0),
        )
    ]


def test_the_fastest_rate_gets_there_with_each_seed() -> None:
    results = Results([
        *tried("a", [300, 300], [1, 1]),
        *tried("b", [100, 400], [1, 1]),  # geometric mean 200
        *tried("c", [50, 50], [1, 0]),
        *tried("d", [70, 70], [1, 1]),
        Row("tune", "e", 100, "diverged", "", 1),
    ])  # fmt: skip
    found = fastest(results, "tune", GRID)
    assert {size: lr for size, (lr, _) in found.items()} == {1: 0.2, 8: 0.1}
    assert [steps for _, steps in found.values()] == pytest.approx([200, 70])


def test_the_rates_that_were_tried_are_drawn_by_their_mean() -> None:
    rows = [*tried("a", [100, 400], [1, 1]), *tried("b", [9, 9], [1, 0])]
    drawn = [*batch_measures.tried("tune", GRID, into="rates")(Results(rows))]
    assert [(row.part, row.arm, row.at) for row in drawn] == [
        ("rates", "batch-1", "0.1"),
        ("rates", "batch-1", "0.2"),
    ]
    assert [row.value for row in drawn] == pytest.approx([200, 9])


def test_a_rate_that_diverges_with_one_seed_is_not_the_fastest() -> None:
    rows = [row for row in tried("d", [9, 9], [1, 1]) if (row.seed, row.measure) != (101, "steps")]
    rows += [Row("tune", "d", 101, "diverged", "", 1), *tried("e", [80, 80], [1, 1])]
    ((size, (lr, steps)),) = fastest(Results(rows), "tune", GRID).items()
    assert (size, lr) == (8, 0.2)
    assert steps == pytest.approx(80)


@pytest.mark.parametrize("critical", [0.3, 12.0, 700.0])
def test_the_fit_finds_the_numbers_that_made_the_steps(critical: float) -> None:
    sizes = (1, 2, 4, 8, 16, 64, 256)
    steps = [1500 * (1 + critical / size) for size in sizes]
    assert [*critical_batch_size(sizes, steps)] == pytest.approx([1500, critical], rel=1e-4)


def test_the_fit_is_close_where_steps_scatter() -> None:
    sizes = np.repeat((1, 2, 4, 8, 16, 64, 256), 50)
    noise = np.exp(np.random.default_rng(0).normal(0, 0.2, len(sizes)))
    least, critical = critical_batch_size([*sizes], [*(1500 * (1 + 12 / sizes) * noise)])
    assert least == pytest.approx(1500, rel=0.1)
    assert critical == pytest.approx(12, rel=0.1)


@pytest.mark.parametrize(("steps", "at"), [([900, 90, 9], 9000e3), ([90, 90, 90], 1e-3)])
def test_steps_that_do_not_tell_a_critical_size_give_a_bound(steps: list[float], at: float) -> None:
    _, critical = critical_batch_size([1, 10, 100], steps)
    assert critical > 1e4 if at > 1 else critical < 0.1


def test_each_seed_that_gets_there_has_a_fit() -> None:
    sizes = {"a": 1, "b": 10, "c": 100}
    rows = [
        row
        for arm, size in sizes.items()
        for row in tried(arm, [100 * (1 + 5 / size), 10.0], [1, float(arm != "b")])
    ]
    found = list(critical_batch_sizes("tune", sizes, into="fit")(Results(rows)))
    assert [(row.part, row.arm, row.seed, row.measure) for row in found] == [
        ("tune", "fit", 100, "s_min"),
        ("tune", "fit", 100, "b_crit"),
    ]
    assert [row.value for row in found] == pytest.approx([100, 5], rel=1e-4)
