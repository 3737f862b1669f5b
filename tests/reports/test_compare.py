"""A comparison: last and best of each metric, differences, what a reader must know.

The numbers of the runs are made by hand; those of the comparison are computed here again.
"""

import json
from pathlib import Path

import numpy as np
import pytest
from scipy import stats

from nnlab.cli.compare import compared
from nnlab.errors import DataError, UsageError
from nnlab.reports.compare import Comparison
from nnlab.reports.compare_json import as_json
from nnlab.reports.compare_rows import metric_table, tables
from nnlab.reports.parts import Table
from nnlab.runs.saved import SavedRun
from tests.reports.logged import cubic, fashion, report

CURVES = {  # lr, seed -> the logged RMSEs: each has its best before its last
    (0.01, 0): [3.0, 0.5, 0.6],
    (0.01, 1): [3.1, 0.4, 0.7],
    (0.01, 2): [2.9, 0.6, 0.8],
    (0.02, 0): [1.0, 0.3, 0.9],
    (0.02, 1): [1.1, 0.2, 1.1],
    (0.02, 2): [1.2, 0.5, 1.0],
}


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> list[SavedRun]:
    folder = tmp_path_factory.mktemp("runs")
    return [
        cubic(folder / f"cubic-{i}", curve, lr=lr, seed=seed)
        for i, ((lr, seed), curve) in enumerate(CURVES.items())
    ]


@pytest.fixture(scope="module")
def found(runs: list[SavedRun]) -> Comparison:
    return compared(runs)[0]


def table(found: Comparison, title: str, *, all_keys: bool = False) -> Table:
    (one,) = (each for each in tables(found, all_keys=all_keys) if each.title == title)
    return one


def of_rmse(which: int, lr: float) -> list[float]:
    """Return the last (-1) or second, best (1) RMSEs of the runs with this lr."""
    return [curve[which] for (rate, _), curve in CURVES.items() if rate == lr]


def test_the_table_has_best_beside_last_mlflow_6348(found: Comparison) -> None:
    rows = [row[:2] for row in table(found, "metrics").rows]
    at = rows.index(("rmse", "last"))
    assert rows[at + 1] == ("rmse", "best")
    last, best = (each for each in found.measures if each.metric.name == "rmse")
    assert last.values == ({0: 0.6, 1: 0.7, 2: 0.8}, {0: 0.9, 1: 1.1, 2: 1.0})
    assert best.values == ({0: 0.5, 1: 0.4, 2: 0.6}, {0: 0.3, 1: 0.2, 2: 0.5})


def test_the_best_of_an_accuracy_is_the_highest(tmp_path: Path) -> None:
    runs = [fashion(tmp_path / f"{s}", [0.5, 0.8, 0.7], lr=lr) for s, lr in enumerate((0.1, 0.2))]
    last, best = compared(runs)[0].only(["val_accuracy"]).measures
    assert (last.values[0], best.values[0]) == ({0: 0.7}, {0: 0.8})
    lowest = compared(runs)[0].only(["val_loss"]).measures[1]
    assert lowest.values[0] == {0: pytest.approx(0.2)}


def test_a_position_in_training_has_no_best(found: Comparison) -> None:
    at = {(each.metric.name, each.which) for each in found.measures}
    assert {("step", "last"), ("seconds", "last")} <= at
    assert not {("step", "best"), ("epoch", "best"), ("seconds", "best")} & at


def test_the_spread_stands_in_the_table_wandb_5634(found: Comparison) -> None:
    (row,) = (row for row in table(found, "metrics").rows if row[:2] == ("rmse", "last"))
    values = of_rmse(-1, 0.01)
    half = stats.t.ppf(0.975, 2) * np.std(values, ddof=1) / np.sqrt(3)
    assert row[2] == f"0.7 ± {half:.2g} (n 3)"
    long = metric_table(found, long=True).rows
    assert ("rmse", "last", "A", row[2]) in long
    assert ("rmse", "last", "B", row[3]) in long


def test_only_changed_keys_are_shown_by_default_dvc_7985(found: Comparison) -> None:
    assert table(found, "keys").rows == [("lr", "0.01", "0.02")]
    every = table(found, "keys", all_keys=True).rows
    assert ("lr", "0.01", "0.02") in every
    assert ("hidden", "125", "125") in every
    assert "seed" not in [row[0] for row in every]


def test_a_difference_is_paired_by_seed(found: Comparison) -> None:
    (change,) = (
        each
        for each in found.changes
        if (each.measure.metric.name, each.measure.which) == ("rmse", "last")
    )
    right = stats.ttest_rel(of_rmse(-1, 0.02), of_rmse(-1, 0.01)).confidence_interval(0.95)
    assert change.pair == ("A", "B")
    told = as_json(found)["differences"][found.changes.index(change)]
    assert (told["low_95"], told["high_95"]) == pytest.approx(right)
    assert (told["how"], told["n"], told["says"]) == ("paired", [3, 3], "B worse")
    row = table(found, "differences").rows[found.changes.index(change)]
    half = (right.high - right.low) / 2
    assert row == ("rmse", "last", "B - A", f"+0.3 ± {half:.2g}", "paired 3", "B worse")


def test_what_an_interval_says(tmp_path: Path) -> None:
    def says(first: list[float], second: list[float], metric: str = "rmse") -> str:
        folder = tmp_path / f"{len(list(tmp_path.iterdir()))}"
        runs = [
            cubic(folder / f"{lr}-{seed}", [1, value], lr=lr, seed=seed)
            for lr, values in ((0.1, first), (0.2, second))
            for seed, value in enumerate(values)
        ]
        return compared(runs)[0].only([metric]).changes[0].says

    assert says([0.5, 0.6], [0.1, 0.2]) == "B better"
    assert says([0.1, 0.2], [0.5, 0.6]) == "B worse"
    assert says([0.1, 0.2], [0.3, 0.1]) == "unclear"
    assert says([0.1, 0.2], [0.1, 0.2]) == "equal"
    assert says([0.1], [0.9]) == "no interval"


