"""`nnlab predict` for runs of `nnlab cubic`: arguments, standard input, what is refused."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from nnlab.cubic.predict import seen
from nnlab.runs.saved import SavedRun
from tests.conftest import ENVIRONMENT, Typed, python
from tests.runs.trained import stopped, trained


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> SavedRun:
    return trained(
        tmp_path_factory.mktemp("cubic") / "a", "cubic", hidden=5, samples=200, gif=False
    )


def by_hand(run: SavedRun, x: float) -> float:
    """Return f(x) from the equations, with SciPy-free NumPy and no code of ours."""
    with np.load(run.path / "model.npz") as w:
        h1 = 1 / (1 + np.exp(-(w["W1"][:, 0] * x + w["b1"])))
        h2 = 1 / (1 + np.exp(-(w["W2"] @ h1 + w["b2"])))
        return float((w["W3"] @ h2 + w["b3"])[0])


def test_each_number_has_its_prediction_truth_and_error(run: SavedRun, typed: Typed) -> None:
    code, out, err = typed("predict", str(run.path), "-1.5", "0.3", "2", "--json")
    assert (code, err) == (0, "")
    rows = [json.loads(line) for line in out.splitlines()]
    assert [row["x"] for row in rows] == [-1.5, 0.3, 2]
    for row in rows:
        assert row["prediction"] == pytest.approx(by_hand(run, row["x"]), rel=1e-12)
        assert row["truth"] == row["x"] ** 3
        assert row["error"] == row["prediction"] - row["truth"]
        assert row["inside"] is True


@pytest.mark.parametrize(
    "words", [["-1.5", "-.5e0"], ["--", "-1.5", "-0.5"], ["-1.5", "--", "-.5"]]
)
def test_negative_numbers_are_arguments(run: SavedRun, typed: Typed, words: list[str]) -> None:
    code, out, _ = typed("predict", str(run.path), *words)
    assert code == 0
    assert [line.split()[0] for line in out.splitlines()] == ["x", "-1.5", "-0.5"]


def test_outside_the_training_points_it_warns_once(run: SavedRun, typed: Typed) -> None:
    code, out, err = typed("predict", str(run.path), "2.5", "-3", "1")
    assert code == 0
    assert [line.endswith("outside") for line in out.splitlines()] == [False, True, True, False]
    assert err == (
        "warning: the network never saw an x outside (-2, 2), such as 2.5; there its prediction "
        "means nothing\n"
    )


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["nan"], "'nan' is not a finite number"),
        (["-inf"], "'-inf' is not a finite number"),
        (["1", "shoe.png"], "'shoe.png' is not a number"),
        (["0,5"], "'0,5' is not a number"),
        (["1e200"], "its cube is more than float64 can hold"),
        ([], "give numbers x, or -"),
        (["-", "1"], "leave out the others"),
        (["1", "--index", "3"], "--index is for images"),
        (["1", "--no-invert"], "--no-invert is for images"),
        (["1", "--plot", "a.png"], "--plot is for images"),
        (["-1q"], "nnlab predict has no flag -1q"),
    ],
    ids=str,
)
def test_what_is_not_a_number_is_refused(
    run: SavedRun,
    typed: Typed,
    words: list[str],
    said: str,
) -> None:
    code, out, err = typed("predict", str(run.path), *words)
    assert (code, out) == (2, "")
    assert said in err


def test_numbers_stream_from_standard_input_without_tensorflow(run: SavedRun) -> None:
    code = f"""
import sys
from nnlab.cli import app
sys.argv = ["nnlab", "predict", {str(run.path)!r}, "-", "--json"]
try:
    app.main()
finally:
    print([m for m in ("tensorflow", "keras", "matplotlib", "PIL") if m in sys.modules])
