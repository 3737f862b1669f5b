"""What nnlab offers to Python programs: train an experiment, open a saved run."""

import json
import os
from pathlib import Path
from signal import Signals
from typing import Any

from nnlab.config.resolve import resolve
from nnlab.errors import StoppedError, UsageError
from nnlab.experiments import EXPERIMENTS, configs, launch
from nnlab.paths import expanded
from nnlab.runs.find import find_run
from nnlab.runs.run_json import RUNS
from nnlab.runs.saved import SavedRun


def open_run(path: Path | str) -> SavedRun:
    """Return the run at `path`: a run directory, its name under runs/, or its run.json.

    Raises:
        UsageError: there is no such directory.
    """
    found = find_run(path)
    if not os.path.isdir(found):  # noqa: PTH112 - Path's raises for a name that cannot be
        raise UsageError(f"{found}: there is no such run directory")
    return SavedRun(found)


def train(
    experiment: str,
    *,
    run_dir: Path | str | None = None,
    parent: Path | str = RUNS,
    pictures: bool = True,
    **config: object,
) -> SavedRun:
    """Train as the command `nnlab EXPERIMENT` does, without a terminal, and return the saved run.

    Args:
        experiment: "cubic", "fashion" or another row of `nnlab.experiments.EXPERIMENTS`.
        run_dir: the run directory; by default the next free `parent/EXPERIMENT-0001`.
        parent: where numbered run directories are made.
        pictures: whether to draw pictures; `nnlab resume` draws them later.
        config: values of config keys; the others have their defaults.

    Raises:
        UsageError: there is no such experiment, or the config has faults; all of them are named.
        NnlabError: as the experiment: DivergedError, DataError, DeviceError.
        KeyboardInterrupt: Ctrl-C; the run can be resumed (`nnlab resume`).
    """
    if experiment not in EXPERIMENTS:
        known = ", ".join(EXPERIMENTS)
        raise UsageError(f"there is no experiment {experiment!r}; the experiments are: {known}")
    row = EXPERIMENTS[experiment]
    given = {key: _plain(key, value) for key, value in config.items()}
    resolved = resolve(row.config, None, given, configs())
    call = ", ".join([repr(experiment), *(f"{key}={value!r}" for key, value in given.items())])
    import matplotlib as mpl

    try:
        with mpl.rc_context():  # the caller's own style comes back afterwards
            mpl.rcdefaults()
            saved = launch(
                row, resolved, command=f"nnlab.train({call})",
                run_dir=None if run_dir is None else expanded(run_dir), parent=expanded(parent),
                pictures=pictures,
            )  # fmt: skip
    except StoppedError as stop:
        if stop.signal != Signals.SIGINT:
            raise
        raise KeyboardInterrupt(str(stop)) from None  # a loop over trainings must stop, too
    return SavedRun(saved.path.absolute())


def _plain(key: str, value: Any) -> object:  # noqa: ANN401 - whatever a program passes
    """Return `value` as a config can hold it: plain numbers instead of NumPy's, text for paths.

    Raises:
        UsageError: no config can hold it.
    """
    if isinstance(value, Path):
        return str(value)
    try:
        value = value.tolist() if hasattr(value, "tolist") else value  # NumPy's
        json.dumps(value)
    except (TypeError, ValueError, RecursionError):
        raise UsageError(
            f"{key} got a value of type {type(value).__name__}; "
            "it should be a number, a string, true or false, None, or a list or dict of them"
        ) from None
    return value
