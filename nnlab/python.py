"""What nnlab offers to Python programs: train an experiment, open a saved run."""

from pathlib import Path

from nnlab.config.resolve import resolve
from nnlab.errors import UsageError
from nnlab.experiments import EXPERIMENTS, configs, launch
from nnlab.paths import expanded
from nnlab.runs.find import run_of
from nnlab.runs.run_json import RUNS
from nnlab.runs.saved import SavedRun


def open_run(path: Path | str) -> SavedRun:
    """Return the run at `path`: a run directory, a name under runs/, or a file in the directory.

    Raises:
        UsageError: there is no such directory.
    """
    found = run_of(Path(path))
    if not found.is_dir():
        raise UsageError(f"{found}: there is no such run directory")
    return SavedRun(found)


def train(
    experiment: str,
    *,
    run_dir: Path | str | None = None,
    parent: Path | str = RUNS,
    **config: object,
) -> SavedRun:
    """Train as the command `nnlab EXPERIMENT` does, without a terminal, and return the saved run.

    Args:
        experiment: "cubic", "fashion" or another row of `nnlab.experiments.EXPERIMENTS`.
        run_dir: the run directory; by default the next free `parent/EXPERIMENT-0001`.
        parent: where numbered run directories are made.
        config: values of config keys; the others have their defaults.

    Raises:
        UsageError: there is no such experiment, or the config has faults; all of them are named.
        NnlabError: as the experiment: DivergedError, DataError, DeviceError.
    """
    if experiment not in EXPERIMENTS:
        known = ", ".join(EXPERIMENTS)
        raise UsageError(f"there is no experiment {experiment!r}; the experiments are: {known}")
    row = EXPERIMENTS[experiment]
    given = {key: str(v) if isinstance(v, Path) else v for key, v in config.items()}
    resolved = resolve(row.config, None, given, configs())
    call = ", ".join([repr(experiment), *(f"{key}={value!r}" for key, value in given.items())])
    return launch(
        row, resolved, command=f"nnlab.train({call})",
        run_dir=None if run_dir is None else expanded(run_dir), parent=expanded(parent),
    )  # fmt: skip
