"""A comparison: last and best of each metric, differences, what a reader must know.

The numbers of the runs are made by hand; those of the comparison are computed here again.
"""

import json
from pathlib import Path
from typing import Any

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
    assert row == ("rmse", "last", "B - A", f"+0.3 ± {half:.2g}", "paired", "3", "B worse")


def test_what_an_interval_says(tmp_path: Path) -> None:
    def says(first: list[float], second: list[float], metric: str = "rmse") -> str:
        folder = tmp_path / f"{len(list(tmp_path.iterdir()))}"
        runs = [
            cubic(folder / f"{lr}-{seed}", [1, value], lr=lr, seed=seed)
            for lr, values in ((0.1, first), (0.2, second))
            for seed, value in enumerate(values)
        ]
        return compared(runs)[0].only([metric]).changes[0].says

    assert says([0.5, 0.6], [0.1, 0.21]) == "B better"
    assert says([0.1, 0.2], [0.5, 0.61]) == "B worse"
    assert says([0.1, 0.2], [0.3, 0.1]) == "unclear"
    assert says([0.1, 0.2], [0.1, 0.2]) == "equal"
    assert says([0.1], [0.9]) == says([0.1], [0.1, 0.2]) == "one run: no interval"
    assert says([0.1, 0.2], [0.3, 0.4]) == says([0.1, 0.1], [0.2, 0.2]) == "no spread: no interval"


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


def test_equal_values_are_told_without_an_interval(tmp_path: Path) -> None:
    runs = [
        cubic(tmp_path / f"{lr}-{seed}", [1, lr], lr=lr, seed=seed)
        for lr in (0.1, 0.2)
        for seed in (0, 1)
    ]
    found = compared(runs)[0].only(["rmse"])
    assert table(found, "metrics").rows[0][2:] == (
        "0.1 (n 2, all equal)",
        "0.2 (n 2, all equal)",
    )
    assert table(found, "differences").rows[0][2:] == (
        "B - A", "+0.1", "paired", "2", "no spread: no interval",
    )  # fmt: skip


def with_accuracies(folder: Path, *accuracies: float) -> list[SavedRun]:
    """Make two groups of seeds 0, 1, ...; their accuracies on 1,000 images, in turn."""
    return [
        fashion(
            folder / f"{i}", [0.5], lr=(0.1, 0.2)[i % 2], seed=i // 2, test_accuracy=accuracy,
            report=report([[round(1000 * accuracy), 1000 - round(1000 * accuracy)], [0, 0]], "ab"),
        )
        for i, accuracy in enumerate(accuracies)
    ]  # fmt: skip


def test_a_difference_below_the_noise_of_the_test_images_is_unclear(tmp_path: Path) -> None:
    near = compared(with_accuracies(tmp_path / "near", 0.9, 0.91, 0.905, 0.916))[0]
    (change,) = near.only(["test_accuracy"]).changes
    assert change.difference.half is not None
    assert change.floor is not None
    assert change.difference.half < change.difference.amount < change.floor
    assert change.says == "unclear"
    far = compared(with_accuracies(tmp_path / "far", 0.8, 0.91, 0.805, 0.916))[0]
    assert far.only(["test_accuracy"]).changes[0].says == "B better"


def test_many_differences_have_false_ones(found: Comparison, tmp_path: Path) -> None:
    (note,) = found.notes
    assert sum(change.says != "equal" for change in found.changes) == 6
    assert note == (
        "6 differences have a 95% interval: if none of them were real, about 0.3 would still be "
        "called better or worse by chance"
    )
    assert found.only(["rmse"]).notes[0].startswith("2 differences have")
    assert "chance" not in str(compared(with_accuracies(tmp_path, 0.9, 0.91))[0].notes)


def test_a_seed_without_a_partner_is_named(tmp_path: Path) -> None:
    runs = [
        cubic(tmp_path / f"{lr}-{seed}", [1, lr + seed / 100], lr=lr, seed=seed)
        for lr, seeds in ((0.1, (0, 1)), (0.2, (0, 1)), (0.3, (0, 1, 3)))
        for seed in seeds
    ]
    notes = compared(runs)[0].notes
    assert [note for note in notes if "partner" in note] == [
        "seed 3 of C has no partner in A, and is left out of the differences C - A"
    ]


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
    p, q = 1821 / 2002, 95 / 102  # Agresti and Caffo: one more right, and one more wrong
    assert change.floor == pytest.approx(1.96 * np.sqrt(p * (1 - p) / 2002 + q * (1 - q) / 102))
    assert table(found, "differences").rows[0][6] == f"± {change.floor:.2g}"
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


def recorded(run: SavedRun, **facts: Any) -> SavedRun:
    """Add facts to the run.json of a run."""
    (run.path / "run.json").write_text(json.dumps(run.record | facts))
    return SavedRun(run.path)


def test_runs_on_different_data_are_different_groups(tmp_path: Path) -> None:
    runs = [
        recorded(cubic(tmp_path / f"{i}", [1], seed=i), data={"name": "x", "sha256": {"file": sha}})
        for i, sha in enumerate("abb")
    ]
    older = cubic(tmp_path / "older", [1], seed=7)
    found, _ = compared([*runs, older])
    assert [group.seeds for group in found.groups] == [[0], [1, 2], [7]]
    assert found.notes[:2] == [
        "run.json has no SHA-256 of the data of C: it may be other data",
        "A and B used different data (data in run.json): their metrics do not compare",
    ]


def test_runs_whose_input_files_changed_are_different_groups(tmp_path: Path) -> None:
    def run(name: str, seed: int, sha: str, points: str = "/p.npy") -> SavedRun:
        made = cubic(tmp_path / name, [1], seed=seed, points=Path(points))
        return recorded(made, inputs={"points": sha})

    same = compared([run("a", 0, "x"), run("b", 1, "x")])[0]
    assert [group.seeds for group in same.groups] == [[0, 1]]
    found = compared([run("c", 0, "x"), run("d", 1, "y")])[0]
    assert [group.seeds for group in found.groups] == [[0], [1]]
    assert found.notes[0] == (
        "A and B have the same points, but the file had other bytes (inputs in run.json): they are "
        "different groups"
    )
    other = compared([run("e", 0, "x"), run("f", 1, "y", "/other.npy")])[0]
    assert other.changed == ["points"]
    assert "bytes" not in str(other.notes)


def test_a_metric_that_no_run_has_is_refused_with_those_there_are(found: Comparison) -> None:
    with pytest.raises(UsageError, match="have no metric accuracy; they have: rmse, max_error"):
        found.only(["accuracy"])


def test_a_run_of_check_has_nothing_to_compare(tmp_path: Path) -> None:
    run = cubic(tmp_path / "a", [1])
    (run.path / "run.json").write_text(json.dumps(run.record | {"experiment": "check"}))
    with pytest.raises(
        UsageError, match="is a run of check, which has no curves to compare; give a run of"
    ):
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
