"""SavedRun: any run directory, read by any process, damaged ones too."""

import subprocess
import sys
from array import array
from pathlib import Path

import numpy as np
import pytest

from nnlab.errors import DataError, UsageError
from nnlab.runs.saved import SavedRun
from tests.conftest import ENVIRONMENT, Nnlab, rows

OLD = Path(__file__).parent / "data/cubic-0.2.0"


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("saved")
    arguments = ["cubic", "--hidden", "4", "--samples", "300", "--log-every", "100", "--no-gif"]
    subprocess.run(
        [sys.executable, "-m", "nnlab", *arguments, "--run-dir", "a"], cwd=folder, env=ENVIRONMENT,
        check=True, capture_output=True,
    )  # fmt: skip
    return folder / "a"


def test_a_finished_run_is_read_whole(run: Path) -> None:
    saved = SavedRun(run)
    assert (saved.status, saved.experiment) == ("completed", "cubic")
    assert saved.config["samples"] == 300
    assert saved.config == saved.record["config"]
    assert list(saved.metrics["step"]) == [100, 200, 300]
    texts = rows(run)
    for name, column in saved.metrics.items():
        assert list(column) == [float(row[name]) for row in texts]
    assert saved.summary["rmse"] == saved.metrics["rmse"][-1]
    assert [path.name for path in saved.plots] == ["fit.png", "learning.png", "units.png"]
    with np.load(run / "model.npz") as arrays:
        assert all(np.array_equal(arrays[k], w) for k, w in saved.weights().items())
    assert saved.verdict


def test_reading_a_run_loads_neither_numpy_nor_tensorflow(run: Path) -> None:
    code = f"""
import sys
from pathlib import Path
from nnlab.runs.saved import SavedRun
saved = SavedRun(Path({str(run)!r}))
saved.status, saved.record, saved.config, saved.metrics, saved.plots, saved.experiment
print([m for m in ("numpy", "tensorflow", "keras", "matplotlib") if m in sys.modules])
"""
    done = subprocess.run(
        [sys.executable, "-c", code], env=ENVIRONMENT, capture_output=True, text=True, check=True
    )
    assert done.stdout == "[]\n"


def test_an_interrupted_run_of_an_older_version_is_read() -> None:
    saved = SavedRun(OLD)
    assert (saved.status, saved.summary["step"]) == ("interrupted", 60_000)
    assert len(saved.metrics["rmse"]) == 4
    with pytest.raises(DataError, match="no final weights"):
        saved.weights()


def test_a_damaged_run_spoils_nothing(tmp_path: Path) -> None:
    for name, text in {"torn": '{"experiment": "cu', "foreign": "[]", "none": None}.items():
        (tmp_path / name).mkdir()
        if text is not None:
            (tmp_path / name / "run.json").write_text(text)
        saved = SavedRun(tmp_path / name)
        assert saved.status == "damaged"
        assert saved.metrics == {}
        assert saved.plots == []
        with pytest.raises(UsageError):
            saved.record  # noqa: B018 - the property raises
        with pytest.raises(DataError):
            saved.weights()


def test_metrics_end_at_the_first_torn_row(tmp_path: Path) -> None:
    (tmp_path / "metrics.csv").write_text("step,loss\n1,0.5\n2,0.4\n3,0.")
    assert SavedRun(tmp_path).metrics == {
        "step": array("q", [1, 2]),
        "loss": array("d", [0.5, 0.4]),
    }


def test_damaged_weights_are_one_clear_error(tmp_path: Path) -> None:
    (tmp_path / "model.npz").write_bytes(b"PK\3\4 nothing more")
    with pytest.raises(DataError, match=r"model\.npz is damaged"):
        SavedRun(tmp_path).weights()


def test_all_runs_of_a_folder_are_found(nnlab: Nnlab, tmp_path: Path) -> None:
    for _ in range(2):
        nnlab("cubic", "--hidden", 2, "--samples", 20, "--no-gif")
    (tmp_path / "runs/cubic-0002/run.json").write_text("torn")
    (tmp_path / "runs/notes").mkdir()
    found = SavedRun.find_all(tmp_path / "runs")
    assert [(run.path.name, run.status) for run in found] == [
        ("cubic-0001", "completed"), ("cubic-0002", "damaged"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("text", "rows", "fault"),
    [
        ("a,b\n1,2\n3,4\n", 2, ""),
        ("a,b\n1,2\n3,", 1, ""),  # being written, or killed meanwhile
        ("a,b\n1,2\nx,4\n5,6\n", 1, "line 3 of metrics.csv"),
        ("a,b\n1,2\n3\n", 1, "line 3 of metrics.csv"),
        ("a,b\n", 0, ""),
    ],
)
def test_the_first_damaged_row_is_told(tmp_path: Path, text: str, rows: int, fault: str) -> None:
    saved = SavedRun(tmp_path)
    (tmp_path / "metrics.csv").write_text(text)
    assert max(map(len, saved.metrics.values()), default=0) == rows
    assert saved.metrics_fault == fault


def test_a_run_without_metrics_has_no_damaged_row(tmp_path: Path) -> None:
    assert SavedRun(tmp_path).metrics_fault == ""
