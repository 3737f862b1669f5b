"""What `--mlflow` logs, read back by MLflow's own client."""

import json
import shutil
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from nnlab.runs.columns import Columns
from nnlab.runs.saved import SavedRun
from tests.conftest import Nnlab, python

QUICK = ("cubic", "--hidden", 4, "--samples", 400, "--log-every", 100, "--no-gif")
READ = """
import json, logging, os, sys
os.environ["MLFLOW_DISABLE_TELEMETRY"] = "true"
from mlflow.tracking import MlflowClient
logging.getLogger("mlflow").setLevel(logging.ERROR)
client = MlflowClient(tracking_uri=sys.argv[1] if len(sys.argv) > 1 else STORE)
experiments = {e.experiment_id: e.name for e in client.search_experiments()}
print(json.dumps([
    {
        "experiment": experiments[run.info.experiment_id],
        "name": run.info.run_name,
        "status": run.info.status,
        "params": run.data.params,
        "tags": run.data.tags,
        "metrics": {
            name: sorted(
                (point.step, point.value)
                for point in client.get_metric_history(run.info.run_id, name)
            )
            for name in run.data.metrics
        },
    }
    for run in client.search_runs(list(experiments), order_by=["start_time"])
]))
"""


def read(folder: Path) -> list[dict[str, Any]]:
    """Return the runs in the store mlflow.db of `folder`."""
    done = python(READ.replace("STORE", repr(f"sqlite:///{folder / 'mlflow.db'}")))
    assert done.returncode == 0, done.stderr
    runs: list[dict[str, Any]] = json.loads(done.stdout)
    return runs


def logged(run: Path) -> dict[str, list[list[float]]]:
    """Return what metrics.csv has, as MLflow's client gives it."""
    (_, xs), *columns = SavedRun(run).metrics.items()
    return {
        name: [[x, value] for x, value in zip(xs, values, strict=True)] for name, values in columns
    }


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with an empty mlflow.db; to make its tables takes MLflow some seconds."""
    folder = tmp_path_factory.mktemp("store")
    made = python(
        "from nnlab.runs.listeners.mlflow import open_mlflow\n"
        "open_mlflow()\n"
        "from mlflow.environment_variables import MLFLOW_DISABLE_TELEMETRY\n"
        "from mlflow.telemetry.client import get_telemetry_client\n"
        "assert MLFLOW_DISABLE_TELEMETRY.get() and get_telemetry_client() is None",
        MLFLOW_TRACKING_URI=f"sqlite:///{folder / 'mlflow.db'}",
    )
    assert made.returncode == 0, made.stderr
    return folder


@pytest.mark.slow
def test_mlflow_has_the_config_and_the_metrics_also_after_a_resume(
    nnlab: Nnlab, tmp_path: Path, store: Path
) -> None:
    shutil.copy(store / "mlflow.db", tmp_path)
    run = tmp_path / "runs/cubic-0001"
    done = nnlab(*QUICK, "--mlflow")
    assert done.returncode == 0, done.stderr
    assert "mlflow" not in done.stderr.lower()  # nothing of MLflow's own messages
    (first,) = read(tmp_path)
    assert (first["experiment"], first["name"]) == ("nnlab-cubic", "cubic-0001")
    assert first["status"] == "FINISHED"
    assert first["metrics"] == logged(run)
    assert set(first["params"]) == set(SavedRun(run).config)
    assert (first["params"]["hidden"], first["params"]["epochs"]) == ("4", "1")
    assert (first["params"]["gif"], first["params"]["points"]) == ("false", "null")
    assert first["tags"]["nnlab.run_dir"] == str(run)
    assert first["tags"]["nnlab.status"] == "completed"
    assert first["tags"]["nnlab.verdict"] == SavedRun(run).verdict

    done = nnlab("resume", "last", "--epochs", 2, "--mlflow")
    assert done.returncode == 0, done.stderr
    (again,) = read(tmp_path)  # the same MLflow run
    assert len(logged(run)["rmse"]) == 8
    assert again["metrics"] == logged(run)
    assert again["status"] == "FINISHED"
    assert (again["params"]["epochs"], again["tags"]["nnlab.epochs"]) == ("1", "2")


@pytest.mark.slow
def test_a_store_that_cannot_be_used_is_told_before_the_run_begins(
    nnlab: Nnlab, tmp_path: Path
) -> None:
    done = nnlab("cubic", "--mlflow", MLFLOW_TRACKING_URI="mlruns")  # MLflow refuses its file store
    assert done.returncode == 2
    assert done.stderr.startswith("nnlab: --mlflow cannot use its store: The filesystem tracking")
    assert "set MLFLOW_TRACKING_URI, for example to sqlite:///mlflow.db" in done.stderr
    assert not (tmp_path / "runs").exists()


class Client:
    """Counts the calls that MLflow's client gets; each takes 0.1 s of the test's clock.

    An earlier process has logged the steps 1 and 3.
    """

    def __init__(self) -> None:
        self.clock = 0.0
        self.batches: list[int] = []

    def log_batch(self, _: str, metrics: list[Any]) -> None:
        self.batches.append(len(metrics))
        self.clock += 0.1

    def get_metric_history(self, _: str, metric: str) -> list[Any]:
        assert metric == "rmse"
        return [SimpleNamespace(step=1), SimpleNamespace(step=3)]


def test_only_the_points_that_are_missing_are_logged_again() -> None:
    from nnlab.runs.listeners import mlflow

    listener = mlflow.MLflow(Client())
    listener._id = "id"
    logged: Columns = {"step": [1, 2, 3, 4], "loss": [0.5] * 4, "rmse": [0.5] * 4}
    assert [row["step"] for row in listener._missing(logged)] == [2, 4]


def test_points_are_written_in_batches_that_take_little_time(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    from nnlab.runs.listeners import mlflow

    client = Client()
    listener = mlflow.MLflow(client)
    monkeypatch.setattr("time.perf_counter", lambda: client.clock)
    monkeypatch.setattr(listener, "_points", lambda metrics, *_: list(metrics))
    listener._id, listener._zero, listener._written, listener._cost = "id", 0.0, 0.0, 0.05
    for step in range(1000):  # 20 seconds of training
        client.clock += 0.02
        listener.log({"step": step, "loss": 0.5})
    assert 3 <= len(client.batches) <= 6
    assert sum(client.batches) + len(listener._pending) == 1000
