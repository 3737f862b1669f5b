"""Write what a run logs to RUN/tensorboard, for TensorBoard: `tensorboard --logdir runs`.

The records are written with the parts of TensorBoard's own EventFileWriter. The EventFileWriter
itself loads TensorFlow if it is installed, and writes from a thread, which prints a traceback when
the disk is full.
"""

import os
import socket
import time
from collections.abc import Mapping
from typing import Any, ClassVar

from tensorboard.compat.proto.event_pb2 import Event, SessionLog
from tensorboard.compat.proto.summary_pb2 import Summary
from tensorboard.summary.writer.record_writer import RecordWriter

from nnlab.runs.columns import Row, last_row, rows
from nnlab.runs.saved import SavedRun

FOLDER = "tensorboard"
EVENTS = "events.out.tfevents."  # TensorBoard reads the files whose names begin with this


class TensorBoard:
    """Writes one scalar for each metric of a log point; its x is the row's first column.

    Each process that works on a run writes a new file, which begins with the points of the run so
    far, and removes the older files. So no point is there twice after a resume.
    """

    name: ClassVar[str] = "tensorboard"

    def begin(self, saved: SavedRun) -> None:
        """Write the points so far."""
        folder, now = saved.path / FOLDER, time.time()
        folder.mkdir(exist_ok=True)
        older = list(folder.glob(f"{EVENTS}*"))
        name = f"{EVENTS}{now:017.6f}.{socket.gethostname()}.{os.getpid()}"
        self._records = RecordWriter((folder / name).open("xb"))
        self._add(now, file_version="brain.Event:2")
        # A TensorBoard that is running forgets the points that it has read from the older files.
        self._add(now, session_log=SessionLog(status=SessionLog.START))
        self._last = last_row(saved.metrics)
        self._zero = now - self._last.get("seconds", 0.0)
        for row in rows(saved.metrics):
            self._add_row(row)
        self._records.flush()
        for path in older:
            path.unlink(missing_ok=True)

    def log(self, row: Row) -> None:
        """Write the metrics of one log point."""
        self._add_row(row)
        self._records.flush()

    def end(self, saved: SavedRun) -> None:
        """Write the final metrics that no log point has, such as the test accuracy."""
        final = {k: v for k, v in saved.summary.items() if k not in self._last}
        if final:
            self._add_scalars(time.time(), next(iter(self._last.values()), 0), final)
        self._records.close()

    def _add_row(self, row: Row) -> None:
        (_, x), *metrics = row.items()
        self._add_scalars(self._zero + row.get("seconds", 0.0), x, dict(metrics))
        self._last = row

    def _add_scalars(self, at: float, x: float, metrics: Mapping[str, float]) -> None:
        values = [Summary.Value(tag=name, simple_value=value) for name, value in metrics.items()]
        self._add(at, step=int(x), summary=Summary(value=values))

    def _add(self, at: float, **content: Any) -> None:  # noqa: ANN401 - fields of an Event
        """Write one event; `at` is its time, in seconds since 1970."""
        self._records.write(Event(wall_time=at, **content).SerializeToString())
