"""Measure how long a list of 1,000 runs takes: nnlab, a plain script, MLflow.

python benchmarks/listing.py

Each run is that of `nnlab cubic` with its default number of log points (100). The script reads the
same files with json and csv and checks nothing. MLflow (`pip install mlflow-skinny sqlalchemy
alembic`) holds the same configs and last values in its SQLite store.
"""

import importlib.util
import json
import os
import shutil
import subprocess
import sys
import tempfile
from functools import partial
from pathlib import Path
from typing import Any

from timing import ROUNDS, alternate, print_table

RUNS = 1000
SCRIPT = """
import csv, json
from pathlib import Path
for path in sorted(Path("runs").iterdir()):
    record = json.loads((path / "run.json").read_text())
    with (path / "metrics.csv").open() as file:
        rmse = [float(row["rmse"]) for row in csv.DictReader(file)]
    print(path.name, record["status"], record["config"]["seed"], rmse[-1], min(rmse))
"""
MLFLOW = """
import mlflow
for run in mlflow.search_runs(output_format="list", max_results=1000):
    print(run.info.run_name, run.info.status, run.data.params["seed"], run.data.metrics["rmse"])
"""
FILL = """
import json, time
from pathlib import Path
from mlflow import MlflowClient
from mlflow.entities import Metric, Param
client = MlflowClient()
for path in sorted(Path("runs").iterdir()):
    record = json.loads((path / "run.json").read_text())
    run = client.create_run("0", run_name=path.name)
    client.log_batch(
        run.info.run_id,
        metrics=[Metric(k, v, 0, 0) for k, v in record["summary"].items()],
        params=[Param(k, str(v)) for k, v in record["config"].items()],
    )
    client.set_terminated(run.info.run_id)
"""


def make_runs(folder: Path) -> dict[str, Any]:
    """Make `RUNS` runs out of one, each with its own name and seed; return the machine."""
    first = folder / "first"
    command = [
        sys.executable, "-m", "nnlab", "cubic", "--no-gif", "--quiet", "--run-dir", str(first),
    ]  # fmt: skip
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    record = json.loads((first / "run.json").read_text())
    for number in range(RUNS):
        path = folder / f"runs/cubic-{number + 1:04d}"
        path.mkdir(parents=True)
        record["config"]["seed"] = record["seed"] = number
        (path / "run.json").write_text(json.dumps(record, indent=2))
        for name in ("config.yaml", "metrics.csv"):
            shutil.copy(first / name, path)
    machine: dict[str, Any] = record["machine"]
    return machine


def run(folder: Path, environment: dict[str, str], *arguments: str) -> None:
    """Run Python with `arguments` in `folder`; it must print a line for each run."""
    done = subprocess.run(
        [sys.executable, *arguments], cwd=folder, env=environment, capture_output=True, text=True,
        check=True,
    )  # fmt: skip
    assert done.stdout.count("cubic-") >= RUNS


def main() -> None:
    """Print the table."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        machine = make_runs(folder)
        environment = os.environ | {"MLFLOW_TRACKING_URI": f"sqlite:///{folder}/mlflow.db"}
        ways = {
            "`nnlab runs`": ["-m", "nnlab", "runs"],
            "`nnlab runs --json`": ["-m", "nnlab", "runs", "--json"],
            "a script with json and csv": ["-c", SCRIPT],
        }
        if importlib.util.find_spec("mlflow"):
            subprocess.run(
                [sys.executable, "-c", FILL], cwd=folder, env=environment, check=True,
                capture_output=True,
            )  # fmt: skip
            ways["`mlflow.search_runs`"] = ["-c", MLFLOW]
        seconds = alternate({k: partial(run, folder, environment, *v) for k, v in ways.items()})
    print(f"{machine['processor']}, {machine['cores']} cores")
    title = f"A list of {RUNS:,} runs: whole processes, medians of {ROUNDS}"
    print_table(title, ["way", "seconds"], [[k, f"{v:.2f}"] for k, v in seconds.items()])


if __name__ == "__main__":
    main()
