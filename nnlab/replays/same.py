"""Whether a rerun has the bits of its run."""

import hashlib
import json
from collections.abc import Collection, Iterator

from nnlab import inputs
from nnlab.config.base import Config
from nnlab.config.fields import as_typed
from nnlab.experiments import Experiment
from nnlab.replays import rows
from nnlab.replays.difference import Difference
from nnlab.replays.objects import first_value_apart, value_apart
from nnlab.runs.recorded import config_changes
from nnlab.runs.saved import SavedRun

WEIGHTS = "model.npz"


def differences(run: SavedRun, again: SavedRun, row: Experiment) -> Iterator[Difference]:
    """Yield the first difference in each file of a run and of its rerun.

    Args:
        run: a run that is finished, or has diverged.
        again: its rerun.
        row: their experiment.

    Raises:
        NnlabError: a file is missing or damaged.
    """
    yield from _config_apart(run, row)
    yield from _end_apart(run, again)
    if found := _summary_apart(run, again, _clocks(row)):
        yield found
    if found := rows.first_row_apart(run.path, again.path, _clocks(row)):
        yield found
    if {run.record["status"], again.record["status"]} != {"completed"}:
        return
    for name in row.outputs:
        if name == WEIGHTS:
            from nnlab.replays.weights import first_array_apart  # loads NumPy

            found = first_array_apart(run.path, again.path)
        else:
            found = first_value_apart(run, again, name) if name.endswith(".json") else None
        if found:
            yield found


def digests(run: SavedRun, row: Experiment, config: Config) -> dict[str, str]:
    """Return the SHA-256 of what was compared.

    config: of its JSON with sorted keys; metrics: of metrics.csv without the columns that measure
    time; any other file: of the file, as `sha256sum` prints it.

    Raises:
        OSError, ValueError: a file cannot be read.
    """
    text = json.dumps(config.model_dump(mode="json"), sort_keys=True)
    found = {
        "config": hashlib.sha256(text.encode()).hexdigest(),
        "metrics": rows.digest(run.path, _clocks(row)),
    }
    files = [run.path / name for name in row.outputs if (run.path / name).is_file()]
    return found | {file.name: inputs.digest(file) for file in files}


def _clocks(row: Experiment) -> set[str]:
    """Return the columns that measure time."""
    return {metric.name for metric in row.metrics if metric.of_the_clock}


def _config_apart(run: SavedRun, row: Experiment) -> Iterator[Difference]:
    """Yield the first key in which config.yaml is not what run.json says."""
    for key, (now, was) in config_changes(run, row.config).items():
        yield Difference("config.yaml", key, as_typed(was), as_typed(now), "now as run.json says")
        return


def _end_apart(run: SavedRun, again: SavedRun) -> Iterator[Difference]:
    """Yield how the end of a rerun differs: its status, or the step at which it diverged."""
    was, now = run.record["status"], again.record["status"]
    if was != now:
        yield Difference("run.json", "status", was, now, str(again.record.get("error", "")))
    elif run.diverged_step != again.diverged_step:
        steps = map(str, (run.diverged_step, again.diverged_step))
        yield Difference("run.json", "the step that diverged", *steps)


def _summary_apart(run: SavedRun, again: SavedRun, clocks: Collection[str]) -> Difference | None:
    """Return the first final metric that differs; some, as those of a test, are in no row."""
    was, now = (
        {name: value for name, value in saved.summary.items() if name not in clocks}
        for saved in (run, again)
    )
    return value_apart("run.json", "summary", was, now)
