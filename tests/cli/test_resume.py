"""`nnlab resume`: what it goes on with, what it refuses, and what it says."""

import json
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from nnlab.config.resolve import resolve
from nnlab.console.view import Silent
from nnlab.cubic.config import CubicConfig
from nnlab.cubic.state import Position, initial_state
from nnlab.cubic.train import train
from nnlab.errors import DivergedError
from nnlab.experiments import EXPERIMENTS
from nnlab.runs import checkpoints
from nnlab.runs.checkpoint_file import Expected, read
from nnlab.runs.record import ground
from nnlab.runs.run import Run
from nnlab.runs.saved import SavedRun
from tests.conftest import Nnlab, digest, without_times
from tests.faults.harness import start

QUICK = ("cubic", "--hidden", 9, "--samples", 600, "--log-every", 100, "--no-gif")
SAMPLE = ("fashion", "--data", "sample")


def record(path: Path) -> Any:
    return SavedRun(path).record


@pytest.mark.parametrize("options", [("--gif",), ("--batch-size", 7, "--dtype", "float32")])
def test_more_epochs_give_what_a_longer_run_gives(
    nnlab: Nnlab, tmp_path: Path, options: tuple[object, ...]
) -> None:
    assert nnlab(*QUICK, *options, "--run-dir", "a").returncode == 0
    done = nnlab("resume", "a", "--epochs", 3)
    assert done.returncode == 0, done.stderr
    assert "epochs: 1 -> 3" in done.stderr
    assert nnlab(*QUICK, *options, "--epochs", 3, "--run-dir", "b").returncode == 0
    a, b = tmp_path / "a", tmp_path / "b"
    assert digest(a) == digest(b)
    assert without_times(a) == without_times(b)
    written = record(a)
    assert written["status"] == "completed"
    (resumed,) = written["resumed"]
    assert resumed["command"] == "nnlab resume a --epochs 3"
    assert resumed["changed"] == {"epochs": [1, 3]}
    assert nnlab("cubic", "-c", "a/config.yaml", "--run-dir", "c").returncode == 0
    assert digest(a) == digest(tmp_path / "c")


def test_a_schedule_fixes_the_epochs(nnlab: Nnlab, tmp_path: Path) -> None:
    """Refused for its config alone, before TensorFlow loads or the checkpoint is read."""
    shutil.copytree(Path(__file__).parents[1] / "runs/data/fashion-0.2.0", tmp_path / "a")
    config = tmp_path / "a/config.yaml"
    config.write_text(config.read_text().replace("lr_schedule: constant", "lr_schedule: cosine"))
    finished = record(tmp_path / "a") | {"status": "completed"}
    (tmp_path / "a/run.json").write_text(json.dumps(finished))
    for name in EXPERIMENTS["fashion"].outputs:
        (tmp_path / "a" / name).touch()
    before = (tmp_path / "a/run.json").read_bytes()
    done = nnlab("resume", "a", "--epochs", 5)
    assert done.returncode == 2
    assert "lr_schedule and warmup gave each step its lr for that many epochs" in done.stderr
    assert (tmp_path / "a/run.json").read_bytes() == before
    said = nnlab("resume", "a").stderr
    assert "a is finished" in said
    assert "--epochs ..." not in said


def test_the_seconds_go_on(nnlab: Nnlab, tmp_path: Path) -> None:
    nnlab(*QUICK, "--run-dir", "a")
    before = record(tmp_path / "a")["seconds"]
    nnlab("resume", "a", "--epochs", 2)
    rows = (tmp_path / "a/metrics.csv").read_text().splitlines()[1:]
    seconds = [float(row.rpartition(",")[2]) for row in rows]
    assert seconds == sorted(seconds)
    assert float(str(record(tmp_path / "a")["seconds"])) >= seconds[-1]
    assert isinstance(before, float)


def test_a_finished_run_is_left_alone(nnlab: Nnlab, tmp_path: Path) -> None:
    nnlab(*QUICK, "--run-dir", "a")
    before = {p: p.read_bytes() for p in (tmp_path / "a").rglob("*") if p.is_file()}
    for options in ((), ("--epochs", 1), ("--quiet",)):
        done = nnlab("resume", "a", *options)
        assert done.returncode == 0
        assert "a is finished" in done.stderr
        assert "nnlab resume a --epochs ..." in done.stderr
        assert done.stdout.startswith("a\n" if options == ("--quiet",) else "rmse")
    assert json.loads(nnlab("resume", "a", "--json").stdout)["status"] == "completed"
    assert before == {p: p.read_bytes() for p in (tmp_path / "a").rglob("*") if p.is_file()}


