"""Run a sweep: train the runs that are due until there are none, then run the best again."""

import time
from collections.abc import Iterator, Sequence

from nnlab.config.resolve import resolve
from nnlab.console.view import View
from nnlab.errors import UsageError
from nnlab.experiments import EXPERIMENTS
from nnlab.jobs.task import Needs, Task
from nnlab.jobs.training import said
from nnlab.jobs.where import Workers
from nnlab.sweep.cohorts import cohort_of, known, with_rerun
from nnlab.sweep.judge import Cohort, Due, is_there, judged
from nnlab.sweep.mirror import Mirror
from nnlab.sweep.plan import Keys
from nnlab.sweep.progress import Progress
from nnlab.sweep.proposals import Proposals
from nnlab.sweep.readings import Reader
from nnlab.sweep.store import SweepDirectory, run_name
from nnlab.sweep.trial import ENDED, Results, Trial

MOST_SHARE = 20  # showing how far the sweep is takes at most one part in so many of the time
SHOW_SECONDS = 0.2  # between two looks at all trials
SAVE_SECONDS = 30.0  # between two writes of what was read


def run_sweep(
    directory: SweepDirectory, workers: Workers, view: View, budget: float | None = None
) -> Results:
    """Train the runs of a sweep that are missing.

    Args:
        directory: the sweep's directory, entered.
        workers: what trains the runs.
        view: shows how it goes.
        budget: seconds after which no run begins any more; None for no limit.

    Returns:
        All trials; some are waiting or unfinished if the time was over.

    Raises:
        UsageError: the directory holds runs of another sweep.
        KeyboardInterrupt: as `Pool.map`.
    """
    sweep = _Sweep(directory, workers, view, budget)
    try:
        return sweep.run()
    finally:
        sweep.save()


