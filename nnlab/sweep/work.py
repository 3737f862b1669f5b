"""One run of a sweep, in a worker process."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from nnlab.errors import NnlabError
from nnlab.experiments import EXPERIMENTS
from nnlab.jobs.training import place, trained


def work(
    *,
    home: Path,
    experiment: str,
    run: str,
    keys: Mapping[str, Any],
    command: str,
    until: int | None = None,
    threads: int = 1,
) -> None:
    """Train a run, or go on with it; a finished one stays as it is.

    It may be called again after a kill: the run goes on from its checkpoint. A run that diverged is
    a result.

    Args:
        home: the sweep's directory, or another folder in its place.
        experiment: its name.
        run: the run directory, relative to `home`.
        keys: the config keys of a new run.
        command: the command that started the sweep, for run.json.
        until: the log point at which the run pauses; None to train it to its end.
        threads: as in `nnlab.jobs.training.trained`.

    Raises:
        NnlabError: the run failed.
        OSError: the run cannot be written.
        Exception: as training raises it. In all, the paths of the run begin with `runs/`.
    """
    end: object
    try:
        (end,) = trained(EXPERIMENTS[experiment], {home / run: keys}, command, threads, until)
    except (NnlabError, OSError) as error:
        end = error
    if isinstance(end, Exception):
        place(end, home / "runs")
        raise end
