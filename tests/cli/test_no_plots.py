"""A run without pictures: it is complete, it says so, and `nnlab resume` draws them."""

from pathlib import Path

import pytest

import nnlab
from nnlab.runs.saved import SavedRun
from tests.conftest import Nnlab, Typed

CUBIC = ("cubic", "--hidden", 4, "--samples", 300)
FASHION = ("fashion", "--data", "sample", "--epochs", 1, "--filters", 2, "--hidden", 4)
CHECK = ("check", "--hidden", 4, "--batch-size", 2)
KEPT = ("metrics.csv", "model.npz", "report.json", "checkpoint/last.safetensors")


def assert_pictures_change_nothing(nnlab: Nnlab, run: Path, *words: object) -> None:
    """Run `words` without pictures, resume it, and compare with the files before."""
    done = nnlab(*words, "--no-plots", "--run-dir", run)
    assert done.returncode == 0, done.stderr
    assert "(no plots)" in done.stdout
    assert f"draw its plots: nnlab resume {run}" in done.stdout
    assert not (run / "plots").exists()
    before = {name: (run / name).read_bytes() for name in KEPT if (run / name).exists()}
    again = nnlab("resume", run)
    assert again.returncode == 0, again.stderr
    assert "(plots: " in again.stdout
    assert {name: (run / name).read_bytes() for name in before} == before


def test_cubic(nnlab: Nnlab, tmp_path: Path) -> None:
    assert_pictures_change_nothing(nnlab, tmp_path / "a", *CUBIC)
    assert nnlab(*CUBIC, "--run-dir", "b").returncode == 0
    a, b = (sorted(path.name for path in (tmp_path / run / "plots").iterdir()) for run in "ab")
    assert a == b
    for plot in a:
        ours, theirs = ((tmp_path / run / "plots" / plot).read_bytes() for run in "ab")
        assert ours == theirs, plot


@pytest.mark.slow
def test_fashion(nnlab: Nnlab, tmp_path: Path) -> None:
    assert_pictures_change_nothing(nnlab, tmp_path / "a", *FASHION)
    assert (tmp_path / "a/report.json").exists()
    assert {"samples.png", "mistakes.png", "accuracy.png"} <= {
        path.name for path in SavedRun(tmp_path / "a").plots
    }


def test_check(nnlab: Nnlab, tmp_path: Path) -> None:
    assert_pictures_change_nothing(nnlab, tmp_path / "a", *CHECK)


def test_show_and_report_tell_what_draws_them(typed: Typed, tmp_path: Path) -> None:
    run = tmp_path / "a"
    nnlab.train("cubic", run_dir=run, pictures=False, hidden=4, samples=300)
    told = f"This run has no pictures. To draw them: nnlab resume {run}"
    code, page, _ = typed("show", str(run))
    assert (code, told in page) == (0, True)
    assert typed("report", str(run), "-o", str(tmp_path / "a.html"))[0] == 0
    html = (tmp_path / "a.html").read_text()
    assert "This run has no pictures." in html
    assert 'id="pictures"' not in html


def test_a_resume_without_pictures_removes_those_of_an_earlier_state(tmp_path: Path) -> None:
    from nnlab.config.resolve import resolve
    from nnlab.experiments import EXPERIMENTS, launch

    row, run = EXPERIMENTS["cubic"], tmp_path / "a"
    nnlab.train("cubic", run_dir=run, hidden=4, samples=300)
    assert SavedRun(run).plots
    longer = resolve(row.config, None, {"hidden": 4, "samples": 300, "epochs": 2})
    saved = launch(row, longer, command="", run_dir=run, resume=True, pictures=False)
    assert saved.summary["step"] == 600
    assert not saved.plots
