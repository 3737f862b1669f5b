"""`nnlab compare` as a user sees it."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import ENVIRONMENT, Nnlab
from tests.reports.logged import cubic, fashion


@pytest.fixture
def runs(tmp_path: Path) -> list[Path]:
    return [
        cubic(
            tmp_path / f"runs/cubic-000{number}", [3, 0.4 + lr * seed, 0.5 + lr * seed], lr=lr,
            seed=seed,
        ).path.relative_to(tmp_path)
        for number, (lr, seed) in enumerate(((0.01, 0), (0.01, 1), (0.02, 0), (0.02, 1)), 1)
    ]  # fmt: skip


def test_the_output_can_be_searched_in_a_pipe_dvc_6451(
    nnlab: Nnlab, tmp_path: Path, runs: list[Path]
) -> None:
    done = nnlab("compare", *(run.name for run in runs), COLUMNS="40")
    assert done.returncode == 0, done.stderr
    lines = done.stdout.splitlines()
    found = [line.split() for line in lines if line.startswith("rmse")]
    assert [row[:2] for row in found] == [["rmse", "last"], ["rmse", "best"]] * 2
    assert found[2][2:6] == ["B", "-", "A", "+0.005"]
    assert [line.split() for line in lines if line.startswith("lr")] == [["lr", "0.01", "0.02"]]
    assert next(line.split()[:3] for line in lines if "cubic-0003" in line) == [
        "B",
        "cubic-0003",
        "0",
    ]
    assert "…" not in done.stdout
    assert "\x1b" not in done.stdout
    assert "pictures: comparison/comparison.png" in lines[-1]
    assert sorted(path.name for path in (tmp_path / "comparison").iterdir()) == ["comparison.png"]


def test_json_holds_the_comparison_and_the_pictures(
    nnlab: Nnlab, tmp_path: Path, runs: list[Path]
) -> None:
    done = nnlab("compare", *runs, "--json", "-o", "there", "--metric", "rmse", "--x", "epoch")
    told = json.loads(done.stdout)
    assert [len(group["runs"]) for group in told["groups"]] == [2, 2]
    assert {each["metric"] for each in told["metrics"]} == {"rmse"}
    assert told["pictures"] == ["there/comparison.png"]
    assert (tmp_path / "there/comparison.png").is_file()
    assert any(note.startswith("fits.png is without cubic-0001") for note in told["notes"])


def test_a_picture_of_the_user_is_not_replaced(
    nnlab: Nnlab, tmp_path: Path, runs: list[Path]
) -> None:
    (tmp_path / "comparison").mkdir()
    mine = tmp_path / "comparison/comparison.png"
    mine.write_text("mine")
    done = nnlab("compare", *runs)
    assert (done.returncode, mine.read_text()) == (2, "mine")
    assert done.stderr == (
        "nnlab: comparison/comparison.png is not a picture that nnlab made: move it away, or name "
        "the folder to replace it: -o comparison\n"
    )
    assert nnlab("compare", *runs, "-o", "comparison").returncode == 0


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["cubic-0001"], "to compare, name two runs or more"),
        (["cubic-0001", "runs/cubic-0001/run.json"], "runs/cubic-0001 is named twice"),
        (["cubic-0001", "fashion-0001"], "several experiments (runs/cubic-0001 of cubic, "),
        (["cubic-0001", "cubic-0099"], "cubic-0099: no such run directory"),
        (["cubic-0001", "damaged"], "run.json is damaged"),
        (["cubic-0001", "cubic-0002", "--metric", "accuracy"], "they have: rmse, max_error, loss"),
    ],
)
def test_bad_input_is_one_message(
    nnlab: Nnlab, tmp_path: Path, runs: list[Path], arguments: list[str], said: str
) -> None:
    assert runs
    fashion(tmp_path / "runs/fashion-0001", [0.5])
    (cubic(tmp_path / "runs/damaged", [1]).path / "run.json").write_text("{")
    done = nnlab("compare", *arguments)
    assert (done.returncode, done.stdout) == (2, "")
    assert said in done.stderr
    assert done.stderr.count("\n") == 1
    assert not (tmp_path / "comparison").exists()


def test_a_reader_that_closes_the_pipe_is_no_error(tmp_path: Path, runs: list[Path]) -> None:
    done = subprocess.run(
        ["/bin/sh", "-c", '"$@" | head -1', "sh", sys.executable, "-W", "error", "-m", "nnlab",
         "compare", *map(str, runs)],
        cwd=tmp_path, env=ENVIRONMENT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.stdout.split() == ["group", "run", "seed", "status", "steps"]
    assert done.stderr == ""


def pointless(folder: Path, experiment: str) -> list[str]:
    """Make two runs without a log point, and one with; return their names."""
    if experiment == "cubic":
        cubic(folder / "early", [], status="diverged", lr=1000.0)
        cubic(folder / "too-early", [], status="diverged", lr=2000.0)
        cubic(folder / "good", [3, 0.4])
    else:
        fashion(folder / "early", [], status="interrupted")
        fashion(folder / "too-early", [], status="interrupted", epochs=2)
        fashion(folder / "good", [0.5, 0.6], test_accuracy=0.6, epochs=3)
    (folder / "early/metrics.csv").write_text("step,epoch\n")  # the other one lacks the file
    return ["early", "too-early", "good"]


@pytest.mark.parametrize("experiment", ["cubic", "fashion"])
def test_a_run_without_log_points_is_a_row(nnlab: Nnlab, tmp_path: Path, experiment: str) -> None:
    *without, good = pointless(tmp_path, experiment)
    done = nnlab("compare", "early", good)
    assert (done.returncode, done.stderr) == (0, "")
    rows = [line.split() for line in done.stdout.splitlines()]
    status = "diverged" if experiment == "cubic" else "interrupted"
    assert ["A", "early", "0", status, "0"] in rows
    assert next(row for row in rows if row[:2] == ["loss", "last"])[2] == "-"
    assert "note: early has no log points" in done.stdout
    assert "pictures: comparison/comparison.png" in done.stdout
    alone = nnlab("compare", *without, "-o", "nothing")
    assert (alone.returncode, alone.stderr) == (0, "")
    assert "no curves" in alone.stdout
    assert "pictures:" not in alone.stdout
    for runs in (["early", good], without, ["early"]):
        page = nnlab("report", *runs, "-o", "page.html")
        assert (page.returncode, page.stderr) == (0, "")
