"""`nnlab reproduce`: what it says of runs that differ, diverged, are unfinished or damaged."""

import hashlib
import json
import os
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from nnlab.errors import DivergedError, UsageError
from nnlab.replays.reproduce import reproduce, work
from nnlab.runs.saved import SavedRun
from tests.conftest import ENVIRONMENT, Typed, command
from tests.runs.trained import bare, stopped

KEYS: dict[str, Any] = {"hidden": 4, "samples": 100, "gif": False}


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with a finished run `a`, and `far`, which diverged."""
    folder = tmp_path_factory.mktemp("runs")
    bare(folder / "a", "cubic", **KEYS)
    with pytest.raises(DivergedError):
        bare(folder / "far", "cubic", **KEYS, lr=60.0)
    return folder


@pytest.fixture
def run(runs: Path, tmp_path: Path) -> SavedRun:
    """Return a copy of the finished run."""
    shutil.copytree(runs / "a", tmp_path / "a")
    return SavedRun(tmp_path / "a")


def edit(run: SavedRun, **changed: object) -> SavedRun:
    """Change keys of run.json."""
    (run.path / "run.json").write_text(json.dumps(run.record | changed), encoding="utf-8")
    return SavedRun(run.path)


def test_the_step_that_diverged_is_compared(runs: Path, tmp_path: Path) -> None:
    shutil.copytree(runs / "far", tmp_path / "far")
    far = SavedRun(tmp_path / "far")
    proof = reproduce(far, tmp_path / "again", "a test")
    assert proof.lines == [f"identical: {far.path} (it diverges at the same step)"]
    step = far.diverged_step
    assert step
    error = far.record["error"].replace(f"step {step}", f"step {step + 1}")
    other = reproduce(edit(far, error=error), tmp_path / "b", "a test")
    assert other.first == f"run.json: the step that diverged is {step + 1} in the run, {step} now"
    done = reproduce(edit(far, status="completed", error=""), tmp_path / "c", "a test")
    assert done.first.startswith("run.json: status is completed in the run, diverged now (the ")


def test_settings_that_differ_are_named(run: SavedRun, tmp_path: Path) -> None:
    machine = run.record["machine"] | {"vectors": "neon"}
    versions = run.record["versions"] | {"numpy": "1.0", "numeric": "2.0"}
    proof = reproduce(edit(run, versions=versions, machine=machine), tmp_path / "again", "a test")
    assert proof.verdict == "identical"
    assert [each.partition(":")[0] for each in proof.settings] == [
        "version of numpy", "version of numeric", "vector instructions",
    ]  # fmt: skip
    assert proof.settings[0] == f"version of numpy: 1.0 in the run, {np.__version__} now"
    assert proof.lines[1] == "these settings differ:"


def test_a_key_that_was_changed_is_named(run: SavedRun, tmp_path: Path) -> None:
    file = run.path / "config.yaml"
    file.write_text(file.read_text().replace("lr: 0.01", "lr: 0.02"))
    proof = reproduce(run, tmp_path / "again", "a test")
    assert proof.first == "config.yaml: lr is 0.02 in the run, 0.01 now (now as run.json says)"
    assert proof.lines[-1].startswith("versions, device, data, processor and threads are the same")


def test_a_final_metric_that_was_changed_is_named(run: SavedRun, tmp_path: Path) -> None:
    rmse = run.summary["rmse"]
    summary = run.summary | {"rmse": 0.5, "seconds": 7.0}
    proof = reproduce(edit(run, summary=summary), tmp_path / "again", "a test")
    (found,) = proof.differences
    assert found.told.startswith(f"run.json: summary.rmse is 0.5 in the run, {rmse!r} now (by ")


def test_a_row_that_is_missing_is_named(run: SavedRun, tmp_path: Path) -> None:
    file = run.path / "metrics.csv"
    lines = file.read_text().splitlines(keepends=True)
    file.write_text("".join(lines[:-2]))
    count = len(lines) - 2
    proof = reproduce(run, tmp_path / "again", "a test")
    assert proof.first == (
        f"metrics.csv: row {count} is missing in the run, there now (2 of {count + 1} rows differ)"
    )


def test_missing_points_are_one_message(tmp_path: Path) -> None:
    np.save(tmp_path / "x.npy", np.linspace(-2, 2, 50))
    points = str(tmp_path / "x.npy")
    run = bare(tmp_path / "a", "cubic", hidden=3, gif=False, points=points)
    (tmp_path / "x.npy").unlink()
    assert reproduce(run, tmp_path / "b", "a test").verdict == "identical"  # from the copy
    shutil.rmtree(run.path / "inputs")
    with pytest.raises(UsageError) as told:
        reproduce(run, tmp_path / "c", "a test")
    assert f"{run.path}: points: {points} is missing, and the run has no copy of it" in str(
        told.value
    )
    np.save(tmp_path / "x.npy", np.linspace(-1, 1, 50))
    with pytest.raises(UsageError, match="has changed, and the run has no copy of it"):
        reproduce(run, tmp_path / "d", "a test")
    assert not (tmp_path / "d").exists()


def faults(run: SavedRun) -> Iterator[tuple[str, str]]:
    """Damage the run in one way after another; yield what its message begins and ends with."""
    path, model = run.path, (run.path / "model.npz").read_bytes()
    (path / "model.npz").write_bytes(model[: len(model) // 2])
    yield f"{path}/model.npz is damaged: ", ""
    (path / "model.npz").unlink()
    yield f"{path}/model.npz: this run has no final weights (completed)", ""
    edit(run, config=run.record["config"] | {"width": 3})
    yield f"{path}: nnlab 0", "width"
    (path / "run.json").write_text("{}")
    yield f"{path}/run.json is damaged, or not from nnlab: ", ""
    (path / "run.json").unlink()
    yield f"{path}: this run was killed before it began", ""


def test_a_damaged_run_is_one_message(run: SavedRun, tmp_path: Path) -> None:
    for number, (begin, part) in enumerate(faults(run)):
        proof = work(run=str(run.path), home=tmp_path, again=f"again-{number}", command="a test")
        assert proof.verdict == "failed"
        assert proof.why.startswith(begin), proof.why
        assert part in proof.why


def test_a_folder_with_all_kinds_of_runs(
    typed: Typed, tmp_path: Path, runs: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    shutil.copytree(runs, tmp_path / "runs")
    stopped(SavedRun(runs / "a"), tmp_path / "runs/stopped")
    code, said, fault = typed("reproduce", "--all", "runs", "--jobs", "2", "-q")
    assert (code, fault) == (0, "")
    lines = said.splitlines()
    assert [line.split()[0] for line in lines] == ["run", "a", "far", "stopped", "3", "wrote"]
    assert "not proven  runs/stopped is not finished (interrupted)" in lines[3]
    assert lines[4] == "3 runs: 2 identical, 1 not proven"
    first = json.loads(Path("certificate.json").read_text())
    assert {"versions", "git_commit", "machine", "verdicts", "runs"} <= first.keys()
    for run in first["runs"]:
        model = Path(run["run"], "model.npz")
        known = hashlib.sha256(model.read_bytes()).hexdigest() if model.exists() else None
        assert run["digests"].get("model.npz") == known

    code, _, fault = typed("reproduce", "--all", "runs")
    assert code == 2
    assert fault == (
        "nnlab: certificate.json exists: replace it with -o certificate.json, or choose another "
        "-o\n"
    )

    shutil.copytree("runs/a", "runs/b")
    file = Path("runs/b/metrics.csv")
    text = file.read_text().splitlines()
    text[3] = text[3].replace(".", ".9", 1)
    file.write_text("\n".join([*text, ""]))
    shutil.copytree("runs/a", "runs/c")
    Path("runs/c/run.json").write_text("{}")
    code, said, fault = typed("reproduce", "--all", "runs", "--json", "-o", "c.json")
    assert code == 1
    content = json.loads(said)
    assert content == json.loads(Path("c.json").read_text())
    proofs = {Path(run["run"]).name: run for run in content["runs"]}
    assert {name: proof["verdict"] for name, proof in proofs.items()} == {
        "a": "identical", "b": "different", "c": "failed", "far": "identical",
        "stopped": "not proven",
    }  # fmt: skip
    assert [proofs[name] for name in ("a", "far", "stopped")] == first["runs"]
    assert "b: different: metrics.csv: loss in row 3 is " in fault


def test_what_cannot_be_asked(typed: Typed, runs: Path, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    for words, said in (
        ((), "give a run, such as last, or a folder of runs: --all runs"),
        ((runs / "a", "--all", runs), "give a run, such as last, or a folder of runs: --all runs"),
        (("--all", runs, "--run-dir", "x"), "--run-dir keeps the rerun of one run; leave it out"),
        ((runs / "a", "--jobs", 2), "--jobs is for a folder of runs"),
        (("--all", tmp_path / "empty", "-o", tmp_path / "c.json"), "empty has no runs"),
        (("--all", tmp_path / "none", "-o", tmp_path / "c.json"), "none is no folder"),
        (("--all", runs / "a", "-o", tmp_path / "c.json"), "is a run, not a folder of runs"),
        ((runs / "a", "-o", runs / "a/c.json"), "is in the run directory"),
        ((runs / "a", "--run-dir", runs / "far"), "far"),
    ):
        code, _, fault = typed("reproduce", *map(str, words))
        assert code == 2, words
        assert said in fault
        assert fault.count("\n") == 1
    assert not (tmp_path / "c.json").exists()


@pytest.mark.parametrize("all_runs", [False, True])
def test_a_signal_leaves_nothing_behind(tmp_path: Path, runs: Path, all_runs: bool) -> None:
    shutil.copytree(runs / "a", tmp_path / "runs/a")
    run = SavedRun(tmp_path / "runs/a")
    long = run.record["config"] | {"samples": 100_000_000, "hidden": 200}
    edit(run, config=long)
    (tmp_path / "scratch").mkdir()
    words = ("--all", "runs", "--jobs", 1) if all_runs else ("runs/a",)
    process = subprocess.Popen(
        command("reproduce", *words, stopped=True), cwd=tmp_path, text=True,
        env=ENVIRONMENT | {"TMPDIR": str(tmp_path / "scratch")}, stderr=subprocess.PIPE,
    )  # fmt: skip
    while not list((tmp_path / "scratch").glob("*/a/run.json")):
        assert process.poll() is None
        time.sleep(0.05)
    os.kill(process.pid, signal.SIGINT)
    _, said = process.communicate(timeout=60)
    assert process.returncode == -signal.SIGINT
    told = "no certificate was written" if all_runs else "runs/a is not proven"
    assert told in said
    assert "Traceback" not in said
    assert list((tmp_path / "scratch").iterdir()) == []
    assert not (tmp_path / "certificate.json").exists()


@pytest.mark.parametrize("kind", ["sweep", "study"])
def test_the_folder_of_a_sweep_points_to_its_runs(typed: Typed, tmp_path: Path, kind: str) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / f"a/{kind}.json").write_text("{}")
    code, _, fault = typed("reproduce", "--all", str(tmp_path / "a"))
    assert code == 2
    assert f"a is a {kind}; its runs: --all {tmp_path}/a/runs\n" in fault
