from pathlib import Path

import pytest

from nnlab.experiments import EXPERIMENTS
from nnlab.jobs.training import trained
from nnlab.runs import provenance
from nnlab.runs.saved import SavedRun
from nnlab.study.reuse import Shelf
from tests.conftest import digest

KEYS = {"samples": 200, "hidden": 5}


@pytest.fixture
def finished(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> SavedRun:
    """A finished run of a study, made by a checkout without changes."""
    monkeypatch.setattr(provenance, "_git_commit", lambda: "1234")
    path = tmp_path / "studies" / "mine-0001" / "runs" / "one_a_s0"
    path.parent.mkdir(parents=True)
    (end,) = trained(EXPERIMENTS["cubic"], {path: KEYS}, "test")
    assert isinstance(end, SavedRun)
    return end


def shelf(tmp_path: Path) -> Shelf:
    return Shelf(tmp_path / "studies", tmp_path / "runs")


def test_a_finished_run_is_copied_whole(tmp_path: Path, finished: SavedRun) -> None:
    found, to = shelf(tmp_path), tmp_path / "copy"
    assert found.copy("cubic", finished.record["config"], to)
    assert digest(to) == digest(finished.path)
    assert SavedRun(to).record == finished.record
    assert (found.why_not, list(tmp_path.glob(".tmp*"))) == ("", [])


def test_a_run_of_the_folder_runs_is_used_again(tmp_path: Path, finished: SavedRun) -> None:
    (tmp_path / "runs").mkdir()
    finished.path.rename(tmp_path / "runs" / "cubic-0001")
    assert shelf(tmp_path).copy("cubic", finished.record["config"], tmp_path / "copy")


@pytest.mark.parametrize("key", ["seed", "lr", "samples", "engine"])
def test_another_config_is_another_run(tmp_path: Path, finished: SavedRun, key: str) -> None:
    other = finished.record["config"] | {key: "numba" if key == "engine" else 7}
    found = shelf(tmp_path)
    assert not found.copy("cubic", other, tmp_path / "copy")
    assert found.why_not == ""
    assert not (tmp_path / "copy").exists()


@pytest.mark.parametrize(
    ("commit", "why"), [("5678", "another version"), ("1234-dirty", "changes that git does not")]
)
def test_a_run_of_other_code_is_made_again(
    tmp_path: Path, finished: SavedRun, monkeypatch: pytest.MonkeyPatch, commit: str, why: str
) -> None:
    monkeypatch.setattr(provenance, "_git_commit", lambda: commit)
    found = shelf(tmp_path)
    assert not found.copy("cubic", finished.record["config"], tmp_path / "copy")
    assert why in found.why_not


@pytest.mark.parametrize("name", ["metrics.csv", "model.npz"])
def test_a_damaged_run_is_not_used_again(tmp_path: Path, finished: SavedRun, name: str) -> None:
    (finished.path / name).write_bytes(b"")
    assert not shelf(tmp_path).copy("cubic", finished.record["config"], tmp_path / "copy")


def test_a_run_that_is_not_finished_is_left_alone(tmp_path: Path, finished: SavedRun) -> None:
    record = (finished.path / "run.json").read_text()
    (finished.path / "run.json").write_text(record.replace('"completed"', '"interrupted"'))
    assert not shelf(tmp_path).copy("cubic", finished.record["config"], tmp_path / "copy")
