"""A damaged checkpoint is named, and the one before it used; none is ever believed."""

import os
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import save

from nnlab.cubic.state import Position
from nnlab.runs.checkpoint_file import About, Arrays, Checkpoint, pack
from tests.faults.harness import CUBIC, FASHION, RUN, nnlab, result, start, undisturbed

pytestmark = pytest.mark.slow
MB = 1 << 20
ANOTHER = Path(__file__).parents[1] / "runs/data/fashion-0.2.0/checkpoint/last.safetensors"

Damage = Callable[[bytes], bytes]


def flip(raw: bytes, at: int) -> bytes:
    return raw[:at] + bytes([raw[at] ^ 4]) + raw[at + 1 :]


DAMAGES: dict[str, Damage] = {
    "empty": lambda _: b"",
    "cut in its arrays": lambda raw: raw[:-1],
    "a flipped bit in its header": lambda raw: flip(raw, 50),
    "a flipped bit in its arrays": lambda raw: flip(raw, len(raw) // 2),
    "something after its end": lambda raw: raw + b"\0",
    "other bytes": lambda raw: os.urandom(len(raw)),
}


@pytest.fixture(scope="module")
def killed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with a run that was killed when it had two checkpoints."""
    folder = tmp_path_factory.mktemp("killed")
    process = start(folder, (*CUBIC, "--run-dir", RUN))
    assert process.stderr
    for line in process.stderr:  # a late kill leaves each test less to repeat
        if line.startswith("step 105,000 "):
            break
    kept = [folder / RUN / f"checkpoint/{name}.safetensors" for name in ("previous", "last")]
    while not all(path.exists() for path in kept):
        assert process.poll() is None, "the run ended before its second checkpoint"
    process.kill()
    process.communicate()
    return folder / RUN


@pytest.fixture
def folder(killed: Path, tmp_path: Path) -> Path:
    """Return a folder with a copy of that run."""
    shutil.copytree(killed, tmp_path / RUN)
    return tmp_path


def resume(folder: Path) -> subprocess.CompletedProcess[str]:
    return nnlab(folder, ("resume", RUN))


# test_checkpoint_file.py shows that each byte counts; here the first ones are told to a user.
SHOWN = list(DAMAGES)[:3]


@pytest.mark.parametrize(
    "damage",
    [name if name in SHOWN else pytest.param(name, marks=pytest.mark.long) for name in DAMAGES],
)
def test_the_one_before_a_damaged_one_is_used(folder: Path, damage: str) -> None:
    last = folder / RUN / "checkpoint/last.safetensors"
    last.write_bytes(DAMAGES[damage](last.read_bytes()))
    done = resume(folder)
    assert done.returncode == 0, done.stderr
    assert f"{RUN}/checkpoint/last.safetensors is damaged: " in done.stderr
    assert "continuing from previous.safetensors, the checkpoint before it" in done.stderr
    assert result(folder / RUN) == undisturbed(CUBIC)


def test_both_damaged_is_one_message(folder: Path) -> None:
    for name in ("last", "previous"):
        (folder / RUN / f"checkpoint/{name}.safetensors").write_bytes(b"")
    before = (folder / RUN / "run.json").read_bytes()
    done = resume(folder)
    assert done.returncode == 1
    title, last, previous = done.stderr.splitlines()
    assert "no checkpoint can be used" in title
    assert "last.safetensors is damaged" in last
    assert "previous.safetensors is damaged" in previous
    assert (folder / RUN / "run.json").read_bytes() == before


def test_metrics_that_lack_rows_or_have_torn_ones(folder: Path) -> None:
    metrics = folder / RUN / "metrics.csv"
    whole = metrics.read_text()
    metrics.write_text(whole + "1,2,3")
    assert resume(folder).returncode == 0
    assert result(folder / RUN) == undisturbed(CUBIC)


def test_metrics_without_the_rows_that_a_checkpoint_counts(folder: Path) -> None:
    metrics = folder / RUN / "metrics.csv"
    metrics.write_text(metrics.read_text()[:200])
    done = resume(folder)
    assert done.returncode == 1
    assert "metrics.csv has 2 good rows, not" in done.stderr


def test_another_configs_checkpoint_is_refused_with_what_differs(folder: Path) -> None:
    config = folder / RUN / "config.yaml"
    config.write_text(config.read_text().replace("lr: 0.01 ", "lr: 0.02 "))
    done = resume(folder)
    assert done.returncode == 2
    assert "last.safetensors and config.yaml have different configs" in done.stderr
    assert [line.split() for line in done.stderr.splitlines()[1:]] == [
        ["key", "the", "run", "has", "asked", "for"],
        ["lr", "0.01", "0.02"],
    ]


def test_another_runs_checkpoint_is_refused_and_the_log_left(folder: Path, tmp_path: Path) -> None:
    """One of fewer rows: the log must not be cut to it."""
    done = nnlab(
        tmp_path, (*CUBIC, "--samples", 1400, "--epochs", 1, "--lr", 0.005, "--run-dir", "b")
    )
    assert done.returncode == 0
    for name in ("last", "previous"):
        shutil.copy(tmp_path / "b/checkpoint/last.safetensors",
                    folder / RUN / f"checkpoint/{name}.safetensors")  # fmt: skip
    before = (folder / RUN / "metrics.csv").read_bytes()
    done = resume(folder)
    assert done.returncode == 2
    assert "lr" in done.stderr
    assert "samples" in done.stderr
    assert (folder / RUN / "metrics.csv").read_bytes() == before


def hostile() -> dict[str, bytes]:
    """Checkpoints with a right digest, that somebody made to do harm."""
    shapes = {"W1": (100, 1), "b1": 100, "W2": (100, 100), "b2": 100, "W3": (1, 100), "b3": 1}
    good = {name: np.zeros(shape) for name, shape in shapes.items()}
    facts = Position(step=10, seen=10)
    frame = (0, [0.0] * 81)
    many = Position.model_construct(step=10, squared_error=0.0, seen=10, frames=[frame] * 20_000)

    def packed(arrays: Arrays, about: About[Position]) -> bytes:
        return b"".join(pack(Checkpoint(arrays, about)))

    keys = {"hidden": 100, "samples": 66_666, "epochs": 3, "log_every": 700}  # CUBIC's
    about = About(config=keys, rows=0, columns=[], seconds=0.0, facts=facts)
    far = about.model_copy(update={"rows": 10**12})
    columns = about.model_copy(update={"rows": 1, "columns": ["step", "loss", "os.system"]})
    header = b'{"W1":{"dtype":"F64","shape":[99999999999,9],"data_offsets":[0,7199999999928]}}'
    return {
        "another shape": packed(good | {"W2": np.zeros((100, 99))}, about),
        "another type": packed(good | {"W2": np.zeros((100, 100), np.float32)}, about),
        "one array more": packed(good | {"W4": np.zeros(1)}, about),
        "one array less": packed({k: v for k, v in good.items() if k != "b3"}, about),
        "rows that never were": packed(good, far),
        "no rows": packed(good, about.model_copy(update={"facts": Position(step=7000)})),
        "nothing seen": packed(good, about.model_copy(update={"facts": Position(step=10)})),
        "a step of 5,000 digits": packed(good, about).replace(
            b'"step\\":10', b'"step\\":1' + b"0" * 5000
        ),
        "20,000 frames": packed(good, about.model_copy(update={"facts": many})),
        "other columns": packed(good, columns),
        "bfloat16": b"".join(pack(Checkpoint(good, about))).replace(b'"F64"', b'"BF16"'),
        "no metadata": save(good),
        "a shape of terabytes": len(header).to_bytes(8, "little") + header,
        "a header of exabytes": b"\xff" * 8 + b"{}",
        "a pickle": b"cos\nsystem\n(S'touch pwned'\ntR.",
        "an HDF5 file": b"\x89HDF\r\n\x1a\n" + bytes(2000),
        "a zip file": b"PK\x03\x04" + bytes(200),
    }


@pytest.mark.parametrize("name", hostile())
def test_a_hostile_checkpoint_is_refused(folder: Path, name: str) -> None:
    for file in ("last", "previous"):
        (folder / RUN / f"checkpoint/{file}.safetensors").write_bytes(hostile()[name])
    done = resume(folder)
    assert done.returncode == 1, done.stderr
    assert "no checkpoint can be used" in done.stderr
    assert "bug in nnlab" not in done.stderr
    assert len(done.stderr) < 1000
    assert not (folder / "pwned").exists()


EDITED_FACTS = {
    "no rows": "rows is 0; at step 7,000 it should be 10",
    "nothing seen": "seen is 0, and 10 steps were taken since a row was logged",
    "20,000 frames": "facts.frames is a list of 20,000; it should have at most 1,000 items",
}


@pytest.mark.parametrize("name", EDITED_FACTS)
def test_edited_metadata_are_told_with_their_key(folder: Path, name: str) -> None:
    (folder / RUN / "checkpoint/last.safetensors").write_bytes(hostile()[name])
    done = resume(folder)
    assert done.returncode == 0
    assert f"last.safetensors is damaged: {EDITED_FACTS[name]}" in done.stderr


def test_a_sparse_file_of_terabytes_costs_neither_time_nor_memory(folder: Path) -> None:
    for file in ("last", "previous"):
        os.truncate(folder / RUN / f"checkpoint/{file}.safetensors", 1 << 40)
    done = resume(folder)
    assert done.returncode == 1
    assert "larger than a checkpoint of this run can be" in done.stderr


def test_a_crash_after_a_fallback_loses_nothing(folder: Path) -> None:
    """The damaged one must not push the good one out when the next is written."""
    last = folder / RUN / "checkpoint/last.safetensors"
    last.write_bytes(flip(last.read_bytes(), 5000))
    inject = ("--inject=renameat:signal=SIGKILL:when=5", "-e", "trace=renameat")
    if shutil.which(
        "strace"
    ):  # the 5th: metrics.csv, run.json (twice), the old one (none), and here
        nnlab(folder, ("resume", RUN), "strace", "-qq", "-o", "/dev/null", *inject)
    done = resume(folder)
    assert done.returncode == 0, done.stderr
    assert result(folder / RUN) == undisturbed(CUBIC)


def test_a_metrics_csv_of_one_endless_line_costs_no_memory(folder: Path) -> None:
    os.truncate(folder / RUN / "metrics.csv", 0)
    os.truncate(folder / RUN / "metrics.csv", 1 << 40)
    done = resume(folder)
    assert done.returncode == 1
    assert "metrics.csv has 0 good rows" in done.stderr


EDITED_RECORDS = {
    '"device": null': "device is null; it should be a mapping",
    '"seed": 1e999': "seed should be a finite number of few digits",
    '"seed": ' + "9" * 5000: "seed should be a finite number of few digits",
    '"x": {"y": [0, NaN]}': "x.y[1] should be a finite number of few digits",
    '"versions": {"python": 3}': "versions.python is 3; it should be text",
    '"summary": {"loss": "="}': 'summary.loss is "="; it should be a number',
    '"summary": {"loss": true}': "summary.loss is true; it should be a number",
    '"resumed": [{}, {"command": 1}]': "resumed[1].command is 1; it should be text",
    '"inputs": null': "inputs is null; it should be a mapping",
    '"error": "' + "x" * MB + '"': "it is larger than a run.json can be",
}


@pytest.mark.parametrize("fault", EDITED_RECORDS)
def test_an_edited_run_json_is_told_with_its_key(folder: Path, fault: str) -> None:
    (folder / RUN / "run.json").write_text(
        f'{{"experiment": "cubic", "command": "x", "status": "interrupted", {fault}}}'
    )
    done = resume(folder)
    assert done.returncode == 2
    told = f"nnlab: {RUN}/run.json is damaged, or not from nnlab: {EDITED_RECORDS[fault]}"
    assert done.stderr.startswith(told)
    assert len(done.stderr) < 1000


HOSTILE_RECORDS = {
    "empty": "",
    "no JSON": "{",
    "a list": "[]",
    "deep": "[" * 100_000,
    "no status": '{"experiment": "cubic", "command": "x"}',
    "status of a wrong type": '{"experiment": "cubic", "command": "x", "status": []}',
    "unknown experiment": '{"experiment": "os", "command": "x", "status": "running"}',
    "no number": '{"experiment": "cubic", "command": "x", "status": "running", "x": NaN}',
    "escapes": '{"experiment": "\\u001b[31m", "command": "\\u001b", "status": "running"}',
}


@pytest.mark.parametrize("name", HOSTILE_RECORDS)
def test_a_hostile_run_json_is_one_message(folder: Path, name: str) -> None:
    (folder / RUN / "run.json").write_text(HOSTILE_RECORDS[name])
    done = resume(folder)
    assert done.returncode == 2
    assert done.stderr.startswith(f"nnlab: {RUN}")
    assert "\x1b" not in done.stderr


def test_escapes_in_a_finished_runs_record_are_printed_as_text(folder: Path) -> None:
    (folder / RUN / "run.json").write_text(
        '{"experiment": "cubic", "command": "x", "status": "completed",'
        ' "summary": {"\\u001b[31m": 1}, "data": {"name": "\\u001b]0;title\\u0007"}}'
    )
    (folder / RUN / "model.npz").touch()
    (folder / RUN / "plots").mkdir()
    done = resume(folder)
    assert done.returncode == 0
    assert "finished" in done.stderr
    assert "\x1b" not in done.stdout + done.stderr


def test_a_best_checkpoint_that_is_damaged_or_another_runs(tmp_path: Path) -> None:
    """With the best epoch's weights in `best` alone, and then in `last` too."""
    assert nnlab(tmp_path, (*FASHION, "--epochs", 2, "--run-dir", RUN)).returncode == 0
    best = tmp_path / RUN / "checkpoint/best.safetensors"
    best.write_bytes(flip(best.read_bytes(), 9999))
    done = nnlab(tmp_path, ("resume", RUN, "--patience", 5))
    assert done.returncode == 0, done.stderr  # the last epoch was the best
    best.write_bytes(ANOTHER.read_bytes())
    done = nnlab(tmp_path, ("resume", RUN, "--patience", 4))
    assert done.returncode == 2
    assert "filters" in done.stderr
