"""The cohorts of a sweep: which trials are compared with each other, and what is known of them."""

import json
from collections.abc import Sequence
from contextlib import suppress

from pydantic import ValidationError

from nnlab.experiments import EXPERIMENTS
from nnlab.sweep.judge import Cohort, Due, Readings, judged, rerun
from nnlab.sweep.plan import GENERATION, Keys, Plan
from nnlab.sweep.proposals import Proposals
from nnlab.sweep.readings import Reader
from nnlab.sweep.store import SweepDirectory
from nnlab.sweep.trial import Results, Trial


def read_sweep(directory: SweepDirectory) -> tuple[Results, list[Due]]:
    """Return how a sweep stands, and the runs that are due; nothing is trained.

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
    with suppress(OSError):  # it saves time only
        reader.save()
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
    found = [reader.setting(number) for number in numbers]
    return found if all(found) else []


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
    if plan.search == "tpe":
        last = min(first + GENERATION, plan.trials, reader.begun)
        proposed = [dict.fromkeys(plan.space)] * (last - first)
    else:
        proposed = Proposals(plan).cohort(first, [])
    return [reader.setting(number) or setting for number, setting in enumerate(proposed, first)]


def _length(plan: Plan, setting: Keys) -> int:
    """Return the number of log points of a whole run of a setting."""
    keys = json.dumps(plan.keys(setting, plan.first_seed))
    try:
        return EXPERIMENTS[plan.experiment].config.model_validate_json(keys).log_points
    except ValidationError:
        return 1  # its run fails, and says why
