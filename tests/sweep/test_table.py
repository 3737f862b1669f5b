"""The rows of the trials: for CSV to the last digit, for people short and ranked."""

import csv
import io
import json
from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from nnlab.sweep.page_tables import MOST_KEYS, MOST_ROWS, TOP, all_table, best_table, differing
from nnlab.sweep.plan import Choices
from nnlab.sweep.table import trials_csv
from nnlab.sweep.trial import Results, State, Trial
from tests.sweep.made import FASHION, accuracy, made_plan, made_results

FLOATS = st.floats(allow_nan=False, allow_infinity=False)


def rows(results: Results) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(trials_csv(results))))


def test_a_row_holds_every_digit_and_lists_as_json() -> None:
    results = made_results(made_plan(**FASHION, seeds=3, first_seed=4), value=accuracy)
    found = rows(results)
    assert list(found[0]) == [
        "trial", "state", "filters", "batch_norm", "dropout", "batch_size", "value", "value_s4",
        "value_s5", "value_s6", "why",
    ]  # fmt: skip
    for row, trial in zip(found, results.trials, strict=True):
        assert json.loads(row["filters"]) == trial.keys["filters"]
        assert json.loads(row["batch_norm"]) is trial.keys["batch_norm"]
        assert float(row["dropout"]) == trial.keys["dropout"]
        assert (row["state"], row["why"]) == (trial.state, trial.why)
        assert row["value"] == ("" if trial.value is None else repr(trial.value))
        seeds = [row[f"value_s{seed}"] for seed in (4, 5, 6)]
        assert seeds == ([repr(value) for value in trial.values] or ["", "", ""])


def test_one_seed_has_no_column_of_its_own() -> None:
    header = trials_csv(made_results()).splitlines()[0]
    assert header == "trial,state,lr,hidden,init,value,why"


def test_seconds_change_no_byte() -> None:
    results = made_results()
    slower = Results(results.plan, [replace(t, seconds=t.seconds + 9) for t in results.trials])
    assert trials_csv(slower) == trials_csv(results)


@settings(max_examples=40)
@given(st.text(), FLOATS, st.text())
def test_any_text_and_number_come_back(choice: str, value: float, why: str) -> None:
    plan = made_plan(space={"init": Choices(values=[choice])}, trials=1)
    results = Results(plan, [Trial(0, {"init": choice}, "failed", value, (value,), why=why)])
    text = trials_csv(results)
    lines = list(csv.reader(io.StringIO(text, newline="")))
    assert [len(line) for line in lines] == [5, 5]
    assert float(lines[1][3]) == value
    if why.isprintable():
        assert lines[1][4] == why
    if choice.isprintable():
        assert lines[1][2] == choice


def test_values_whose_seeds_are_unknown_stand_in_no_column() -> None:
    plan = made_plan(seeds=2)
    states: tuple[State, ...] = ("failed", "dropped")
    keys = {"lr": 0.1, "hidden": 20, "init": "gaussian"}
    trials = [Trial(n, keys, state, 0.5, (0.5,)) for n, state in enumerate(states)]
    failed, dropped = rows(Results(plan, trials))
    assert (failed["value_s0"], failed["value_s1"]) == ("", "")
    assert (dropped["value_s0"], dropped["value_s1"]) == ("0.5", "")


def test_the_best_come_first_with_the_interval_of_their_seeds() -> None:
    results = made_results(made_plan(seeds=3))
    table = best_table(results)
    assert list(table.header) == ["trial", "lr", "hidden", "init", "rmse", "95% interval"]
    assert len(table.rows) == TOP
    complete = [t for t in results.trials if t.state == "complete" and t.value is not None]
    best = sorted(complete, key=lambda t: (t.value, t.number))[:TOP]
    assert [row[0] for row in table.rows] == [str(trial.number) for trial in best]
    values = best[0].values
    low, high = stats.t.interval(0.95, 2, sum(values) / 3, stats.sem(values))
    assert table.rows[0][-2:] == (f"{best[0].value:.4g}", f"{low:.4g} to {high:.4g}")
    assert table.right == {"lr", "hidden", "rmse", "95% interval"}


def test_all_keys_are_shown_and_of_many_those_that_differ() -> None:
    results = made_results()
    for more in (1, MOST_KEYS):
        same = {f"key{number}": "exact" for number in range(more)}
        axes = {key: Choices(values=["exact", "diagonal"]) for key in same}
        plan = results.plan.model_copy(update={"space": axes | results.plan.space})
        trials = [replace(t, keys=same | t.keys) for t in results.trials]
        shown = list(same) if more < MOST_KEYS else []
        header = ["trial", *shown, "lr", "hidden", "init", "rmse"]
        assert list(best_table(Results(plan, trials)).header) == header
    assert differing([]) == []


def test_many_trials_are_cut_and_the_rest_is_counted() -> None:
    table = all_table(made_results(made_plan(trials=MOST_ROWS + 50)))
    assert len(table.rows) == MOST_ROWS
    assert "50" in table.caption
    assert all_table(made_results()).caption == ""