"""
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", code], input="-1\n\n 0.25 \nx\n3\n", text=True,
        capture_output=True, env=ENVIRONMENT, check=False,
    )  # fmt: skip
    *rows, loaded = done.stdout.splitlines()
    assert [json.loads(row)["x"] for row in rows] == [-1, 0.25]
    assert done.returncode == 2
    assert done.stderr == "nnlab: line 4 of standard input: 'x' is not a number\n"
    assert loaded == "[]"


@pytest.mark.parametrize(
    ("text", "rows", "said"),
    [
        (b"1" + b" " * 999 + b"\n2\n", 2, b""),
        (b"5\n1" + b" " * 999 + b"2\n", 1, b"line 2 of standard input is longer than 1,000 bytes"),
        (b" " * 1001, 0, b"line 1 of standard input is longer than 1,000 bytes"),
    ],
    ids=["longest", "two numbers", "spaces"],
)
def test_a_long_line_is_never_two_numbers(
    run: SavedRun, text: bytes, rows: int, said: bytes
) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "nnlab", "predict", run.path, "-", "--json"], input=text,
        capture_output=True, env=ENVIRONMENT, check=False,
    )  # fmt: skip
    assert len(done.stdout.splitlines()) == rows
    assert (done.returncode, said in done.stderr) == (2 if said else 0, True)


def test_it_stops_when_the_reader_of_an_endless_stream_has_enough(run: SavedRun) -> None:
    command = f"yes 1 | {sys.executable} -m nnlab predict {run.path} - | head -2"
    done = subprocess.run(
        ["bash", "-o", "pipefail", "-c", f"{command}; echo ${{PIPESTATUS[1]}}"],  # noqa: S607
        capture_output=True, text=True, env=ENVIRONMENT, check=False, timeout=60,
    )  # fmt: skip
    assert done.stdout.splitlines()[2:] == ["0"]
    assert done.stderr == ""


def test_an_unfinished_run_uses_its_newest_checkpoint_and_says_so(
    run: SavedRun,
    typed: Typed,
    tmp_path: Path,
) -> None:
    path = stopped(run, tmp_path / "b").path
    code, out, err = typed("predict", str(path), "1", "--json")
    assert (code, json.loads(out)["prediction"]) == (0, pytest.approx(by_hand(run, 1), rel=1e-12))
    assert "is not finished (interrupted): using its newest checkpoint" in err


def test_the_type_of_the_run_is_used(tmp_path: Path, typed: Typed) -> None:
    single = trained(tmp_path / "a", "cubic", hidden=5, samples=50, gif=False, dtype="float32")
    _, out, _ = typed("predict", str(single.path), "0.3", "--json")
    found = json.loads(out)["prediction"]
    assert found == float(np.float32(found))
    code, _, err = typed("predict", str(single.path), "1e20")
    assert code == 2
    assert "more than float32 can hold" in err


def test_points_from_a_file_say_what_the_network_saw(tmp_path: Path) -> None:
    np.save(tmp_path / "x.npy", np.linspace(-5, 1, 30))
    keys = {"hidden": 2, "gif": False, "points": str(tmp_path / "x.npy")}
    run = trained(tmp_path / "a", "cubic", **keys)
    assert seen(run) == (-5, 1)
    (tmp_path / "x.npy").unlink()
    assert seen(run) == (-5, 1)  # from the copy in the run directory
    shutil.rmtree(run.path / "inputs")
    assert seen(run) == (-np.inf, np.inf)


def test_a_check_has_no_network_to_ask(run: SavedRun, tmp_path: Path, typed: Typed) -> None:
    path = shutil.copytree(run.path, tmp_path / "a")
    record = {**run.record, "experiment": "check"}
    (path / "run.json").write_text(json.dumps(record), encoding="utf-8")
    code, _, err = typed("predict", str(path), "1")
    assert code == 2
    assert "is a run of check, which trains no network; give a run of cubic or fashion" in err


def test_the_command_is_in_help() -> None:
    done = python("from nnlab.cli.app import app; app(['predict', '--help'])")
    assert b"Usage: -c predict [OPTIONS] RUN [X...]\n" in done.stdout
