"""Log a run to MLflow: params are the config, metrics the columns of metrics.csv.

MLFLOW_TRACKING_URI says where, as for MLflow's own commands; by default sqlite:///mlflow.db.
`nnlab` sends nothing else anywhere: MLflow's telemetry is switched off.
"""

import logging
import os
import time
import warnings
from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from typing import Any, ClassVar

from nnlab import files
from nnlab.config.fields import as_typed
from nnlab.errors import UsageError
from nnlab.runs.columns import Columns, Row, last_row, rows
from nnlab.runs.listeners.listener import reason
from nnlab.runs.provenance import to_json
from nnlab.runs.run_json import Record
from nnlab.runs.saved import SavedRun

STORE = "sqlite:///mlflow.db"
FILE = "mlflow.json"  # in the run directory: the id of its MLflow run
SHARE = 0.02  # of the run's time, which all writing may take
USUAL = 0.05  # seconds that a write takes, at least, to a database on a disk
MOST_ROWS = 1000  # written at a time, of those that a resumed run has logged
SETTINGS = {  # of MLflow, read when it is imported
    "MLFLOW_DISABLE_TELEMETRY": "true",
    "DO_NOT_TRACK": "true",
}
PATIENCE = {  # a server that does not answer must not hold up a training for minutes
    "MLFLOW_HTTP_REQUEST_MAX_RETRIES": "1",
    "MLFLOW_HTTP_REQUEST_TIMEOUT": "5",  # seconds; Ctrl-C waits for as long
}
STATUS = {"completed": "FINISHED", "interrupted": "KILLED"}  # the others: FAILED


def open_mlflow() -> "MLflow":
    """Return a listener that is connected to MLflow's store.

    Raises:
        ImportError: MLflow is not installed, or what it needs for a database.
        UsageError: the store cannot be used.
    """
    os.environ |= SETTINGS | {k: v for k, v in PATIENCE.items() if k not in os.environ}
    store = os.environ.get("MLFLOW_TRACKING_URI") or STORE
    with warnings.catch_warnings(action="ignore"):  # of MLflow and SQLAlchemy, for developers
        from mlflow.tracking import MlflowClient

        logging.getLogger("mlflow").setLevel(logging.ERROR)  # its import has set another level
        try:
            client = MlflowClient(tracking_uri=store)
            client.search_experiments(max_results=1)
        except ImportError:
            raise
        except Exception as error:
            raise UsageError(
                f"--mlflow cannot use its store: {reason(error)}; "
                f"set MLFLOW_TRACKING_URI, for example to {STORE}"
            ) from error
    return MLflow(client)


