"""`nnlab diff`: what it prints of two runs, and what it refuses."""

import json
import shutil
import signal
import subprocess
import time
from pathlib import Path

import numpy as np
import pytest

from nnlab.runs.saved import SavedRun
from tests.conftest import ENVIRONMENT, Typed, command
from tests.runs.trained import bare, stopped

KEYS = {"hidden": 4, "samples": 200, "gif": False}
OLD = Path(__file__).parents[1] / "runs/data"


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with two runs of cubic that differ in their order of the points."""
    folder = tmp_path_factory.mktemp("runs")
    bare(folder / "a", "cubic", **KEYS)
    bare(folder / "b", "cubic", **KEYS, shuffle=False)
    return folder


def test_two_runs_part(typed: Typed, runs: Path) -> None:
    code, said, fault = typed("diff", str(runs / "a"), str(runs / "b"), "-q")
    assert (code, fault) == (0, "")
    lines = said.splitlines()
    assert [line.split() for line in lines[:2]] == [["key", "a", "b"], ["shuffle", "true", "false"]]
    assert lines[3].startswith("they part at step 1: ")
    assert [line.split()[0] for line in lines[6:12]] == ["W1", "b1", "W2", "b2", "W3", "b3"]
    assert lines[13] == "step 1 used"
    assert [line.split()[:2] for line in lines[15:17]] == [["a", "1"], ["b", "1"]]
    assert lines[17:] == ["", "indices and samples count from 1"]
    assert lines[11].split()[-1] == "b3[1]"


def test_json_is_one_object(typed: Typed, runs: Path) -> None:
    code, said, fault = typed("diff", str(runs / "a"), str(runs / "b"), "-q", "--json")
    assert (code, fault) == (0, "")
    found = json.loads(said)
    assert found["config"] == {"shuffle": ["true", "false"]}
    assert found["parting"]["step"] == 1
    assert [each["epoch"] for each in found["parting"]["visits"]] == [1, 1]


def test_equal_runs_are_equal(typed: Typed, runs: Path, tmp_path: Path) -> None:
    shutil.copytree(runs / "a", tmp_path / "a")
    code, said, _ = typed("diff", str(runs / "a"), str(tmp_path / "a"), "-q")
    assert code == 0
    assert said == (
        "their configs are the same\n\ntheir trajectories are equal: no block differs "
        "(200 steps compared; replays of each run: 1)\n"
    )


def test_a_run_that_diverged_is_compared_before_its_end(
    typed: Typed, runs: Path, tmp_path: Path
) -> None:
    with pytest.raises(Exception, match="not finite at step"):
        bare(tmp_path / "far", "cubic", **KEYS, lr=60.0)
    step = SavedRun(tmp_path / "far").diverged_step
    assert step
    code, said, _ = typed("diff", str(runs / "a"), str(tmp_path / "far"), "-q")
    assert code == 0
    assert f"note: {tmp_path}/far diverged at step {step}: {step - 2} steps are compared" in said
    assert f"note: {runs}/a takes 200 steps: the first {step - 2} are compared" in said


def test_networks_of_two_shapes(typed: Typed, runs: Path, tmp_path: Path) -> None:
    bare(tmp_path / "wide", "cubic", **KEYS | {"hidden": 5})
    code, said, _ = typed("diff", str(runs / "a"), str(tmp_path / "wide"), "-q")
    assert code == 0
    assert said.endswith(
        "no step can be compared\nnote: the networks have 4 and 5 units in a layer\n"
    )


def test_a_file_that_was_changed_between_two_runs_is_told(typed: Typed, tmp_path: Path) -> None:
    x = np.linspace(-2, 2, 50)
    for name in ("a", "b"):
        np.save(tmp_path / "x.npy", x)
        bare(
            tmp_path / name, "cubic", hidden=3, gif=False, shuffle=False,
            points=str(tmp_path / "x.npy"),
        )  # fmt: skip
        x[30] = 0.1
    code, said, fault = typed("diff", str(tmp_path / "a"), str(tmp_path / "b"), "-q")
    assert (code, fault) == (0, "")
    assert said.splitlines()[1].startswith("SHA-256 of points  ")
    assert "they part at step 31: " in said
    assert said.splitlines()[-3].split() == ["b", "1", "31", "0.1", repr(0.1**3)]


def test_changed_weights_are_told(typed: Typed, runs: Path, tmp_path: Path) -> None:
    shutil.copytree(runs / "a", tmp_path / "a")
    shutil.copy(runs / "b/model.npz", tmp_path / "a/model.npz")
    code, said, _ = typed("diff", str(tmp_path / "a"), str(runs / "a"), "-q")
    assert code == 0
    assert f"note: the replay of {tmp_path}/a does not end with its weights" in said


def test_epochs_of_fashion(typed: Typed, tmp_path: Path) -> None:
    old = OLD / "fashion-0.2.0"
    shutil.copytree(old, tmp_path / "other")
    text = (old / "metrics.csv").read_text().splitlines()
    for path in (old, tmp_path / "other"):
        assert SavedRun(path).metrics
    cells = text[1].split(",")
    place = text[0].split(",").index("accuracy")
    was, cells[place] = cells[place], "0.25"
    (tmp_path / "other/metrics.csv").write_text(
        "\n".join([text[0], ",".join(cells), *text[2:], ""])
    )
    code, said, fault = typed("diff", str(old), str(tmp_path / "other"), "-q")
    assert (code, fault) == (0, "")
    assert f"\nmetrics.csv differs first at accuracy in row 1: {was} and 0.25" in said
    assert said.endswith(
        "diff does not replay fashion: the step at which the runs part is not known\n"
    )
    code, said, _ = typed("diff", str(old), str(old), "-q")
    assert code == 0
    assert "\nmetrics.csv is the same in both, but for the columns that measure time\n" in said
    code, _, fault = typed("diff", str(old), str(old), "--tolerance", "1e-3")
    assert code == 2
    assert fault.startswith(
        "nnlab: --tolerance is for weights at each step; diff does not replay fashion"
    )
    code, _, fault = typed("diff", str(old), str(OLD / "cubic-0.2.0"))
    assert code == 2
    assert fault.endswith("give two runs of one experiment\n")


def test_an_unfinished_run_is_refused(typed: Typed, runs: Path, tmp_path: Path) -> None:
    run = stopped(SavedRun(runs / "a"), tmp_path / "stopped").path
    code, _, fault = typed("diff", str(runs / "a"), str(run), "-q")
    assert (code, fault) == (
        2, f"nnlab: {run} is not finished (interrupted); to finish it: nnlab resume {run}\n",
    )  # fmt: skip


def test_a_version_that_differs_is_told(typed: Typed, runs: Path, tmp_path: Path) -> None:
    shutil.copytree(runs / "a", tmp_path / "old")
    record = json.loads((tmp_path / "old/run.json").read_text())
    record["versions"]["numpy"] = "1.0"
    (tmp_path / "old/run.json").write_text(json.dumps(record))
    code, said, fault = typed("diff", str(runs / "a"), str(tmp_path / "old"), "-q", "--json")
    assert (code, json.loads(said)["parting"]["step"], fault.count("\n")) == (0, None, 1)
    assert fault.startswith("note: version of numpy: 1.0 in the run, ")
    assert f"the last bits of the replay of {tmp_path}/old may differ from those that" in fault


@pytest.mark.long
@pytest.mark.parametrize("words", [("diff", "a", "a"), ("explain", "a", "--step", "3000000")])
def test_ctrl_c_is_one_sentence(runs: Path, tmp_path: Path, words: tuple[str, ...]) -> None:
    shutil.copytree(runs / "a", tmp_path / "runs/a")
    config, record = (tmp_path / "runs/a" / name for name in ("config.yaml", "run.json"))
    text = config.read_text()
    assert "epochs: 1 " in text
    config.write_text(text.replace("epochs: 1 ", "epochs: 1000000 "))
    known = json.loads(record.read_text())
    known["config"]["epochs"] = 1_000_000
    record.write_text(json.dumps(known))
    process = subprocess.Popen(
        command(*words, stopped=True), cwd=tmp_path, text=True, bufsize=1,
        env=ENVIRONMENT, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    )  # fmt: skip
    time.sleep(4)
    process.send_signal(signal.SIGINT)
    said, fault = process.communicate(timeout=60)
    assert (process.returncode, said) == (-signal.SIGINT, "")
    assert fault.splitlines()[-1] == "nnlab: stopped; nothing was written"
    assert "Traceback" not in fault
