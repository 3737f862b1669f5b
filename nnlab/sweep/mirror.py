"""A copy of a sweep's trials for optuna-dashboard, in a journal file of Optuna's.

nnlab never reads it: the run directories are the truth. Whatever happens to the file, the sweep
goes on.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from nnlab.sweep.plan import Plan
from nnlab.sweep.trial import Trial

if TYPE_CHECKING:
    from optuna.study import Study

PATIENCE = 3  # seconds for which a lock of the dashboard is respected; the least that Optuna takes


class Mirror:
    """The journal file; begun as an empty study. Without Optuna it does nothing.

    Args:
        path: the file. An old one is replaced, and its locks are removed: nothing else writes it,
            and Optuna would wait 30 s for the lock of a killed process.
        plan: what is searched.
        warn: is called, once, with a message if the file cannot be written.
    """

    def __init__(self, path: Path, plan: Plan, warn: Callable[[str], None]) -> None:
        self._path = path
        self._plan = plan
        self._warn = warn
        self._study: Study | None = None
        if find_spec("optuna"):
            with self._harmless():
                self._study = _begun(path, plan)

    def add(self, trial: Trial) -> None:
        """Append a trial that has ended. Optuna numbers the trials in the order of the calls.

        Our number is the attribute "trial".
        """
        if self._study is None:
            return
        from nnlab.sweep.told import frozen

        with self._harmless():
            shown = frozen(self._plan.space, self._plan.direction, trial)
            if shown.datetime_complete is not None:
                shown.datetime_start = shown.datetime_complete - timedelta(seconds=trial.seconds)
            self._study.add_trial(shown)

    @contextmanager
    def _harmless(self) -> Iterator[None]:
        """Turn an error into one warning, after which nothing more is written."""
        try:
            yield
        except Exception as error:  # noqa: BLE001 - a copy must not stop the sweep
            self._study = None
            self._warn(f"{self._path} is not written further, the sweep goes on: {error}")


def _begun(path: Path, plan: Plan) -> "Study":
    """Return an empty study in a new file at `path`."""
    from optuna.storages import JournalStorage
    from optuna.storages.journal import JournalFileBackend, JournalFileSymlinkLock

    from nnlab.sweep.told import new_study

    for old in (path, *path.parent.glob(f"{path.name}.lock*")):
        old.unlink(missing_ok=True)
    lock = JournalFileSymlinkLock(str(path), grace_period=PATIENCE)
    return new_study(plan.direction, JournalStorage(JournalFileBackend(str(path), lock)))