def test_what_is_gone_from_a_finished_run_is_made_again(nnlab: Nnlab, tmp_path: Path) -> None:
    nnlab(*QUICK, "--run-dir", "a")
    before = digest(tmp_path / "a")
    (tmp_path / "a/model.npz").unlink()
    assert nnlab("resume", "a").returncode == 0
    assert digest(tmp_path / "a") == before


def test_fewer_epochs_than_were_done(nnlab: Nnlab, tmp_path: Path) -> None:
    nnlab(*QUICK, "--epochs", 3, "--run-dir", "a")
    done = nnlab("resume", "a", "--epochs", 2)
    assert done.returncode == 2
    assert "a has taken 1,800 steps, more than the 1,200 asked" in done.stderr
    assert record(tmp_path / "a")["status"] == "completed"


def test_keys_that_cannot_change_are_shown_in_two_columns(nnlab: Nnlab, tmp_path: Path) -> None:
    nnlab(*QUICK, "--run-dir", "a")
    before = (tmp_path / "a/run.json").read_bytes()
    done = nnlab("resume", "a", "--hidden", 10, "--no-shuffle", "--epochs", 2, "--seed", 0)
    assert done.returncode == 2
    title, *table = done.stderr.splitlines()
    assert title.startswith("nnlab: a: a resume cannot change these keys")
    assert [line.split() for line in table] == [
        ["key", "the", "run", "has", "asked", "for"],
        ["hidden", "9", "10"],
        ["shuffle", "true", "false"],
    ]
    assert (tmp_path / "a/run.json").read_bytes() == before


CANNOT: list[tuple[list[str], str]] = [
    (["nowhere"], "no such run directory; near it: a"),
    (["a", "--filters", "3"], "a is a run of cubic, which has no --filters"),
    (["a", "--epochs", "0"], "at least 1"),
    (["a", "--epochs", "many"], "a whole number"),
    (["a/metrics.csv"], "Not a directory"),
    (["."], "no run of nnlab (it has no run.json); near it: a"),
    (["killed-early"], "killed before it began"),
    (["x" * 300], "File name too long"),
    (["\x1b[31m"], r"\x1b[31m: no such run directory"),
    ([], "missing argument"),
]


def test_what_cannot_be_resumed_is_told(nnlab: Nnlab, tmp_path: Path) -> None:
    nnlab(*QUICK, "--run-dir", "a")
    (tmp_path / "killed-early").mkdir()
    (tmp_path / "killed-early/config.yaml").touch()
    for arguments, said in CANNOT:
        done = nnlab("resume", *arguments)
        assert done.returncode == 2, done.stderr
        assert said in done.stderr
        assert "Traceback" not in done.stderr
        assert "\x1b" not in done.stderr


def test_a_diverged_run_is_not_repeated(nnlab: Nnlab) -> None:
    done = nnlab(*QUICK, "--lr", "1e3", "--run-dir", "a", "--quiet")
    assert (done.returncode, done.stdout) == (3, "a\n")
    assert "\nrun directory: a\n" in done.stderr
    done = nnlab("resume", "a")
    assert done.returncode == 2
    assert "a diverged: the loss is not finite at step" in done.stderr
    assert "nnlab cubic --config a/config.yaml --lr ..." in done.stderr


