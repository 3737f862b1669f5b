"""`nnlab sweep --dry-run`: what a sweep would run and take; nothing stays."""

import json
import signal
import tempfile
import time
from pathlib import Path

import pytest

from nnlab.console.view import Silent
from nnlab.errors import DataError
from nnlab.runs.signals import Interrupted
from nnlab.sweep import probe
from nnlab.sweep.dry_run import Foretold, foretold, print_foretold
from nnlab.sweep.plan import Choices, Plan, Range
from nnlab.sweep.probe import Probe, probed
from tests.conftest import Nnlab

SMALL = {"samples": 200, "hidden": 4, "gif": False}
PLAN = Plan(
    experiment="cubic", base=SMALL, search="grid", trials=6, seed=0, metric="rmse",
    direction="minimize", seeds=2, reruns=3,
    space={"lr": Choices(values=[0.01, 0.02, 0.03]), "batch_size": Choices(values=[1, 4])},
)  # fmt: skip
GRID = [{"lr": lr, "batch_size": size} for lr in (0.01, 0.02, 0.03) for size in (1, 4)]
PROBES = (Probe(5.0, 10.0, 3000, 10**8), Probe(1.0, 20.0, 5000, 3 * 10**8), Probe(1, 30, None, 1))


def test_what_it_takes_is_worked_out_by_hand() -> None:
    found = Foretold(PLAN, GRID, 4, PROBES, free=10**9)
    assert found.runs == 6 * 2 + 3
    assert found.run_seconds == 1 + 20  # libraries are loaded; the mean of the trainings
    assert found.seconds == (5 - 1) + 4 * 21  # 15 runs, 4 at a time, are 4 rounds
    assert (found.disk, found.memory) == (15 * 4000, 4 * 3 * 10**8)


def test_it_is_printed(capsys: pytest.CaptureFixture[str]) -> None:
    print_foretold(Foretold(PLAN, GRID, 4, PROBES, free=10**9))
    out = capsys.readouterr().out.splitlines()
    assert [line.split() for line in out[:3]] == [
        ["trial", "lr", "batch_size"], ["0", "0.01", "1"], ["1", "0.01", "4"],
    ]  # fmt: skip
    assert out[7:] == [
        "",
        "runs    15: 6 settings on 2 seeds, and the best again on 3 fresh seeds",
        "time    about 1.5 min: 21 s a run, 4 at a time",
        "disk    about 60 kB: 4 kB a run directory",
        "memory  about 1.2 GB: 300 MB a worker; 1 GB are free",
        "a rough guess: 3 of the settings were trained for some seconds",
        "warning: 4 workers need more memory than is free: give fewer --jobs",
    ]
    early = PLAN.model_copy(update={"prune": True, "race": True, "search": "tpe", "trials": 9})
    print_foretold(Foretold(early, GRID[:4], 4, PROBES[2:], free=None))
    out = capsys.readouterr().out.splitlines()
    assert out[5] == "... and 5 more, which follow from the results of those before them"
    assert out[9] == "disk    not known: a run saves nothing in its first 10 s"
    assert out[-1].endswith("some seconds; --race and --prune can make it shorter")


def test_three_settings_are_trained_and_nothing_stays(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    found = foretold(PLAN, 2, Silent())
    assert found.settings == GRID
    assert len(found.probes) == 3
    assert all(each.disk and each.disk > 1000 for each in found.probes)
    assert found.memory > 2 * 10**7
    assert list(tmp_path.iterdir()) == []


def test_a_run_that_cannot_begin_is_told(tmp_path: Path) -> None:
    base = SMALL | {"points": str(tmp_path / "none.npy")}
    with pytest.raises(DataError, match=r"trial 0 cannot begin: .*none\.npy"):
        foretold(PLAN.model_copy(update={"base": base}), 1, Silent())


def test_a_long_run_is_stopped_and_its_length_is_foretold(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(probe, "SECONDS", 0.3)
    keys = {"samples": 2_000_000, "hidden": 4, "gif": False, "log_every": 100}
    found = probed(home=tmp_path, experiment="cubic", keys=keys, name="t0")
    assert json.loads((tmp_path / "t0/run.json").read_text())["status"] == "interrupted"
    assert found.seconds > 1  # two million steps
    assert found.disk


def test_the_clock_counts_epochs(monkeypatch: pytest.MonkeyPatch) -> None:
    now = 100.0
    monkeypatch.setattr(time, "monotonic", lambda: now)
    clock = probe._Clock(bars=4)
    clock.progress(50, 100, "images")  # at 100 s an eighth is done
    now = 101.0
    clock.progress(100, 100, "images")  # at 101 s a quarter
    clock.log({"loss": 1.0})
    now = 102.0
    with pytest.raises(Interrupted) as stop:
        clock.progress(50, 100, "images")  # at 102 s three eighths, so 5 s more
    assert stop.value.number == signal.SIGINT
    assert clock.split(93.0, 102.5, stopped=True) == (7.0, 2.5 + 5.0)
    assert clock.split(93.0, 102.5, stopped=False) == (7.0, 2.5)


def test_an_epoch_of_one_report_counts_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(time, "monotonic", lambda: 100.0)
    clock = probe._Clock(bars=2)
    clock.progress(100, 100, "images")
    clock.progress(100, 100, "images")
    assert [share for _, share in clock._seen] == [0.5, 1.0]


def test_the_command_leaves_nothing(nnlab: Nnlab, tmp_path: Path) -> None:
    words = ("lr=0.001..0.1:log", "samples=200", "hidden=4", "gif=false", "--trials", "5")
    done = nnlab("sweep", "cubic", *words, "--search", "random", "--dry-run", "--json")
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    assert [each["trial"] for each in told["trials"]] == [0, 1, 2, 3, 4]
    assert (told["runs"], told["plan"]["search"]) == (10, "random")
    assert told["seconds"] > 0
    assert list(tmp_path.iterdir()) == []


def test_a_range_of_random_search_is_listed_whole(capsys: pytest.CaptureFixture[str]) -> None:
    plan = PLAN.model_copy(
        update={"search": "random", "trials": 30, "space": {"lr": Range(low=0.1, high=0.2)}}
    )
    settings = [{"lr": 0.1 + n / 1000} for n in range(30)]
    print_foretold(Foretold(plan, settings, 1, PROBES, free=None))
    assert capsys.readouterr().out.splitlines()[30] == "   29  0.129"
