"""How a sweep stands while it runs: how many trials are done, the best so far, the time left."""

import time
from collections import Counter

from nnlab.config.fields import as_typed
from nnlab.console.view import View
from nnlab.experiments import EXPERIMENTS
from nnlab.metric import formatted
from nnlab.sweep.plan import Keys, Plan
from nnlab.sweep.trial import ENDED, Results, State
from nnlab.text import clipped

WORDS: dict[State, str] = {"complete": "done"}
"""State -> what the line calls it, where that is another word."""
LONGEST = 100  # characters of a setting


class Progress:
    """Shows on a view how a sweep stands.

    The time left is that of a run so far, times the number of runs to come. A race or pruning makes
    it shorter than that.

    Args:
        view: where it is shown.
        plan: what the sweep was asked.
    """

    def __init__(self, view: View, plan: Plan) -> None:
        self._view, self._plan = view, plan
        self._began = time.monotonic()
        self._ended = 0  # runs, since it began
        self._again = False  # whether the best has begun to run again

    def begin(self, results: Results, left: int) -> None:
        """Show the beginning, or what a resume begins with.

        Args:
            results: the trials so far.
            left: runs that are due.
        """
        self._began, self._ended = time.monotonic(), 0
        self._show(results, 0, left)

    def show(self, results: Results, running: int, left: int, ended: int) -> None:
        """Show how the sweep stands.

        Args:
            results: the trials so far.
            running: runs that are running.
            left: runs that are due and have not ended, of the trials that were proposed.
            ended: runs that have ended since `begin`.
        """
        self._ended = ended
        self._show(results, running, left)

    def _show(self, results: Results, running: int, left: int) -> None:
        plan = self._plan
        unborn = (plan.trials - len(results.trials)) * plan.seeds
        done = sum(trial.state in ENDED for trial in results.trials)
        pace = (time.monotonic() - self._began) / self._ended if self._ended else None
        seconds = None if pace is None else pace * (left + unborn)
        self._view.standing(standing(results, running))
        self._again |= done == plan.trials and left > 0
        if self._again:
            reruns = max(plan.reruns, left)
            self._view.overall("best on fresh seeds", reruns - left, reruns, "runs", seconds)
        else:
            self._view.overall("sweep", done, plan.trials, "trials", seconds)


def standing(results: Results, running: int) -> str:
    """Return the counts of a sweep and its best trial, on one line."""
    counts = Counter(trial.state for trial in results.trials)
    told = [f"{counts[state]:,} {WORDS.get(state, state)}" for state in ENDED if counts[state]]
    told += [f"{running:,} running"] * bool(running)
    return "; ".join(filter(None, (", ".join(told), best(results))))


def best(results: Results) -> str:
    """Return the best trial so far in words; "" if there is none."""
    found = results.best
    if found is None or found.value is None:
        return ""
    metric = results.plan.metric
    metrics = EXPERIMENTS[results.plan.experiment].metrics
    value = formatted(metrics, metric, found.value)
    return f"best {metric} {value}: trial {found.number}, {setting(found.keys)}"


def setting(keys: Keys) -> str:
    """Return the keys of a trial for people: "lr 0.0123, hidden 64"."""
    shown = (
        f"{key} {f'{value:.4g}' if isinstance(value, float) else as_typed(value)}"
        for key, value in keys.items()
    )
    return clipped(", ".join(shown), LONGEST)