def test_divergence_leaves_the_last_finite_checkpoint(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Checkpoints as often as can be, since this run lasts milliseconds."""
    monkeypatch.setattr(checkpoints, "SHORTEST", 0)
    monkeypatch.setattr(checkpoints, "SHARE", 1e9)
    resolved = resolve(CubicConfig, None, {"lr": 1e3, "hidden": 9})
    with (
        pytest.raises(DivergedError, match="at step") as error,
        Run("cubic", resolved, Silent(), command="test", path=tmp_path / "a") as run,
    ):
        train(resolved.config, run)
    last = tmp_path / "a/checkpoint/last.safetensors"
    directory, kept = error.value.__notes__
    assert directory == f"run directory: {tmp_path / 'a'}"
    assert f"kept in {last}" in kept
    like = initial_state(resolved.config).parameters
    saved = read(last, Expected(like, Position, resolved.config))
    assert all(np.isfinite(array).all() for array in saved.arrays.values())
    step = int(str(error.value).split("step ")[1].split()[0])
    assert 0 < saved.about.facts.step < step
    assert record(tmp_path / "a")["status"] == "diverged"


@pytest.mark.slow
def test_patience_ends_a_run_and_keeps_the_best_epoch(nnlab: Nnlab, tmp_path: Path) -> None:
    """A learning rate at which validation soon becomes no better.

    Then more epochs, without patience: they give what a longer run gives.
    """
    options = (*SAMPLE, "--lr", 0.03, "--filters", 8, "--hidden", 32, "--epochs", 30)
    done = nnlab(*options, "--patience", 2, "--run-dir", "a")
    assert done.returncode == 0, done.stderr
    accuracies = [float(row["val_accuracy"]) for row in without_times(tmp_path / "a")]
    best = accuracies.index(max(accuracies)) + 1
    assert len(accuracies) == best + 2 < 30
    told = f"stopped early after epoch {best + 2}; keeping the weights of epoch {best}"
    assert told in done.stderr
    assert record(tmp_path / "a")["summary"]["epoch"] == best

    assert "a is finished" in nnlab("resume", "a").stderr
    assert nnlab("resume", "a", "--epochs", 40).returncode == 0  # patience is over all the same
    assert len(without_times(tmp_path / "a")) == best + 2
    assert nnlab(*options, "--epochs", best, "--run-dir", "b").returncode == 0
    assert digest(tmp_path / "a") == digest(tmp_path / "b")

    assert nnlab("resume", "a", "--patience", "null", "--epochs", best + 3).returncode == 0
    assert nnlab(*options, "--epochs", best + 3, "--run-dir", "c").returncode == 0
    assert digest(tmp_path / "a") == digest(tmp_path / "c")
    assert without_times(tmp_path / "a") == without_times(tmp_path / "c")


def test_a_live_run_is_refused_with_its_process(nnlab: Nnlab, tmp_path: Path) -> None:
    process = start(tmp_path, ("cubic", "--samples", 10_000_000, "--run-dir", "a"))
    assert process.stderr
    process.stderr.readline()
    live = f"nnlab: a: process {process.pid} on "
    for words in (("resume", "a"), ("cubic", "--run-dir", "a"), ("resume", "a", "--epochs", 2)):
        done = nnlab(*words)
        assert done.returncode == 2
        assert done.stderr.startswith(live)
    process.kill()
    process.communicate()
    assert not nnlab("cubic", "--run-dir", "a").stderr.startswith(live)
    assert "nnlab resume a" in nnlab("cubic", "--run-dir", "a").stderr


def test_a_run_that_was_killed_before_its_first_checkpoint(nnlab: Nnlab, tmp_path: Path) -> None:
    process = start(tmp_path, (*QUICK, "--samples", 60_000, "--run-dir", "a b"))
    assert process.stderr
    process.stderr.readline()
    process.kill()
    process.communicate()
    done = nnlab("resume", "a b")
    assert done.returncode == 0, done.stderr
    assert "no checkpoint: starting at the beginning" in done.stderr
    nnlab(*QUICK, "--samples", 60_000, "--run-dir", "c")
    assert digest(tmp_path / "a b") == digest(tmp_path / "c")
    assert record(tmp_path / "a b")["resumed"][0]["command"] == "nnlab resume 'a b'"


def test_what_differs_from_the_machine_that_began_is_named(nnlab: Nnlab, tmp_path: Path) -> None:
    assert nnlab(*QUICK, "--run-dir", "a").returncode == 0
    began = record(tmp_path / "a")
    began["machine"] |= {"processor": "A slide rule", "cores": 1000, "vectors": "none"}
    began["versions"]["numpy"] = "0.1"
    (tmp_path / "a/run.json").write_text(json.dumps(began))
    said = nnlab("resume", "a", "--epochs", 2).stderr.splitlines()
    notes = [line for line in said if line.startswith("note: ")]
    assert [note.partition(" -> ")[0] for note in notes] == [
        "note: version of numpy: 0.1",
        "note: processor: A slide rule",
        "note: vector instructions: none",
    ]
    assert not any("cores" in note for note in notes)
    assert "note: " not in nnlab("resume", "a", "--epochs", 3).stderr  # as the last process was


def test_other_parts_of_a_batch_are_named() -> None:
    """As in the runs of nnlab 0.1, which cut a batch by the cores of the machine."""
    old = {"device": {"used": "CPU:0", "parts_of_a_batch": 8}}
    assert ground(old) == {"device": "CPU:0", "parts of a batch": "8"}
