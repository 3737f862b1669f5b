"""`nnlab replay`: what it prints, writes and refuses."""

import json
import shutil
import signal
import subprocess
from pathlib import Path

import numpy as np
import pytest

from nnlab.inputs import digest
from nnlab.runs.saved import SavedRun
from tests.conftest import ENVIRONMENT, Nnlab, Typed, command
from tests.runs.trained import bare, lengthen

KEYS = {"hidden": 4, "samples": 60, "gif": False}


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return bare(tmp_path_factory.mktemp("runs") / "cubic-0001", "cubic", **KEYS).path


def test_a_step_is_printed_and_written(nnlab: Nnlab, tmp_path: Path, made: Path) -> None:
    before = {path: path.read_bytes() for path in made.rglob("*") if path.is_file()}
    done = nnlab("replay", made, "--step", "7", "-o", "p.npz", "--plots", "seven")
    assert (done.returncode, done.stderr) == (0, "")
    assert f"{made} at step 7 of 60, from the start" in done.stdout
    assert f"wrote p.npz (SHA-256 {digest(tmp_path / 'p.npz')})" in done.stdout
    assert "wrote seven/fit.png, seven/units.png" in done.stdout
    assert (tmp_path / "seven/units.png").stat().st_size > 1000
    again = nnlab("cubic", "--init-from", "p.npz", "--hidden", "4", "--print-config")
    assert again.returncode == 0
    assert before == {path: path.read_bytes() for path in made.rglob("*") if path.is_file()}


def test_json_of_the_end(typed: Typed, tmp_path: Path, made: Path) -> None:
    code, said, _ = typed("replay", str(made), "-o", str(tmp_path / "p.npz"), "--json")
    printed = json.loads(said)
    assert code == 0
    assert (printed["step"], printed["steps"], printed["equal_to_model"]) == (60, 60, True)
    assert printed["sha256"] == digest(made / "model.npz")


def test_an_output_that_exists_is_kept(typed: Typed, tmp_path: Path, made: Path) -> None:
    file, folder = tmp_path / "p.npz", tmp_path / "pictures"
    file.write_text("mine")
    folder.mkdir()
    (folder / "mine.txt").touch()
    for flag, path in (("-o", file), ("--plots", folder)):
        code, _, fault = typed("replay", str(made), "--step", "3", flag, str(path))
        said = f"nnlab: {path} exists: --force replaces it, or choose another {flag}\n"
        assert (code, fault) == (2, said)
    assert file.read_text() == "mine"
    assert typed("replay", str(made), "--step", "3", "-o", str(file), "--force")[0] == 0
    assert np.load(file)["W2"].shape == (4, 4)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--step", "61"], "has no step 61: its steps are 0 to 60"),
        (["--epoch", "2"], "has no epoch 2 (step 120): its steps are 0 to 60 (epochs 0 to 1)"),
        (["--step", "1", "--epoch", "1"], "--step and --epoch contradict each other"),
        (["-o", "p.txt"], "-o p.txt: the weights are written as .npz"),
        (["-o", "none/p.npz"], "there is no folder none"),
    ],
)
def test_what_is_refused(typed: Typed, made: Path, words: list[str], said: str) -> None:
    code, _, fault = typed("replay", str(made), *words)
    assert code == 2
    assert said in fault
    assert fault.count("\n") == 1


def test_an_end_that_is_not_reached_is_explained(typed: Typed, tmp_path: Path) -> None:
    run = bare(tmp_path / "a", "cubic", **KEYS)
    arrays = run.weights()
    arrays["b3"][0] += 1
    np.savez(run.path / "model.npz", **arrays)  # type: ignore[arg-type]
    code, _, fault = typed("replay", str(run.path), "-o", str(tmp_path / "p.npz"))
    assert code == 1
    assert "step 60 was computed again, and is not model.npz to the bit; no version" in fault
    assert not (tmp_path / "p.npz").exists()
    record = dict(SavedRun(run.path).record)
    record["versions"] = record["versions"] | {"numpy": "1.0"}
    record["machine"] = record["machine"] | {"cores": 777}
    (run.path / "run.json").write_text(json.dumps(record))
    _, _, fault = typed("replay", str(run.path))
    assert f"version of numpy: 1.0 in the run, {np.__version__} now" in fault
    assert "cores: 777 in the run" in fault
    code, _, note = typed("replay", str(run.path), "--step", "3")
    assert code == 0
    assert note.startswith("note: version of numpy: 1.0")
    assert "the last bits of this state may differ" in note
    assert typed("replay", str(run.path), "--step", "60", "--json")[0] == 1  # the end is proven
    record["status"] = "interrupted"
    (run.path / "run.json").write_text(json.dumps(record))
    assert typed("replay", str(run.path))[2] == ""  # read from the checkpoint


def test_a_run_without_a_network(typed: Typed, tmp_path: Path) -> None:
    run = bare(tmp_path / "c", "check", hidden=3)
    code, _, fault = typed("replay", str(run.path))
    assert code == 2
    assert "is a run of check, which trains no network" in fault


def test_ctrl_c_stops_a_long_replay(tmp_path: Path, made: Path) -> None:
    """The run of this config would take minutes."""
    run = shutil.copytree(made, tmp_path / "run")
    lengthen(run, epochs=9_999_999)
    words = command("replay", run, "-o", "p.npz", stopped=True)
    with subprocess.Popen(
        words, cwd=tmp_path, env=ENVIRONMENT, text=True,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    ) as process:  # fmt: skip
        assert process.stderr
        assert "of 599,999,940 steps" in process.stderr.readline()
        process.send_signal(signal.SIGINT)
        out, said = process.communicate(timeout=60)
    assert (process.returncode, out) == (-signal.SIGINT, "")
    assert said.endswith("nnlab: stopped; nothing was written\n")
    assert [path.name for path in tmp_path.iterdir()] == ["run"]


def test_a_config_that_was_changed_is_not_replayed(
    typed: Typed, tmp_path: Path, made: Path
) -> None:
    """It says another run than the weights and metrics are of."""
    run = shutil.copytree(made, tmp_path / "run")
    text = (run / "config.yaml").read_text()
    (run / "config.yaml").write_text(text.replace("seed: 0", "seed: 5"))
    for words in (["replay"], ["replay", "--step", "3"], ["landscape"], ["explain", "--step", "3"]):
        code, out, fault = typed(words[0], str(run), *words[1:])
        assert (code, out) == (2, "")
        assert "config.yaml was changed after the run: seed is 5 there, and 0 in run.json" in fault
        assert fault.count("\n") == 1


def test_a_run_of_another_version(typed: Typed, tmp_path: Path, made: Path) -> None:
    run = shutil.copytree(made, tmp_path / "run")
    record = json.loads((run / "run.json").read_text())
    record["versions"]["nnlab"], record["config"]["momentum"] = "9.9", 0.5
    (run / "run.json").write_text(json.dumps(record))
    code, _, fault = typed("replay", str(run))
    assert code == 2
    assert "nnlab 9.9 made this run; this one cannot use its config" in fault
