"""What stdout shows of a sweep: counts, the best, its honest rerun, reasons, what to type next."""

from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from nnlab.reports.statistics import Estimate
from nnlab.sweep.opening import made
from nnlab.sweep.plan import Plan
from nnlab.sweep.printed import print_files, print_sweep
from nnlab.sweep.store import SweepDirectory
from nnlab.sweep.table import told
from nnlab.sweep.trial import Results, State, Trial
from nnlab.sweep.words import counted, honest, interval, reasons, unfinished
from tests.sweep.made import made_plan, made_results

KEYS = {"lr": 0.02, "hidden": 50, "init": "gaussian"}


def opened(plan: Plan, parent: Path) -> SweepDirectory:
    return made(plan, parent, "mine", "nnlab sweep cubic lr=0.001..0.1:log")


def trial(
    number: int, state: State = "complete", value: float | None = None, why: str = ""
) -> Trial:
    return Trial(number, KEYS, state, value, () if value is None else (value,), why=why)


def test_all_parts_are_printed_in_plain_lines(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    results = made_results()
    directory = opened(results.plan, tmp_path / "sweeps")
    print_sweep(results, directory)
    print_files([directory.path / "report.html", directory.path / "trials.csv"])
    out = capsys.readouterr().out
    lines = out.splitlines()
    best = results.best
    assert best is not None
    assert best.value is not None
    assert lines[1] == "40 trials: 26 complete, 8 pruned, 4 diverged, 2 failed"
    assert lines[2].split() == ["trial", "lr", "hidden", "init", "rmse"]
    assert lines[3].split()[0] == str(best.number)
    assert "... and 16 more: nnlab sweep show sweeps/mine --csv" in lines
    low, high = stats.t.interval(0.95, 4, sum(best.fresh) / 5, stats.sem(best.fresh))
    assert (
        f"best of 34: rmse {best.value:.4g} (trial {best.number}); again on 5 fresh seeds: mean "
        f"{sum(best.fresh) / 5:.4g}, 95% interval {low:.4g} to {high:.4g}; "
        f"optimism {sum(best.fresh) / 5 - best.value:.4g}"
    ) in lines
    assert "diverged: loss is not finite at step 200 (trials 7, 17, 27, 37)" in lines
    assert "failed: no space left on the device (trials 5, 24)" in lines
    again = f"nnlab cubic --config sweeps/mine/runs/t{best.number:04d}_s0/config.yaml"
    assert f"run the best again: {again}" in lines
    assert out.count(f"{again} --seed 6") == 1  # 1 to 5 were its fresh seeds
    assert lines[-1] == f"page: {directory.path}/report.html  (trials.csv)"
    assert "\x1b" not in out
    assert "resume" not in out


def test_no_interval_begins_below_0() -> None:
    assert interval(made_plan(), Estimate(0.25, 0.5, 3)) == "0 to 0.75"
    assert interval(made_plan(), Estimate(0.25, 0.125, 3)) == "0.125 to 0.375"


def test_what_is_left_can_be_resumed(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    results = Results(made_plan(trials=2), [trial(0, "unfinished"), trial(1, "waiting")])
    directory = opened(results.plan, Path("sweeps"))
    print_sweep(results, directory)
    print_files([])
    out = capsys.readouterr().out
    assert "sweep directory: sweeps/mine\n" in out
    assert "page:" not in out
    assert "2 trials: 1 waiting, 1 unfinished" in out
    assert "no trial is complete" in out
    assert "to go on: nnlab sweep resume sweeps/mine\n" in out
    assert "run the best" not in out


def test_a_lost_rerun_is_counted() -> None:
    plan = made_plan(reruns=3, seeds=2)
    done = replace(trial(0, value=0.5), fresh=(0.75,), fresh_lost={2: "too large", 4: "too large"})
    results = Results(plan, [done])
    assert honest(results) == (
        "best of 1: rmse 0.5 (trial 0, mean of 2 seeds); again on 1 of 3 fresh seeds: mean of "
        "these 0.75; optimism 0.25"
    )
    assert reasons(results) == ["no value: too large (fresh seeds 2, 4)"]
    assert honest(Results(plan, [trial(0, value=0.5)])).endswith("(trial 0, mean of 2 seeds)")
    none = Results(plan, [replace(done, fresh=(), fresh_lost=dict.fromkeys(plan.fresh, "no"))])
    assert honest(none).endswith("; again on 0 of 3 fresh seeds: no value")


@pytest.mark.parametrize(
    ("trials", "reruns", "left"),
    [
        ([trial(0, value=0.5)], 0, False),
        ([trial(0, value=0.5)], 1, True),  # its rerun
        ([replace(trial(0, value=0.5), fresh=(0.5,))], 2, True),  # the time was over
        ([replace(trial(0, value=0.5), fresh=(0.5,), fresh_lost={2: ""})], 2, False),
        ([replace(trial(0, value=0.5), fresh_lost={1: "", 2: ""})], 2, False),
        ([trial(0, "failed")], 1, False),
        ([trial(0, "unfinished")], 0, True),
        ([], 0, True),
    ],
)
def test_what_is_left_to_do(trials: list[Trial], reruns: int, left: bool) -> None:
    assert unfinished(Results(made_plan(trials=1, reruns=reruns), trials)) is left


def test_a_reason_is_told_once_with_all_its_trials() -> None:
    trials = [trial(n, "failed", why="disk full") for n in range(12)]
    trials += [trial(12, "diverged", why="disk full"), trial(13, "failed")]
    assert reasons(Results(made_plan(), trials)) == [
        "failed: disk full (trials 0, 1, 2, 3, 4, 5, 6, 7, 8, 9 and 2 more)",
        "diverged: disk full (trial 12)",
        "failed: no reason is known (trial 13)",
    ]


@given(
    st.lists(st.sampled_from(["complete", "pruned", "failed", "waiting", "dropped"]), max_size=9)
)
def test_the_counts_add_up(states: list[State]) -> None:
    results = Results(made_plan(), [trial(n, state) for n, state in enumerate(states)])
    assert counted(results).startswith(f"{len(states)} of 40 trials")
    first, *parts = counted(results).replace(": ", ", ").split(", ")
    assert int(first.split()[0]) == len(states) == sum(int(part.split()[0]) for part in parts)


def test_json_has_the_rerun_with_its_interval_and_the_directories(tmp_path: Path) -> None:
    results = made_results(made_plan(seeds=3))
    best = results.best
    assert best is not None
    directory = opened(results.plan, tmp_path)
    for seed in (0, 1, 2, 3):
        directory.run_dir(best.number, seed).mkdir()
    found = told(results, directory)
    assert found["plan"] == results.plan.model_dump(mode="json")
    assert found["counts"] == {"complete": 26, "pruned": 8, "diverged": 4, "failed": 2}
    assert found["best"]["keys"] == best.keys
    assert found["best"]["values"] == dict(zip("012", best.values, strict=True))
    assert found["best"]["directories"] == [
        str(directory.run_dir(best.number, seed)) for seed in (0, 1, 2)
    ]
    again = found["best"]["rerun"]
    interval = stats.t.interval(0.95, 4, again["mean"], stats.sem(best.fresh))
    assert (again["low"], again["high"]) == pytest.approx(interval)
    assert again["optimism"] == pytest.approx(again["mean"] - found["best"]["value"])
    assert again["directories"] == [str(directory.run_dir(best.number, 3))]
    assert [each["trial"] for each in found["trials"]] == list(range(40))
    assert found["trials"][7]["why"] == "loss is not finite at step 200"
    lost = replace(best, fresh=(), fresh_lost=dict.fromkeys(results.plan.fresh, "too large"))
    again = told(Results(results.plan, [lost]), directory)["best"]["rerun"]
    assert (again["asked"], again["values"], again["mean"], again["low"]) == (5, [], None, None)
    assert again["lost"] == dict.fromkeys("34567", "too large")
    nothing = told(Results(results.plan, []), directory)
    assert (nothing["best"], nothing["trials"]) == (None, [])