class MLflow:
    """Logs to one MLflow run for each run directory, also over resumes.

    Points are written in batches, so rarely that writing takes at most SHARE of the run's time, and
    at the end. MLflow cannot take a point or a param back: of a step that a resumed run repeats,
    the first point stays, and a key that a resume changed becomes the tag `nnlab.KEY`.
    """

    name: ClassVar[str] = "mlflow"

    def __init__(self, client: Any) -> None:  # noqa: ANN401 - MLflow's types are not checked
        self._client = client
        self._pending: list[Row] = []
        self._last: Row = {}

    def begin(self, saved: SavedRun) -> None:
        """Go on with the run's MLflow run, or make one; log what it does not have."""
        found = self._found(saved)
        self._id = found.info.run_id if found else self._create(saved)
        self._log_config(saved, found.data.params if found else {})
        self._last = last_row(saved.metrics)
        self._zero = time.time() - self._last.get("seconds", 0.0)
        self._written, self._cost = time.perf_counter(), USUAL
        missing = self._missing(saved.metrics) if found else rows(saved.metrics)
        while some := list(islice(missing, MOST_ROWS)):
            self._write_points(some)

    def log(self, row: Row) -> None:
        """Keep the row; write what was kept if it is time."""
        self._pending.append(row)
        self._last = row
        now = time.perf_counter()
        if now - self._written >= self._cost / SHARE:
            self._write_points(self._pending)

    def end(self, saved: SavedRun) -> None:
        """Write the rest, the final metrics that no row has, and how the run ended."""
        self._write_points(self._pending)
        x = int(next(iter(self._last.values()), 0))
        final = {k: v for k, v in saved.summary.items() if k not in self._last}
        new = {k: v for k, v in final.items() if x not in self._steps(k)}
        self._client.log_batch(self._id, metrics=self._points(new, x, time.time()))
        self._tag({"status": saved.status, "verdict": saved.verdict})
        self._client.set_terminated(self._id, STATUS.get(saved.status, "FAILED"))

    def _found(self, saved: SavedRun) -> Any:  # noqa: ANN401
        """Return the MLflow run of an earlier process; None if this store has none."""
        from mlflow.exceptions import MlflowException

        known = (saved.json(FILE) or {}).get("run_id")
        if not known:
            return None
        try:
            found = self._client.get_run(known)
        except MlflowException as error:
            if error.error_code != "RESOURCE_DOES_NOT_EXIST":
                raise
            return None
        self._client.update_run(known, status="RUNNING")
        return found

    def _create(self, saved: SavedRun) -> str:
        """Make an MLflow run; keep its id in the run directory."""
        run = self._client.create_run(
            self._experiment(f"nnlab-{saved.experiment}"),
            run_name=saved.path.name,
            tags={"mlflow.source.name": str(saved.record["command"])},
        )
        files.write_text(saved.path / FILE, to_json({"run_id": run.info.run_id}))
        return str(run.info.run_id)

    def _experiment(self, name: str) -> str:
        """Return the id of an MLflow experiment, made if it is missing."""
        from mlflow.exceptions import MlflowException

        found = self._client.get_experiment_by_name(name)
        if found is None:
            try:
                return str(self._client.create_experiment(name))
            except MlflowException:  # another process has just made it
                found = self._client.get_experiment_by_name(name)
        return str(found.experiment_id)

    def _log_config(self, saved: SavedRun, logged: Mapping[str, str]) -> None:
        from mlflow.entities import Param

        config: Record = saved.record["config"]
        now = {key: as_typed(value) for key, value in config.items()}
        params = [Param(key, value) for key, value in now.items() if key not in logged]
        self._client.log_batch(self._id, params=params)
        resumed: list[Record] = saved.record.get("resumed", [])
        changed = {key: now[key] for resume in resumed for key in resume["changed"]}
        self._tag({"run_dir": str(saved.path.absolute()), "status": saved.status, **changed})

    def _tag(self, tags: Mapping[str, str]) -> None:
        from mlflow.entities import RunTag

        self._client.log_batch(self._id, tags=[RunTag(f"nnlab.{k}", v) for k, v in tags.items()])

    def _missing(self, columns: Columns) -> Iterator[Row]:
        """Yield the rows that MLflow does not have."""
        last = next(reversed(columns), "")  # the last column is written last
        logged = self._steps(last) if last else set()
        return (row for row in rows(columns) if next(iter(row.values())) not in logged)

    def _steps(self, metric: str) -> set[int]:
        return {point.step for point in self._client.get_metric_history(self._id, metric)}

    def _write_points(self, rows: Sequence[Row]) -> None:
        """Write all metrics of `rows`; none of them is kept any more."""
        begun = time.perf_counter()
        points = []
        for row in rows:
            (_, x), *metrics = row.items()
            points += self._points(dict(metrics), int(x), self._zero + row.get("seconds", 0.0))
        self._client.log_batch(self._id, metrics=points)
        self._pending = []
        self._written = time.perf_counter()
        self._cost = max(self._written - begun, USUAL)

    def _points(self, metrics: Mapping[str, float], x: int, at: float) -> list[Any]:
        """Return MLflow's metrics at step `x`; `at` is their time, in seconds since 1970."""
        from mlflow.entities import Metric

        return [Metric(name, value, round(at * 1000), x) for name, value in metrics.items()]