class _Sweep:
    """A sweep while it runs."""

    def __init__(
        self, directory: SweepDirectory, workers: Workers, view: View, budget: float | None
    ) -> None:
        self._directory, self._workers, self._plan = directory, workers, directory.plan
        self._view = view
        self._config = EXPERIMENTS[self._plan.experiment].config
        self.reader = Reader(directory)
        self.reader.forget_failed()  # they are tried again
        self._end = None if budget is None else time.monotonic() + budget
        self._mirror = Mirror(directory.path / "journal.log", self._plan, view.note)
        self._mirrored: set[int] = set()
        self._progress = Progress(view, self._plan)
        self._ended: list[Trial] = []  # the trials of finished cohorts
        self._begun_runs = self._ended_runs = 0
        self._next_show = 0.0
        self._next_save = time.monotonic() + SAVE_SECONDS

    def run(self) -> Results:
        """Run all cohorts, then the best again; stop when the time is over."""
        proposals = Proposals(self._plan)
        self._progress.begin(self._results(), 0)
        while cohort := self._cohort(proposals):
            while due := judged(self._plan, cohort, self.reader.readings)[1]:
                if not self._train(cohort, due):
                    return self._results(cohort)
            self._ended = [*self._results(cohort).trials]
        while due := with_rerun(self._results(), self.reader.readings)[1]:
            if not self._train(None, due):
                break
        return with_rerun(self._results(), self.reader.readings)[0]

    def _cohort(self, proposals: Proposals) -> Cohort | None:
        """Return the next cohort; None if all trials were proposed."""
        first = len(self._ended)
        settings = known(self._plan, first, self.reader) or proposals.cohort(first, self._ended)
        taken = [self._taken(number, setting) for number, setting in enumerate(settings, first)]
        return cohort_of(self._plan, taken, self._ended) if taken else None

    def _taken(self, number: int, proposed: Keys) -> Keys:
        """Return the setting of a trial: that of its runs, if it was begun.

        TPE may propose another one now, because a run that had failed was tried again.

        Raises:
            UsageError: the search could not have proposed the setting of the runs.
        """
        if key := self.reader.other_base(number):
            raise UsageError(
                f"{self._directory.path}: the runs of trial {number} have another {key} than this "
                "sweep: they belong to another sweep; start a new one"
            )
        had = self.reader.setting(number)
        if not had or had == proposed:
            return proposed
        axes = self._plan.space
        if self._plan.search == "tpe" and all(axes[key].holds(had.get(key)) for key in axes):
            return had
        key = next(key for key in proposed if had.get(key) != proposed[key])
        raise UsageError(
            f"{self._directory.path}: the runs of trial {number} have {key} {had.get(key)!r}, but "
            f"this sweep proposes {proposed[key]!r}: they belong to another sweep, or to other "
            "versions; start a new one"
        )

    def _train(self, cohort: Cohort | None, due: Sequence[Due]) -> bool:
        """Train runs; return False if the time was over before all had begun.

        A run that is not where it should be afterwards has failed: nothing is tried for ever.
        """
        asked = {run_name(each.number, each.seed): each for each in due}
        left = len(due)
        self._show(cohort, left, now=True)
        for done in self._workers.map(self._tasks(cohort, due)):
            each = asked[done.task.name]
            self._ended_runs += 1
            left -= 1
            reading = self.reader.read((each.number, each.seed))
            if not is_there(reading, each.until):
                why = said(done.error) if done.error else "its run ended without a result"
                self.reader.fail((each.number, each.seed), self._setting(cohort, each.number), why)
            self._show(cohort, left)
        self._show(cohort, left, now=True)
        return not left

    def _tasks(self, cohort: Cohort | None, due: Sequence[Due]) -> Iterator[Task]:
        """Yield the task of each run, until the time is over."""
        for number, seed, until in due:
            if self._end is not None and time.monotonic() > self._end:
                return
            self._begun_runs += 1
            name = run_name(number, seed)
            keys = self._plan.keys(self._setting(cohort, number), seed)
            arguments = {
                "experiment": self._plan.experiment, "run": f"runs/{name}", "until": until,
                "keys": keys,
                "command": self._directory.record.command, "threads": self._workers.threads,
            }  # fmt: skip
            yield Task(
                name, "nnlab.sweep.work:work", arguments, self._directory.path, (f"runs/{name}",),
                self._needs(keys),
            )  # fmt: skip

    def _needs(self, keys: Keys) -> Needs:
        """Return what a run needs; nothing if its config has faults: the run says so itself."""
        try:
            return Needs.of(resolve(self._config, None, keys).config)
        except UsageError:
            return Needs()

    def save(self) -> None:
        """Write what was read; it saves time only, so a file that cannot be written is no fault."""
        try:
            self.reader.save()
        except OSError as error:
            self._view.note(f"{error.filename} is not written, the sweep goes on: {error.strerror}")

    def _setting(self, cohort: Cohort | None, number: int) -> Keys:
        if cohort is None:
            return self._ended[number].keys
        return cohort.settings[number - cohort.first]

    def _results(self, cohort: Cohort | None = None) -> Results:
        """Return all trials so far, those of a cohort that is not finished, too."""
        now = judged(self._plan, cohort, self.reader.readings)[0] if cohort else []
        return Results(self._plan, [*self._ended, *now])

    def _show(self, cohort: Cohort | None, left: int, *, now: bool = False) -> None:
        """Show how far the sweep is, and mirror what has ended; not all the time, unless `now`."""
        began = time.monotonic()
        if began < self._next_show and not now:
            return
        results = self._results(cohort)
        for trial in results.trials:
            if trial.state in ENDED and trial.number not in self._mirrored:
                self._mirrored.add(trial.number)
                self._mirror.add(trial)
        running = self._begun_runs - self._ended_runs
        self._progress.show(results, running, left, self._ended_runs)
        if began > self._next_save:
            self.save()
            self._next_save = time.monotonic() + SAVE_SECONDS
        cost = time.monotonic() - began
        self._next_show = time.monotonic() + max(SHOW_SECONDS, MOST_SHARE * cost)