def test_no_interval_comes_from_one_run(tmp_path: Path) -> None:
    runs = [cubic(tmp_path / f"{lr}", [1, lr], lr=lr) for lr in (0.1, 0.2)]
    found, _ = compared(runs)
    told = as_json(found)
    assert all(each["half_95"] is None for m in told["metrics"] for each in m["groups"].values())
    assert {each["low_95"] for each in told["differences"]} == {None}
    (note,) = found.notes
    assert note.startswith("one run of each config tells nothing about luck")
    assert note.endswith(f"nnlab cubic --config {tmp_path}/0.1/config.yaml --seed 1")
    assert "±" not in str(tables(found))


def test_the_noise_of_the_test_images_stands_beside_the_difference(tmp_path: Path) -> None:
    many, few = [[900, 100], [80, 920]], [[45, 5], [1, 49]]
    runs = [
        fashion(
            tmp_path / f"{lr}-{seed}", [0.5], lr=lr, seed=seed,
            test_accuracy=sum(c[k][k] for k in (0, 1)) / sum(map(sum, c)),
            report=report(c, ("cat", "dog")),
        )
        for lr, c in ((0.1, many), (0.2, few))
        for seed in (0, 1)
    ]  # fmt: skip
    found = compared(runs)[0].only(["test_accuracy"])
    (change,) = found.changes
    p, q = 0.91, 0.94
    assert change.floor == pytest.approx(1.96 * np.sqrt(p * (1 - p) / 2000 + q * (1 - q) / 100))
    assert table(found, "differences").rows[0][5] == f"± {change.floor:.2g}"
    groups = as_json(found)["metrics"][0]["groups"]
    assert (groups["A"]["test_cases"], groups["B"]["test_cases"]) == (2000, 100)


def test_a_run_that_did_not_end_is_compared_by_what_it_has(tmp_path: Path) -> None:
    runs = [
        cubic(tmp_path / "whole", [3, 2, 1], seed=0),
        cubic(tmp_path / "stopped", [3, 2.5], seed=1, status="interrupted", samples=300),
        cubic(tmp_path / "new", [], seed=2, status="running", samples=300),
    ]
    found, _ = compared(runs)
    last = found.only(["rmse"]).measures[0]
    assert last.values == ({0: 1}, {1: 2.5}, {})
    assert "stopped is interrupted: it is a group of its own, with its values up to step 200" in (
        found.notes
    )
    assert "new has no log points" in found.notes
    assert found.changed == []


def test_a_damaged_row_of_the_metrics_is_told(tmp_path: Path) -> None:
    one, two = (cubic(tmp_path / f"{i}", [3, 2, 1], seed=i) for i in (0, 1))
    file = two.path / "metrics.csv"
    rows = file.read_text().splitlines(keepends=True)
    file.write_text("".join([*rows[:2], "garbage\n", *rows[3:]]))
    found, _ = compared([one, SavedRun(two.path)])
    assert found.only(["rmse"]).measures[0].values == ({0: 1, 1: 3},)
    (note,) = (note for note in found.notes if "damaged" in note)
    assert note == "1 is damaged at line 3 of metrics.csv: the rows before it are used"


def test_runs_on_different_data_are_told(tmp_path: Path) -> None:
    runs = [cubic(tmp_path / f"{i}", [1], seed=i) for i in (0, 1)]
    for run, sha in zip(runs, "ab", strict=True):
        record = run.record | {"data": {"name": "x", "sha256": {"file": sha}}}
        (run.path / "run.json").write_text(json.dumps(record))
    found, _ = compared([SavedRun(run.path) for run in runs])
    assert any(note.startswith("the runs used different data") for note in found.notes)


def test_a_metric_that_no_run_has_is_refused_with_those_there_are(found: Comparison) -> None:
    with pytest.raises(UsageError, match="have no metric accuracy; they have: rmse, max_error"):
        found.only(["accuracy"])


def test_a_run_of_check_has_nothing_to_compare(tmp_path: Path) -> None:
    run = cubic(tmp_path / "a", [1])
    (run.path / "run.json").write_text(json.dumps(run.record | {"experiment": "check"}))
    with pytest.raises(UsageError, match="is a run of check, which has no curves to compare"):
        compared([SavedRun(run.path), run])


def test_json_is_complete(found: Comparison, runs: list[SavedRun]) -> None:
    told = json.loads(json.dumps(as_json(found)))
    assert [run["run_dir"] for group in told["groups"] for run in group["runs"]] == [
        str(run.path) for run in runs
    ]
    first = told["groups"][0]
    assert first["config"] == {k: v for k, v in runs[0].config.items() if k != "seed"}
    assert (told["changed"], first["differs"]) == (["lr"], {"lr": 0.01})
    (rmse,) = (each for each in told["metrics"] if (each["metric"], each["at"]) == ("rmse", "best"))
    assert rmse["groups"]["B"]["by_seed"] == {"0": 0.3, "1": 0.2, "2": 0.5}
    assert {each["metric"] for each in told["metrics"]} == {
        "rmse", "max_error", "loss", "step", "epoch", "seconds",
    }  # fmt: skip


def test_a_damaged_report_is_an_error(tmp_path: Path) -> None:
    runs = [fashion(tmp_path / f"{i}", [0.5], seed=i) for i in (0, 1)]
    (runs[1].path / "report.json").write_text('{"data": 1}')
    with pytest.raises(DataError, match=r"report\.json is damaged"):
        compared(runs)
