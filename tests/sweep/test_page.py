"""The files that a sweep writes about itself: all parts, the same bytes, nothing but text in it."""

import hashlib
import json
from dataclasses import replace
from pathlib import Path

import pytest

from nnlab.sweep.opening import made
from nnlab.sweep.plan import Choices
from nnlab.sweep.table import trials_csv
from nnlab.sweep.trial import Results
from nnlab.sweep.written import write_results, written_files
from tests.cli.test_report import Page
from tests.sweep.made import made_plan, made_results

COMMAND = "nnlab sweep cubic lr=0.001..0.1:log"
SCRIPT = "<script>alert(1)</script>"


def written(results: Results, parent: Path) -> list[Path]:
    return write_results(results, made(results.plan, parent, "mine", COMMAND))


def words(path: Path) -> str:
    return " ".join(Page(path).text.split())


def test_the_page_and_its_pictures_are_the_same_bytes_in_any_place(tmp_path: Path) -> None:
    results = made_results()
    slower = Results(results.plan, [replace(t, seconds=t.seconds * 3) for t in results.trials])
    digests = []
    for name, each in (("one", results), ("two", slower)):
        files = written(each, tmp_path / name)
        digests.append([hashlib.sha256(file.read_bytes()).hexdigest() for file in files])
    assert digests[0] == digests[1]
    assert [file.name for file in files] == [
        "report.html", "trials.csv", "history.png", "importance.png", "parallel.png", "slices.png",
    ]  # fmt: skip
    assert (tmp_path / "one" / "mine" / "trials.csv").read_text() == trials_csv(results)
    html = files[0].read_text()
    assert str(tmp_path) not in html
    page = Page(files[0])
    assert len(page.values("img", "src")) == 4
    best = results.best
    assert best is not None
    text = words(files[0])
    assert "Which values of lr, hidden, init give nnlab cubic the lowest rmse?" in text
    assert "again on 5 fresh seeds: mean" in text
    assert "40 trials: 26 complete, 8 pruned, 4 diverged, 2 failed" in text
    assert f"trial lr hidden init rmse {best.number} " in text
    assert "diverged: loss is not finite at step 200 (trials 7, 17, 27, 37)" in text
    assert "searched: lr 0.001 to 0.1, logarithmic" in text
    assert "fixed: samples 1000" in text
    assert f"nnlab cubic --config runs/t{best.number:04d}_s0/config.yaml --seed 6" in text
    assert "nnlab sweep resume . --trials 80" in text
    assert f"command {COMMAND}" in text


def test_without_a_complete_trial_there_is_a_page_and_no_picture(tmp_path: Path) -> None:
    results = made_results(made_plan(trials=4))
    directory = made(results.plan, tmp_path, "mine", COMMAND)
    write_results(results, directory)
    lost = Results(
        results.plan, [replace(t, state="failed", why=SCRIPT, value=None) for t in results.trials]
    )
    page, trials = write_results(lost, directory)
    assert sorted(file.name for file in directory.path.glob("*.*")) == [
        "report.html", "sweep.json", "trials.csv",
    ]  # fmt: skip
    text = words(page)
    assert "no trial is complete" in text
    assert f"failed: {SCRIPT} (trials 0, 1, 2, 3)" in text
    assert "<script" not in page.read_text()
    assert "run the best" not in text.lower()
    assert trials.read_text().count(SCRIPT) == 4


def test_a_file_that_cannot_be_written_costs_no_other(tmp_path: Path) -> None:
    results = made_results()
    directory = made(results.plan, tmp_path, "mine", COMMAND)
    for name in ("trials.csv", "slices.png"):
        (directory.path / name).mkdir()
    with pytest.raises(OSError, match=r"trials\.csv"):
        write_results(results, directory)
    there = [path.name for path in written_files(directory)]
    assert there == ["report.html", "history.png", "importance.png", "parallel.png"]
    assert len(Page(directory.path / "report.html").values("img", "src")) == 3
    (directory.path / "report.html").unlink()
    (directory.path / "report.html").mkdir()
    assert written_files(directory) == []


def test_texts_of_a_space_stay_text(tmp_path: Path) -> None:
    space = {"init": Choices(values=[SCRIPT, "$x_1$", "\N{HANGUL SYLLABLE HAN}"])}
    (page, *_) = written(made_results(made_plan(space=space)), tmp_path)
    assert SCRIPT in words(page)
    assert "<script" not in page.read_text()
    assert "importance.png: it compares keys, and needs two" in words(page)


def test_the_page_says_what_makes_its_best_too_good(tmp_path: Path) -> None:
    plan = made_plan(experiment="fashion", metric="test_loss", reruns=0)
    (page, *_) = written(made_results(plan), tmp_path)
    text = words(page)
    assert "chosen by test_loss" in text
    assert "no value on fresh seeds" in text


def test_the_page_says_that_reruns_were_lost(tmp_path: Path) -> None:
    results = made_results()
    best = results.best
    assert best is not None
    lost = replace(best, fresh=best.fresh[:3], fresh_lost={4: "too large", 5: "too large"})
    (page, *_) = written(Results(results.plan, [lost]), tmp_path)
    text = words(page)
    assert "lost on 2 of 5 fresh seeds" in text
    assert "mean of these" in text
    assert "no value: too large (fresh seeds 4, 5)" in text


def test_a_sweep_that_is_not_finished_says_so(tmp_path: Path) -> None:
    results = made_results()
    trials = [*results.trials[:-1], replace(results.trials[-1], state="unfinished", value=None)]
    (page, *_) = written(Results(results.plan, trials), tmp_path)
    assert "nnlab sweep unfinished mine" in words(page)
    assert json.loads((page.parent / "sweep.json").read_text())["status"] == "running"
