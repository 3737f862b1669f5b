"""Studies through the command line: interrupted, killed, reused, damaged."""

import json
import os
import re
import signal
import subprocess
import time
from pathlib import Path

import pytest

from nnlab.runs.saved import SavedRun
from tests.conftest import ENVIRONMENT, Nnlab, command, digest
from tests.faults.harness import default_signals
from tests.study.test_load import WHOLE

pytestmark = pytest.mark.slow

SLOW = WHOLE.replace('"samples": 200, "hidden": 5', '"samples": 100_000, "hidden": 40')
FILES = ("results.csv", "verdicts.json", "end.png", "report.html")
RUNS = [f"one_{arm}_s{seed}" for arm in ("fast", "slow") for seed in range(3)]


def study(folder: Path, text: str = WHOLE) -> str:
    (folder / "mine.py").write_text(text)
    return "./mine.py"


def digests(directory: Path) -> dict[str, str]:
    return {name: digest(directory / "runs" / name) for name in RUNS}


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The directory of a whole study of long runs."""
    folder = tmp_path_factory.mktemp("whole")
    done = subprocess.run(
        command("study", study(folder, SLOW), "--seeds", 3), cwd=folder, env=ENVIRONMENT,
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert "studies/mine-0001" in done.stdout
    return folder / "studies" / "mine-0001"


def test_a_study_is_run_directories_results_verdicts_and_pictures(undisturbed: Path) -> None:
    assert sorted(path.name for path in (undisturbed / "runs").iterdir()) == RUNS
    assert {SavedRun(undisturbed / "runs" / name).status for name in RUNS} == {"completed"}
    written = {path.name for path in undisturbed.iterdir()}
    assert {"study.json", "results.csv", "verdicts.json", "end.png"} <= written
    assert json.loads((undisturbed / "study.json").read_text())["status"] == "completed"
    lines = (undisturbed / "results.csv").read_text().splitlines()
    assert lines[0] == "part,arm,seed,measure,at,value,run"
    rmse = SavedRun(undisturbed / "runs" / "one_fast_s2").metrics["rmse"][-1]
    assert f"one,fast,2,rmse,,{rmse!r},one_fast_s2" in lines


def test_the_number_of_workers_changes_no_byte(
    tmp_path: Path, nnlab: Nnlab, undisturbed: Path
) -> None:
    """One worker trains the runs of an arm together, on all cores."""
    assert nnlab("study", study(tmp_path, SLOW), "--seeds", 3, "--jobs", 1).returncode == 0
    directory = tmp_path / "studies" / "mine-0001"
    assert digests(directory) == digests(undisturbed)
    for name in FILES[:-1]:  # the page names the command, which differs
        assert (directory / name).read_bytes() == (undisturbed / name).read_bytes()


def test_a_pair_begins_at_the_same_point(undisturbed: Path) -> None:
    configs = [SavedRun(undisturbed / "runs" / f"one_{arm}_s1").config for arm in ("fast", "slow")]
    differing = {key for key in configs[0] if configs[0][key] != configs[1][key]}
    assert differing == {"lr"}


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGKILL], ids=["Ctrl-C", "kill"])
def test_an_interrupted_study_goes_on_to_the_same_bytes(
    tmp_path: Path, nnlab: Nnlab, undisturbed: Path, number: int
) -> None:
    directory = tmp_path / "studies" / "mine-0001"
    process = subprocess.Popen(
        command("study", study(tmp_path, SLOW), "--seeds", 3, stopped=True), cwd=tmp_path,
        env=ENVIRONMENT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        preexec_fn=default_signals,  # noqa: PLW1509 - Python code that takes no lock
    )  # fmt: skip
    _wait_for(directory / "measured", 2)
    process.send_signal(number)
    _, said = process.communicate(timeout=60)
    assert process.returncode == -number
    if number == signal.SIGINT:
        assert "Ctrl-C: stopping in order" in said
        assert f"to go on: nnlab study resume studies/mine-0001 --file {tmp_path}/mine.py" in said
        assert json.loads((directory / "study.json").read_text())["status"] == "interrupted"
    _wait_until_free(directory)
    finished = {path.name: path.stat().st_mtime_ns for path in directory.glob("measured/*")}
    assert 2 <= len(finished) < len(RUNS)
    done = nnlab("study", "resume", "studies/mine-0001", "--file", "mine.py")
    assert done.returncode == 0, done.stderr
    after = {path.name: path.stat().st_mtime_ns for path in directory.glob("measured/*")}
    assert finished.items() <= after.items()
    assert digests(directory) == digests(undisturbed)
    for name in FILES:
        assert (directory / name).read_bytes() == (undisturbed / name).read_bytes()


def _wait_for(folder: Path, files: int) -> None:
    for _ in range(600):
        if folder.is_dir() and len(list(folder.glob("[!.]*"))) >= files:
            return
        time.sleep(0.1)
    raise AssertionError(f"{folder} never had {files} files")


def _wait_until_free(directory: Path) -> None:
    """Wait until the workers of a killed study have ended."""
    for _ in range(150):
        busy = [p for p in (directory / "runs").iterdir() if SavedRun(p).status == "running"]
        if not busy:
            return
        time.sleep(0.1)
    raise AssertionError(f"{directory} has runs that are still running")


def test_a_run_that_fails_is_named_and_the_others_are_kept(tmp_path: Path, nnlab: Nnlab) -> None:
    assert nnlab("study", study(tmp_path), "--seeds", 3).returncode == 0
    directory = tmp_path / "studies" / "mine-0001"
    (directory / "measured" / "one_fast_s1.json").unlink()
    (directory / "runs" / "one_fast_s1" / "run.json").write_text("{")
    done = nnlab("study", "resume", directory, "--file", "mine.py")
    assert done.returncode == 1
    assert "1 of 6 runs of part one failed" in done.stderr
    assert "one_fast_s1" in done.stderr
    assert "Traceback" not in done.stderr
    for path in (directory / "runs" / "one_fast_s1").rglob("*"):
        if path.is_file():
            path.unlink()
    done = nnlab("study", "resume", directory, "--file", "mine.py")
    assert done.returncode == 0, done.stderr


def test_a_damaged_study_is_one_message(tmp_path: Path, nnlab: Nnlab) -> None:
    assert nnlab("study", study(tmp_path), "--seeds", 3).returncode == 0
    directory = tmp_path / "studies" / "mine-0001"
    whole = (directory / "study.json").read_text()
    for text, said in (
        ("{", "study.json is damaged"),
        (whole.replace('"seeds": 3', '"seeds": 1'), "study.json is damaged: seeds"),
        (re.sub(r'"numpy": "[^"]*"', '"numpy": "1.0"', whole), "begun with numpy 1.0"),
        (
            re.sub(r'"git_commit": [^,]*', '"git_commit": "1234"', whole),
            "begun with git commit 1234",
        ),
    ):
        (directory / "study.json").write_text(text)
        done = nnlab("study", "resume", directory, "--file", "mine.py")
        assert (done.returncode, done.stdout) == (2, "")
        assert said in done.stderr
    (directory / "study.json").write_text(whole)
    (directory / "measured" / "one_fast_s0.json").write_text('[["rmse"')
    done = nnlab("study", "show", directory, "--file", "mine.py")
    assert done.returncode == 1
    assert "one_fast_s0.json is damaged: remove it" in done.stderr
    (directory / "measured" / "one_fast_s0.json").unlink()
    assert "not finished; to go on" in nnlab("study", "show", directory, "--file", "mine.py").stderr
    assert nnlab("study", "resume", directory, "--file", "mine.py").returncode == 0
    (tmp_path / "mine.py").write_text(WHOLE.replace("0.02", "0.03"))
    done = nnlab("study", "resume", directory, "--file", "mine.py")
    assert done.returncode == 2
    assert "mine.py has changed since" in done.stderr


@pytest.mark.parametrize("text", ["[1]", '{"one": {"x": "abc"}}', "{"])
def test_a_damaged_prediction_is_one_message(tmp_path: Path, nnlab: Nnlab, text: str) -> None:
    assert nnlab("study", study(tmp_path), "--seeds", 3).returncode == 0
    directory = tmp_path / "studies" / "mine-0001"
    (directory / "prediction.json").write_text(text)
    done = nnlab("study", "show", directory, "--file", "mine.py")
    assert done.returncode == 1
    assert "prediction.json is damaged" in done.stderr


def test_a_file_of_ones_own_is_run_only_if_it_is_named(tmp_path: Path, nnlab: Nnlab) -> None:
    assert nnlab("study", study(tmp_path), "--seeds", 3).returncode == 0
    (tmp_path / "mine.py").write_text("print('this ran')\n" + WHOLE)
    (tmp_path / "other.py").write_text("print('this ran')\n" + WHOLE)
    for word in ("resume", "show"):
        for more in ([], ["--file", "other.py"]):
            done = nnlab("study", word, "studies/mine-0001", *more)
            assert (done.returncode, done.stdout) == (2, "")
            assert f"nnlab study {word} studies/mine-0001 --file {tmp_path}/mine.py" in done.stderr


def test_a_study_that_changes_while_it_runs_is_refused(tmp_path: Path, nnlab: Nnlab) -> None:
    text = "import pathlib\nhere = pathlib.Path(__file__)\n" + SLOW.replace(
        "measures=(final", "measures=(lambda _: here.write_text('# changed') and (), final"
    )
    done = nnlab("study", study(tmp_path, text), "--seeds", 3, "--jobs", 1)
    assert done.returncode == 1
    assert "mine.py has changed since the study began" in done.stderr
    assert not (tmp_path / "studies" / "mine-0001" / "verdicts.json").exists()


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        (
            'name="mine",',
            'name="mine", derive=(lambda _: 1 / 0,),',
            "`derive` failed: ZeroDivision",
        ),
        (
            "draw=panels(",
            "draw=(lambda _: 1 / 0) if True else panels(",
            "`draw of end` failed: Zero",
        ),
        (
            "measures=(final",
            "measures=(lambda _: [1 / 0], final",
            "all 6 runs of part one failed in the same way: measure 1 of part one, <lambda>, fail",
        ),
        (
            'final("rmse"),',
            'final("rmsx"),',
            "in the same way: measure 1 of part one, final, failed: ",
        ),
        (
            "measures=(final",
            "measures=(lambda _: [('x', 1)], final",
            "it yields ('x', 1); each should be a Reading: yield Reading(measure, value)",
        ),
    ],
)
def test_a_fault_in_ones_own_function_is_named(
    tmp_path: Path, nnlab: Nnlab, old: str, new: str, said: str
) -> None:
    done = nnlab("study", study(tmp_path, WHOLE.replace(old, new)), "--seeds", 3)
    assert done.returncode in {1, 2}
    said = said.format(mine=tmp_path / "mine.py")
    assert done.stderr.count(said) == 1
    assert "a bug in nnlab" not in done.stderr
    if "measure" in said:
        assert f"correct {tmp_path}/mine.py, then start it again" in done.stderr
        assert done.stderr.rstrip().endswith("nnlab study mine.py --seeds 3")
    record = json.loads((tmp_path / "studies" / "mine-0001" / "study.json").read_text())
    assert record["status"] == "failed"


def test_two_processes_never_work_on_one_study(tmp_path: Path, nnlab: Nnlab) -> None:
    process = subprocess.Popen(
        command("study", study(tmp_path, SLOW), "--seeds", 3, stopped=True), cwd=tmp_path,
        env=ENVIRONMENT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        preexec_fn=default_signals,  # noqa: PLW1509 - Python code that takes no lock
    )  # fmt: skip
    try:
        _wait_for(tmp_path / "studies" / "mine-0001" / "runs", 1)
        done = nnlab("study", "resume", "studies/mine-0001", "--file", "mine.py")
        assert done.returncode == 2
        assert "is working on this study" in done.stderr
    finally:
        os.kill(process.pid, signal.SIGINT)
        process.wait(60)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["gradent"], "did you mean gradient"),
        (["gradient", "--seeds", "2"], "needs 3 seeds or more"),
        (["gradient", "--seeds", "1000000000"], "at most 10,000"),
        (["gradient", "--jobs", "0"], "1 to 1,024 workers"),
        (["gradient", "--jobs", "99999"], "1 to 1,024 workers"),
        (["gradient", "--file", "mine.py"], "--file is for resume and show"),
        (["list", "--seeds", "5"], "it runs nothing"),
        (["gradient", "--quick", "--full"], "contradict each other"),
        (["gradient", "studies/x"], "only resume and show take a directory"),
        (["resume"], "name the directory"),
        (["resume", "studies/none"], "no directory of a study"),
        (["resume", "studies/none", "--quick"], "takes a study as it is"),
        (["./none.py"], "No such file"),
    ],
)
def test_a_faulty_command_is_one_message_and_makes_nothing(
    tmp_path: Path, nnlab: Nnlab, arguments: list[str], said: str
) -> None:
    done = nnlab("study", *arguments)
    assert (done.returncode, done.stdout) == (2, "")
    assert said in done.stderr
    assert done.stderr.count("nnlab:") == 1
    assert list(tmp_path.iterdir()) == []
