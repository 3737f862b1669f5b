"""The cohorts of a sweep: which trials are compared with each other, and what is known of them."""

from collections.abc import Sequence
from itertools import takewhile

from nnlab.config.resolve import resolve
from nnlab.experiments import EXPERIMENTS, configs
from nnlab.sweep.judge import Cohort, Due, Readings, judged, rerun
from nnlab.sweep.plan import GENERATION, Keys, Plan
from nnlab.sweep.proposals import Proposals
from nnlab.sweep.readings import Reader
from nnlab.sweep.store import SweepDirectory
from nnlab.sweep.trial import Results, Trial


def read_sweep(directory: SweepDirectory) -> tuple[Results, list[Due]]:
    """Return how a sweep stands, and the runs that are due; nothing is trained, nothing written.

    Another process may be working on the sweep. It needs the runs alone, not Optuna. So trials that
    TPE has not proposed yet are left out.

    Args:
        directory: the sweep's directory.
    """
    reader, plan = Reader(directory), directory.plan
    trials: list[Trial] = []
    due: list[Due] = []
    while not due and (settings := _begun(plan, len(trials), reader)):
        found, due = judged(plan, cohort_of(plan, settings, trials), reader.readings)
        trials += found
    results, again = with_rerun(Results(plan, trials), reader.readings)
    return results, due or again


def cohort_of(plan: Plan, settings: Sequence[Keys], earlier: Sequence[Trial]) -> Cohort:
    """Return the cohort of these settings, which follow the trials `earlier`."""
    lengths = [_length(plan, setting) if plan.prune else 1 for setting in settings]
    return Cohort(len(earlier), settings, lengths, earlier)


def known(plan: Plan, first: int, reader: Reader) -> list[Keys]:
    """Return the settings of a generation of TPE whose runs have all begun; [] if one has not.

    They need not be proposed again.
    """
    if plan.search != "tpe":
        return []
    numbers = range(first, min(first + GENERATION, plan.trials))
    found = [setting for number in numbers if (setting := reader.setting(number))]
    return found if len(found) == len(numbers) else []


def with_rerun(results: Results, readings: Readings) -> tuple[Results, list[Due]]:
    """Return the results with the best trial's values on fresh seeds, and the runs that are due."""
    best = results.best
    if best is None:
        return results, []
    again, due = rerun(results.plan, best, readings)
    trials = [again if trial.number == best.number else trial for trial in results.trials]
    return Results(results.plan, trials), due


def _begun(plan: Plan, first: int, reader: Reader) -> list[Keys]:
    """Return the settings, as far as known, of the cohort that begins with trial `first`."""
    if plan.search != "tpe":
        return Proposals(plan).cohort(first, [])
    numbers = range(first, min(first + GENERATION, plan.trials))
    return [s for s in takewhile(bool, (reader.setting(n) for n in numbers)) if s]


def _length(plan: Plan, setting: Keys) -> int:
    """Return the number of log points of a whole run of a setting."""
    keys = plan.keys(setting, plan.first_seed)
    return resolve(EXPERIMENTS[plan.experiment].config, None, keys, configs()).config.log_points
